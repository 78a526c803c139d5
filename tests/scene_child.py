# SPDX-License-Identifier: Apache-2.0
"""A scenario by name to JSON and pictures: what omni.ui.scene draws, driven by the real mouse."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import omni.ui as ui
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.live.messages import Step
from causal_contracts.preview.live.usd_skeleton import read_skeleton
from causal_contracts.preview.live.view import Look
from causal_contracts.ui.panel import style
from causal_contracts.ui.scene.arrows import ContractArrows
from causal_contracts.ui.scene.camera import OrbitCamera
from causal_contracts.ui.scene.clone_mesh import CloneMesh
from causal_contracts.ui.scene.clone_picture import ClonePicture
from causal_contracts.ui.scene.clone_scene import CloneScene
from causal_contracts.ui.state.editor_state import EditorState
from causal_contracts.ui.studio.window import StudioWindow
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings
from omni.ui import scene as sc
from omni.ui import standalone, testing
from pxr import UsdGeom

SIZE, PANEL = (720, 460), (420, 700)
F = 551
"""Dear ImGui's key code."""
SHIFT = 340
"""GLFW's; the modifiers of injected clicks are always none."""
CLONES = 16


class Driver:
    """A window of clones, and what its callbacks said."""

    def __init__(self, asset: Path, num_envs: int = CLONES) -> None:
        facts, _, _ = read_contracts(asset)
        self.skeleton = read_skeleton(asset, facts)
        self.joints = [joint.name for joint in facts.movable]
        self.said: list[list] = []
        self.scene = CloneScene(
            on_press=lambda clone: self.said.append(["press", clone]),
            on_release=lambda clone: self.said.append(["release", clone]),
            on_reset=lambda clone: self.said.append(["reset", clone]),
        )
        self.window = window()
        with self.window.frame:
            self.scene.build()
        self.pos = np.zeros((num_envs, len(self.joints)), dtype=np.float32)
        self.looks = [Look.IDLE] * num_envs

    async def start(self):
        await testing.wait_frames(4)
        self.scene.show(self.skeleton, self.joints, len(self.looks))
        await self.update()

    async def update(self):
        self.scene.update(self.pos, self.looks)
        await testing.wait_frames(4)

    async def shot(self, name):
        testing.capture_screenshot(f"{name}.png")
        await testing.wait_frames(2)

    def camera(self):
        """What a test needs to project by itself."""
        view, camera = self.scene._view, self.scene.camera
        return {
            "eye": camera.eye.tolist(),
            "target": camera.target.tolist(),
            "left": view.screen_position_x,
            "top": view.screen_position_y,
            "width": view.computed_width,
            "height": view.computed_height,
        }

    def facts(self):
        """Offsets and corners of the clones."""
        mesh = self.scene.mesh
        return {"offsets": mesh.offsets.tolist(), "spacing": mesh.spacing, "floor": mesh.floor}

    def on_screen(self, point):
        view = self.scene._view
        x, y, _ = self.scene.camera.project(np.asarray(point))
        return (
            view.screen_position_x + (x + 1) / 2 * view.computed_width,
            view.screen_position_y + (1 - y) / 2 * view.computed_height,
        )

    def lid(self, clone):
        """The middle of the top of the largest box."""
        corners = self.scene.mesh.corners()[clone, 0]
        up = corners @ self.scene.mesh.up
        return corners[up > up.mean()].mean(axis=0)


def window():
    flags = ui.WINDOW_FLAGS_NO_TITLE_BAR | ui.WINDOW_FLAGS_NO_SCROLLBAR | ui.WINDOW_FLAGS_NO_MOVE
    made = ui.Window("scene", width=SIZE[0], height=SIZE[1], flags=flags)
    made.position_x = made.position_y = 0
    made.frame.set_style(style.STYLE)
    return made


async def colours(asset):
    """Each look on the ground, and the hull's own colour."""
    driver = Driver(asset)
    await driver.start()
    driver.looks = [list(Look)[clone % len(Look)] for clone in range(CLONES)]
    driver.pos[5] = np.nan
    await driver.update()
    await testing.mouse_move(2, 2)
    await driver.shot("looks")
    signs = [driver.scene.signs.letters.get(clone, "") for clone in range(len(Look))]
    hull = driver.skeleton.boxes[driver.scene.mesh._chosen.which[0]]
    return {**driver.camera(), **driver.facts(), "signs": signs, "hull": hull.color}


async def turning(asset):
    """Drags, the wheel, F and the buttons; the same view is the same picture."""
    driver = Driver(asset)
    await driver.start()
    await driver.shot("home")
    seen = [driver.camera()]
    for name, start, end, button in (
        ("turned", (300, 200), (420, 240), 0),
        ("shifted", (300, 200), (360, 200), 1),
    ):
        await testing.mouse_drag(*start, *end, button=button)
        await driver.shot(name)
        seen.append(driver.camera())
    await testing.mouse_scroll(300, 200, 0, 3)
    await driver.shot("nearer")
    seen.append(driver.camera())
    await testing.press_key(F)
    await testing.wait_frames(3)
    seen.append(driver.camera())
    button = find(driver.window.frame, "view:Home")
    await testing.mouse_click(
        button.screen_position_x + 10, button.screen_position_y + button.computed_height / 2
    )
    await testing.mouse_move(2, 2)
    await driver.shot("home again")
    return {"seen": seen, "said": driver.said}


async def clicks(asset):
    """Clicks on clones, one of them with shift, a drag that starts on a clone, one beside."""
    driver = Driver(asset)
    await driver.start()
    answers = []
    for clone in (0, 3, 5, 10, 12, 15):
        await testing.mouse_click(*driver.on_screen(driver.lid(clone)))
        answers.append([clone, driver.said.copy(), driver.scene._line.text])
        driver.said.clear()
    driver.scene._pointer._key(SHIFT, 0, True)
    await testing.mouse_click(*driver.on_screen(driver.lid(3)))
    driver.scene._pointer._key(SHIFT, 0, False)
    reset = driver.said.copy()
    driver.said.clear()
    start = driver.on_screen(driver.lid(3))
    await testing.mouse_drag(*start, start[0] + 40, start[1])
    view = driver.scene._view
    await testing.mouse_click(view.screen_position_x + 6, view.screen_position_y + 6)
    return {"answers": answers, "reset": reset, "other": driver.said}


async def moving(asset):
    """One clone's door before and after it opens."""
    driver = Driver(asset)
    await driver.start()
    driver.scene.camera.frame(driver.scene.mesh.bounds([13]))
    driver.scene.redraw()
    await testing.mouse_move(2, 2)
    await driver.shot("closed")
    camera = {**driver.camera(), **driver.facts()}
    driver.pos[13, driver.joints.index("door_hinge")] = 1.2
    await driver.update()
    await driver.shot("open")
    hidden = driver.scene._bodies.item.positions
    driver.scene.visible = False
    driver.pos[:] = 0.4
    driver.scene.update(driver.pos, driver.looks)
    unchanged = driver.scene._bodies.item.positions == hidden
    driver.scene.visible = True
    shown = driver.scene._bodies.item.positions != hidden
    driver.scene.clear()
    await testing.wait_frames(3)
    line = driver.scene._line.text
    driver.scene.close()
    return {
        "camera": camera,
        "unchanged": unchanged,
        "shown": shown,
        "line": line,
        "joints": driver.joints,
    }


async def arrows(asset):
    """Arrows over a stage: where they are, that clicks select, and what a moved asset does."""
    host = StudioHost()
    host.open(asset)
    state = EditorState(host)
    camera = OrbitCamera("Z")
    camera.aspect, camera.yaw = SIZE[0] / SIZE[1], 2.6
    camera.frame(np.array([[-2.1, -0.9, 0.0], [2.1, 0.9, 1.6]]))
    made = window()
    with made.frame:
        model = sc.CameraModel(camera.projection.T.ravel().tolist(), camera.view.T.ravel().tolist())
        view = sc.SceneView(model, aspect_ratio_policy=sc.AspectRatioPolicy.STRETCH)
        with view.scene:
            drawn = ContractArrows(state)

    async def frames(count=5):
        for _ in range(count):
            await testing.next_frame()
            host.frame()

    def ends():
        return {
            name: [one.curve[0].tolist(), one.curve[-1].tolist()]
            for name, one in drawn.shown.items()
        }

    await frames()
    testing.capture_screenshot("arrows.png")
    await frames(2)
    first, picked, points = ends(), {}, {}
    for name, one in list(drawn.shown.items()):
        x, y, _ = camera.project(one.curve[5])
        points[name] = [
            view.screen_position_x + (x + 1) / 2 * view.computed_width,
            view.screen_position_y + (1 - y) / 2 * view.computed_height,
        ]
        await testing.mouse_click(*points[name])
        await frames()
        picked[name] = state.selection
    asset_prim = UsdGeom.XformCommonAPI(host.stage().GetDefaultPrim())
    asset_prim.SetTranslate((1.0, 2.0, 3.0))
    await frames()
    moved = ends()
    drawn.visible = False
    asset_prim.SetTranslate((9.0, 9.0, 9.0))
    await frames()
    hidden = ends() == moved
    drawn.visible = True
    followed = ends() != moved
    drawn.destroy()
    drawn.destroy()
    state.destroy()
    return {
        "first": first,
        "picked": picked,
        "points": points,
        "moved": moved,
        "hidden": hidden,
        "followed": followed,
        "left": ends(),
    }


async def panel(asset):
    """The real panel with a real worker: folding, a press in space, and where the wheel goes."""
    host = StudioHost(settings=Settings(Path("settings.json").resolve()))
    host.open(asset)
    made = StudioWindow(host, PANEL)
    live, part = made.panel.live, made.panel.preview.scene

    async def frames(count=8):
        for _ in range(count):
            await testing.next_frame()
            host.frame()

    async def until(truth):
        end = time.monotonic() + 30
        while not truth():
            assert time.monotonic() < end, (live.phase, live.error, *live.lines)
            await frames(1)

    live.enter_clones("4")
    live.set_pattern("by_hand")
    live.set_speed(None)
    live.set_loop(False)
    live.start(playing=False)
    await until(lambda: live.frame is not None)
    await frames()
    folded = part.scene is None
    bar = await reached(made.window.frame, frames)
    await testing.mouse_click(bar.screen_position_x + 40, bar.screen_position_y + 10)
    await frames()
    scrolled(made.window.frame)
    await frames()
    view, mesh, camera = part.scene._view, part.scene.mesh, part.scene.camera
    corners = mesh.corners()[2, 0]
    up = corners @ mesh.up
    across, high, _ = camera.project(corners[up > up.mean()].mean(axis=0))
    at = (
        view.screen_position_x + (across + 1) / 2 * view.computed_width,
        view.screen_position_y + (1 - high) / 2 * view.computed_height,
    )
    await testing.mouse_click(*at)
    live.client.send(Step(count=round(1.5 / live.client.ready.dt)))
    await until(lambda: live.frame.time > 1.4)
    await frames()
    cells, line = live.cells().tolist(), part.scene._line.text
    live.play()
    await until(lambda: live.frame.playing and live.frame.time > 1.6)
    drawn = drawn_while_playing(part)
    live.press(1)
    played = live.frame.time
    await until(lambda: live.frame.time > played + 0.4)
    live.pause()
    await until(lambda: not live.frame.playing)
    fresh = CloneMesh(live.client.ready.skeleton, live.client.ready.joint_names, 4)
    fresh.move(live.frame.joint_pos)
    again = ClonePicture(fresh)
    again.look(camera, part.scene.height)
    shown = np.array(part.scene.picture.points)
    paused = shown.shape == (len(again.points), 3) and np.abs(shown - again.points).max()
    before = view.screen_position_y, camera.distance
    await testing.mouse_scroll(*at, 0, -1)
    await frames()
    after = view.screen_position_y, camera.distance
    bar = await reached(made.window.frame, frames)
    await testing.mouse_click(bar.screen_position_x + 40, bar.screen_position_y + 10)
    await frames()
    again = part.scene is None
    made.close()
    return {
        "folded": [folded, again],
        "cells": cells,
        "line": line,
        "paused": float(paused) if paused is not False else None,
        "drawn": drawn,
        "before": before,
        "after": after,
    }


def drawn_while_playing(part):
    """How often four frames of the run are drawn, and one more that none follows."""
    drawn, real = [], part.scene.update
    part.scene.update = lambda *given, **named: drawn.append(named["at_once"])
    part._behind = False
    for _ in range(4):
        part._follow()
        part._catch_up()
    counts = [len(drawn)]
    part._follow()
    for _ in range(3):
        part._catch_up()
        counts.append(len(drawn))
    part.scene.update = real
    return counts


async def reached(frame, frames):
    """The bar of the 3D view, scrolled to where the pointer gets at it."""
    for _ in range(20):
        bar = find(frame, "3d")
        if 80 < bar.screen_position_y < PANEL[1] - 60:
            return bar
        by = bar.screen_position_y - PANEL[1] / 2
        holder = next(one for one in scrolling(frame) if find(one, "3d") is not None)
        holder.scroll_y = min(max(holder.scroll_y + by, 0), holder.scroll_y_max)
        await frames(4)
        if find(frame, "3d").screen_position_y < PANEL[1] - 20 and by > 0:
            return find(frame, "3d")
    raise AssertionError("the bar of the 3D view cannot be scrolled to")


def scrolling(widget):
    """All scrolling frames, the outer ones first."""
    if isinstance(widget, ui.ScrollingFrame):
        yield widget
    for child in ui.Inspector.get_children(widget):
        yield from scrolling(child)


def scrolled(widget):
    """Everything that scrolls near its end, and not quite there."""
    if isinstance(widget, ui.ScrollingFrame):
        widget.scroll_y = max(widget.scroll_y_max - 12, 0)
    for child in ui.Inspector.get_children(widget):
        scrolled(child)


def find(widget, identifier):
    if getattr(widget, "identifier", None) == identifier:
        return widget
    found = (find(child, identifier) for child in ui.Inspector.get_children(widget))
    return next((one for one in found if one is not None), None)


def main(name, asset):
    answer, faults = {}, []

    async def run():
        try:
            answer.update(await globals()[name](Path(asset)))
        except Exception as fault:
            faults.append(fault)

    standalone.init("scene", *(PANEL if name == "panel" else SIZE))
    standalone.run(run())
    if faults:
        raise faults[0]
    print("\n" + json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])

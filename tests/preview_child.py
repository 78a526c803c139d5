# SPDX-License-Identifier: Apache-2.0
"""The live preview in the real panel, driven by mouse and keyboard; what it saw as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
from omni.ui import _ui, testing
from panel_child import Driver
from panel_driver import CTRL, KEY

CONTROL, SHIFT = 663, 664
"""Key codes that set a modifier."""
SIZE = (920, 600)
LEAST = 380
"""The panel works from so wide on."""
PATIENCE = 30.0


class PreviewDriver(Driver):
    """Waits for the worker, and reaches the cells of the grid."""

    def __init__(self, window) -> None:
        super().__init__(window)
        self.live, self.section = window.panel.live, window.panel.preview

    async def until(self, truth):
        """Seconds until `truth()` holds, frames passing."""
        start = time.perf_counter()
        while not truth():
            said = self.live.phase, self.live.error, *self.live.lines
            assert time.perf_counter() - start < PATIENCE, said
            await self.frames(1)
        return time.perf_counter() - start

    def cell(self, clone):
        """The middle of a clone's cell on the screen."""
        grid = self.find("grid")
        x, y = self.section.grid.layout.middle_of(clone)
        return grid.screen_position_x + x, grid.screen_position_y + y

    async def hold(self, clone):
        _ui._inject_mouse_move(*self.cell(clone))
        await self.frames(2)
        _ui._inject_mouse_button(0, True)
        await self.frames(1)

    async def let_go(self):
        _ui._inject_mouse_button(0, False)
        await self.frames(2)

    async def with_key(self, key, clone):
        _ui._inject_key_event(key, True)
        await self.frames(1)
        await testing.mouse_click(*self.cell(clone))
        _ui._inject_key_event(key, False)
        await self.frames(2)

    def cells(self):
        return [int(code) for code in self.live.cells()]

    def joint(self, name):
        """Positions of a joint in all clones."""
        client = self.live.client
        column = client.ready.joint_names.index(name)
        return [round(float(value), 5) for value in client.frame.joint_pos[:, column]]

    def reached(self, clone):
        return self.live.frame is not None and self.cells()[clone] == 3

    def running(self):
        """The threshold of the rule that runs [m]."""
        return self.live.rule.couplings["couplings"][0]["trigger"]["threshold"]

    def alive(self, pid):
        return Path(f"/proc/{pid}").exists()


async def grid(panel):
    """Unfold, play, press one clone, reset it, trace another; drag the threshold while it runs."""
    live = panel.live
    seen = {"folded": [str(live.phase), live.client is None]}
    await panel.click("preview header")
    seen["ready"] = [str(live.phase), panel.text("preview ready")]
    live.set_pattern("by_hand")
    await panel.frames()
    await panel.enter("clones", "9")
    await panel.enter("seed", "x")
    seen["refused"] = [panel.text("notice:error"), panel.text("seed")]
    await panel.click("play")
    await panel.until(lambda: live.frame is not None and live.frame.step > 5)
    await panel.frames()
    seen["title"], seen["cells"] = panel.text("title"), panel.cells()
    await panel.hold(4)
    await panel.until(lambda: panel.reached(4))
    seen["tip"] = panel.section.grid.says
    seen["pressed"] = [panel.cells(), panel.joint("door_hinge"), panel.joint("button_slide")]
    await panel.let_go()
    await testing.mouse_move(2, 2)  # its tip lies over other cells
    await panel.frames()
    seen["colours"] = colours(panel)
    await panel.with_key(SHIFT, 4)
    await panel.until(lambda: panel.cells()[4] == 0)
    seen["reset"] = [panel.cells(), panel.joint("door_hinge")]
    await panel.with_key(CONTROL, 7)
    await panel.with_key(CONTROL, 0)
    await panel.until(lambda: live.frame.traced == live.watched)
    seen["watched"] = [live.watched, [panel.find(f"traced:{n}") is not None for n in range(9)]]
    await drag_threshold(panel, seen)
    await type_threshold(panel, seen)
    await log(panel, seen)
    await narrow(panel, seen)
    return seen


async def drag_threshold(panel, seen):
    """From the middle of -10 to 0 mm to eight tenths, the button down all the while."""
    live, running = panel.live, panel.running

    def at(part):
        return panel.at("trigger range", part)

    step, took = live.frame.step, []
    _ui._inject_mouse_move(*at(0.5))
    await panel.frames(2)
    _ui._inject_mouse_button(0, True)
    await panel.frames(2)
    for part in (0.6, 0.7, 0.8):
        _ui._inject_mouse_move(*at(part))
        took.append(await panel.until(lambda part=part: abs(running() + 0.01 * (1 - part)) < 6e-5))
    seen["drag"] = [running(), took, live.frame.step > step, live.why_restart()]
    _ui._inject_mouse_button(0, False)
    await panel.frames()
    seen["dropped"] = [running(), panel.value("press_opens_door", "triggerThreshold")]


async def type_threshold(panel, seen):
    """By keys, a clone latched all the while; undone by keys, and refused."""
    live, pid, dropped = panel.live, panel.live.client.pid, panel.running()
    await panel.hold(4)
    await panel.until(lambda: panel.reached(4))
    await panel.let_go()
    step = live.frame.step
    await panel.enter("threshold", "-4mm")
    await panel.until(lambda: panel.running() != dropped)
    ran = panel.running()
    await panel.press(CTRL, KEY["Z"])
    await panel.until(lambda: panel.running() == dropped)
    await panel.enter("threshold", "apples")
    await panel.frames(12)
    seen["typed"] = {
        "ran": ran,
        "undone": panel.running() == dropped,
        "same worker": live.client.pid == pid and live.frame.step > step,
        "still reached": panel.reached(4),
        "refused": panel.text("refused"),
    }


async def log(panel, seen):
    """Saved through the dialog; the command is copied."""
    live = panel.live
    await panel.click("play")
    await panel.until(lambda: not live.frame.playing and live.metrics.step == live.frame.step)
    await panel.frames()
    await panel.click("save log")
    dialog = panel.host.dialogs.window
    await panel.enter("dialog path", str(Path("run.json").resolve()), dialog.frame)
    await panel.click("copy replay")
    seen["log"] = [panel.text("notice:ok"), panel.host.copied, live.frame.step]


async def narrow(panel, seen):
    """Where things end at the least width, with as many clones traced as can be."""
    panel.live.watch(range(3, 9))
    panel.window._size = (LEAST, 1000)  # as high as all of it: what is out of sight has no place
    await panel.frames(12)
    ends = {}
    for name in ("more", "threshold", "save log", "traced:8", "trigger plot", "seed"):
        widget = panel.find(name)
        ends[name] = widget.screen_position_x + widget.computed_width
    seen["narrow"] = ends


def colours(panel):
    """What colour most of each cell has on the screen."""
    from matplotlib.image import imread

    testing.capture_screenshot("grid.png")
    testing._tick_one_frame()
    picture = (imread("grid.png")[..., :3] * 255).round().astype(int)
    pitch, found = panel.section.grid.layout.pitch, []
    for clone in range(9):
        x, y = (int(value) for value in panel.cell(clone))
        patch = picture[y - pitch // 2 + 9 : y + pitch // 2 - 9, x - pitch // 2 + 4 : x]
        values, counts = np.unique(patch.reshape(-1, 3), axis=0, return_counts=True)
        found.append("#" + bytes(values[counts.argmax()].tolist()).hex().upper())
    return found


async def trouble(panel):
    """Contracts off; the worker killed and started again; folded; closed while it runs."""
    live = panel.live
    live.set_pattern("by_hand")
    live.enter_clones("4")
    await panel.click("preview header")
    await panel.click("play")
    await panel.until(lambda: live.frame is not None and live.frame.step > 5)
    await panel.frames()
    await panel.click("native")
    said = panel.text("notice:info")
    await panel.hold(1)
    await panel.until(lambda: panel.joint("button_slide")[1] < -0.009)
    step = live.frame.step
    await panel.until(lambda: live.frame.step > step + 60)
    native = [panel.cells(), panel.joint("door_hinge"), said]
    await panel.let_go()
    await panel.click("native")
    await panel.hold(1)
    await panel.until(lambda: panel.reached(1))
    await panel.let_go()
    first = live.client.pid
    os.kill(first, signal.SIGKILL)
    await panel.until(lambda: str(live.phase) == "died")
    await panel.frames()
    died = panel.text("preview error")
    testing.capture_screenshot("died.png")
    await panel.click("restart")
    await panel.until(lambda: live.frame is not None and live.frame.step > 5)
    await panel.frames()
    second = live.client.pid
    again = [first != second, panel.find("grid") is not None, panel.find("preview error") is None]
    await panel.click("preview header")
    await panel.until(lambda: not panel.alive(second))
    folded = [str(live.phase), panel.alive(second), panel.find("grid") is None]
    await panel.click("preview header")
    await panel.click("play")
    await panel.until(lambda: live.frame is not None)
    return {
        "native": native,
        "died": died,
        "again": again,
        "folded": folded,
        "last": live.client.pid,
    }


def play(scenario, asset, driver, size):
    """Run a scenario on a driver of the real panel; its answers, and whether its worker is left."""
    from causal_contracts.preview.live.ending import await_ends
    from causal_contracts.ui.studio.window import run
    from causal_contracts.ui.studio_host import StudioHost
    from causal_contracts.ui.studio_settings import Settings

    host = StudioHost(settings=Settings(Path("settings.json").resolve()))
    host.open(Path(asset))
    answer = {}

    async def during(window):
        panel = driver(window)
        await panel.frames()
        answer.update(await scenario(panel))

    run(host, size, during)
    if "last" in answer:
        await_ends(5.0)
        answer["left"] = Path(f"/proc/{answer.pop('last')}").exists()
    return answer


if __name__ == "__main__":
    print("\n" + json.dumps(play(globals()[sys.argv[1]], sys.argv[2], PreviewDriver, SIZE)))

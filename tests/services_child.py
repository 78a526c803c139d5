# SPDX-License-Identifier: Apache-2.0
"""A scenario by name to JSON: sections outside of the panel, drawn and clicked in a window."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import time
from pathlib import Path

import omni.ui as ui
from omni.ui import standalone, testing
from panel_child import Driver
from pxr import Sdf

PATIENCE = 30.0
"""Seconds for a small installation on a busy machine."""


class SectionWindow:
    """A window of the size of a docked panel with sections in it."""

    def __init__(self, state, host, make):
        from causal_contracts.ui.panel import style
        from causal_contracts.ui.studio.dialogs import StudioDialogs

        self.state, self.host = state, host
        host.dialogs = StudioDialogs()
        flags = ui.WINDOW_FLAGS_NO_TITLE_BAR | ui.WINDOW_FLAGS_NO_RESIZE | ui.WINDOW_FLAGS_NO_MOVE
        width, height = SIZE
        self.window = ui.Window("Sections", width=width, height=height, flags=flags)
        self.window.position_x = self.window.position_y = 0
        self.window.frame.set_style(style.STYLE)
        with self.window.frame, ui.VStack(spacing=style.GAP, height=0):
            self.parts = make(state)
            for part in self.parts:
                part.build()

    def close(self):
        for part in self.parts:
            part.close()
        self.state.destroy()
        self.window.destroy()
        self.host.close()


async def look(panel, name):
    """A picture for the eyes, where the second argument of the process names a folder."""
    await panel.frames()
    if PICTURES is not None:
        testing.capture_screenshot(str(PICTURES / f"{name}.png"))
        await testing.next_frame()


async def until(panel, truth):
    end = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < end, "this never came"
        await panel.frames(1)
    await panel.frames()


async def packages(panel):
    """Offered, listed, begun, cancelled, failed, tried again, removed."""
    shown = panel.window.parts[0].packages
    wheel = next(Path("wheels").glob("cc_slow*"))
    names = ("packages why", "packages download", "packages folder")
    offered = [panel.text(name) for name in names]
    await look(panel, "offer")
    await panel.click("list packages")
    await look(panel, "listed")
    await panel.click("list packages")
    await panel.click("install packages")
    await until(panel, lambda: Path("data/packages.tmp/started").exists())
    await panel.frames(20)
    progress = panel.text("packages progress")
    await look(panel, "progress")
    await panel.click("cancel packages")
    await until(panel, lambda: not shown.busy)
    cancelled = [one.name for one in Path("data").iterdir()], panel.text("packages failure")
    shutil.move(wheel, "aside")
    await panel.click("install packages")
    await until(panel, lambda: not shown.busy)
    failed = panel.text("packages failure"), panel.find("install packages").text
    await look(panel, "failure")
    await panel.click("copy packages failure")
    shutil.move("aside", wheel)
    Path("go").touch()
    await panel.click("install packages")
    await until(panel, lambda: not shown.busy)
    installed = panel.text("packages installed"), panel.find("install packages") is None
    await look(panel, "installed")
    await panel.click("remove packages")
    await panel.click("dialog ok", panel.host.dialogs.window.frame)
    await until(panel, lambda: not shown.busy and shown.ready is None)
    return {
        "offered": offered,
        "progress": progress,
        "cancelled": cancelled,
        "failed": failed,
        "copied": panel.host.copied.splitlines()[0],
        "installed": installed,
        "removed": panel.find("install packages") is not None,
    }


async def packages_impossible(panel):
    """Why nothing can be installed stands there, and a click on the grey button is nothing."""
    await look(panel, "impossible")
    await panel.click("install packages")
    shown = panel.window.parts[0].packages
    return {"why": panel.text("packages why not"), "busy": shown.busy}


def rows(panel):
    """Ids of the contracts that a prim's view shows."""

    def walk(widget):
        name = getattr(widget, "identifier", "")
        inner = (one for child in ui.Inspector.get_children(widget) for one in walk(child))
        return [*([name] if name.startswith("prim id:") else []), *inner]

    return [name.removeprefix("prim id:") for name in walk(panel.window.window.frame)]


async def prim_contracts(panel):
    """A prim's contracts: switched off, added, edited in the panel, removed, undone."""
    view, name = panel.window.parts[0], "press_opens_door"
    before = panel.layer()
    said = panel.text("prim title"), panel.text(f"prim sentence:{name}")
    await look(panel, "prim")
    await panel.click(f"prim enabled:{name}")
    off = panel.value(name, "enabled")
    panel.host.undo()
    await panel.frames()
    on = panel.value(name, "enabled"), panel.layer() == before
    await panel.click("prim add")
    added = rows(panel)
    await look(panel, "prim added")
    await panel.click("prim edit:press_opens_door")
    edited = panel.state.selection, view.shown
    await panel.click("prim remove:press_opens_door")
    removed = rows(panel), panel.host.can_undo()
    panel.host.undo()
    panel.host.undo()
    await panel.frames()
    back = rows(panel), panel.layer() == before
    view.look(f"{panel.state.articulation.host}/door_hinge")
    await panel.frames()
    joint = panel.text("prim title")
    await panel.click("prim add")
    trigger = panel.value("door_hinge_moves_button_slide", "triggerOp"), rows(panel)
    await look(panel, "joint")
    panel.host.set_edit_target(panel.host.stage().GetSessionLayer().identifier)
    panel.host.stage().GetSessionLayer().SetPermissionToEdit(False)
    await panel.frames()
    await panel.click(f"prim remove:{name}")
    refused = panel.text("refused"), rows(panel)
    await look(panel, "refused")
    return {
        "said": said,
        "off": off,
        "on": on,
        "added": added,
        "edited": edited,
        "removed": removed,
        "back": back,
        "joint": joint,
        "trigger": trigger,
        "refused": refused,
        "elsewhere": [view.pane.look(path) for path in ("/nowhere", None)],
    }


class PrimPart:
    """A property pane in a frame, as Kit's widget asks for it."""

    def __init__(self, state):
        from causal_contracts.ui.panel.property_view import PropertyPane

        self.shown = 0
        self.pane = PropertyPane(state, self.show)
        self.path = state.articulation.host

    def show(self):
        self.shown += 1

    def build(self):
        self.frame = ui.Frame(height=0)
        self.look(self.path)

    def look(self, path):
        self.frame.clear()
        with self.frame:
            assert self.pane.look(path)
            self.pane.build()

    def close(self):
        self.pane.close()


async def joint_uses(panel):
    """A joint of one contract becomes the trigger of the one that the panel has selected."""
    view, state, name = panel.window.parts[0], panel.state, "boot_opens_hatch"
    whole = panel.shown("prim use:trigger")
    state.select("button_opens_flap")
    view.look(f"{state.articulation.host}/flap_button")
    await panel.frames()
    own = panel.shown("prim use:trigger")
    state.select(name)
    await panel.frames()
    offered = panel.text("prim use")
    await look(panel, "uses")
    await panel.click("prim use:trigger")
    path = f"{state.articulation.host}/flap_button"
    stage = panel.host.stage().GetPrimAtPath(state.articulation.host)
    used = [
        str(one)
        for one in stage.GetRelationship(f"causalContract:{name}:triggerJoint").GetTargets()
    ]
    return {
        "before": [whole, own],
        "offered": offered,
        "used": used == [path],
        "step": panel.host.can_undo(),
        "after": [panel.shown("prim use:trigger"), panel.text("prim title"), view.shown],
    }


def make_studio(asset="microwave"):
    from causal_contracts.ui.state.editor_state import EditorState
    from causal_contracts.ui.studio_host import StudioHost
    from causal_contracts.ui.studio_settings import Settings

    host = StudioHost(settings=Settings(Path("settings.json").resolve()))
    host.open(Path(shutil.copy(DATA / asset / f"{asset}.usda", f"{asset}.usda")))
    return host, EditorState(host)


def joint_window():
    host, state = make_studio("car")
    return SectionWindow(state, host, lambda state: [PrimPart(state)])


def prim_window():
    host, state = make_studio()
    return SectionWindow(state, host, lambda state: [PrimPart(state)])


async def kit(panel):
    """Every service started on stand-ins of Kit, used, and closed again."""
    import kit_stand_ins as kits
    from causal_contracts.ui.state.shown_elsewhere import show

    part, state = panel.window.parts[0], panel.state
    stage = panel.host.stage()
    asset = str(state.articulation.host)
    prim = stage.GetPrimAtPath
    kits.window.frame = part.frame
    kits.window.show(kits.Payload(stage, [asset]))
    await panel.frames()
    shown = rows(panel), sorted(kits.MultiSchemaPropertiesWidget.known), kits.window.rebuilds
    kits.window.show(kits.Payload(stage, [asset]))
    again = kits.window.rebuilds
    await panel.frames()
    await panel.click("prim edit:press_opens_door")
    kits.window.show(kits.Payload(stage, [f"{asset}/door_hinge", asset]))
    several = rows(panel)
    kits.window.show(kits.Payload(stage, [asset]))
    kits.window.hide()
    hinge, third = prim(f"{asset}/door_hinge"), f"{asset}/third"
    Sdf.CopySpec(stage.GetRootLayer(), hinge.GetPath(), stage.GetRootLayer(), third)
    menu = kits.shown_menu([prim(third)])
    menu["Use as trigger of the selected contract"]()
    await panel.frames()
    labels, menu = [*menu], None
    used = state.authored["press_opens_door"].trigger_joints
    panel.host.undo()
    await panel.frames()
    entry = kits.add_entries[0]
    adds = [entry.show({"prim_list": [one]}) for one in (hinge, prim(f"{asset}/door"))]
    entry.click(kits.Payload(stage, [f"{asset}/door_hinge"]))
    await panel.frames()
    added, before = [*state.ids], kits.scenes["causal_contracts.ui"]
    item = kits.categories[0][1]
    kits.carb_settings.set(item.path, False)
    off = part.overlays()
    kits.carb_settings.set(item.path, True)
    on = part.overlays()
    drawn = sorted(before.arrows.shown)
    before.visible = False
    hidden = before.visible
    rule = part.rules()
    for one in reversed(part.services):
        one.close()
    part.services = []
    show(state, None, ())
    left = [len(kits.window.widgets), len(kits.add_entries), len(kits.categories)]
    left += [len(kits.scenes), len(kits.watchers), len(kits.shown_menu([hinge]))]
    left += [len(kits.MultiSchemaPropertiesWidget.known), len(part.rules()), part.holds]
    return {
        "shown": shown,
        "again": again == shown[2],
        "several": several,
        "menu": labels,
        "used": used,
        "adds": adds,
        "added": added,
        "item": [kits.categories, item.text, item.path] if kits.categories else [item.text],
        "overlay": [off, on, hidden],
        "drawn": drawn,
        "rule": rule,
        "left": left,
        "most held": part.most,
        "bare": part.bare,
    }


class KitPart:
    """The services in a program with stand-ins for those of Kit."""

    def __init__(self, state):
        import kit_stand_ins as kits

        self.bare = self.without_kit(state)
        kits.install()
        kits.install_validator()
        kits.install_arrows()
        self.state, self.holds, self.most = state, 0, 0
        state.host.hold = self.hold

    def without_kit(self, state):
        """How many services start in a program that is not Kit, and what the log says."""
        from causal_contracts.ui.kit_services import services

        log, lines = logging.getLogger("causal_contracts.ui.kit_services"), []
        log.setLevel(logging.INFO)
        handler = logging.Handler()
        handler.emit = lambda record: lines.append(record.getMessage())
        log.addHandler(handler)
        started = services(state, state.host)
        log.removeHandler(handler)
        return [len(started), lines]

    def hold(self):
        from causal_contracts.ui.signals import Closing

        self.holds += 1
        self.most = max(self.most, self.holds)

        def let_go():
            self.holds -= 1

        return Closing(let_go)

    def build(self):
        import kit_stand_ins as kits
        from causal_contracts.ui.kit_services import services
        from omni.ui import scene as sc

        self.frame = ui.Frame(height=300)
        self.view = sc.SceneView(height=200)
        kits.open_viewport(self.view)
        self.services = services(self.state, self.state.host)

    def overlays(self):
        from kit_stand_ins import scenes

        return [self.holds, len(scenes)]

    def rules(self):
        import omni.asset_validator

        registry = omni.asset_validator.get_category_rules_registry()
        return [one.__name__ for one in registry.get_rules("Causal Contracts")]

    def close(self):
        for one in reversed(self.services):
            one.close()


def kit_window():
    host, state = make_studio()
    state.select("press_opens_door")
    return SectionWindow(state, host, lambda state: [KitPart(state)])


def packages_window():
    from causal_contracts.ui.packages.installation import Installation
    from causal_contracts.ui.packages.readiness import state as readiness
    from causal_contracts.ui.panel.packages import InstalledPackages, PackagesSection
    from causal_contracts.ui.state.editor_state import EditorState
    from small_wheels import PYTHON, make_host, make_wheel

    here, slow = Path.cwd(), NAME == "packages"
    waits = f"import os, pathlib, time\nif not os.path.exists({str(here / 'go')!r}):\n"
    waits += "    pathlib.Path(__file__).with_name('started').touch()\n    time.sleep(60)\n"
    wheels = [make_wheel(here / "wheels", "cc_slow", waits if slow else "")]
    wheels += [make_wheel(here / "wheels", f"cc_small_{n}") for n in range(5)]
    if not slow:
        wheels[0] = type(wheels[0])(
            "cc_old", "1.0", "cc_old-1.0-cp311-none-any.whl", "", 1000, 1000, ("cc_old",)
        )
    host = make_host(here)
    state = EditorState(host)
    shown = Installation(host, lambda one: readiness(one, wheels=wheels, python=PYTHON))
    parts = PackagesSection, InstalledPackages
    return SectionWindow(state, host, lambda state: [part(state, shown) for part in parts])


def play(scenario, make):
    answer, faults = {}, []

    async def loop():
        window = make()
        try:
            panel = Driver(window)
            panel.window = window
            panel.find = lambda name, within=None: Driver.find(
                panel, name, within or window.window.frame
            )
            await panel.frames()
            answer.update(await scenario(panel))
        except Exception as fault:
            faults.append(fault)
        window.close()

    standalone.init("sections", *SIZE)
    ui.run(loop())
    if faults:
        raise faults[0]
    return answer


SIZE = (420, 700)
DATA = Path(__file__).resolve().parents[1] / "data"
WINDOWS = {
    "packages": packages_window,
    "packages_impossible": packages_window,
    "prim_contracts": prim_window,
    "joint_uses": joint_window,
    "kit": kit_window,
}

if __name__ == "__main__":
    NAME, *pictures = sys.argv[1:]
    PICTURES = Path(pictures[0]) if pictures else None
    print("\n" + json.dumps(play(globals()[NAME], WINDOWS[NAME])))

# SPDX-License-Identifier: Apache-2.0
"""Child of test_kit_extension: a scenario and Kit's arguments in, one line `SEEN {json}` out.

Starts the real kernel with the panel's extension in it, and plays the scenario in Kit's own event
loop: ovui stands for omni.ui, tests/kit_exts for the services that are not published.
"""

import asyncio
import gc
import json
import shutil
import sys
import threading
import time
from collections import Counter
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType

from kit_kernel import ROOT, SERVICES

UI = "causal_contracts.ui"
MENU = "Tools/Robotics/Causal Contracts"
CONTRACT = "press_opens_door"
RELOADABLE = [f"causal_contracts.{name}" for name in ("ui", "preview", "core")]
UP, DOWN, END, DELETE, BACKSPACE, ENTER, ESCAPE = 515, 516, 520, 522, 523, 525, 526
CTRL, D, F2 = 527, 549, 573
"""Dear ImGui's key codes, which ovui's testing module takes."""


class Kernel:
    """The running kernel, its extensions, and the widgets of our window."""

    def __init__(self, arguments):
        # The kernel alone shall make our packages importable, not an editable install of them.
        sys.path[:] = [one for one in sys.path if not Path(one).is_relative_to(ROOT / "exts")]
        from omni.kit_app import KitApp

        self.app = KitApp()
        before = time.perf_counter()
        self.app.startup(arguments)
        self.app.update()
        self.start_seconds = time.perf_counter() - before
        self.manager = self.app.extension_manager

    def switch(self, name, on):
        self.manager.set_extension_enabled_immediate(name, on)

    def enabled(self, name):
        return self.manager.is_extension_enabled(name)

    def play(self, scenario, *arguments):
        """Run a coroutine as a task of Kit's event loop, update by update."""
        from omni.ui import testing

        testing.next_frame = self.frame
        task = asyncio.ensure_future(scenario(self, *arguments))
        while not task.done():
            self.app.update()
        return task.result()

    async def frame(self):
        import omni.kit.app

        await omni.kit.app.get_app().next_update_async()

    async def frames(self, count=6):
        for _ in range(count):
            await self.frame()

    async def until(self, true, says, seconds=60.0):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, says()
            time.sleep(0.2)  # drawing takes the processor from what it waits for
            await self.frame()

    def window(self):
        import omni.ui as ui

        return ui.Workspace.get_window("Causal Contracts")

    def find(self, identifier, within=None):
        import omni.ui as ui

        widget = within or self.window().frame
        if getattr(widget, "identifier", None) == identifier:
            return widget
        found = (self.find(identifier, child) for child in ui.Inspector.get_children(widget))
        return next((one for one in found if one is not None), None)

    def text(self, identifier):
        import omni.ui as ui

        widget = self.find(identifier)
        if widget is None:
            return None
        return widget.text if isinstance(widget, ui.Label) else widget.model.as_string

    async def click(self, identifier, within=None):
        from omni.ui import testing

        widget = self.find(identifier, within)
        assert widget is not None, f"the panel shows no '{identifier}'"
        x = widget.screen_position_x + widget.computed_width / 2
        await testing.mouse_click(x, widget.screen_position_y + widget.computed_height / 2)
        await self.frames()

    async def press(self, *keys):
        """Keys, the last of them while the others are held."""
        import omni.ui as ui
        from omni.ui import testing

        for key in keys:
            ui._ui._inject_key_event(key, True)
            await testing.next_frame()
        for key in reversed(keys):
            ui._ui._inject_key_event(key, False)
            await testing.next_frame()
        await self.frames()

    async def enter(self, identifier, text):
        from omni.ui import testing

        await self.click(identifier)
        await testing.press_key(END)
        for _ in self.find(identifier).model.as_string:
            await testing.press_key(BACKSPACE)
        await testing.type_text(text)
        await testing.press_key(ENTER)
        await self.frames()


def observers():
    """Our observers in Kit's event dispatcher."""
    import carb.eventdispatcher
    import omni.kit.app

    names = [omni.kit.app.GLOBAL_EVENT_UPDATE]
    if "omni.usd" in sys.modules:
        usd, timeline = sys.modules["omni.usd"], sys.modules["omni.timeline"]
        names += [usd.get_context().stage_event_name(one) for one in usd.StageEventType]
        names += [getattr(timeline, f"GLOBAL_EVENT_{one}") for one in ("PLAY", "PAUSE", "STOP")]
    found = carb.eventdispatcher.get_eventdispatcher().get_observers(names)
    return sorted(one.name for one in found if one.name.startswith(UI))


def objects():
    """Kinds of our panel's objects that are alive, and modules of which an old one is.

    What a module itself holds that cannot change is apart, as are enumerations.
    """
    gc.collect()
    alive = gc.get_objects()
    modules = [one for one in alive if isinstance(one, ModuleType)]
    ours = [one for one in modules if f"{one.__name__}.".startswith(f"{UI}.")]
    names = Counter(one.__name__ for one in ours)
    fixed = {id(one) for module in ours for one in constants(vars(module))}
    kinds = {type(one) for one in alive if id(one) not in fixed}
    kinds = {one for one in kinds if str(one.__module__).startswith(UI)}
    found = [kind.__name__ for kind in kinds if not issubclass(kind, Enum)]
    return sorted(found + [f"{name} {count} times" for name, count in names.items() if count > 1])


def constants(value):
    """Named tuples and frozen dataclasses that a module holds: they belong to its code."""
    if isinstance(value, dict):
        return [one for inner in value.values() for one in constants(inner)]
    frozen = is_dataclass(value) and value.__dataclass_params__.frozen
    return [value] if frozen or isinstance(value, tuple) else []


def left():
    """What there is of the panel in the process besides its objects."""
    menu, actions = sys.modules["omni.kit.menu.utils"], sys.modules["omni.kit.actions.core"]
    commands, undo = sys.modules["omni.kit.commands"], sys.modules["omni.kit.undo"]
    import kit_stand_ins  # of what omni.ui must be there for

    ui = sys.modules["omni.ui"]
    return {
        "menu": menu.find(MENU) is not None,
        "actions": sorted(one for _, one in actions.get_action_registry().actions),
        "commands": [one for one in commands.registered if "Contract" in one],
        "undo": len(undo.listeners),
        "window": isinstance(ui.Workspace.get_window("Causal Contracts"), ui.Window),
        "observers": observers(),
        "modules": sorted(n for n in sys.modules if f"{n}.".startswith(f"{UI}.")),
        "threads": [t.name for t in threading.enumerate() if "causal" in t.name],
        "services": kit_stand_ins.held(),
    }


async def lifecycle(kernel):
    """Enabled, shown, hidden, shown again, disabled; twice; then each extension reloaded."""
    menu = sys.modules["omni.kit.menu.utils"]
    rounds = []
    for _ in range(2):
        kernel.switch(UI, True)
        await kernel.frames()
        fresh = left()
        menu.click(MENU)
        await kernel.frames()
        shown = left(), menu.find(MENU).ticked_fn(), kernel.window().visible
        menu.click(MENU)
        await kernel.frames()
        hidden = left(), menu.find(MENU).ticked_fn(), kernel.window().visible
        menu.click(MENU)
        await kernel.frames()
        kernel.window().visible = False  # its own cross
        await kernel.frames()
        crossed = left()["observers"], menu.find(MENU).ticked_fn()
        menu.click(MENU)
        await kernel.frames()
        kernel.switch(UI, False)
        await kernel.frames()
        off = left(), objects()
        rounds.append(
            {"fresh": fresh, "shown": shown, "hidden": hidden, "crossed": crossed, "off": off}
        )
    reloads = []
    for name in RELOADABLE:
        kernel.switch(UI, True)
        kernel.switch(name, False)
        await kernel.frames()
        without = [one for one in RELOADABLE if kernel.enabled(one)]
        kernel.switch(UI, True)
        menu.click(MENU)
        await kernel.frames()
        reloads.append([without, [one for one in RELOADABLE if kernel.enabled(one)]])
        kernel.switch(UI, False)
    return {"rounds": rounds, "reloads": reloads, "end": [left(), objects()]}


async def author(kernel, asset):
    """The microwave's contract from nothing to couplings.json, by mouse and keyboard."""
    import omni.usd
    from omni.kit.menu.utils import click
    from omni.kit.window import file_exporter

    kernel.switch(UI, True)
    context = omni.usd.get_context()
    context.open_stage(asset)
    before = layer()
    click(MENU)
    await kernel.frames()
    empty = kernel.text("empty")
    await kernel.click("add")
    await kernel.enter("id", "press_opens_door")
    await kernel.enter("threshold", "-5")
    await kernel.enter("target", "90deg")
    made, edits = layer(), history()  # the import below is undone again
    for _ in range(edits):
        sys.modules["omni.kit.undo"].undo()
    await kernel.frames()
    undone = layer() == before, kernel.text("empty")
    for _ in range(edits):
        sys.modules["omni.kit.undo"].redo()
    await kernel.frames()
    redone = layer() == made
    run("export_couplings")
    asked = file_exporter.get_file_exporter().asked
    asked["export_handler"]("made.json", str(Path.cwd()), ".json", [])
    imported = await read_back(kernel)
    context.get_selection().set_selected_prim_paths(["/Microwave/door_hinge"], True)
    sys.modules["omni.timeline"].get_timeline_interface().play()
    await kernel.frames()
    await kernel.enter("target", "45")
    playing = kernel.find("target").read_only, kernel.text("target"), layer() == made
    sys.modules["omni.timeline"].get_timeline_interface().stop()
    await kernel.frames()
    seen = {
        "empty": empty,
        "edits": edits,
        "undone": undone,
        "redone": redone,
        "playing": playing,
        "meaning": kernel.text("meaning"),
        "imported": imported,
        "suggested": asked["filename_url"],
        "notified": [*sys.modules["omni.kit.notification_manager"].posted],
        "joint": parts().state.selected_joint is not None,
        "shot": screenshot("authored.png"),
    }
    kernel.switch(UI, False)
    await kernel.frames()
    outlived = objects()  # Kit's undo stack still holds the edits
    sys.modules["omni.kit.undo"].undo()
    seen["outlived"] = outlived, layer() == made
    sys.modules["omni.kit.undo"].clear_stack()
    context.close_stage()
    return seen


async def read_back(kernel):
    """What was exported, with another threshold, imported again and undone; copies, settings."""
    import carb.settings
    from omni.kit import clipboard
    from omni.kit.window import filepicker, popup_dialog

    view = parts().window.panel.picker.imports
    path = Path.cwd() / "other.json"
    path.write_text(Path("made.json").read_text().replace("-0.005", "-0.004"))
    run("import_couplings")
    filepicker.shown[0].choose(path.name, str(path.parent))
    await kernel.frames()
    title, frame = view.window.title, view.window.frame
    said = [kernel.find(one, frame).text for one in ("import summary", f"becomes:{CONTRACT}")]
    screenshot("import.png")
    await kernel.click("import apply", frame)
    after = kernel.text("threshold")
    can = parts().host.can_undo(), parts().host.can_redo()
    parts().state.undo()
    await kernel.frames()
    can += parts().host.can_undo(), parts().host.can_redo()
    parts().state.copy("some text")
    run("toggle_overlay")
    overlay = carb.settings.get_settings().get("/persistent/exts/causal_contracts.ui/overlay")
    run("toggle_overlay")
    shown = len(filepicker.shown) + len(popup_dialog.shown)
    return {
        "asked": [title, *said],
        "threshold": [after, kernel.text("threshold")],
        "can": can,
        "copied": clipboard.text,
        "overlay": overlay,
        "shown": shown,
    }


async def preview(kernel, asset):
    """A worker steps clones of unsaved work; the extension is disabled, or the panel hidden."""
    from omni.kit.menu.utils import click

    async def stepping():
        run("start_preview")
        live = parts().window.panel.live
        await kernel.until(
            lambda: live.error or (live.frame is not None and live.frame.step > 3),
            lambda: f"{live.phase}: {live.error} {live.lines}",
        )
        return live, str(live.phase), Path(f"/proc/{live.client.pid}")

    context = sys.modules["omni.usd"].get_context()
    context.open_stage(asset)
    kernel.switch(UI, True)
    run("add_contract")
    await kernel.frames()
    live, phase, stopped = await stepping()
    run("stop_preview")
    await kernel.frames()
    seen = {"stopped": [phase, stopped.exists(), str(live.phase)]}
    live, phase, disabled = await stepping()  # in the process that stood by
    assert disabled.exists()
    await shot(kernel, "preview.png")
    kernel.switch(UI, False)
    await kernel.frames()
    seen["disabled"] = [phase, disabled.exists()]

    kernel.switch(UI, True)
    run("start_preview")
    live = parts().window.panel.live
    await kernel.until(lambda: live.client is not None, lambda: live.error)
    run("stop_preview")
    await kernel.frames()
    standing_by = Path(f"/proc/{live.client.pid}")
    before = standing_by.exists()
    click(MENU)
    await kernel.frames()
    seen["hidden"] = [before, standing_by.exists(), observers()]
    live = None
    kernel.switch(UI, False)
    await kernel.frames()
    sys.modules["omni.kit.undo"].clear_stack()
    context.close_stage()
    seen["left"] = [left(), objects()]
    return seen


async def kept(kernel):
    """Something is kept by the host, and the extension disabled."""
    ended = []

    class Kept:
        def close(self):
            ended.append(True)

    kernel.switch(UI, True)
    parts().host.keep(Kept())
    before = [*ended]
    kernel.switch(UI, False)
    return before, ended


async def shot(kernel, name):
    await kernel.frames(2)
    assert screenshot(name)


def parts():
    """What the running extension owns."""
    found = [one for one in gc.get_objects() if type(one).__name__ == "Parts"]
    assert len(found) == 1, found
    return found[0]


def layer():
    return sys.modules["omni.usd"].get_context().get_stage().GetRootLayer().ExportToString()


def history():
    return len(sys.modules["omni.kit.undo"]._done)


def run(action):
    sys.modules["omni.kit.actions.core"].get_action_registry().execute_action(UI, action)


def screenshot(name):
    from omni.ui import testing

    return testing.capture_screenshot(str(Path.cwd() / name))


def full(kernel, asset):
    """Every service is there."""
    import kit_around_panel

    for name in [*SERVICES, "omni.kit.undo"]:
        __import__(name)
    seen = {"start": kernel.start_seconds}
    seen["author"] = kernel.play(author, asset)
    seen["lifecycle"] = kernel.play(lifecycle)
    seen["preview"] = kernel.play(preview, asset)
    seen["kept"] = kernel.play(kept)
    for scenario in (kit_around_panel.keys, kit_around_panel.services):
        name = scenario.__name__
        copy = shutil.copy(ROOT / "data/microwave/microwave.usda", f"{name}.usda")
        seen[name] = kernel.play(scenario, str(Path(copy).resolve()))
    return seen


def bare(kernel, asset):
    """No service is there but omni.ui; then an extension leaks on purpose."""

    async def look(kernel):
        kernel.switch(UI, True)
        await kernel.frames()
        at_start = kernel.window() is not None and kernel.window().visible
        await kernel.click("add")
        refused = kernel.text("refused")
        actions = sorted({one for one in dir(parts()) if not one.startswith("__")})
        screenshot("bare.png")
        kernel.switch(UI, False)
        await kernel.frames()
        return {"open": at_start, "refused": refused, "parts": actions, "left": objects()}

    seen = kernel.play(look)
    kernel.switch("tests.leaks", True)
    kernel.switch("tests.leaks", False)
    return seen


def late(kernel, asset):
    """USD has listed its schemas before the extension is enabled."""

    async def look(kernel):
        from omni.kit import notification_manager
        from omni.kit.menu.utils import click

        sys.modules["omni.usd"].get_context().open_stage(asset)
        kernel.switch(UI, True)
        click(MENU)
        await kernel.frames()
        said, shot = kernel.text("notice"), screenshot("late.png")
        rows = [row.sentence for row in parts().state.rows()]
        await kernel.click("notice ok")
        away = kernel.text("notice")
        click(MENU)
        click(MENU)
        await kernel.frames()
        notified = [*notification_manager.posted]
        kernel.switch(UI, False)
        return {"said": said, "rows": rows, "away": away, "notified": notified, "shot": shot}

    import kit_around_panel

    for name in [*SERVICES, "omni.kit.undo"]:
        __import__(name)
    seen = kernel.play(look)
    sys.modules["omni.usd"].get_context().close_stage()
    return {**seen, "failing": kernel.play(kit_around_panel.failing)}


def app(kernel, _asset):
    """An app file was started: what it enabled, and where ours came from."""
    import omni.ui as ui

    kernel.app.update()
    extensions = [one for one in kernel.manager.get_extensions() if one["enabled"]]
    ours = [one for one in extensions if one["name"].startswith("causal_contracts.")]
    panel = ui.Workspace.get_window("Causal Contracts")
    return {
        "enabled": sorted(one["name"] for one in extensions),
        "folders": {one["name"]: one["path"] for one in ours},
        "visible": isinstance(panel, ui.Window) and panel.visible,
    }


def packaged(kernel, couplings):
    """The unpacked archive is all there is: ours, and msgspec, come from it, again and again."""

    def read():
        from causal_contracts.core import couplings_json

        bundle = couplings_json.read_couplings(Path(couplings))
        files = [sys.modules[one].__file__ for one in ("msgspec._core", couplings_json.__name__)]
        return [one.id for one in bundle.contracts], files

    first = read()
    kernel.switch("causal_contracts.core", False)
    gone = [one for one in sys.modules if one.startswith(("msgspec", "causal_contracts.core"))]
    kernel.switch(UI, True)
    return {**app(kernel, couplings), "first": first, "gone": gone, "again": read()}


def hide(*packages):
    """Let nothing but Kit's own importer, which comes before, find these packages."""

    class Hidden:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.partition(".")[0] in packages:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def offline(event, arguments):
        assert event != "socket.connect" or isinstance(arguments[1], str), "there is no network"

    sys.meta_path.insert(0, Hidden)
    sys.addaudithook(offline)


def main():
    if sys.argv[1] == "packaged":
        hide("msgspec")
    scenario, asset, *arguments = sys.argv[1:]
    kernel = Kernel(arguments)
    seen = globals()[scenario](kernel, asset)
    print("\nSEEN", json.dumps(seen), flush=True)
    kernel.app.shutdown()


if __name__ == "__main__":
    main()

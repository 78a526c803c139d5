# SPDX-License-Identifier: Apache-2.0
"""Files opened and saved with the real dialog, by mouse and keyboard, to JSON."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from omni.ui import testing
from panel_driver import CTRL, DOWN, ENTER, ESCAPE, KEY, ROOT, SHIFT, play_all

SIZE = (520, 560)


def folder_of(panel):
    """Some folders and files beside the asset."""
    for name in ("parts", "textures"):
        (panel.folder / name).mkdir()
    shutil.copy(ROOT / "data/stove/stove.usda", panel.folder / "parts")
    for name in ("boot.usda", "notes.txt", ".hidden.usda"):
        shutil.copy(ROOT / "data/microwave/microwave.usda", panel.folder / name)
    return panel.folder


def dialog(panel):
    """The window of the question."""
    return panel.window.dialogs.window.frame


def listed(panel):
    """Names of the rows from top to bottom."""
    rows = [one for one in every(dialog(panel)) if one.identifier.startswith("file:")]
    rows.sort(key=lambda one: one.screen_position_y)
    return [one.identifier.removeprefix("file:") for one in rows]


def every(widget):
    """The widget and all below it."""
    import omni.ui as ui

    return [widget, *(one for each in ui.Inspector.get_children(widget) for one in every(each))]


def opened(panel):
    """Name of the file on the stage."""
    return Path(panel.host.stage().GetRootLayer().realPath).name


async def twice(panel, row):
    """A double click, again where a busy machine was too slow for one."""
    for _ in range(5):
        await testing.mouse_double_click(*panel.at(row, within=dialog(panel)))
        await panel.frames()
        if panel.window.dialogs.window is None or not panel.shown(row, dialog(panel)):
            return


async def keyboard(panel):
    """Typed text narrows the list; arrows choose, Enter goes in and opens."""
    folder_of(panel)
    await panel.press(CTRL, KEY["O"])
    seen = [listed(panel)]
    await testing.type_text("bo")
    await panel.frames()
    seen.append(listed(panel))
    for _ in "bo":
        await panel.press(523)
    await panel.press(DOWN)
    await panel.press(ENTER)
    inside = listed(panel), panel.window.dialogs._files.choice.folder.name
    await panel.press(DOWN)
    await panel.press(ENTER)
    return {"listed": seen, "inside": inside, "opened": opened(panel)}


async def mouse(panel):
    """A double click goes in and opens; Up leads back; Escape opens nothing."""
    folder_of(panel)
    before = opened(panel)
    await panel.click("open")
    await twice(panel, "file:parts")
    inside = listed(panel)
    await panel.click("dialog up", dialog(panel))
    back = listed(panel)
    await panel.press(ESCAPE)
    left = panel.window.dialogs.window is None, opened(panel) == before
    await panel.click("open")
    await panel.click("file:boot.usda", dialog(panel))
    await panel.click("dialog ok", dialog(panel))
    await panel.click("open")
    await panel.click("dialog recent", dialog(panel))
    recent = listed(panel)
    await twice(panel, "file:car.usda")
    return {"inside": inside, "back": back, "left": left, "recent": recent, "opened": opened(panel)}


async def wrong(panel):
    """What is not there is said, and the dialog stays."""
    folder_of(panel)
    await panel.click("open")
    await panel.click("dialog ok", dialog(panel))
    none = panel.text("dialog text", dialog(panel))
    await testing.mouse_click(*panel.at("dialog path", within=dialog(panel)))
    await testing.type_text("nosuch.usda")
    await panel.frames()
    await panel.press(ENTER)
    absent = panel.text("dialog empty", dialog(panel))
    await panel.enter("dialog path", "/nowhere/at/all/", dialog(panel))
    return {"none": none, "absent": absent, "folder": panel.text("dialog empty", dialog(panel))}


async def export(panel):
    """A file that is there is replaced after a question alone; a name gets its suffix."""
    old = panel.folder / "couplings.json"
    old.write_text("old")
    await panel.click("export")
    await panel.click("dialog ok", dialog(panel))
    asked = panel.text("dialog text", dialog(panel)), old.read_text()
    await panel.press(ESCAPE)
    kept = panel.text("dialog text", dialog(panel)), old.read_text()
    await panel.click("dialog ok", dialog(panel))
    await panel.click("dialog replace", dialog(panel))
    replaced = old.read_text()[:1], panel.window.dialogs.window is None
    await panel.click("export")
    await panel.enter("dialog path", "other", dialog(panel))
    new = (panel.folder / "other.json").is_file()
    return {"asked": asked, "kept": kept, "replaced": replaced, "new": new}


async def create(panel):
    """A folder that is not there is created after a question; an import offers the file again."""
    file = panel.folder / "new/deep/rules.json"
    await panel.click("export")
    await panel.enter("dialog path", "new/deep/rules", dialog(panel))
    asked = panel.text("dialog text", dialog(panel)), file.parent.exists()
    said = panel.text("dialog empty", dialog(panel))
    await panel.press(ESCAPE)
    await panel.click("dialog ok", dialog(panel))
    await panel.click("dialog create", dialog(panel))
    written = file.is_file()
    panel.host.ask_open("Import contracts", [".json"], lambda path: None)
    await panel.frames()
    await panel.click("dialog recent", dialog(panel))
    return {"asked": asked, "said": said, "written": written, "recent": listed(panel)}


async def save_as(panel):
    """The stage under another name, which is the one on the stage then."""
    panel.state.set_enabled(False)
    await panel.frames()
    before = (panel.folder / "car.usda").read_bytes()
    await panel.press(CTRL, SHIFT, KEY["S"])
    await panel.enter("dialog path", "second.usda", dialog(panel))
    return {
        "opened": opened(panel),
        "enabled": [panel.value(one, "enabled") for one in panel.state.ids],
        "old": (panel.folder / "car.usda").read_bytes() == before,
        "saved": panel.host.unsaved(),
    }


if __name__ == "__main__":
    wanted = sys.argv[1:]
    scenarios = (keyboard, mouse, wrong, export, create, save_as)
    play_all(SIZE, *(one for one in scenarios if not wanted or one.__name__ in wanted))

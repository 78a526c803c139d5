# SPDX-License-Identifier: Apache-2.0
"""Import and export of couplings.json through the real panel to JSON."""

from __future__ import annotations

import json
import math

from omni.ui import testing
from panel_driver import ROOT, SIZE, play_all

CAR = ROOT / "data/car/couplings.json"


def changed(folder):
    """The car's file with one contract changed, one added, and one gone."""
    file = json.loads(CAR.read_text())
    boot, flap = file["couplings"]
    boot["trigger"]["threshold"], boot["mode"] = math.radians(30), "level"
    file["couplings"] = [{**flap, "id": "added_rule"}, boot]
    path = folder / "changed.json"
    path.write_text(json.dumps(file))
    return path


async def choose_file(panel, path):
    """The menu's Import, and a path typed into the dialog."""
    await panel.click("more")
    await panel.choose(panel.window.panel.picker.menu, "import")
    dialog = panel.window.dialogs.window
    await testing.type_text(str(path))
    await panel.frames(2)
    await panel.click("dialog ok", dialog.frame)
    return panel.window.panel.picker.imports.window.frame


async def merge(panel):
    """The difference is shown, nothing is written before Apply, and undo takes all back."""
    before = panel.layer()
    shown = await choose_file(panel, changed(panel.folder))
    summary = panel.text("import summary", shown)
    texts = labels(panel, shown)
    await panel.click("import cancel", shown)
    cancelled = panel.layer() == before, panel.host.can_undo()
    shown = await choose_file(panel, panel.folder / "changed.json")
    await panel.click("import apply", shown)
    merged = panel.state.ids, panel.value("boot_opens_hatch", "mode"), panel.host.can_undo()
    await panel.click("undo")
    return {
        "summary": summary,
        "texts": texts,
        "cancelled": cancelled,
        "merged": merged,
        "as before": panel.layer() == before,
    }


async def replace(panel):
    """Replace says what it removes."""
    shown = await choose_file(panel, changed(panel.folder))
    stays = panel.text("becomes:button_opens_flap", shown)
    await panel.click("import replace", shown)
    goes = panel.text("becomes:button_opens_flap", shown)
    await panel.click("import apply", shown)
    return {"says": [stays, goes], "ids": panel.state.ids}


async def unfit(panel):
    """A file of another asset says why it cannot be imported; there is no Apply."""
    shown = await choose_file(panel, ROOT / "data/microwave/couplings.json")
    said = panel.text("import why not", shown)
    applies = panel.shown("import apply", shown)
    await panel.click("import cancel", shown)
    same = await choose_file(panel, CAR)
    await panel.click("import apply", same)
    return {"said": said, "apply": applies, "same": panel.text("refused")}


async def export(panel):
    """The path that was written is shown and can be copied."""
    await panel.click("export")
    await panel.click("dialog ok", panel.window.dialogs.window.frame)
    told = panel.text("told")
    await panel.click("told action")
    path = panel.folder / "couplings.json"
    return {
        "told": told == f"Wrote {path}",
        "copied": testing.get_clipboard_text() == str(path),
        "written": json.loads(path.read_text()) == json.loads(CAR.read_text()),
    }


def labels(panel, widget):
    """All texts of a window, in order."""
    import omni.ui as ui

    own = [widget.text] if isinstance(widget, ui.Label) else []
    return own + [
        one for child in ui.Inspector.get_children(widget) for one in labels(panel, child)
    ]


if __name__ == "__main__":
    play_all(SIZE, merge, replace, unfit, export)

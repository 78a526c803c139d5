# SPDX-License-Identifier: Apache-2.0
"""The kernel and an asset to a contract made by mouse and keys, exported, imported, undone."""

import sys
from pathlib import Path

from kit_panel import CONTRACT, MENU, UI, history, layer, parts, run, screenshot
from kit_remains import objects


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

# SPDX-License-Identifier: Apache-2.0
"""A scenario by name to JSON: the real panel drawn off-screen, driven by mouse and keyboard."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from omni.ui import standalone, testing
from panel_driver import SIZE, Driver


async def edit(panel):
    """Numbers typed, refused and undone; a contract switched off and mended."""
    before, name = panel.layer(), "press_opens_door"
    await panel.enter("threshold", "-4mm")
    typed = panel.value(name, "triggerThreshold"), panel.host.can_undo(), panel.text("threshold")
    await panel.click("undo")
    undone = panel.layer() == before, panel.state.why_no_undo(), panel.text("threshold")
    await panel.click("redo")
    redone = panel.value(name, "triggerThreshold")
    await panel.click("undo")
    await panel.enter("target", "apples")
    refused = panel.text("refused"), panel.text("target"), panel.layer() == before
    await panel.click(f"enabled:{name}")
    off = panel.value(name, "enabled"), panel.text("meaning"), panel.text("refused")
    await panel.click("fix:Enable")
    return {
        "typed": typed,
        "undone": undone,
        "redone": redone,
        "refused": refused,
        "off": off,
        "mended": panel.value(name, "enabled"),
    }


async def rows(panel):
    """Contracts added, chosen, filtered, copied and deleted."""
    before = panel.layer()
    await panel.click("add")
    added, chosen = panel.state.ids, panel.state.selection
    await panel.click("row:press_opens_door")
    clicked, shown = panel.state.selection, panel.text("id")
    await panel.enter("filter", "moves")
    filtered = [panel.find(f"row:{one}") is not None for one in panel.state.ids]
    await panel.enter("filter", "nothing such")
    empty = panel.text("empty")
    await panel.click("duplicate")
    revealed = panel.text("filter"), panel.find(f"row:{panel.state.primary}") is not None
    await panel.click("undo")
    await panel.click("delete")
    deleted = panel.state.ids
    await panel.click("undo")
    back = panel.state.ids
    await panel.click("undo")
    return {
        "added": [added, chosen],
        "clicked": [clicked, shown],
        "filtered": filtered,
        "empty": empty,
        "revealed": revealed,
        "deleted": deleted,
        "back": back,
        "as before": panel.layer() == before,
    }


async def drag(panel):
    """The line of the range dragged from the middle to four tenths."""
    before = panel.layer()
    start, end = panel.at("trigger range", 0.5), panel.at("trigger range", 0.4)
    await testing.mouse_drag(*start, end[0], end[1] + 40)
    await panel.frames()
    value, step = panel.value("press_opens_door", "triggerThreshold"), panel.host.can_undo()
    await panel.click("undo")
    return {
        "value": value,
        "step": step,
        "one step": panel.layer() == before and panel.state.why_no_undo() is not None,
    }


async def author(panel):
    """The microwave's contract from nothing to couplings.json."""
    await panel.click("delete")
    empty = panel.text("empty")
    await panel.click("add")
    await panel.enter("id", "press_opens_door")
    await panel.enter("threshold", "-5")
    await panel.enter("target", "90deg")
    await panel.click("export")
    dialog = panel.host.dialogs.window
    await panel.enter("dialog path", str(Path("made.json").resolve()), dialog.frame)
    return {"empty": empty, "message": panel.text("message")}


async def empty(panel):
    """Nothing open: what the panel says, and what a grey button answers."""
    said = panel.text("empty")
    await panel.click("add")
    return {"said": said, "refused": panel.text("refused")}


def play(scenario, asset):
    from causal_contracts.ui.studio.window import run
    from causal_contracts.ui.studio_host import StudioHost
    from causal_contracts.ui.studio_settings import Settings

    host = StudioHost(settings=Settings(Path("settings.json").resolve()))
    if asset is not None:
        host.open(Path(asset))
    answer = {}

    async def during(window):
        panel = Driver(window)
        await panel.frames()
        answer.update(await scenario(panel))

    run(host, SIZE, during)
    return answer


def probe():
    """Whether this machine can draw at all."""
    standalone.init("probe", *SIZE)
    asyncio.run(testing.wait_frames(2))
    return {}


if __name__ == "__main__":
    name, *asset = sys.argv[1:]
    said = probe() if name == "probe" else play(globals()[name], *(asset or [None]))
    print("\n" + json.dumps(said))

# SPDX-License-Identifier: Apache-2.0
"""The kernel and an asset to previews that end with their panel."""

import sys
import time
from pathlib import Path

from kit_panel import MENU, UI, parts, run, shot
from kit_remains import left, objects, observers


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

    async def stays(process):
        end = time.monotonic() + 5
        while process.exists() and time.monotonic() < end:
            await kernel.frames()
        return process.exists()

    context = sys.modules["omni.usd"].get_context()
    context.open_stage(asset)
    kernel.switch(UI, True)
    run("add_contract")
    await kernel.frames()
    live, phase, stopped = await stepping()
    run("stop_preview")
    await kernel.frames()
    seen = {"stopped": [phase, await stays(stopped), str(live.phase)]}
    live, phase, disabled = await stepping()  # in the process that stood by
    assert disabled.exists()
    await shot(kernel, "preview.png")
    kernel.switch(UI, False)
    await kernel.frames()
    seen["disabled"] = [phase, await stays(disabled)]

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
    seen["hidden"] = [before, await stays(standing_by), observers()]
    live = None
    kernel.switch(UI, False)
    await kernel.frames()
    sys.modules["omni.kit.undo"].clear_stack()
    context.close_stage()
    seen["left"] = [left(), objects()]
    return seen

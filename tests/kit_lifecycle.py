# SPDX-License-Identifier: Apache-2.0
"""The kernel to what it shows and keeps of the panel, enabled, hidden, disabled and reloaded."""

import sys

from kit_panel import MENU, UI, parts
from kit_remains import left, objects

RELOADABLE = [f"causal_contracts.{name}" for name in ("ui", "preview", "core")]


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

# SPDX-License-Identifier: Apache-2.0
"""Where the panel's widgets stand in a window of a size, off-screen, to JSON: clicks go there."""

from __future__ import annotations

import sys
from pathlib import Path

from panel_driver import play_all
from preview_child import PreviewDriver

SIZE = (1280, 720)


async def folded(panel):
    """As Studio opens; in pixels from the window's corner, as all of these."""
    start, end = (panel.at("trigger range", part) for part in (0.6, 0.3))
    return {
        "from": start,
        "to": end,
        "threshold": panel.at("threshold"),
        "preview": panel.at("preview header"),
    }


async def running(panel):
    """While nine clones run."""
    driver = PreviewDriver(panel.window)
    driver.live.set_pattern("by_hand")
    driver.live.enter_clones("9")
    await panel.click("preview header")
    await panel.frames(12)
    play = panel.at("play")
    await panel.click("play")
    await driver.until(lambda: driver.live.frame is not None)
    await panel.frames(12)
    cells = [driver.cell(clone) for clone in range(9)]
    return {"play": play, "threshold": panel.at("threshold"), "cells": cells}


folded.asset = running.asset = lambda folder: Path(sys.argv[1])

if __name__ == "__main__":
    play_all(SIZE, *(globals()[name] for name in sys.argv[2:]))

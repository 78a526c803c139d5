# SPDX-License-Identifier: Apache-2.0
"""The choice of an engine in the real panel, and real runs of it on Isaac Lab; answers as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from omni.ui import testing
from preview_child import PreviewDriver

NEWTON, PHYSX = "isaaclab-newton", "physx"
ROW = 17.0
"""Height of a line in the list of a combo box."""
SIZE = (920, 600)
PATIENCE = 400.0
"""Seconds; Warp compiles its kernels the first time."""


class EngineDriver(PreviewDriver):
    """Chooses engines with the mouse, and knows the slowest frame of the panel."""

    slowest = 0.0

    async def until(self, truth):
        start = last = time.perf_counter()
        while not truth():
            said = self.live.phase, self.live.error, *self.live.lines
            assert time.perf_counter() - start < PATIENCE, said
            await self.frames(1)
            now = time.perf_counter()
            self.slowest, last = max(self.slowest, now - last), now
        return time.perf_counter() - start

    async def choose_engine(self, row):
        """Open the list and click one of its lines."""
        x, y = self.at("engine", 0.3)
        await testing.mouse_click(x, y)
        await self.frames(4)
        testing.capture_screenshot(f"list{row}.png")
        await testing.next_frame()
        await testing.mouse_click(x, y + 22 + ROW * row)
        await self.frames()

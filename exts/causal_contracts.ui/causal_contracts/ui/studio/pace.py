# SPDX-License-Identifier: Apache-2.0
"""When the next frame of Studio's window is due: at once after input, seldom while nothing moves.

The standalone omni.ui draws all of its window in every frame, which without a GPU takes half of a
processor. What is drawn changes by input, by work under way, or by a clock within `LINGER`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from . import system_window

PERIOD = 1 / 60
"""Seconds a frame while something happens."""
RESTING = 1 / 4
"""Seconds a frame while nothing does: a caret blinks, a message goes."""
LINGER = 1.5
"""Seconds until a window rests: tips come, and an edit is checked, a while after the input."""


class Pace:
    """Waits between frames. Without a window of the system's it never rests.

    Args:
        busy: whether something moves without input, e.g. a run of the preview.
    """

    def __init__(self, busy: Callable[[], bool] = lambda: False) -> None:
        self.busy = busy
        self._awake = time.monotonic() + LINGER

    @property
    def resting(self) -> bool:
        """Whether the window waits for input."""
        return time.monotonic() > self._awake

    def wait(self, start: float) -> None:
        """Return when the frame after the one that began at `start` is due."""
        if self.busy():
            self._awake = time.monotonic() + LINGER
        if self.resting:
            self._pause(start + RESTING)
        self._pause(start + PERIOD, to_the_end=True)

    def _pause(self, until: float, *, to_the_end: bool = False) -> None:
        """Wait until then, or for input, of which there may be much in one frame."""
        while (left := until - time.monotonic()) > 0:
            if system_window.wait_for_input(left):
                self._awake = time.monotonic() + LINGER
                if not to_the_end:
                    return

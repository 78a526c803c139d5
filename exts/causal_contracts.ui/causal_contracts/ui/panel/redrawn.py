# SPDX-License-Identifier: Apache-2.0
"""What fills a frame to a frame that is drawn anew, and lets go of what it showed before."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui


def redrawn(draw: Callable[[], object], **how: object) -> ui.Frame:
    """A frame in the current container, which `draw` fills whenever it is rebuilt."""
    frame = ui.Frame(**how)
    fill(frame, draw)
    return frame


def fill(frame: ui.Frame, draw: Callable[[], object]) -> None:
    """Let `draw` fill the frame whenever it is rebuilt.

    omni.ui drops what a frame showed, but not its callbacks: one that holds whoever holds its
    widget would keep both for ever.
    """
    shown: list[ui.Widget] = []

    def again() -> None:
        while shown:
            shown.pop().destroy()
        with ui.VStack() as whole:
            draw()
        shown.append(whole)

    frame.set_build_fn(again)

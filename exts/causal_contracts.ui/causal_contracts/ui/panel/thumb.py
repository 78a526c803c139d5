# SPDX-License-Identifier: Apache-2.0
"""How far a list is scrolled, as a thin bar over its right edge, which can be dragged."""

from __future__ import annotations

import omni.ui as ui

from .above import on_press

WIDTH, EDGE = 6, 1
"""Of the bar, and of what is free at its right [pixels]."""
LEAST = 24
"""It is never shorter [pixels]."""


class Thumb:
    """Stands inside what scrolls, so that it takes no width of it; `place` follows each scroll.

    Args:
        scroll: the scrolling frame.
        length: height of its content [pixels].
    """

    def __init__(self, scroll: ui.ScrollingFrame, length: float) -> None:
        self._scroll: ui.ScrollingFrame | None = scroll
        self._length = length
        self._from: tuple[float, float] | None = None
        with ui.HStack():
            ui.Spacer()
            with ui.VStack(width=WIDTH):
                above = ui.Spacer(height=0)
                bar = ui.Rectangle(name="thumb", height=0, identifier="thumb")
                ui.Spacer()
            ui.Spacer(width=EDGE)
        self._shown: tuple[ui.Spacer, ui.Rectangle] | None = above, bar
        on_press(bar, lambda x, y, b, m: self._pressed(y) if b == 0 else None)
        bar.set_mouse_moved_fn(lambda x, y, m, down: self._moved(y) if down else None)
        bar.set_mouse_released_fn(lambda x, y, b, m: self._released())
        self.place()

    def place(self) -> None:
        """The list was scrolled or is of another height."""
        if self._scroll is None or self._shown is None:
            return
        above, bar = self._shown
        view = self._scroll.computed_height
        bar.visible = 0 < view < self._length - 1
        if bar.visible:
            tall, y = self._tall(view), self._scroll.scroll_y
            way = y / (self._length - view) * (view - tall)
            bar.height = ui.Pixel(tall)
            above.height = ui.Pixel(min(y + way, self._length - tall))

    def close(self) -> None:
        """Let go of the widgets, whose callbacks hold this one."""
        self._scroll = self._shown = None

    def _tall(self, view: float) -> float:
        return max(view * view / self._length, LEAST)

    def _pressed(self, y: float) -> None:
        if self._scroll is not None:
            self._from = y, self._scroll.scroll_y

    def _moved(self, y: float) -> None:
        if self._from is None or self._scroll is None:
            return
        view = self._scroll.computed_height
        start, scrolled = self._from
        ratio = (self._length - view) / max(view - self._tall(view), 1.0)
        wanted = scrolled + (y - start) * ratio
        self._scroll.scroll_y = min(max(wanted, 0.0), self._length - view)

    def _released(self) -> None:
        self._from = None

# SPDX-License-Identifier: Apache-2.0
"""Many rows of one height in a scrolling frame, of which only those in view are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import omni.ui as ui

from .redrawn import fill, redrawn
from .thumb import Thumb

SPARE = 2
"""Rows drawn beyond those in view, so that a slow scroll shows no gap."""
FIRST_GUESS = 600
"""Height before the layout is known."""


@dataclass
class _Slot:
    """A frame that shows one row, and later another."""

    place: ui.Placer
    frame: ui.Frame
    index: int


class RowList:
    """Rows by key. Scrolling moves the frames of rows that left the view to those that came.

    Args:
        draw: fills the row of a key.
        pitch: from one row to the next [pixels].
        tall: height of a row [pixels].
    """

    def __init__(self, draw: Callable[[str], object], *, pitch: float, tall: float) -> None:
        self._draw, self._pitch, self._tall = draw, pitch, tall
        self._keys: list[str] = []
        self._slots: list[_Slot] = []
        self._scroll: ui.ScrollingFrame | None = None
        self._content: ui.Frame | None = None
        self._thumb: Thumb | None = None

    def build(
        self,
        keys: Sequence[str],
        height: ui.Length | float,
        *,
        scrolled: float = 0.0,
    ) -> None:
        """Make the scrolling frame in the current container, `scrolled` down by so many pixels."""
        self._keys = [*keys]
        # omni.ui's own bar would take a gutter of the rows, which then end before the header.
        off = ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF
        scroll = self._scroll = ui.ScrollingFrame(
            height=height, horizontal_scrollbar_policy=off, vertical_scrollbar_policy=off
        )
        with scroll:
            self._content = redrawn(self._fill, height=self._length())
        scroll.scroll_y = scrolled
        scroll.set_scroll_y_changed_fn(lambda y: self._move())
        scroll.set_computed_content_size_changed_fn(self._resized)

    @property
    def scrolled(self) -> float:
        """How far the rows are scrolled down [pixels]."""
        return self._scroll.scroll_y if self._scroll else 0.0

    def close(self) -> None:
        """Let go of the widgets, whose callbacks hold these rows."""
        self._scroll = self._content = None
        self._slots = []
        self._drop_thumb()

    def redraw(self, key: str) -> None:
        """Draw one row anew where it is in view."""
        for slot in self._slots:
            if self._key(slot.index) == key:
                slot.frame.rebuild()

    def reveal(self, key: str) -> None:
        """Scroll just so far that the row can be seen whole."""
        if self._scroll is None or key not in self._keys:
            return
        top = self._keys.index(key) * self._pitch
        end = top + self._tall - self._view()
        self._scroll.scroll_y = min(max(self._scroll.scroll_y, end), top)

    def _drop_thumb(self) -> None:
        if self._thumb is not None:
            self._thumb.close()
            self._thumb = None

    def _length(self) -> float:
        return max(len(self._keys) * self._pitch - (self._pitch - self._tall), 0.0)

    def _view(self) -> float:
        height = self._scroll.computed_height if self._scroll else 0.0
        return height or FIRST_GUESS

    def _first(self) -> int:
        return max(int(self.scrolled // self._pitch) - SPARE // 2, 0)

    def _needed(self) -> int:
        return min(math.ceil(self._view() / self._pitch) + 1 + SPARE, len(self._keys))

    def _fill(self) -> None:
        first, self._slots = self._first(), []
        self._drop_thumb()
        with ui.ZStack(height=self._length()):
            ui.Spacer(height=self._length())
            for index in range(first, first + self._needed()):
                place = ui.Placer(offset_y=index * self._pitch)
                with place:
                    slot = _Slot(place, ui.Frame(height=self._tall), index)
                fill(slot.frame, lambda slot=slot: self._draw_slot(slot))
                self._slots.append(slot)
            if self._scroll is not None:
                self._thumb = Thumb(self._scroll, self._length())
        self._move()

    def _draw_slot(self, slot: _Slot) -> None:
        key = self._key(slot.index)
        if key is not None:
            self._draw(key)

    def _key(self, index: int) -> str | None:
        return self._keys[index] if index < len(self._keys) else None

    def _move(self) -> None:
        """Let each frame show the row in view whose turn it is."""
        if self._thumb is not None:
            self._thumb.place()
        first, count = self._first(), len(self._slots)
        for at, slot in enumerate(self._slots):
            index = first + (at - first) % count
            if index != slot.index:
                slot.index = index
                slot.place.offset_y = index * self._pitch
                slot.place.visible = index < len(self._keys)
                slot.frame.rebuild()

    def _resized(self) -> None:
        if self._content is not None and self._needed() > len(self._slots):
            self._content.rebuild()
        elif self._thumb is not None:
            self._thumb.place()

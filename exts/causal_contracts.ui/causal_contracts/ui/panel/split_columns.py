# SPDX-License-Identifier: Apache-2.0
"""Columns side by side with a border between them that can be dragged; its place is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import omni.ui as ui

from ..host import Host
from . import style
from .above import on_double_click, on_press
from .arrangement import Split, widths
from .controls import tip

BORDER = 2 * style.GAP
"""Width of a border, all of which can be dragged."""
STILL = 3
"""A press that wanders less is no drag [pixels]."""


class SplitColumns:
    """Draws columns; `fit` follows the width of what they stand in.

    Args:
        host: keeps the shares.
        total: how wide the panel is [pixels].
    """

    def __init__(self, host: Host, total: Callable[[], float]) -> None:
        self._host, self._total = host, total
        self._splits: tuple[Split, ...] = ()
        self._columns: list[ui.Frame] = []
        self._from: tuple[int, float, float] | None = None
        self._dragged: float | None = None
        """The share while a border is dragged, which is kept when that ends."""

    def build(self, splits: tuple[Split, ...], draws: Sequence[Callable[[], object]]) -> None:
        """One column for each of `draws`; the last has what the others leave."""
        self._splits, self._columns = splits, []
        self._from = self._dragged = None
        with ui.HStack():
            for at, draw in enumerate(draws):
                if at < len(splits):
                    column = ui.Frame(width=ui.Pixel(0), horizontal_clipping=True)
                    self._columns.append(column)
                else:
                    column = ui.Frame(width=ui.Fraction(1), horizontal_clipping=True)
                with column:
                    draw()
                if at < len(splits):
                    self._border(at)
        self.fit()

    def fit(self) -> None:
        """Put the borders where they belong at the present width."""
        for column, width in zip(self._columns, self._widths(), strict=True):
            if column.width.value != width:
                column.width = ui.Pixel(width)

    def clear(self) -> None:
        """Let go of the columns."""
        self._splits, self._columns = (), []

    def _room(self) -> float:
        return self._total() - BORDER * len(self._splits)

    def _widths(self) -> list[float]:
        kept = [float(self._host.setting(one.key, 0.0)) for one in self._splits]
        if self._from is not None and self._dragged is not None:
            kept[self._from[0]] = self._dragged
        return [float(round(one)) for one in widths(self._splits, self._room(), kept)]

    def _border(self, at: int) -> None:
        with ui.ZStack(width=BORDER, identifier=self._splits[at].key) as border:
            ui.Rectangle(name="border")
            with ui.VStack():
                ui.Spacer()
                with ui.HStack(height=28):
                    ui.Rectangle(name="grip", width=2)  # the gutter of a bar stands before it
                    ui.Spacer()
                ui.Spacer()
        tip(border, "Drag to make room at either side; a double click puts it back.")
        on_press(border, lambda x, y, b, m: self._pressed(at, x) if b == 0 else None)
        border.set_mouse_moved_fn(lambda x, y, m, down: self._moved(x) if down else None)
        border.set_mouse_released_fn(lambda x, y, b, m: self._released())
        on_double_click(border, lambda x, y, b, m: self._put_back(at))

    def _pressed(self, at: int, x: float) -> None:
        self._dragged = None
        self._from = at, x, self._widths()[at]

    def _moved(self, x: float) -> None:
        if self._from is None:
            return
        _, start, width = self._from
        if self._dragged is not None or abs(x - start) >= STILL:
            self._dragged = max(width + x - start, 1.0) / max(self._room(), 1.0)
            self.fit()

    def _released(self) -> None:
        if self._from is not None and self._dragged is not None:
            self._host.set_setting(self._splits[self._from[0]].key, self._dragged)
        self._from = self._dragged = None

    def _put_back(self, at: int) -> None:
        self._from = self._dragged = None
        self._host.set_setting(self._splits[at].key, 0.0)
        self.fit()

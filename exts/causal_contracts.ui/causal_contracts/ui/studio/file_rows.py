# SPDX-License-Identifier: Apache-2.0
"""Folders and files of a dialog to rows that are pressed; or a sentence where there are none."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..panel import style
from ..panel.above import on_double_click, on_press
from ..panel.controls import tip
from ..panel.redrawn import redrawn
from ..panel.row_list import RowList
from .file_choice import FileChoice
from .file_list import Entry

LINE = 26


class FileRows:
    """Fills what a dialog leaves, in the current container.

    Args:
        choice: what is listed and selected.
        select: gets the key of a row that was pressed.
        take: gets the entry that was pressed twice.
    """

    def __init__(
        self,
        choice: FileChoice,
        select: Callable[[str], object],
        take: Callable[[Entry], object],
    ) -> None:
        self._choice, self._select, self._take = choice, select, take
        self._rows: RowList | None = None
        self._frame: ui.Frame | None = redrawn(self._draw)

    def close(self) -> None:
        """Let go of the widgets, whose callbacks hold this list."""
        self._frame = None
        self._drop()

    def redraw(self) -> None:
        """Other files are listed."""
        if self._frame is not None:
            self._frame.rebuild()

    def selected(self, before: str | None, now: str | None) -> None:
        """Another row is selected."""
        if self._rows is None:
            return
        for one in {before, now} - {None}:
            if one is not None:
                self._rows.redraw(one)
        if now is not None:
            self._rows.reveal(now)

    def _drop(self) -> None:
        if self._rows is not None:
            self._rows.close()
            self._rows = None

    def _draw(self) -> None:
        self._drop()
        with ui.ZStack():
            ui.Rectangle(name="box")
            if not self._choice.entries:
                ui.Label(
                    self._choice.nothing(),
                    name="dim",
                    alignment=ui.Alignment.CENTER,
                    word_wrap=True,
                    identifier="dialog empty",
                )
                return
            with ui.HStack():
                ui.Spacer(width=2)
                with ui.VStack():
                    ui.Spacer(height=2)
                    self._rows = RowList(self._draw_row, pitch=LINE, tall=LINE)
                    self._rows.build([*self._choice.entries], height=ui.Fraction(1))
                    ui.Spacer(height=2)
                ui.Spacer(width=2)

    def _draw_row(self, key: str) -> None:
        one = self._choice.entries.get(key)
        if one is None:
            return
        name = str(one.path) if self._choice.recent else one.path.name
        with ui.ZStack(height=LINE, identifier=f"file:{one.path.name}") as row:
            ui.Rectangle(name="selected" if key == self._choice.at else "line")
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                _sign(folder=one.is_folder)
                ui.Label(name, elided_text=True)
                ui.Label(one.about, name="dim", width=0)
                ui.Spacer(width=style.GAP)
        tip(row, str(one.path))
        on_press(row, lambda x, y, b, m: self._select(key) if b == 0 else None)
        on_double_click(row, lambda x, y, b, m: self._take(one) if b == 0 else None)


def _sign(*, folder: bool) -> None:
    """A folder, or a sheet."""
    with ui.VStack(width=14):
        ui.Spacer()
        if folder:
            with ui.HStack(height=2):
                ui.Rectangle(name="sign", width=6)
                ui.Spacer()
            ui.Rectangle(name="sign", height=8)
        else:
            with ui.HStack(height=12):
                ui.Spacer(width=2)
                ui.Rectangle(name="sheet", width=9)
                ui.Spacer()
        ui.Spacer()

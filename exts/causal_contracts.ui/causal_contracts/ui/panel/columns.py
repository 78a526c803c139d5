# SPDX-License-Identifier: Apache-2.0
"""The line above the rows: a click sorts by a column, a menu says which columns are shown."""

from __future__ import annotations

import omni.ui as ui

from ..state.editor_state import EditorState
from ..state.rows import COLUMNS
from . import style
from .above import on_press
from .controls import tip
from .menus import Item, open_menu, shut
from .section import Section

HIGH = 20
NARROW = 22
"""Width of the box and of the dot of a row."""
MODE = 58


class Columns(Section):
    """Names of the columns, over those of the rows."""

    topics = ("rows", "bundle")

    def __init__(self, state: EditorState) -> None:
        super().__init__(state)
        self._shown: object = None
        self.menu: ui.Menu | None = None

    def changed(self) -> None:
        """Draw anew only where sort or columns are others."""
        if self._shown != self._look():
            super().changed()

    def close(self) -> None:
        """Listen no longer, and take an open menu away."""
        super().close()
        if self.menu is not None:
            shut(self.menu)
            self.menu = None

    def _look(self) -> object:
        return self.state.sort, self.state.columns, bool(self.state.authored)

    def draw(self) -> None:
        """One line, or nothing over an empty table."""
        self._shown = self._look()
        if not self.state.authored:
            ui.Spacer(height=0)
            return
        columns = self.state.columns
        with ui.HStack(spacing=2 * style.GAP, height=HIGH):
            ui.Spacer(width=0)
            if "enabled" in columns:
                self._head("enabled", "on", NARROW)
            if "state" in columns:
                self._head("state", "", NARROW)
            with ui.HStack(spacing=3 * style.GAP):
                self._head("id", "id")
                if "sentence" in columns:
                    self._head("sentence", "sentence")
                ui.Spacer()
            if "mode" in columns:
                self._head("mode", "mode", MODE - 2 * style.GAP - 16)
            self._picker()
            ui.Spacer(width=0)

    def _head(self, column: str, text: str, width: float = 0) -> None:
        by, descending = self.state.sort
        with ui.ZStack(width=width, identifier=f"sort:{column}") as head:
            ui.Rectangle(name="line")
            with ui.HStack(spacing=3):
                if text:
                    ui.Label(text, name="headlit" if by == column else "head", width=0)
                else:
                    ui.Circle(name="head", radius=4, width=8, size_policy=ui.CircleSizePolicy.FIXED)
                if by == column:
                    where = ui.Alignment.CENTER_BOTTOM if descending else ui.Alignment.CENTER_TOP
                    with ui.VStack(width=7):
                        ui.Spacer()
                        ui.Triangle(name="lit", height=5, alignment=where)
                        ui.Spacer()
        again = "the other way round" if by == column else f"by {column}"
        tip(head, f"Sort {again}.")
        on_press(
            head,
            lambda x, y, button, _: self.state.sort_by(column) if button == 0 else self._choose(),
        )

    def _picker(self) -> None:
        with ui.ZStack(width=16, identifier="columns") as dots:
            ui.Rectangle(name="line")
            ui.Label("...", name="head", alignment=ui.Alignment.CENTER)
        tip(dots, "Choose the columns that are shown.")
        on_press(dots, lambda x, y, button, _: self._choose())

    def _choose(self) -> None:
        state = self.state
        self.menu = open_menu(
            "columns",
            [
                Item(
                    f"{'Hide' if column in state.columns else 'Show'} {column}",
                    lambda one=column: state.show_column(one, one not in state.columns),
                    f"column:{column}",
                )
                for column in COLUMNS
            ],
        )

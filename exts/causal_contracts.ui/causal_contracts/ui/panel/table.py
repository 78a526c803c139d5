# SPDX-License-Identifier: Apache-2.0
"""The contracts: one row each, a filter, and what makes, copies and removes them."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..state.editor_state import EditorState
from ..state.rows import Row
from . import style
from .controls import button, dot, header, tip
from .section import Section

SHOWN = 5
"""Rows before the table scrolls, where it stands above the form."""
SHIFT, CONTROL = 1, 2


class Actions(Section):
    """Header, filter, and the buttons of the table."""

    topics = ("target", "selection", "articulations", "bundle")

    def draw(self) -> None:
        """The edit target, and whatever can be done to the selected contracts."""
        state = self.state
        target = state.host.edit_target()
        name = target.name if target else "none"
        why = target.why_not if target else None
        header("Contracts", f"edit target: {name}", why or "The layer that edits are written to.")

    def build(self, **how: object) -> None:
        """The header; beneath it the filter, which keeps its caret, and the buttons."""
        # A frame of no height at the edge of a scrolling one counts as hidden, and stays empty.
        super().build(**{"height": style.ROW, **how})
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            self._filter()
            self._buttons = ui.Frame(width=0, build_fn=self._draw_buttons)

    def changed(self) -> None:
        """A topic changed."""
        super().changed()
        if self.frame is not None:
            self._buttons.rebuild()

    def _filter(self) -> None:
        with ui.ZStack():
            field = ui.StringField(identifier="filter")
            field.model.as_string = self.state.pattern
            hint = ui.Label("   filter: door*", name="dim", visible=not self.state.pattern)
        tip(field, "Shows contracts whose id or joints match, e.g. door*; plain text anywhere.")

        def typed(model: ui.AbstractValueModel) -> None:
            self.state.pattern = model.as_string
            hint.visible = not model.as_string

        field.model.add_value_changed_fn(typed)

    def _draw_buttons(self) -> None:
        state = self.state
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            button(
                "+ Add",
                lambda: state.add(),
                identifier="add",
                says="Add a contract; joints and numbers are chosen for a start.",
                why_not=state.why_no_add(),
            )
            button(
                "Duplicate",
                lambda: state.duplicate(),
                identifier="duplicate",
                says="Copy the selected contracts under new ids.",
                why_not=state.why_no_duplicate(),
            )
            button(
                "Delete",
                lambda: state.delete(),
                identifier="delete",
                says="Remove the selected contracts.",
                why_not=state.why_no_delete(),
            )


class Table(Section):
    """One frame a row, so that an edit draws one row anew and scrolling stays."""

    topics = ("rows", "selection", "issues", "target")

    def __init__(self, state: EditorState, *, fill: Callable[[], bool]) -> None:
        super().__init__(state)
        self._fill = fill
        self._drawn: dict[str, tuple[Row, bool, str | None]] = {}
        self._frames: dict[str, ui.Frame] = {}

    def changed(self) -> None:
        """Draw anew the rows that differ; all of them where others are listed."""
        rows = {row.id: row for row in self.state.rows()}
        if [*rows] != [*self._drawn] or not rows:
            super().changed()
            return
        for row in rows.values():
            if self._drawn[row.id] != self._look(row):
                self._frames[row.id].rebuild()

    def draw(self) -> None:
        """All rows, or what to do where there are none."""
        rows = self.state.rows()
        self._drawn = {row.id: self._look(row) for row in rows}
        self._frames = {}
        empty = self.state.empty_text()
        if empty is not None:
            with ui.ZStack(height=0):
                ui.Rectangle(name="box")
                with ui.HStack():
                    ui.Spacer(width=2 * style.GAP)
                    with ui.VStack():
                        ui.Spacer(height=2 * style.GAP)
                        ui.Label(empty, word_wrap=True, identifier="empty", height=0)
                        ui.Spacer(height=2 * style.GAP)
                    ui.Spacer(width=2 * style.GAP)
            return
        tall = min(len(rows), SHOWN) * (style.TWO_LINES + style.GAP)
        with (
            ui.ScrollingFrame(
                height=ui.Fraction(1) if self._fill() else tall,
                horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF,
            ),
            ui.VStack(spacing=style.GAP, height=0),
        ):
            for row in rows:
                self._frames[row.id] = ui.Frame(
                    height=style.TWO_LINES, build_fn=lambda one=row.id: self._row(one)
                )

    def _look(self, row: Row) -> tuple[Row, bool, str | None]:
        return row, row.id in self.state.selection, self.state.why_no_edit()

    def _row(self, contract_id: str) -> None:
        row = self.state.row(contract_id)
        if row is None:
            return
        self._drawn[row.id] = self._look(row)
        name = "selected" if row.id in self.state.selection else "row"
        with ui.ZStack(identifier=f"row:{row.id}") as whole:
            ui.Rectangle(name=name)
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                self._enabled(row)
                dot(row.state, row.state.glyph, row.tooltip)
                with ui.VStack():
                    ui.Spacer(height=style.GAP)
                    ui.Label(row.id, elided_text=True)
                    said = ui.Label(row.sentence, name="dim", elided_text=True)
                    tip(said, row.sentence)
                    ui.Spacer(height=style.GAP)
                ui.Label(row.mode, name="dim", width=52)
                ui.Spacer(width=0)
        whole.set_mouse_pressed_fn(
            lambda x, y, pressed, modifier: self._clicked(row.id, pressed, modifier)
        )

    def _enabled(self, row: Row) -> None:
        with ui.VStack(width=18):
            ui.Spacer()
            box = ui.CheckBox(height=18, width=18, identifier=f"enabled:{row.id}")
            ui.Spacer()
        box.model.as_bool = row.enabled
        tip(box, self.state.why_no_edit() or "Whether the contract runs.")
        box.model.add_value_changed_fn(
            lambda model: self.state.set_enabled(model.as_bool, [row.id]) and self._redraw(row.id)
        )

    def _redraw(self, contract_id: str) -> None:
        """Let a box that was refused show the stage's value again, in the next frame."""
        self._drawn.pop(contract_id, None)

    def _clicked(self, contract_id: str, pressed: int, modifier: int) -> None:
        if pressed != 0:
            return
        if modifier & CONTROL:
            self.state.toggle(contract_id)
        elif modifier & SHIFT:
            self.state.select_to(contract_id)
        else:
            self.state.select(contract_id)

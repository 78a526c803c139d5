# SPDX-License-Identifier: Apache-2.0
"""The contracts, one row each; only rows in view are drawn, and an edit draws one row anew."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..state.editor_state import EditorState
from ..state.rows import Row
from . import style
from .above import on_press
from .columns import MODE, NARROW
from .controls import dot, tip
from .key_codes import CONTROL, SHIFT
from .menus import shut
from .row_list import RowList
from .row_menu import open_row_menu
from .section import Section

LONG = 28
"""Letters of an id from which on it may be cut short, and its tip has it whole."""
SHOWN = 5
"""Rows before the table scrolls, where it stands above the form."""
ONE_LINE = 28
"""Height of a row that hides its sentence."""


class Table(Section):
    """The rows. Clicks and keys select; F2 lets the id of the selected row be typed.

    Args:
        fill: whether the table takes all the height there is.
        complain: shows the whole of a sentence for which a row has no room.
    """

    topics = ("rows", "selection", "issues", "target")

    def __init__(
        self,
        state: EditorState,
        *,
        fill: Callable[[], bool],
        complain: Callable[[str | None], object],
    ) -> None:
        super().__init__(state)
        self._fill, self._complain = fill, complain
        self._drawn: dict[str, object] = {}
        self._list: RowList | None = None
        self._tall = style.TWO_LINES
        self._renaming: str | None = None
        self._typed = ""
        self._says: ui.Label | None = None
        self._sorted: object = None
        self._follow = False
        self.menu: ui.Menu | None = None

    @property
    def renaming(self) -> bool:
        """Whether an id is typed in its row."""
        return self._renaming is not None

    def changed(self) -> None:
        """Draw anew the rows that differ; all of them where others are listed."""
        if self._renaming is not None and self._renaming != self.state.primary:
            self._stop_renaming()
        rows = {row.id: row for row in self.state.rows()}
        if [*rows] != [*self._drawn] or not rows or self._sorted != self.state.columns:
            super().changed()
            return
        if self._follow:
            self._follow = False
            self.reveal()
        common = self._common()
        for row in rows.values():
            look = self._look(row, common)
            if self._drawn[row.id] != look:
                self._drawn[row.id] = look
                if self._list is not None:
                    self._list.redraw(row.id)

    def follow(self) -> None:
        """Scroll to the selected row once this frame is over, in which the arrow scrolls too."""
        self._follow = True

    def reveal(self) -> None:
        """Scroll to the row that was selected last."""
        if self._list is not None and self.state.primary is not None:
            self._list.reveal(self.state.primary)

    def rename(self) -> None:
        """Let the id of the selected row be typed in place."""
        state, one = self.state, self.state.primary
        why = state.why_no_rename(one) if len(state.selection) < 2 else _ONE_AT_A_TIME
        if why is not None or one is None:
            state.refuse(why or _ONE_AT_A_TIME)
            return
        self._renaming = self._typed = one
        self.reveal()
        self.changed()

    def cancel_rename(self) -> None:
        """Show the id as it stands."""
        if self._renaming is not None:
            self._stop_renaming()
            self.changed()

    def draw(self) -> None:
        """The rows, or what to do where there are none."""
        rows = self.state.rows()
        common = self._common()
        self._drawn = {row.id: self._look(row, common) for row in rows}
        self._sorted = self.state.columns
        empty = self.state.empty_text()
        if empty is not None:
            self._drop()
            self._empty(empty)
            return
        self._tall = style.TWO_LINES if "sentence" in self.state.columns else ONE_LINE
        pitch = self._tall + style.GAP
        tall = min(len(rows), SHOWN) * pitch
        before = self._list.scrolled if self._list is not None else 0.0
        self._drop()
        self._list = RowList(self._row, pitch=pitch, tall=self._tall)
        self._list.build(
            [*self._drawn],
            height=ui.Fraction(1) if self._fill() else tall,
            scrolled=before,
        )

    def close(self) -> None:
        """Listen no longer, and let go of rows and menu."""
        super().close()
        self._drop()
        self._says = None
        if self.menu is not None:
            shut(self.menu)
            self.menu = None

    def _drop(self) -> None:
        if self._list is not None:
            self._list.close()
            self._list = None

    def _empty(self, text: str) -> None:
        with ui.ZStack(height=0):
            ui.Rectangle(name="box")
            with ui.HStack():
                ui.Spacer(width=2 * style.GAP)
                with ui.VStack():
                    ui.Spacer(height=2 * style.GAP)
                    ui.Label(text, word_wrap=True, identifier="empty", height=0)
                    ui.Spacer(height=2 * style.GAP)
                ui.Spacer(width=2 * style.GAP)

    def _common(self) -> tuple[frozenset[str], str | None, tuple[str, ...]]:
        """What each row depends on beside itself: asked for once, since there may be hundreds."""
        return frozenset(self.state.selection), self.state.why_no_edit(), self.state.columns

    def _look(self, row: Row, common: tuple[frozenset[str], str | None, tuple[str, ...]]) -> object:
        selected, why, columns = common
        return row, row.id in selected, why, columns, self._renaming == row.id

    def _row(self, contract_id: str) -> None:
        row = self.state.row(contract_id)
        if row is None:
            return
        columns = self.state.columns
        name = "selected" if row.id in self.state.selection else "row"
        with ui.ZStack(identifier=f"row:{row.id}", height=self._tall) as whole:
            ui.Rectangle(name=name)
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                if "enabled" in columns:
                    self._enabled(row)
                if "state" in columns:
                    dot(row.state, row.state.glyph, row.tooltip, width=NARROW)
                self._words(row, "sentence" in columns)
                if "mode" in columns:
                    ui.Label(row.mode, name="dim", width=MODE)
                ui.Spacer(width=0)
        on_press(whole, lambda x, y, pressed, modifier: self._clicked(row.id, pressed, modifier))

    def _words(self, row: Row, two_lines: bool) -> None:
        with ui.VStack():
            ui.Spacer(height=style.GAP)
            if self._renaming == row.id:
                self._rename_field(row)
            else:
                name = ui.Label(row.id, elided_text=True, identifier=f"name:{row.id}")
                tip(name, row.id if len(row.id) > LONG else None)
            if two_lines or self._renaming == row.id:
                said = ui.Label(row.sentence, name="dim", elided_text=True)
                tip(said, row.sentence)
                if self._renaming == row.id:
                    self._says = said
                    self._judge(row.id)
            ui.Spacer(height=style.GAP)

    def _rename_field(self, row: Row) -> None:
        field = ui.StringField(identifier="rename", name="inline", height=20)
        field.model.as_string = self._typed

        def typed(model: ui.AbstractValueModel) -> None:
            self._typed = model.as_string
            self._judge(row.id)

        def ended(model: ui.AbstractValueModel) -> None:
            # A bad id stays in the field, with the reason beneath, until it is mended or escaped.
            if self._renaming != row.id or self.state.why_no_rename(row.id, self._typed):
                return
            self._stop_renaming()
            self.state.rename(row.id, self._typed)
            self.changed()

        field.model.add_value_changed_fn(typed)
        field.model.add_end_edit_fn(ended)
        field.focus_keyboard(True)

    def _stop_renaming(self) -> None:
        self._renaming = self._says = None
        self._complain(None)

    def _judge(self, contract_id: str) -> None:
        """Say beneath the field why the typed id cannot be taken."""
        if self._says is not None and self._renaming == contract_id:
            why = self.state.why_no_rename(contract_id, self._typed)
            self._says.name = "error" if why else "dim"
            self._says.text = why or "Enter renames, Escape leaves it."
            self._complain(why)

    def _enabled(self, row: Row) -> None:
        with ui.VStack(width=NARROW):
            ui.Spacer()
            ui.Spacer(height=5)  # omni.ui draws the box in the upper part of its widget
            box = ui.CheckBox(height=18, width=18, identifier=f"enabled:{row.id}")
            ui.Spacer()
        box.model.as_bool = row.enabled
        tip(box, self.state.why_no_edit() or "Whether the contract runs.")
        box.model.add_value_changed_fn(
            lambda model: self.state.set_enabled(model.as_bool, [row.id]) and self._stale(row.id)
        )

    def _stale(self, contract_id: str) -> None:
        """Let a box that was refused show the stage's value again, in the next frame."""
        self._drawn[contract_id] = None

    def _clicked(self, contract_id: str, pressed: int, modifier: int) -> None:
        if pressed == 1:
            if contract_id not in self.state.selection:
                self.state.select(contract_id)
            self.menu = open_row_menu(self.state, self.rename)
        elif pressed == 0 and modifier & CONTROL:
            self.state.toggle(contract_id)
        elif pressed == 0 and modifier & SHIFT:
            self.state.select_to(contract_id)
        elif pressed == 0:
            self.state.select(contract_id)


_ONE_AT_A_TIME = "Select one contract to rename it."

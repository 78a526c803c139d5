# SPDX-License-Identifier: Apache-2.0
"""EditorState: the one truth of the panel. Widgets draw from it and call its named edits."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..host import Host
from .fixes import Fixes
from .named_values import Ids
from .row_cache import RowCache
from .rows import COLUMNS, SORTS, Row, matches, ordered, stepped
from .topics import Topic
from .values import sentence


class EditorState(Fixes):
    """Rows of the table on top of everything that its bases offer; see docs/Overview.md."""

    _span: tuple[str, ...] = ()
    """What shift selected last, from its anchor on."""

    def __init__(self, host: Host, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._row_cache = RowCache()
        super().__init__(host, clock=clock)

    # -- the table

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are shown beside the id; kept beyond this run."""
        kept = self.host.setting("columns", [*COLUMNS])
        return tuple(one for one in COLUMNS if one in kept)

    def show_column(self, column: str, shown: bool) -> None:
        """Show or hide one of `COLUMNS`."""
        assert column in COLUMNS, column
        kept = {*self.columns, column} if shown else {*self.columns} - {column}
        self.host.set_setting("columns", [one for one in COLUMNS if one in kept])
        self._topics.mark(Topic.ROWS)

    @property
    def pattern(self) -> str:
        """Pattern on ids and joint names; kept beyond this run."""
        return str(self.host.setting("filter", ""))

    @pattern.setter
    def pattern(self, text: str) -> None:
        self.host.set_setting("filter", text)
        self._topics.mark(Topic.ROWS)

    def add(
        self, trigger: str | None = None, effect: str | None = None, *, new_id: str | None = None
    ) -> str | None:
        """Add a contract, select it, and show its row; what is not given is chosen."""
        return super().add(trigger, effect, new_id=new_id) or self._reveal()

    def duplicate(self, ids: Ids = None) -> str | None:
        """Copy contracts under new ids, select the copies, and show their rows."""
        return super().duplicate(ids) or self._reveal()

    def _reveal(self) -> None:
        """Clear a filter that hides what has just been made."""
        shown = {row.id for row in self.rows()}
        if not shown.issuperset(self.selection):
            self.pattern = ""

    @property
    def sort(self) -> tuple[str, bool]:
        """Column, and whether it descends; kept beyond this run."""
        column = str(self.host.setting("sort", "id"))
        return column if column in SORTS else "id", bool(self.host.setting("descending", False))

    def sort_by(self, column: str) -> None:
        """Sort by that column; by the same again, the other way round."""
        before, descending = self.sort
        assert column in SORTS, column
        self.host.set_setting("sort", column)
        self.host.set_setting("descending", column == before and not descending)
        self._topics.mark(Topic.ROWS)

    def rows(self) -> list[Row]:
        """The rows that the table shows, in its order, with the draft."""
        pattern, (column, descending) = self.pattern, self.sort
        shown = [row for row in self._rows() if not pattern or matches(row, pattern)]
        return ordered(shown, column, descending=descending)

    def row(self, contract_id: str) -> Row | None:
        """The row of one contract, whether or not the filter shows it."""
        return next((row for row in self._rows() if row.id == contract_id), None)

    def _rows(self) -> list[Row]:
        contracts = self._with_draft()[1]
        return self._row_cache.of(self.articulation, self.authored, contracts, self.issues)

    def sentence(self) -> str:
        """What the primary contract means, compiled: the line beneath the form."""
        contract = self.contract(self.primary)
        if contract is None:
            return ""
        joints = {joint.name: joint for joint in self.joints}
        off = "" if contract.enabled else " (disabled)"
        return f"{sentence(contract, joints)}, {contract.mode}{off}"

    def empty_text(self) -> str | None:
        """What an empty table says; None where it shows rows."""
        if self.rows():
            return None
        if self.authored:
            return f"No contract matches '{self.pattern}': clear the filter to see all."
        return self.why_no_add() or "No contract yet: choose Add, or import a couplings.json."

    # -- the keyboard

    def select_step(self, by: int) -> None:
        """Arrow keys: select the row `by` further down."""
        following = stepped([row.id for row in self.rows()], self.primary, by)
        if following is not None:
            self.select(following)

    def select_to(self, contract_id: str) -> None:
        """Shift-click: select from the row that was chosen last without shift to that one."""
        shown = [row.id for row in self.rows()]
        if contract_id not in shown:
            return
        first = self.selection[0] if self.selection and self.selection == self._span else None
        anchor = first or self.primary
        start = shown.index(anchor) if anchor in shown else 0
        end = shown.index(contract_id)
        span = shown[min(start, end) : max(start, end) + 1]
        self.select(*(span if end >= start else reversed(span)))
        self._span = self.selection

    def extend_step(self, by: int) -> None:
        """Shift and arrow keys: let the selection reach `by` rows further."""
        following = stepped([row.id for row in self.rows()], self.primary, by)
        if following is not None:
            self.select_to(following)

    def select_all(self) -> None:
        """Ctrl+A: select every row that is shown."""
        self.select(*(row.id for row in self.rows()))

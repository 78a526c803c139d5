# SPDX-License-Identifier: Apache-2.0
"""EditorState: the one truth of the panel. Widgets draw from it and call its named edits."""

from __future__ import annotations

from collections.abc import Iterator

from causal_contracts.core.articulation import Joint
from causal_contracts.core.issue import Issue, Severity
from causal_contracts.core.model import Contract
from causal_contracts.core.usd_contract import AuthoredContract

from .fixes import Fixes
from .rows import COLUMNS, SORTS, Row, matches, ordered, stepped
from .topics import Topic
from .values import sentence


class EditorState(Fixes):
    """Rows of the table on top of everything that its bases offer; see docs/Overview.md."""

    _span: tuple[str, ...] = ()
    """What shift selected last, from its anchor on."""

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
        shown = [row for row in self._rows() if matches(row, pattern)]
        return ordered(shown, column, descending=descending)

    def row(self, contract_id: str) -> Row | None:
        """The row of one contract, whether or not the filter shows it."""
        one = self.authored.get(contract_id)
        if one is None:
            return None
        issues = [issue for issue in self.issues if issue.contract == contract_id]
        return _row(one, self.contract(contract_id), issues, self._joints_by_name())

    def _rows(self) -> Iterator[Row]:
        """As `row` for all of them, with one pass over contracts and findings."""
        contracts = {one.id: one for one in self.live_bundle.contracts}
        joints = self._joints_by_name()
        found: dict[str | None, list[Issue]] = {}
        for issue in self.issues:
            found.setdefault(issue.contract, []).append(issue)
        for one in self.authored.values():
            yield _row(one, contracts.get(one.id), found.get(one.id, []), joints)

    def _joints_by_name(self) -> dict[str, Joint]:
        return {joint.name: joint for joint in self.joints}

    def sentence(self) -> str:
        """What the primary contract means, compiled: the line beneath the form."""
        contract = self.contract(self.primary)
        if contract is None:
            return ""
        joints = self._joints_by_name()
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


def _row(
    one: AuthoredContract,
    contract: Contract | None,
    issues: list[Issue],
    joints: dict[str, Joint],
) -> Row:
    if contract is not None:
        said = sentence(contract, joints)
    else:
        faults = [issue for issue in issues if issue.severity is Severity.ERROR]
        said = f"cannot be read: {faults[0].what}" if faults else "cannot be read"
    enabled = contract.enabled if contract else one.enabled
    mode = str(contract.mode) if contract else one.mode
    return Row(one.id, enabled, said, mode, _joints(one), tuple(issues), contract)


def _joints(one: AuthoredContract) -> tuple[str, ...]:
    return tuple(path.rpartition("/")[2] for path in (*one.trigger_joints, *one.effect_joints))

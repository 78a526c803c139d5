# SPDX-License-Identifier: Apache-2.0
"""Contracts and findings to the rows of the table: filtered, sorted, each with its state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from causal_contracts.core.issue import Issue, Severity
from causal_contracts.core.model import Contract


class RowState(StrEnum):
    """What the dot of a row says; each has a letter, for who does not see the colour."""

    OK = "ok"
    DISABLED = "disabled"
    WARNING = "warning"
    ERROR = "error"

    @property
    def glyph(self) -> str:
        """One letter for the state."""
        return {"ok": "", "disabled": "-", "warning": "!", "error": "x"}[self]


SORTS = ("id", "sentence", "mode", "enabled", "state")
"""Columns by which rows can be sorted."""
COLUMNS = ("enabled", "state", "sentence", "mode")
"""Columns that can be hidden; the id is always shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contract of the picked articulation, whether or not it can be read."""

    id: str
    enabled: bool
    sentence: str
    """`button_slide < -5 mm => door_hinge := 90 deg`, or why it cannot be said."""
    mode: str
    joints: tuple[str, ...]
    """Names of trigger and effect joint, as far as known."""
    issues: tuple[Issue, ...]
    contract: Contract | None
    """What it means, in SI units and with the draft; None where it cannot be read."""

    @property
    def state(self) -> RowState:
        """The worst of the findings; a contract that is switched off says so."""
        found = {issue.severity for issue in self.issues}
        if Severity.ERROR in found or self.contract is None:
            return RowState.ERROR
        if not self.enabled:
            return RowState.DISABLED
        return RowState.WARNING if Severity.WARNING in found else RowState.OK

    @property
    def tooltip(self) -> str:
        """What the checker says, one finding a line."""
        lines = [f"{one.what}; {one.fix}" if one.fix else one.what for one in self.issues]
        return "\n".join(lines) or "The checker found nothing."


def matches(row: Row, pattern: str) -> bool:
    """Whether the row's id or one of its joints fits."""
    return fits(pattern, row.id, *row.joints)


def fits(pattern: str, *names: str) -> bool:
    """Whether one of the names matches, e.g. `door*`; plain text matches anywhere, any case."""
    pattern = pattern.strip().casefold()
    if not pattern:
        return True
    if not any(one in pattern for one in "*?["):
        pattern = f"*{pattern}*"
    return any(fnmatchcase(name.casefold(), pattern) for name in names)


def ordered(rows: Iterable[Row], sort: str, *, descending: bool) -> list[Row]:
    """The rows by one column, then by id."""
    severity = list(RowState)
    by_id = sorted(rows, key=lambda row: row.id)
    match sort:
        case "state":
            return sorted(by_id, key=lambda row: severity.index(row.state), reverse=descending)
        case "id":
            return by_id[::-1] if descending else by_id
        case "sentence" | "mode" | "enabled":
            return sorted(by_id, key=lambda row: str(getattr(row, sort)), reverse=descending)
        case _:
            raise ValueError(f"no column '{sort}'; there are {', '.join(SORTS)}")


def stepped(shown: Sequence[str], current: str | None, by: int) -> str | None:
    """The id `by` rows further, staying at the ends; the first or last where none is current."""
    if not shown:
        return None
    if current not in shown:
        return shown[0] if by > 0 else shown[-1]
    return shown[min(max(shown.index(current) + by, 0), len(shown) - 1)]

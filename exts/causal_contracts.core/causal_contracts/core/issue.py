# SPDX-License-Identifier: Apache-2.0
"""One finding with its address, and the error that carries all findings."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: only an error makes a contract unusable."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: what is wrong at an address, and the way out."""

    severity: Severity
    address: str
    """Prim, property or JSON path, e.g. ``couplings[0].effect.joint``."""
    what: str
    """One sentence with the offending value."""
    fix: str = ""
    """One sentence that says what to do; empty where nothing needs doing."""
    contract: str | None = None
    """Id of the contract concerned, None where the whole asset is."""

    def __str__(self) -> str:
        fix = f"; {self.fix}" if self.fix else ""
        return f"{self.address}: {self.what}{fix}"


def error(address: str, what: str, fix: str = "", contract: str | None = None) -> Issue:
    """An issue of severity ERROR."""
    return Issue(Severity.ERROR, address, what, fix, contract)


def warning(address: str, what: str, fix: str = "", contract: str | None = None) -> Issue:
    """An issue of severity WARNING."""
    return Issue(Severity.WARNING, address, what, fix, contract)


def info(address: str, what: str, fix: str = "", contract: str | None = None) -> Issue:
    """An issue of severity INFO."""
    return Issue(Severity.INFO, address, what, fix, contract)


class ContractError(ValueError):
    """Raised for bad input; holds every issue that was found, not only the first."""

    issues: tuple[Issue, ...]

    def __init__(self, issues: Issue | Iterable[Issue]) -> None:
        self.issues = (issues,) if isinstance(issues, Issue) else tuple(issues)
        assert self.issues, "an error without an issue says nothing"
        super().__init__("\n".join(str(issue) for issue in self.issues))

    def __reduce__(self) -> tuple[type[ContractError], tuple[tuple[Issue, ...]]]:
        return type(self), (self.issues,)


def issues_of(check: Callable[[], object]) -> list[Issue]:
    """What `check` raises as a ContractError, so that a caller can name other faults with it."""
    try:
        check()
    except ContractError as fault:
        return list(fault.issues)
    return []


def errors_of(issues: Iterable[Issue]) -> list[Issue]:
    """The issues of severity ERROR, in order."""
    return [issue for issue in issues if issue.severity is Severity.ERROR]


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint with the known names most like `name`, or all of them when few."""
    if not known:
        return "there is none"
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(f"'{match}'" for match in close) + "?"
    shown = ", ".join(f"'{match}'" for match in sorted(known)[:8])
    return f"there {'is' if len(known) == 1 else 'are'} {shown}{', ...' if len(known) > 8 else ''}"

# SPDX-License-Identifier: Apache-2.0
"""Contracts and findings to rows; a row of which nothing changed is the same object again."""

from __future__ import annotations

from collections.abc import Mapping

from causal_contracts.core.articulation import Articulation, Joint
from causal_contracts.core.issue import Issue, Severity
from causal_contracts.core.model import Contract
from causal_contracts.core.usd_contract import AuthoredContract

from .rows import Row
from .values import sentence


class RowCache:
    """The rows of all contracts, made anew only where one is another than before."""

    def __init__(self) -> None:
        self.made = 0
        """Rows made so far."""
        self.joints: dict[str, Joint] = {}
        """The movable joints by name."""
        self._asked: tuple[object, ...] = (None,) * 4
        self._articulation: Articulation | None = None
        self._issues: tuple[Issue, ...] = ()
        self._by_contract: dict[str | None, list[Issue]] = {}
        self._rows: dict[str, tuple[tuple[object, ...], Row]] = {}

    def of(
        self,
        articulation: Articulation | None,
        authored: Mapping[str, AuthoredContract],
        contracts: Mapping[str, Contract],
        issues: tuple[Issue, ...],
    ) -> list[Row]:
        """One row for each of `authored`, in its order."""
        if articulation is not self._articulation:
            self._articulation = articulation
            self.joints = {one.name: one for one in articulation.movable} if articulation else {}
            self._rows = {}
        if issues is not self._issues:
            self._issues, self._by_contract = issues, {}
            for issue in issues:
                self._by_contract.setdefault(issue.contract, []).append(issue)
        asked = articulation, authored, contracts, issues
        if all(one is known for one, known in zip(asked, self._asked, strict=True)):
            return [row for _, row in self._rows.values()]
        self._asked = asked
        before, self._rows = self._rows, {}
        for one in authored.values():
            given = one, contracts.get(one.id), self._by_contract.get(one.id, [])
            known = before.get(one.id)
            if known is None or known[0] != given:
                self.made += 1
                known = given, _row(*given, self.joints)
            self._rows[one.id] = known
        return [row for _, row in self._rows.values()]


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

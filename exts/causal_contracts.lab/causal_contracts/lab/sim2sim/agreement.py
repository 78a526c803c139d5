# SPDX-License-Identifier: Apache-2.0
"""What engines measured to the verdict: as the contracts say on each, and alike on all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from causal_contracts.core.quantity import show
from causal_contracts.preview.report import Verdict

from .report import Apart, ContractRow, EngineRow, Tolerances


def agreement(
    engines: Sequence[EngineRow], contracts: Sequence[ContractRow], tolerances: Tolerances
) -> Verdict:
    """A reason for each engine on which a contract fails and for each difference that is too big.

    What could not be compared at all is a note, and where nothing could be, a reason.
    """
    reasons = [f"{engine.sim}: {why}" for engine in engines for why in engine.verdict.reasons]
    notes = [f"{engine.sim}: {note}" for engine in engines for note in engine.verdict.notes]
    for row in contracts:
        for apart in row.apart:
            reasons += _too_far(row, apart, tolerances)
            notes += _not_compared(row, apart)
    if not any(apart.latency for row in contracts for apart in row.apart):
        reasons.append("no effect was counted on two engines, so no latency could be compared")
    return Verdict(ok=not reasons, reasons=reasons, notes=notes)


def _too_far(row: ContractRow, apart: Apart, tolerances: Tolerances) -> Iterator[str]:
    who = f"{row.id}: {apart.sim} and {apart.against}"
    if apart.cells:
        yield f"{who} count {len(apart.cells)} clones differently: {_list(apart.cells)}"
    if apart.latency is not None and apart.latency.max > tolerances.latency:
        most, limit = f"{apart.latency.max:.3f} s", f"{tolerances.latency:g} s"
        yield f"{who} are {most} apart in latency, more than {limit}"
    for name, spread in (("the steady state", apart.steady), ("the rest", apart.rest)):
        if spread is not None and spread.max > row.tolerance:
            most, limit = (show(v, unit=row.effect_unit) for v in (spread.max, row.tolerance))
            yield f"{who} are {most} apart in {name} of {row.effect}, more than {limit}"


def _not_compared(row: ContractRow, apart: Apart) -> Iterator[str]:
    missing = [
        name
        for name, spread in (
            ("latency", apart.latency),
            ("steady state", apart.steady),
            ("rest", apart.rest),
        )
        if spread is None
    ]
    if missing:
        yield f"{row.id}: no clone of {apart.sim} and {apart.against} tells {', '.join(missing)}"


def _list(clones: Sequence[int]) -> str:
    return ", ".join(map(str, clones[:8])) + (", ..." if len(clones) > 8 else "")

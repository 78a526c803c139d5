# SPDX-License-Identifier: Apache-2.0
"""The rows of the report to its verdict: what went wrong, and what the reader should know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from causal_contracts.core.issue import Severity

from .report import ContractRow, IssueRow, Reason, ResetRow, Verdict


def verdict(
    rows: Sequence[ContractRow],
    *,
    issues: Sequence[IssueRow] = (),
    inert: Sequence[Reason] = (),
    skipped: Sequence[Reason] = (),
    lost: Sequence[int] = (),
    reset: ResetRow | None = None,
    native: bool = False,
) -> Verdict:
    """Whether every contract acted when it should and only then.

    In the native arm nothing may act: an effect there needs no contract. `lost` are the clones
    whose positions were not finite.
    """
    reasons = [f"{i.address}: {i.what}" for i in issues if i.severity == Severity.ERROR]
    notes = [f"{row.contract}: skipped, {row.why}" for row in skipped]
    if not rows:
        reasons.append("no contract could be judged")
    for row in rows:
        reasons += _moved_natively(row) if native else _wrong(row, inert)
        notes += _notes(row, native)
    if lost:
        reasons.append(f"positions were not finite in {_clones(len(lost))}: {_list(lost)}")
    if reset is not None and not reset.exact:
        reasons.append(
            f"a reset of {_clones(len(reset.reset))} did not clear exactly their latches"
        )
    return Verdict(ok=not reasons, reasons=reasons, notes=notes)


def _moved_natively(row: ContractRow) -> Iterator[str]:
    if moved := row.cells.cause_effect + row.cells.no_cause_effect:
        yield f"{row.id}: {row.effect} reached the target in {_clones(moved)} without the contract"


def _wrong(row: ContractRow, inert: Sequence[Reason]) -> Iterator[str]:
    cells = row.cells
    if cells.cause_no_effect:
        why = next((f"; {reason.why}" for reason in inert if reason.contract == row.id), "")
        among = f"{cells.cause_no_effect} of {_clones(row.effect_given_cause_n)}"
        yield f"{row.id}: no effect in {among} with a cause{why}"
    if cells.no_cause_effect:
        among = f"{cells.no_cause_effect} of {_clones(row.effect_given_no_cause_n)}"
        yield f"{row.id}: an effect in {among} without a cause"
    sound = [clone for clone in row.clones if clone.cell != "nan"]
    pressed = sum(clone.pressed is not None for clone in sound)
    if pressed and all(clone.cause is None for clone in sound):
        yield f"{row.id}: {row.trigger} never crossed its threshold, pressed in {_clones(pressed)}"


def _notes(row: ContractRow, native: bool) -> Iterator[str]:
    if row.spontaneous_fires:
        fired = _clones(row.spontaneous_fires)
        yield f"{row.id}: fired by itself in {fired}, before anyone moved {row.trigger}"
    if row.cells.late:
        yield f"{row.id}: {_clones(row.cells.late)} not counted, the cause came too late"
    if row.cells.released:
        let_go = f"{row.trigger} let go before the window was over"
        yield f"{row.id}: {_clones(row.cells.released)} not counted, {let_go}"
    if row.cells.confounded:
        counted_out = _clones(row.cells.confounded)
        yield f"{row.id}: {counted_out} not counted, something else also moves {row.effect}"
    if not native and row.effect_given_cause is None:
        yield f"{row.id}: no cause was counted, so P(effect | cause) is not known"


def _clones(count: int) -> str:
    return f"{count} clone" if count == 1 else f"{count} clones"


def _list(clones: Sequence[int]) -> str:
    return ", ".join(map(str, clones[:8])) + (", ..." if len(clones) > 8 else "")

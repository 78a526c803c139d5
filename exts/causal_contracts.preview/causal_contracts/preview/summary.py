# SPDX-License-Identifier: Apache-2.0
"""A recording and its judgements to the rows and rates of the report."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
from causal_contracts.core.articulation import Articulation
from causal_contracts.core.issue import Issue
from causal_contracts.core.model import Bundle, JointThreshold, SetDriveTarget

from .causality import Cell, Judgement, Outcome
from .hand import RAMP, Press
from .loop import LatchReset, Recording
from .report import (
    Cells,
    CloneRow,
    ContractRow,
    HandRow,
    IssueRow,
    Latency,
    Rates,
    Reason,
    ResetRow,
)
from .wilson import wilson


def rates(judgements: Sequence[Judgement]) -> Rates:
    """The rates over all outcomes of some judgements."""
    cells = Cells(**{str(cell): sum(j.count(cell) for j in judgements) for cell in Cell})
    outcomes = [outcome for judgement in judgements for outcome in judgement.outcomes]
    latencies = [seconds for outcome in outcomes if (seconds := outcome.latency) is not None]
    return rates_of(cells, latencies, sum(outcome.spontaneous for outcome in outcomes))


def rates_of(cells: Cells, latencies: Sequence[float], spontaneous: int) -> Rates:
    """The rates of counted cells, with the latencies [s] of their counted effects."""
    caused = cells.cause_effect + cells.cause_no_effect
    uncaused = cells.no_cause_effect + cells.no_cause_no_effect
    return Rates(
        cells=cells,
        effect_given_cause=cells.cause_effect / caused if caused else None,
        effect_given_cause_n=caused,
        effect_given_cause_interval=wilson(cells.cause_effect, caused),
        effect_given_no_cause=cells.no_cause_effect / uncaused if uncaused else None,
        effect_given_no_cause_n=uncaused,
        effect_given_no_cause_interval=wilson(cells.no_cause_effect, uncaused),
        latency=_latency(latencies),
        spontaneous_fires=spontaneous,
    )


def _latency(seconds: Sequence[float]) -> Latency | None:
    if not seconds:
        return None
    low, middle, high = (round(value, 6) for value in (min(seconds), median(seconds), max(seconds)))
    return Latency(min=low, median=middle, max=high)


def contract_row(
    judgement: Judgement, recording: Recording, presses: Sequence[Press]
) -> ContractRow:
    """One contract with a row per clone."""
    contract = judgement.contract
    trigger, effect = contract.trigger, contract.effect
    assert isinstance(trigger, JointThreshold) and isinstance(effect, SetDriveTarget)
    press = next((p for p in presses if (p.joint, p.op) == (trigger.joint, trigger.op)), None)
    ids = recording.ids
    active = (
        recording.active[:, :, ids.index(contract.id)].any(axis=0) if contract.id in ids else None
    )
    return ContractRow(
        **_fields(rates([judgement])),
        id=contract.id,
        sentence=str(contract),
        mode=str(contract.mode),
        trigger=trigger.joint,
        op=str(trigger.op),
        threshold=trigger.threshold,
        trigger_unit=trigger.unit,
        effect=effect.joint,
        target=effect.target,
        rest=effect.rest,
        effect_unit=effect.unit,
        clones=[_clone_row(outcome, press, active) for outcome in judgement.outcomes],
    )


def hand_rows(
    presses: Sequence[Press], given_drives: dict[str, tuple[float, float]]
) -> list[HandRow]:
    """What the hand did, in the order in which it presses."""
    return [
        HandRow(
            joint=press.joint,
            op=str(press.op),
            rest=press.rest,
            pressed=press.pressed,
            unit=press.unit,
            ramp=RAMP,
            hold=press.hold,
            clones=list(press.clones),
            given_drive=given_drives.get(press.joint),
            text=press.describe(given_drives.get(press.joint)),
        )
        for press in presses
    ]


def inert_rows(bundle: Bundle, articulation: Articulation) -> list[Reason]:
    """The enabled contracts whose effect joint cannot be moved by a drive target."""
    rows = []
    for contract in bundle.contracts:
        effect = contract.effect
        if not contract.enabled or not isinstance(effect, SetDriveTarget):
            continue
        joint = next(iter(articulation.find(effect.joint)), None)
        if joint is None:
            continue
        if joint.drive is None:
            why = f"{effect.joint} has no drive, so a drive target cannot move it"
        elif joint.drive.stiffness == 0:
            why = f"the drive of {effect.joint} has stiffness 0, so its target is ignored"
        elif joint.drive.max_force == 0:
            why = f"the drive of {effect.joint} has max force 0, so it cannot move"
        else:
            continue
        rows.append(Reason(contract=contract.id, why=why))
    return rows


def issue_rows(issues: Sequence[Issue]) -> list[IssueRow]:
    """The findings of the check, in order."""
    return [
        IssueRow(
            severity=str(i.severity), address=i.address, what=i.what, fix=i.fix, contract=i.contract
        )
        for i in issues
    ]


def reset_row(reset: LatchReset | None) -> ResetRow | None:
    """The latch reset as lists."""
    if reset is None:
        return None
    return ResetRow(
        reset=list(reset.reset),
        cleared=list(reset.cleared),
        kept=list(reset.kept),
        exact=reset.exact,
    )


def nan_clones(positions: np.ndarray) -> list[int]:
    """Clones with any position that is not finite."""
    return [int(clone) for clone in np.flatnonzero(~np.isfinite(positions).all(axis=(0, 2)))]


def _clone_row(outcome: Outcome, press: Press | None, active: np.ndarray | None) -> CloneRow:
    start = None if press is None else float(press.start[outcome.clone])
    return CloneRow(
        clone=outcome.clone,
        cell=outcome.cell,
        pressed=_seconds(start) if start is not None and np.isfinite(start) else None,
        active=active is not None and bool(active[outcome.clone]),
        cause=_seconds(outcome.cause),
        effect=_seconds(outcome.effect),
        latency=_seconds(outcome.latency),
        spontaneous=outcome.spontaneous,
    )


def _seconds(value: float | None) -> float | None:
    # Microseconds: below any time step, above the noise of index * dt.
    return None if value is None else round(value, 6)


def _fields(row: Rates) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}

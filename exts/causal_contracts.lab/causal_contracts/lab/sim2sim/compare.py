# SPDX-License-Identifier: Apache-2.0
"""What several engines measured to the report of how far they are apart, clone by clone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from causal_contracts.preview import report as preview
from causal_contracts.preview.causality import Cell
from causal_contracts.preview.measured import holds

from .agreement import agreement
from .report import Apart, ContractRow, EngineRow, Measured, Sim2SimReport, Spread, Tolerances
from .run import EngineRun

DEFAULT = Tolerances()
COUNTED = (Cell.CAUSE_EFFECT, Cell.CAUSE_NO_EFFECT, Cell.NO_CAUSE_EFFECT, Cell.NO_CAUSE_NO_EFFECT)


def compare(runs: Sequence[EngineRun], tolerances: Tolerances = DEFAULT) -> Sim2SimReport:
    """Two or more runs of one asset with one bundle, one seed and one clock."""
    first = runs[0].report
    engines = [_engine(run.report) for run in runs]
    contracts = [_contract(row.id, runs, tolerances) for row in first.contracts]
    return Sim2SimReport(
        asset=first.asset,
        articulation_root=first.articulation_root,
        seed=first.seed,
        num_envs=first.num_envs,
        press=first.press,
        dt=first.dt,
        seconds=first.seconds,
        settle=first.settle,
        window=first.window,
        tolerances=tolerances,
        engines=engines,
        contracts=contracts,
        skipped=first.skipped,
        verdict=agreement(engines, contracts, tolerances),
    )


def steady_samples(run: EngineRun, row: preview.ContractRow) -> dict[int, int]:
    """By clone: the last sample at which the contract holds, by measured positions alone.

    A latching contract holds to the end, a level one while its condition is true. Clones whose
    cause was not counted, or whose effect joint anything else may move, are left out.
    """
    movers = _moved_by_others(run.report, row)
    column = run.positions[:, :, run.joint_names.index(row.trigger)]
    true = holds(column, row.op, row.threshold)
    last = len(true) - 1
    return {
        clone.clone: last
        if row.mode == "latching"
        else last - int(true[::-1, clone.clone].argmax())
        for clone in row.clones
        if clone.cell in (Cell.CAUSE_EFFECT, Cell.CAUSE_NO_EFFECT) and clone.clone not in movers
    }


def _engine(report: preview.PreviewReport) -> EngineRow:
    return EngineRow(
        sim=report.sim,
        engine=report.engine,
        device=report.device,
        versions=report.versions,
        hand=report.hand,
        nan_clones=report.nan_clones,
        verdict=report.verdict,
    )


def _contract(name: str, runs: Sequence[EngineRun], tolerances: Tolerances) -> ContractRow:
    rows = [next(row for row in run.report.contracts if row.id == name) for run in runs]
    values = [_values(run, row) for run, row in zip(runs, rows, strict=True)]
    row = rows[0]
    return ContractRow(
        id=row.id,
        sentence=row.sentence,
        mode=row.mode,
        trigger=row.trigger,
        op=row.op,
        threshold=row.threshold,
        trigger_unit=row.trigger_unit,
        effect=row.effect,
        target=row.target,
        rest=row.rest,
        effect_unit=row.effect_unit,
        tolerance=tolerances.length if row.effect_unit == "m" else tolerances.angle,
        engines=[
            Measured(
                sim=run.report.sim,
                cells=each.cells,
                effect_given_cause=each.effect_given_cause,
                effect_given_no_cause=each.effect_given_no_cause,
                latency=_spread(found["latency"].values()),
                steady_error=_spread(found["steady"].values()),
                rest_error=_spread(found["rest"].values()),
            )
            for run, each, found in zip(runs, rows, values, strict=True)
        ],
        apart=[
            Apart(
                sim=run.report.sim,
                against=runs[0].report.sim,
                cells=_otherwise(rows[0], each),
                **{kind: _spread(_differences(values[0][kind], found[kind])) for kind in found},
            )
            for run, each, found in list(zip(runs, rows, values, strict=True))[1:]
        ],
    )


def _values(run: EngineRun, row: preview.ContractRow) -> dict[str, dict[int, float]]:
    """Latency, steady error and rest error by clone."""
    effect = run.positions[:, :, run.joint_names.index(row.effect)].astype(np.float64)
    settled = effect[min(round(run.report.settle / run.report.dt), len(effect) - 1)]
    movers = _moved_by_others(run.report, row)
    uncaused = [c.clone for c in row.clones if c.cell == Cell.NO_CAUSE_NO_EFFECT]
    return {
        "latency": {c.clone: c.latency for c in row.clones if c.latency is not None},
        "steady": {
            clone: float(effect[sample, clone] - row.target)
            for clone, sample in steady_samples(run, row).items()
        },
        "rest": {
            clone: float(effect[-1, clone] - (settled[clone] if row.rest is None else row.rest))
            for clone in uncaused
            if clone not in movers
        },
    }


def _moved_by_others(report: preview.PreviewReport, row: preview.ContractRow) -> set[int]:
    """Clones in which the hand or another contract moved the effect joint at any time."""
    moved = {clone for press in report.hand if press.joint == row.effect for clone in press.clones}
    for other in report.contracts:
        if other.effect == row.effect and other.id != row.id:
            moved |= {clone.clone for clone in other.clones if clone.cause is not None}
    return moved


def _otherwise(one: preview.ContractRow, other: preview.ContractRow) -> list[int]:
    """Clones counted on both engines, and differently."""
    pairs = zip(one.clones, other.clones, strict=True)
    return [
        a.clone for a, b in pairs if a.cell != b.cell and a.cell in COUNTED and b.cell in COUNTED
    ]


def _differences(one: dict[int, float], other: dict[int, float]) -> Iterator[float]:
    return (abs(other[clone] - one[clone]) for clone in one if clone in other)


def _spread(values: Iterable[float]) -> Spread | None:
    found = np.sort(np.array([*values], dtype=np.float64))
    if not found.size:
        return None
    # Micrometres, microradians and microseconds: below any engine's own accuracy.
    low, middle, high = (round(float(v), 6) + 0.0 for v in (found[0], np.median(found), found[-1]))
    return Spread(clones=int(found.size), min=low, median=middle, max=high)

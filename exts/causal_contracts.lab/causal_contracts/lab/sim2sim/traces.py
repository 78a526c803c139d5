# SPDX-License-Identifier: Apache-2.0
"""The positions of several runs to plots: traces over each other, and their distance over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from causal_contracts.core.quantity import show
from causal_contracts.preview import ink
from causal_contracts.preview.traces import SAMPLES, level, scale, span

from .report import ContractRow, Sim2SimReport
from .run import EngineRun

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = (ink.ACTIVE, ink.FIRED, ink.ACCENT, ink.ERROR)
STYLES = ("solid", (0, (4, 2.5)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
"""One per engine."""
MAX_TRACES = 12
"""Clones drawn, with a cause and without; more would only paint over each other."""


def draw_joint(
    axes: Axes,
    row: ContractRow,
    report: Sim2SimReport,
    runs: Sequence[EngineRun],
    *,
    effect: bool,
) -> None:
    """The trigger with its threshold, or the effect with its target, on every engine."""
    name, unit_name = (row.effect, row.effect_unit) if effect else (row.trigger, row.trigger_unit)
    mark = row.target if effect else row.threshold
    values = [run.positions[:, :, run.joint_names.index(name)] for run in runs]
    factor, unit = scale(unit_name or "", np.concatenate(values), mark)
    what = "effect" if effect else "trigger"
    _start(axes, report, f"{what}  {name}  [{unit}]")
    span(axes, np.concatenate(values) * factor, mark * factor)
    for number, (run, each) in enumerate(zip(runs, values, strict=True)):
        _draw(axes, each[:, _shown(row, runs[0])] * factor, run.report.dt, number)
    word = "target" if effect else "threshold"
    color = ink.TEXT
    level(axes, mark * factor, f"{word} {show(mark, unit=unit_name)}", color)


def draw_apart(
    axes: Axes, row: ContractRow, report: Sim2SimReport, runs: Sequence[EngineRun]
) -> None:
    """The largest distance of the effect joint to the first engine over time, and the tolerance.

    On the way engines are apart by speed times the difference in latency; the tolerance speaks of
    the steady state.
    """
    first, *others = (run.positions[:, :, run.joint_names.index(row.effect)] for run in runs)
    distances = [np.abs(other - first).max(axis=1, initial=0.0) for other in others]
    factor, unit = scale(row.effect_unit or "", np.array(distances), row.tolerance)
    _start(axes, report, f"largest distance of {row.effect} in any clone  [{unit}]")
    top = max(float(np.nanmax(d, initial=0.0)) for d in distances)
    axes.set_ylim(0, 1.14 * factor * max(top, 1.4 * row.tolerance))
    for number, distance in enumerate(distances, start=1):
        time = np.arange(len(distance)) * runs[0].report.dt
        axes.plot(time, distance * factor, color=COLORS[number], linewidth=1.3, zorder=5)
    level(
        axes,
        row.tolerance * factor,
        f"allowed when steady: {row.tolerance * factor:.3g} {unit}",
        ink.TEXT,
    )


def _start(axes: Axes, report: Sim2SimReport, title: str) -> None:
    ink.frame(axes, report)
    axes.set_title(
        ink.cut(title, 60), fontsize=8.5, color=ink.DIM, loc="left", pad=3, parse_math=False
    )
    axes.grid(axis="y", color=ink.SELECTED, linewidth=0.5)
    axes.set_axisbelow(True)


def _shown(row: ContractRow, first: EngineRun) -> list[int]:
    """Some clones with a cause and some without, spread over all."""
    rows = next(each for each in first.report.contracts if each.id == row.id).clones
    caused = [clone.clone for clone in rows if clone.cause is not None]
    other = [clone.clone for clone in rows if clone.cause is None]
    return [
        clone
        for group in (caused, other)
        for clone in group[:: max(1, math.ceil(len(group) / MAX_TRACES))]
    ]


def _draw(axes: Axes, values: np.ndarray, dt: float, number: int) -> None:
    from matplotlib.collections import LineCollection

    stride = max(1, len(values) // SAMPLES)
    time = (np.arange(len(values)) * dt)[::stride]
    lines = [np.column_stack((time, values[::stride, clone])) for clone in range(values.shape[1])]
    axes.add_collection(
        LineCollection(
            lines,
            colors=COLORS[number],
            linestyles=[STYLES[number]],
            linewidths=(1.8, 1.1)[min(number, 1)],
            alpha=0.75,
            zorder=3 + number,
        )
    )

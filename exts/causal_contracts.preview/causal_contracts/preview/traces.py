# SPDX-License-Identifier: Apache-2.0
"""The measured positions of one contract's joints to two plots over time."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import numpy as np
from causal_contracts.core.quantity import show

from . import ink
from .causality import REACHED
from .loop import Recording
from .report import ContractRow, PreviewReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_TRACES = 32
"""Traces drawn of each kind; more would only paint over each other."""
SAMPLES = 240


def draw_trigger(axes: Axes, row: ContractRow, report: PreviewReport, recording: Recording) -> None:
    """Trigger positions with the threshold; the region that fires is filled."""
    values = recording.positions[:, :, recording.joint_names.index(row.trigger)]
    factor, unit = scale(row.trigger_unit, values, row.threshold)
    groups = (
        ([c.clone for c in row.clones if c.pressed is None], ink.DIM, (0, (4, 2))),
        ([c.clone for c in row.clones if c.pressed is not None], ink.FIRED, "solid"),
    )
    _start(axes, report, f"trigger  {row.trigger}", unit)
    span(axes, values * factor, row.threshold * factor)
    low, high = axes.get_ylim()
    axes.axhspan(
        *((row.threshold * factor, high) if row.op == ">" else (low, row.threshold * factor)),
        color=ink.FIRED,
        alpha=0.13,
        linewidth=0,
    )
    _draw(axes, recording, values * factor, groups)
    level(
        axes,
        row.threshold * factor,
        f"threshold {show(row.threshold, unit=row.trigger_unit)}",
        ink.FIRED,
    )


def draw_effect(axes: Axes, row: ContractRow, report: PreviewReport, recording: Recording) -> None:
    """Effect positions with rest and target; the region that counts as reached is filled."""
    values = recording.positions[:, :, recording.joint_names.index(row.effect)]
    factor, unit = scale(row.effect_unit, values, row.target)
    groups = (
        ([c.clone for c in row.clones if c.cause is None], ink.DIM, (0, (4, 2))),
        ([c.clone for c in row.clones if c.cause is not None], ink.ACTIVE, "solid"),
    )
    _start(axes, report, f"effect  {row.effect}", unit)
    rest = row.rest or 0.0
    span(axes, values * factor, row.target * factor, rest * factor)
    reached = rest + REACHED * (row.target - rest)
    low, high = axes.get_ylim()
    axes.axhspan(
        reached * factor,
        high if row.target > rest else low,
        color=ink.ACCENT,
        alpha=0.13,
        linewidth=0,
    )
    _draw(axes, recording, values * factor, groups)
    level(axes, row.target * factor, f"target {show(row.target, unit=row.effect_unit)}", ink.ACCENT)
    if why := next((reason.why for reason in report.inert if reason.contract == row.id), None):
        axes.text(
            0.5,
            0.5,
            textwrap.fill(f"inert: {why}", 40),
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=8.5,
            color=ink.ERROR,
            parse_math=False,
            bbox={"facecolor": ink.INPUT, "edgecolor": ink.ERROR, "pad": 5},
            zorder=8,
        )


def _start(axes: Axes, report: PreviewReport, title: str, unit: str) -> None:
    ink.frame(axes, report)
    axes.set_title(
        ink.cut(title, 44) + (f"  [{unit}]" if unit else ""),
        fontsize=8.5,
        color=ink.DIM,
        loc="left",
        pad=3,
        parse_math=False,
    )
    axes.grid(axis="y", color=ink.SELECTED, linewidth=0.5)
    axes.set_axisbelow(True)


def scale(unit: str | None, values: np.ndarray, threshold: float) -> tuple[float, str]:
    """Factor and unit as people read it: degrees, millimetres below 0.1 m, else metres."""
    if unit == "rad":
        return 180 / math.pi, "deg"
    if unit == "m":
        finite = values[np.isfinite(values)]
        largest = max(abs(threshold), float(np.abs(finite).max(initial=0.0)))
        return (1e3, "mm") if largest < 0.1 else (1.0, "m")
    return 1.0, ""


def span(axes: Axes, values: np.ndarray, *levels: float) -> None:
    """Let the vertical axis hold the values and the levels, with room around them."""
    finite = values[np.isfinite(values)]
    low = min(float(finite.min(initial=0.0)) if finite.size else 0.0, *levels, 0.0)
    high = max(float(finite.max(initial=0.0)) if finite.size else 0.0, *levels, 0.0)
    room = 0.14 * (high - low) or 1.0
    axes.set_ylim(low - room, high + room)


def _draw(axes: Axes, recording: Recording, values: np.ndarray, groups: tuple) -> None:
    from matplotlib.collections import LineCollection

    stride = max(1, len(values) // SAMPLES)
    time = (np.arange(len(values)) * recording.dt)[::stride]
    for clones, color, style in groups:
        step = max(1, math.ceil(len(clones) / MAX_TRACES))
        lines = [np.column_stack((time, values[::stride, clone])) for clone in clones[::step]]
        alpha = float(np.clip(4 / max(len(lines), 1), 0.35, 0.9))
        axes.add_collection(
            LineCollection(
                lines, colors=color, linestyles=[style], linewidths=1.2, alpha=alpha, zorder=2
            )
        )
        ends = [
            line[finite][-1]
            for line in lines
            if not (finite := np.isfinite(line).all(axis=1)).all() and finite.any()
        ]
        if ends:
            axes.scatter(
                *zip(*ends, strict=True),
                marker="x",
                s=34,
                color=ink.ERROR,
                linewidths=1.6,
                zorder=6,
            )


def level(axes: Axes, level: float, text: str, color: str) -> None:
    """A dashed line with its name at the left, on the side towards the middle of the plot."""
    axes.axhline(level, color=color, linewidth=1.2, linestyle=(0, (5, 3)), zorder=4)
    low, high = axes.get_ylim()
    below = level > (low + high) / 2
    axes.annotate(
        text,
        (0.0, level),
        xycoords=("axes fraction", "data"),
        xytext=(6, -3 if below else 3),
        textcoords="offset points",
        ha="left",
        va="top" if below else "bottom",
        fontsize=8.5,
        color=color,
        zorder=7,
        bbox={"facecolor": ink.INPUT, "alpha": 0.75, "linewidth": 0, "pad": 0.8},
    )

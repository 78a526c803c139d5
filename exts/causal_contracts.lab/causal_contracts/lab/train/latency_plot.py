# SPDX-License-Identifier: Apache-2.0
"""Latencies of the contract arm to one histogram for each contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from causal_contracts.preview import ink

from .report import EvaluatedContract, Latency, TrainingReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_PLOTS = 4
"""Contracts that get a plot; the others stand in the report."""
BINS = 48
TITLE, AXIS = 0.58, 0.14
"""Inches above a plot for its three lines, and below each but the last."""


def draw_latencies(
    page: ink.Page, report: TrainingReport, *, place: tuple[float, float, float, float]
) -> None:
    """Draw into `place`: left edge, width, bottom and height [in]."""
    left, width, bottom, height = place
    pairs = _pairs(report)[:MAX_PLOTS]
    page.write(
        left, bottom + height + 0.24, "latency, cause to effect", 12, ink.TEXT, weight="bold"
    )
    if not pairs:
        page.write(left, bottom + height - 0.2, "no contract was judged", 10, ink.DIM)
        return
    each = height / len(pairs)
    for number, (policy, hand) in enumerate(pairs):
        floor = bottom + height - (number + 1) * each
        floor += 0.0 if number == len(pairs) - 1 else AXIS
        top = bottom + height - number * each
        page.write(left, top - 0.08, ink.cut(policy.id, 44), 10, ink.TEXT)
        for row, (name, one, color) in enumerate(
            (("policy", policy.latency, ink.ACTIVE), ("hand", hand.latency, ink.ACCENT))
        ):
            page.write(left, top - 0.26 - 0.17 * row, _said(name, one), 8.5, color)
        _histogram(
            page.plot(left, floor, width, top - TITLE - floor),
            report,
            policy,
            hand,
            last=number == len(pairs) - 1,
        )


def _pairs(report: TrainingReport) -> list[tuple[EvaluatedContract, EvaluatedContract]]:
    """The rows of the policy and of the hand, by contract."""
    arm = report.arms.contract
    hands = {row.id: row for row in arm.scripted.contracts}
    return [(row, hands[row.id]) for row in arm.evaluation.contracts if row.id in hands]


def _histogram(
    axes: Axes,
    report: TrainingReport,
    policy: EvaluatedContract,
    hand: EvaluatedContract,
    *,
    last: bool,
) -> None:
    window = report.request.window
    axes.set_facecolor(ink.INPUT)
    for spine in axes.spines.values():
        spine.set_color(ink.SELECTED)
    axes.tick_params(colors=ink.DIM, labelsize=8.5, length=3, width=0.8, pad=2.5)
    axes.set_xlim(0, window)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
    axes.set_yticks([])
    axes.set_xticks(np.linspace(0, window, 5))
    axes.tick_params(labelbottom=last)
    edges = np.linspace(0, window, BINS + 1)
    tallest = 0
    for one, color, filled in (
        (hand.latency, ink.ACCENT, True),
        (policy.latency, ink.ACTIVE, False),
    ):
        if one is None:
            continue
        counts = np.histogram(np.minimum(one.seconds, window), edges)[0]
        tallest = max(tallest, int(counts.max()))
        axes.stairs(
            counts, edges, fill=filled, color=color, alpha=0.75 if filled else 1.0,
            linewidth=0 if filled else 1.8, zorder=2 if filled else 3,
        )  # fmt: skip
    axes.set_ylim(0, 1.12 * max(tallest, 1))
    if not tallest:
        axes.text(
            0.5, 0.5, "no effect was counted", transform=axes.transAxes, ha="center", va="center",
            color=ink.DIM, fontsize=10,
        )  # fmt: skip


def _said(name: str, one: Latency | None) -> str:
    if one is None:
        return f"{name}: no effect"
    return (
        f"{name}: {one.count} effects, median {one.median:.2f} s, 95 % in {one.p95:.2f} s, "
        f"max {one.max:.2f} s"
    )

# SPDX-License-Identifier: Apache-2.0
"""The report of a gate to one PNG: curves of both arms over iterations, latencies, the verdict."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from causal_contracts.core.atomic import write_atomically
from causal_contracts.preview import ink

from .latency_plot import draw_latencies
from .report import ArmRow, IterationRow, TrainingReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, DPI = 14.0, 110
HEADER, TITLE, PLOT, GAP, AXIS = 1.0, 0.46, 1.45, 0.26, 0.52
"""Inches: header, column titles, one plot, space below it, iteration axis."""
LINE, MAX_LINES, CHARACTERS = 0.25, 12, 200
"""Footer: inches of a line, how many, how long."""
NATIVE, CONTRACT, LATENCY = (0.85, 3.95), (5.25, 3.95), (9.95, 3.75)
"""Left edge and width of the three columns [in]."""
STYLE = {
    "native": (ink.FIRED, (0, (6, 2)), "D"),
    "contract": (ink.ACTIVE, "solid", "o"),
}
"""Colour, line and marker of an arm: told apart without colour too."""
FLOOR, CEILING = -0.06, 1.09
"""Lower and upper end of an axis from 0 to 1: a curve along either stays visible."""
MARKED = 80
"""Iterations up to which each gets a marker."""
COLOR = {"pass": ink.ACCENT, "fail": ink.ERROR, "inconclusive": ink.FIRED}
WORD = {"pass": "[ok] pass", "fail": "[!!] fail", "inconclusive": "[??] inconclusive"}


def write_curves(report: TrainingReport, path: str | Path) -> None:
    """Write the PNG in one move; raises `ContractError` where `path` cannot be written."""
    write_atomically(Path(path), draw_curves(report))


def draw_curves(report: TrainingReport) -> bytes:
    """The PNG: press rate, effect given cause and reward, native and contract side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    footer = _footer(report)
    body = TITLE + 3 * PLOT + 2 * GAP + AXIS
    height = HEADER + body + LINE * len(footer) + 0.3
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=ink.PANEL)
    canvas = FigureCanvasAgg(figure)
    page = ink.Page(figure)
    _header(page, report)
    _columns(page, report, top=height - HEADER)
    bottom, tall = height - HEADER - TITLE - 3 * PLOT - 2 * GAP, 3 * PLOT + 2 * GAP
    draw_latencies(page, report, place=(*LATENCY, bottom, tall))
    for number, (line, color) in enumerate(reversed(footer)):
        page.write(0.3, 0.24 + LINE * number, line, 9, color)
    buffer = io.BytesIO()
    canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def _header(page: ink.Page, report: TrainingReport) -> None:
    top, asked = page.height, report.request
    page.box(0, top - 0.86, WIDTH, 0.86, ink.HEADER)
    page.write(0.3, top - 0.32, f"{report.asset}, trained twice", 17, ink.TEXT, weight="bold")
    facts = (
        f"{asked.library} on {asked.backend}, {asked.device}, {asked.num_envs} environments, "
        f"{asked.iterations} iterations, seed {report.seed}, effect within {asked.window:g} s"
    )
    page.write(0.3, top - 0.63, facts, 10, ink.DIM)
    right = WIDTH - 0.3
    page.write(
        right,
        top - 0.32,
        WORD[report.verdict],
        15,
        COLOR[report.verdict],
        weight="bold",
        ha="right",
    )
    rates = "   ".join(
        f"{name} P(effect | cause) {ink.rate(_overall(arm))}"
        for name, arm in (("native", report.arms.native), ("contract", report.arms.contract))
    )
    page.write(right, top - 0.63, rates, 11, ink.TEXT, ha="right")


def _overall(arm: ArmRow) -> float | None:
    counted = sum(row.effect_given_cause_n for row in arm.contracts)
    effects = sum(
        (row.effect_given_cause or 0.0) * row.effect_given_cause_n for row in arm.contracts
    )
    return effects / counted if counted else None


def _columns(page: ink.Page, report: TrainingReport, *, top: float) -> None:
    arms = (("native", report.arms.native, NATIVE), ("contract", report.arms.contract, CONTRACT))
    highest = max(
        (abs(row.reward) for _, arm, _ in arms for row in arm.iterations if row.reward is not None),
        default=0.0,
    )
    ceiling = 1.0 if highest <= 1.0 else highest
    quantities = (
        ("press rate", lambda row: row.press_rate, (FLOOR, CEILING)),
        ("effect | press", lambda row: row.effect_given_cause, (FLOOR, CEILING)),
        ("reward", lambda row: row.reward, (FLOOR * ceiling, CEILING * ceiling)),
    )
    for name, arm, (left, width) in arms:
        said = "without contracts" if name == "native" else "with contracts"
        color, dashes, marker = STYLE[name]
        page.write(left, top - 0.22, f"{name} arm", 12, color, weight="bold")
        page.write(left + (1.1 if name == "native" else 1.3), top - 0.225, said, 10, ink.DIM)
        for number, (label, value, span) in enumerate(quantities):
            bottom = top - TITLE - (number + 1) * PLOT - number * GAP
            axes = page.plot(left, bottom, width, PLOT)
            _frame(axes, report, label if name == "native" else "", span, last=number == 2)
            if number == 1:
                least = report.criteria.effect_given_cause_at_least
                axes.axhline(least, color=ink.DIM, linewidth=0.9, linestyle=(0, (1, 2)), zorder=1)
            _curve(axes, arm.iterations, value, (color, dashes, marker))


def _frame(
    axes: Axes, report: TrainingReport, label: str, span: tuple[float, float], *, last: bool
) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_facecolor(ink.INPUT)
    for spine in axes.spines.values():
        spine.set_color(ink.SELECTED)
    axes.tick_params(colors=ink.DIM, labelsize=8.5, length=3, width=0.8, pad=2.5)
    axes.grid(color=ink.SELECTED, linewidth=0.6, alpha=0.6)
    axes.set_axisbelow(True)
    axes.set_ylim(*span)
    most = max((row.iteration for row in report.arms.contract.iterations), default=1)
    most = max(most, max((row.iteration for row in report.arms.native.iterations), default=1))
    axes.set_xlim(1 - 0.03 * most, most * 1.03)
    inner = MaxNLocator(integer=True, nbins=5).tick_values(1, most)
    axes.set_xticks([1, *(tick for tick in inner if 1.1 * most / 10 < tick < 0.92 * most), most])
    top = span[1] / CEILING
    axes.set_yticks(
        [0.0, 0.5, 1.0] if top == 1.0 else MaxNLocator(nbins=4).tick_values(0, top)[:-1]
    )
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_ylabel(label, color=ink.TEXT, fontsize=10)
    axes.tick_params(labelbottom=last)
    if last:
        axes.set_xlabel("iteration", color=ink.DIM, fontsize=9, labelpad=3)


def _curve(
    axes: Axes,
    rows: Sequence[IterationRow],
    value: Callable[[IterationRow], float | None],
    style: tuple[str, object, str],
) -> None:
    """A line through what was counted; an iteration without a count has no point."""
    color, dashes, marker = style
    known = [(row.iteration, found) for row in rows if (found := value(row)) is not None]
    if not known:
        axes.text(
            0.5, 0.5, "nothing was counted", transform=axes.transAxes, ha="center", va="center",
            color=ink.DIM, fontsize=10,
        )  # fmt: skip
        return
    numbers, values = zip(*known, strict=True)
    axes.plot(numbers, values, color=color, linewidth=1.8, linestyle=dashes, zorder=3)  # pyright: ignore[reportArgumentType]
    if len(rows) <= MARKED:
        axes.plot(
            numbers, values, color=color, linestyle="none", marker=marker, markersize=4.5,
            markerfacecolor=color, markeredgecolor=ink.INPUT, markeredgewidth=0.7, zorder=4,
            clip_on=False,
        )  # fmt: skip


def _footer(report: TrainingReport) -> list[tuple[str, str]]:
    color = ink.TEXT if report.verdict == "pass" else COLOR[report.verdict]
    reasons = [(line, color) for reason in report.reasons for line in _wrapped(reason)]
    lines = []
    for name, arm in (("native", report.arms.native), ("contract", report.arms.contract)):
        if arm.nan.environments:
            lines.append((f"{name} arm: {arm.nan.text}", ink.FIRED))
    lines += [(line, ink.DIM) for note in report.notes for line in _wrapped(f"note  {note}")]
    # A note says what stands behind the curves, so reasons are cut before notes.
    return _cut(reasons, MAX_LINES - min(len(lines), MAX_LINES // 2)) + _cut(lines, MAX_LINES // 2)


def _cut(lines: list[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    left = len(lines) - most
    if left <= 0:
        return lines
    return [*lines[: most - 1], (f"... and {left + 1} more lines", ink.DIM)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, CHARACTERS, subsequent_indent="    ")

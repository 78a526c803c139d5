# SPDX-License-Identifier: Apache-2.0
"""Runs of several engines to one PNG: their traces over each other, and how far they are apart."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from causal_contracts.core.atomic import write_atomically
from causal_contracts.preview import ink

from . import words
from .report import ContractRow, Sim2SimReport
from .run import EngineRun
from .traces import COLORS, draw_apart, draw_joint

WIDTH, DPI = 15.0, 110
HEADER, TITLE, PLOT, AXIS, STRIP, GAP, FOOTER = 1.3, 0.5, 2.2, 0.36, 0.30, 0.26, 0.27
"""Inches: header; of a contract the sentence, plots, time axis, a line per engine, space; a footer
line."""
TRIGGER, EFFECT, APART = (0.95, 3.75), (5.55, 4.2), (10.75, 3.85)
"""Left edge and width of the three plots [in]."""
COLUMNS = (0.3, 1.85, 4.35, 7.85, 11.35)
"""Left edges of the numbers below the plots [in]."""
MAX_LINES = 10


def write_picture(report: Sim2SimReport, runs: Sequence[EngineRun], path: str | Path) -> None:
    """Writes the PNG in one move; raises `ContractError` where `path` cannot be written."""
    write_atomically(Path(path), draw_picture(report, runs))


def draw_picture(report: Sim2SimReport, runs: Sequence[EngineRun]) -> bytes:
    """The PNG; engines are told by colour and by the style of their lines."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    block = TITLE + PLOT + AXIS + STRIP * (len(runs) + 1) + GAP
    footer = _footer(report)
    height = HEADER + block * len(report.contracts) + FOOTER * len(footer) + 0.2
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=ink.PANEL)
    canvas = FigureCanvasAgg(figure)
    page = ink.Page(figure)
    _header(page, report)
    for number, row in enumerate(report.contracts):
        _row(page, row, report, runs, top=height - HEADER - number * block)
    for number, line in enumerate(reversed(footer)):
        page.write(0.3, 0.22 + FOOTER * number, line, 9, ink.DIM)
    buffer = io.BytesIO()
    # No software or date stamp: the same episode gives the same bytes.
    canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def _header(page: ink.Page, report: Sim2SimReport) -> None:
    top, right = page.height, WIDTH - 0.3
    page.box(0, top - HEADER + 0.14, WIDTH, HEADER - 0.14, ink.HEADER)
    page.write(0.3, top - 0.32, report.asset, 17, ink.TEXT, weight="bold")
    clones = f"{report.num_envs} clone" + ("" if report.num_envs == 1 else "s")
    facts = f"{clones}, {report.seconds:g} s, seed {report.seed}, effect within {report.window:g} s"
    page.write(0.3, top - 0.63, facts, 10, ink.DIM)
    color = ink.ACCENT if report.verdict.ok else ink.ERROR
    page.write(right, top - 0.32, words.verdict(report), 15, color, weight="bold", ha="right")
    for number, engine in enumerate(report.engines):
        text = f"{engine.sim}: {engine.engine}"
        width = (WIDTH - 0.6) / len(report.engines)
        text = ink.cut(text, int(width * 12))
        page.write(0.3 + number * width, top - 0.93, text, 9.5, COLORS[number], weight="bold")


def _row(
    page: ink.Page,
    row: ContractRow,
    report: Sim2SimReport,
    runs: Sequence[EngineRun],
    *,
    top: float,
) -> None:
    page.write(0.3, top - 0.14, ink.cut(row.id, 40), 12, ink.TEXT, weight="bold")
    page.write(EFFECT[0], top - 0.14, ink.cut(words.rule(row), 92), 10.5, ink.TEXT)
    bottom = top - TITLE - PLOT
    trigger, effect, apart = (
        page.plot(left, bottom, width, PLOT) for left, width in (TRIGGER, EFFECT, APART)
    )
    draw_joint(trigger, row, report, runs, effect=False)
    draw_joint(effect, row, report, runs, effect=True)
    draw_apart(apart, row, report, runs)
    _numbers(page, row, report, y=bottom - AXIS - STRIP / 2)


def _numbers(page: ink.Page, row: ContractRow, report: Sim2SimReport, *, y: float) -> None:
    """A line of names, and one per engine; its distance to the first engine in brackets."""
    names = ("", "P(effect | cause), P(.. | no cause)", "latency", "steady error", "rest error")
    unit = row.effect_unit
    for x, name in zip(COLUMNS, names, strict=True):
        page.write(x, y, name, 8.5, ink.DIM)
    for number, measured in enumerate(row.engines):
        line = [
            measured.sim,
            ", ".join(words.rates(measured)),
            words.whole(measured.latency, "s"),
            words.whole(measured.steady_error, unit),
            words.whole(measured.rest_error, unit),
        ]
        if number:
            apart = row.apart[number - 1]
            line[2] += f"  apart {words.most(apart.latency, 's')}"
            line[3] += f"  apart {words.most(apart.steady, unit)}"
            line[4] += f"  apart {words.most(apart.rest, unit)}"
        for x, text in zip(COLUMNS, line, strict=True):
            page.write(x, y - STRIP * 0.85 * (number + 1), text, 9.2, COLORS[number])


def _footer(report: Sim2SimReport) -> list[str]:
    hand = [f"hand   {press.text}" for press in report.engines[0].hand]
    lines = [f"wrong  {reason}" for reason in report.verdict.reasons]
    lines += [f"skipped  {skip.contract}: {skip.why}" for skip in report.skipped]
    lines += hand + [f"note   {note}" for note in report.verdict.notes]
    left = len(lines) - MAX_LINES
    shown = lines if left <= 0 else [*lines[: MAX_LINES - 1], f"... and {left + 1} more lines"]
    return [ink.cut(line, 190) for line in shown]

# SPDX-License-Identifier: Apache-2.0
"""A report and its recording to one PNG: a map of states, traces and four cells a contract."""

from __future__ import annotations

import io
from pathlib import Path

from causal_contracts.core.atomic import write_atomically

from . import ink
from .loop import Recording
from .report import ContractRow, PreviewReport
from .state_map import draw_states
from .traces import draw_effect, draw_trigger

WIDTH = 15.0
DPI = 110
HEADER = 1.02
FOOTER = 0.27
"""Inches; a footer per line."""
MAX_LINES = 10
"""Lines of the footer."""
TITLE, AXIS, STRIP, GAP = 0.50, 0.36, 0.44, 0.24
"""Inches of a row around its plots: sentence, time axis, cells, space to the next row."""
HEAT = (0.95, 5.35)
TRIGGER = (7.15, 3.25)
EFFECT = (11.25, 3.25)
"""Left edge and width of the three plots [in]."""


def write_picture(report: PreviewReport, recording: Recording, path: str | Path) -> None:
    """Writes the PNG in one move; raises `ContractError` where `path` cannot be written."""
    write_atomically(Path(path), draw_picture(report, recording))


def draw_picture(report: PreviewReport, recording: Recording) -> bytes:
    """The PNG for 1 to 8 contracts and 1 to 256 clones; states are told by shape and by colour."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = report.contracts
    plot = {0: 1.0, 1: 3.2, 2: 2.6, 3: 2.1, 4: 1.8}.get(len(rows), 1.45)
    block = TITLE + plot + AXIS + STRIP + GAP
    footer = _footer(report)
    height = HEADER + block * len(rows) + FOOTER * len(footer) + 0.25
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=ink.PANEL)
    canvas = FigureCanvasAgg(figure)
    page = ink.Page(figure)
    _header(page, report)
    for number, row in enumerate(rows):
        _row(page, row, report, recording, top=height - HEADER - number * block, plot=plot)
    for number, line in enumerate(reversed(footer)):
        page.write(0.3, 0.22 + FOOTER * number, line, 9, ink.DIM)
    buffer = io.BytesIO()
    # No software or date stamp: the same episode gives the same bytes.
    canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def _header(page: ink.Page, report: PreviewReport) -> None:
    top, right = page.height, WIDTH - 0.3
    page.box(0, top - 0.86, WIDTH, 0.86, ink.HEADER)
    arm = "" if report.arm == "contracts" else "contracts off, "
    clones = f"{report.num_envs} clone" + ("" if report.num_envs == 1 else "s")
    engine = f"{report.seconds:g} s on {report.engine}, seed {report.seed}"
    page.write(0.3, top - 0.32, report.asset, 17, ink.TEXT, weight="bold")
    facts = f"{arm}{clones}, {engine}, effect within {report.window:g} s"
    page.write(0.3, top - 0.63, facts, 10, ink.DIM)
    color, text = ink.verdict(report)
    page.write(right, top - 0.32, text, 15, color, weight="bold", ha="right")
    overall = report.overall
    rates = (
        f"P(effect | cause) {ink.rate(overall.effect_given_cause)}    "
        f"P(effect | no cause) {ink.rate(overall.effect_given_no_cause)}"
    )
    page.write(right, top - 0.63, rates, 11, ink.TEXT, ha="right")


def _row(
    page: ink.Page,
    row: ContractRow,
    report: PreviewReport,
    recording: Recording,
    *,
    top: float,
    plot: float,
) -> None:
    page.write(HEAT[0] - 0.65, top - 0.14, ink.cut(row.id, 40), 12, ink.TEXT, weight="bold")
    page.write(TRIGGER[0], top - 0.14, ink.cut(ink.rule(row), 92), 10.5, ink.TEXT)
    bottom = top - TITLE - plot
    heat, trigger, effect = (
        page.plot(left, bottom, width, plot) for left, width in (HEAT, TRIGGER, EFFECT)
    )
    first = row is report.contracts[0]
    draw_states(heat, row, report, recording, pixels=plot * DPI, legend=first)
    draw_trigger(trigger, row, report, recording)
    draw_effect(effect, row, report, recording)
    _cells(page, row, report, y=bottom - AXIS - STRIP / 2)


def _cells(page: ink.Page, row: ContractRow, report: PreviewReport, *, y: float) -> None:
    """The four cells as boxes, then the rates and the latency."""
    cells = row.cells
    wanted = report.arm == "contracts"
    boxes = (
        ("cause, effect", cells.cause_effect, wanted),
        ("cause, no effect", cells.cause_no_effect, not wanted),
        ("no cause, effect", cells.no_cause_effect, False),
        ("no cause, no effect", cells.no_cause_no_effect, True),
    )
    for number, (name, count, good) in enumerate(boxes):
        color = ink.DIM if not count else ink.ACCENT if good else ink.ERROR
        mark = "" if not count else "  ok" if good else "  !!"
        x = HEAT[0] + number * 1.375
        page.box(x, y - 0.2, 1.225, 0.4, ink.INPUT, ink.SELECTED if not count else color)
        page.write(x + 0.08, y + 0.09, name, 7.8, ink.TEXT if count else ink.DIM)
        page.write(x + 0.08, y - 0.08, f"{count}{mark}", 9, color, weight="bold")
    for number, (text, color) in enumerate(ink.summary(row)):
        left = (TRIGGER[0], EFFECT[0])[number % 2]
        page.write(left, y + (0.09, -0.1)[number // 2], text, 9.5, color)


def _footer(report: PreviewReport) -> list[str]:
    lines = [f"hand   {press.text}" for press in report.hand]
    lines += [f"inert  {row.contract}: {row.why}" for row in report.inert]
    lines += [f"wrong  {reason}" for reason in report.verdict.reasons]
    lines += [f"note   {note}" for note in report.verdict.notes]
    left = len(lines) - MAX_LINES
    shown = lines if left <= 0 else [*lines[: MAX_LINES - 1], f"... and {left + 1} more lines"]
    return [ink.cut(line, 190) for line in shown]

# SPDX-License-Identifier: Apache-2.0
"""A report and its recording to one PNG: per contract a heat map of states, traces and four cells."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from causal_contracts.core.atomic import write_atomically

from . import ink
from .loop import Recording
from .report import ContractRow, PreviewReport
from .state_map import draw_states
from .traces import draw_effect, draw_trigger

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 15.0
DPI = 110
HEADER = 1.02
FOOTER = 0.30
"""Inches; a footer per line."""
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
    _header(figure, report, height)
    for number, row in enumerate(rows):
        _row(figure, row, report, recording, top=height - HEADER - number * block, plot=plot, height=height)
    for number, line in enumerate(footer):
        y = 0.22 + FOOTER * (len(footer) - 1 - number)
        ink.write(figure, 0.3, y, line, height=height, width=WIDTH, size=9, color=ink.DIM)
    buffer = io.BytesIO()
    # No software or date stamp: the same episode gives the same bytes.
    canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def _header(figure: Figure, report: PreviewReport, height: float) -> None:
    ink.panel(figure, (0, height - 0.86), (WIDTH, 0.86), ink.HEADER, width=WIDTH, height=height)
    place = {"figure": figure, "height": height, "width": WIDTH}
    arm = "" if report.arm == "contracts" else "contracts off, "
    clones = f"{report.num_envs} clone" + ("" if report.num_envs == 1 else "s")
    ink.write(x=0.3, y=height - 0.32, text=report.asset, size=17, color=ink.TEXT, weight="bold", **place)
    facts = f"{arm}{clones}, {report.seconds:g} s on {report.engine}, seed {report.seed}, effect within {report.window:g} s"
    ink.write(x=0.3, y=height - 0.63, text=facts, size=10, color=ink.DIM, **place)
    good, text = ink.verdict(report)
    ink.write(x=14.7, y=height - 0.32, text=text, size=15, color=good, weight="bold", ha="right", **place)
    overall = report.overall
    rates = (
        f"P(effect | cause) {ink.rate(overall.effect_given_cause)}    "
        f"P(effect | no cause) {ink.rate(overall.effect_given_no_cause)}"
    )
    ink.write(x=14.7, y=height - 0.63, text=rates, size=11, color=ink.TEXT, ha="right", **place)


def _row(
    figure: Figure,
    row: ContractRow,
    report: PreviewReport,
    recording: Recording,
    *,
    top: float,
    plot: float,
    height: float,
) -> None:
    place = {"figure": figure, "height": height, "width": WIDTH}
    ink.write(x=0.3, y=top - 0.14, text=ink.cut(row.id, 40), size=12, color=ink.TEXT, weight="bold", **place)
    ink.write(x=TRIGGER[0], y=top - 0.14, text=ink.cut(ink.rule(row), 92), size=10.5, color=ink.TEXT, **place)
    bottom = top - TITLE - plot
    heat, trigger, effect = (
        figure.add_axes((left / WIDTH, bottom / height, width / WIDTH, plot / height))
        for left, width in (HEAT, TRIGGER, EFFECT)
    )
    draw_states(heat, row, report, recording, pixels=plot * DPI, legend=row is report.contracts[0])
    draw_trigger(trigger, row, report, recording)
    draw_effect(effect, row, report, recording)
    _cells(figure, row, report, y=bottom - AXIS - STRIP / 2, height=height)


def _cells(figure: Figure, row: ContractRow, report: PreviewReport, *, y: float, height: float) -> None:
    """The four cells as boxes, then the rates and the latency as one line."""
    cells = row.cells
    wanted = report.arm == "contracts"
    boxes = (
        ("cause, effect", cells.cause_effect, wanted),
        ("cause, no effect", cells.cause_no_effect, not wanted),
        ("no cause, effect", cells.no_cause_effect, False),
        ("no cause, no effect", cells.no_cause_no_effect, True),
    )
    place = {"figure": figure, "height": height, "width": WIDTH}
    for number, (name, count, good) in enumerate(boxes):
        color = ink.DIM if not count else ink.ACCENT if good else ink.ERROR
        mark = "" if not count else "  ok" if good else "  !!"
        x = HEAT[0] + number * 1.375
        edge = ink.SELECTED if not count else color
        ink.panel(figure, (x, y - 0.2), (1.225, 0.4), ink.INPUT, width=WIDTH, height=height, edge=edge)
        ink.write(x=x + 0.08, y=y + 0.09, text=name, size=7.8, color=ink.TEXT if count else ink.DIM, **place)
        ink.write(x=x + 0.08, y=y - 0.08, text=f"{count}{mark}", size=9, color=color, weight="bold", **place)
    for number, (text, color) in enumerate(ink.summary(row)):
        left = (TRIGGER[0], EFFECT[0])[number % 2]
        ink.write(x=left, y=y + (0.09, -0.1)[number // 2], text=text, size=9.5, color=color, **place)


def _footer(report: PreviewReport) -> list[str]:
    lines = [f"hand   {press.text}" for press in report.hand]
    lines += [f"inert  {row.contract}: {row.why}" for row in report.inert]
    lines += [f"note   {note}" for note in report.verdict.notes]
    shown = lines if len(lines) <= 8 else [*lines[:7], f"... and {len(lines) - 7} more lines in the report"]
    return [ink.cut(line, 190) for line in shown]

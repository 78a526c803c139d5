# SPDX-License-Identifier: Apache-2.0
"""A report to what a person reads in a terminal: clones, rates, hand, findings, verdict."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from . import ink
from .causality import Cell
from .report import CloneRow, ContractRow, PreviewReport, Rates

MAX_ROWS = 16
"""Clones shown over all contracts; each contract shows four at least."""
SURPRISING = (Cell.CAUSE_NO_EFFECT, Cell.NO_CAUSE_EFFECT, Cell.NAN)
WORDS = {
    Cell.CAUSE_EFFECT: ("cause, effect", "green"),
    Cell.CAUSE_NO_EFFECT: ("cause, no effect", "red"),
    Cell.NO_CAUSE_EFFECT: ("no cause, effect", "red"),
    Cell.NO_CAUSE_NO_EFFECT: ("no cause, no effect", "dim"),
    Cell.LATE: ("not counted: late", "yellow"),
    Cell.CONFOUNDED: ("not counted: confounded", "yellow"),
    Cell.NAN: ("not counted: NaN", "red"),
}


def print_report(report: PreviewReport, console: Console) -> None:
    """Prints the report, the verdict last."""
    console.print(Text(f"{report.asset}: {report.num_envs} clones, {report.seconds:g} s on {report.engine}"), highlight=False)
    for line in _said_before(report):
        console.print(line, highlight=False)
    limit = max(4, MAX_ROWS // max(1, len(report.contracts)))
    for row in report.contracts:
        console.print(clone_table(row, limit=limit, native=report.arm == "native"))
    console.print(rate_table(report))
    console.print(_verdict(report), highlight=False)


def clone_table(row: ContractRow, *, limit: int = MAX_ROWS, native: bool = False) -> RenderableType:
    """Pressed, active, effect and latency of up to `limit` clones; surprising ones come first."""
    table = Table(title=Text(row.sentence), title_justify="left", title_style="bold", header_style="dim", box=None, padding=(0, 2, 0, 0))
    for name in ("clone", "pressed", "active", "effect reached", "latency"):
        table.add_column(name, justify="right")
    table.add_column("counts as")
    shown = row.clones
    if len(shown) > limit:
        expected = SURPRISING if not native else (Cell.CAUSE_EFFECT, Cell.NO_CAUSE_EFFECT, Cell.NAN)
        shown = sorted(shown, key=lambda clone: (clone.cell not in expected, clone.clone))[:limit]
    for clone in shown:
        table.add_row(*_cells(clone, native))
    if len(shown) == len(row.clones):
        return Group(table, "")
    left = len(row.clones) - len(shown)
    return Group(table, Text(f"... and {left} more clones, all of them in --json", style="dim"), "")


def rate_table(report: PreviewReport) -> Table:
    """The two rates with N and 95 % interval, and the latency, per contract and overall."""
    table = Table(header_style="dim", box=None, padding=(0, 2, 0, 0))
    table.add_column("contract")
    for name in ("P(effect | cause)", "P(effect | no cause)", "latency", "not counted", "by itself"):
        table.add_column(name, justify="right")
    for row in report.contracts:
        table.add_row(row.id, *_rates(row))
    if len(report.contracts) > 1:
        table.add_section()
        table.add_row(Text("overall", style="bold"), *_rates(report.overall))
    return table


def _said_before(report: PreviewReport) -> list[Text]:
    arm = [Text("contracts off: this is what the asset does by itself", style="yellow")] if report.arm == "native" else []
    hand = [Text(f"hand   {press.text}", style="dim") for press in report.hand]
    inert = [Text(f"inert  {row.contract}: {row.why}", style="red") for row in report.inert]
    skipped = [Text(f"skipped  {row.contract}: {row.why}", style="yellow") for row in report.skipped]
    return [*arm, *hand, *inert, *skipped, Text("")]


def _cells(clone: CloneRow, native: bool) -> tuple[RenderableType, ...]:
    word, style = WORDS[clone.cell]
    if native and style in ("green", "red"):
        style = "green" if clone.cell is Cell.CAUSE_NO_EFFECT else "red"
    return (
        str(clone.clone),
        _at(clone.pressed),
        "off" if native else "yes" if clone.active else "-",
        _at(clone.effect),
        "-" if clone.latency is None else f"{clone.latency:.3f} s",
        Text(f"{word}, by itself" if clone.spontaneous else word, style=style),
    )


def _at(seconds: float | None) -> str:
    return "-" if seconds is None else f"at {seconds:.2f} s"


def _rates(row: Rates) -> tuple[str, ...]:
    counted_out = row.cells.late + row.cells.confounded + row.cells.nan
    latency = "-"
    if row.latency is not None:
        latency = f"{row.latency.median:.3f} s ({row.latency.min:.3f} to {row.latency.max:.3f})"
    return (
        _rate(row.effect_given_cause, row.effect_given_cause_n, row.effect_given_cause_interval),
        _rate(row.effect_given_no_cause, row.effect_given_no_cause_n, row.effect_given_no_cause_interval),
        latency,
        str(counted_out),
        str(row.spontaneous_fires),
    )


def _rate(value: float | None, total: int, interval: tuple[float, float] | None) -> str:
    if value is None or interval is None:
        return "- (N = 0)"
    return f"{ink.rate(value)} (N = {total}, {interval[0]:.2f} to {interval[1]:.2f})"


def _verdict(report: PreviewReport) -> Text:
    text = Text("\n")
    if (reset := report.latch_reset) is not None:
        state = "exactly their latches" if reset.exact else "NOT exactly their latches"
        text.append(f"reset of {len(reset.reset)} clones cleared {state}: {len(reset.cleared)} cleared, {len(reset.kept)} kept\n")
    for note in report.verdict.notes:
        text.append(f"note   {note}\n", style="dim")
    for reason in report.verdict.reasons:
        text.append(f"wrong  {reason}\n", style="red")
    return text.append(ink.verdict(report)[1], style="bold green" if report.verdict.ok else "bold red")

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
    Cell.RELEASED: ("not counted: released", "yellow"),
    Cell.CONFOUNDED: ("not counted: confounded", "yellow"),
    Cell.NAN: ("not counted: NaN", "red"),
}


def print_report(report: PreviewReport, console: Console) -> None:
    """Prints the report, the verdict last."""
    console.print(
        Text(f"{report.asset}: {report.num_envs} clones, {report.seconds:g} s on {report.engine}"),
        highlight=False,
        soft_wrap=True,
    )
    for line in _said_before(report):
        console.print(line, highlight=False, soft_wrap=True)
    limit = max(4, MAX_ROWS // max(1, len(report.contracts)))
    for row in report.contracts:
        console.print(clone_table(row, limit=limit, native=report.arm == "native"))
    console.print(rate_table(report))
    console.print(_verdict(report), highlight=False, soft_wrap=True)


def clone_table(row: ContractRow, *, limit: int = MAX_ROWS, native: bool = False) -> RenderableType:
    """Pressed, active, effect and latency of up to `limit` clones; surprising ones come first."""
    table = Table(
        title=Text(f"{row.id}: {ink.rule(row)}"),
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        padding=(0, 2, 0, 0),
    )
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
    return Group(table, Text(f"... and {left} more clones; --json FILE has all", style="dim"), "")


def rate_table(report: PreviewReport) -> RenderableType:
    """The rates with their N and the latency, per contract and overall, and the intervals."""
    table = Table(header_style="dim", box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True, max_width=27)
    for name in ("P(effect | cause)", "P(effect | no cause)", "latency"):
        table.add_column(name, justify="right", no_wrap=True)
    if len(report.contracts) > 1:
        for row in report.contracts:
            table.add_row(row.id, *_rates(row))
    name = report.contracts[0].id if len(report.contracts) == 1 else Text("overall", style="bold")
    table.add_row(name, *_rates(report.overall))
    low, high = (
        _interval(span)
        for span in (
            report.overall.effect_given_cause_interval,
            report.overall.effect_given_no_cause_interval,
        )
    )
    table.add_row(
        Text("95 % interval", style="dim"), Text(low, style="dim"), Text(high, style="dim"), ""
    )
    return table


def _said_before(report: PreviewReport) -> list[Text]:
    arm = (
        [Text("contracts off: this is what the asset does by itself", style="yellow")]
        if report.arm == "native"
        else []
    )
    hand = [Text(f"hand   {press.text}", style="dim") for press in report.hand]
    inert = [Text(f"inert  {row.contract}: {row.why}", style="red") for row in report.inert]
    skipped = [
        Text(f"skipped  {row.contract}: {row.why}", style="yellow") for row in report.skipped
    ]
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
    return (
        f"{ink.rate(row.effect_given_cause)} of {row.effect_given_cause_n}",
        f"{ink.rate(row.effect_given_no_cause)} of {row.effect_given_no_cause_n}",
        "-" if row.latency is None else f"{row.latency.median:.3f} s",
    )


def _interval(span: tuple[float, float] | None) -> str:
    return "-" if span is None else f"{span[0]:.2f} to {span[1]:.2f}"


def _verdict(report: PreviewReport) -> Text:
    text = Text("\n")
    if (reset := report.latch_reset) is not None:
        state = "exactly their latches" if reset.exact else "NOT exactly their latches"
        text.append(
            f"reset of {len(reset.reset)} clones cleared {state}: "
            f"{len(reset.cleared)} cleared, {len(reset.kept)} kept\n"
        )
    for note in report.verdict.notes:
        text.append(f"note   {note}\n", style="dim")
    for reason in report.verdict.reasons:
        text.append(f"wrong  {reason}\n", style="red")
    return text.append(
        ink.verdict(report)[1], style="bold green" if report.verdict.ok else "bold red"
    )

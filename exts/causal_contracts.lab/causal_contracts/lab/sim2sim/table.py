# SPDX-License-Identifier: Apache-2.0
"""A sim-to-sim report to what a person reads in a terminal: a table a contract, the verdict."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import words
from .report import ContractRow, Sim2SimReport, Spread


def print_report(report: Sim2SimReport, console: Console) -> None:
    """Prints the report, the verdict last."""
    facts = f"{report.num_envs} clones, {report.seconds:g} s, seed {report.seed}"
    lines = [Text(f"{report.asset}: {facts}, effect within {report.window:g} s")]
    width = max(len(engine.sim) for engine in report.engines)
    lines += [Text(f"{e.sim:<{width}}  {e.engine}", style="dim") for e in report.engines]
    lines += [Text(f"skipped  {s.contract}: {s.why}", style="yellow") for s in report.skipped]
    for line in [*lines, Text("")]:
        console.print(line, soft_wrap=True)
    for row in report.contracts:
        console.print(Text(f"{row.id}: {words.rule(row)}", style="bold"), soft_wrap=True)
        console.print(contract_table(row, report), "")
    for note in report.verdict.notes:
        console.print(Text(f"note   {note}", style="dim"), soft_wrap=True)
    for reason in report.verdict.reasons:
        console.print(Text(f"wrong  {reason}", style="red"), soft_wrap=True)
    style = "bold green" if report.verdict.ok else "bold red"
    console.print(Text(words.verdict(report), style=style))


def contract_table(row: ContractRow, report: Sim2SimReport) -> Table:
    """Rates, latency, steady and rest error of each engine, and how far apart they are at most."""
    table = Table(header_style="dim", box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for measured in row.engines:
        table.add_column(measured.sim, justify="right", no_wrap=True)
    for apart in row.apart:
        against = f" of {apart.sim}" if len(row.apart) > 1 else ""
        table.add_column(f"apart{against}", justify="right", no_wrap=True)
    table.add_column("allowed", justify="right", no_wrap=True)
    caused, uncaused = zip(*(words.rates(m) for m in row.engines), strict=True)
    clones = [
        Text(words.clones_apart(apart), style="red" if apart.cells else "") for apart in row.apart
    ]
    table.add_row("P(effect | cause)", *caused, *clones, "0 clones")
    table.add_row("P(effect | no cause)", *uncaused)
    limit, unit = report.tolerances.latency, row.effect_unit
    latencies = (_spread(m.latency, "s") for m in row.engines)
    table.add_row(
        "latency",
        *latencies,
        *(_far(apart.latency, "s", limit) for apart in row.apart),
        words.seconds(limit),
    )
    for name, own, between in (
        ("steady error", "steady_error", "steady"),
        ("rest error", "rest_error", "rest"),
    ):
        table.add_row(
            name,
            *(_spread(getattr(m, own), unit) for m in row.engines),
            *(_far(getattr(apart, between), unit, row.tolerance) for apart in row.apart),
            words.joint_error(row.tolerance, unit),
        )
    return table


def _spread(spread: Spread | None, unit: str | None) -> Text:
    """The median, and on a second line the least and the most where they differ."""
    middle, span = words.median(spread, unit), words.span(spread, unit)
    return Text.assemble(middle, (f"\n{span}", "dim") if span else "")


def _far(spread: Spread | None, unit: str | None, limit: float) -> Text:
    too_far = spread is not None and spread.max > limit
    return Text(words.most(spread, unit), style="red" if too_far else "")

# SPDX-License-Identifier: Apache-2.0
"""A training to what a person reads in a terminal: live rows, the two-arm table, the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from causal_contracts.preview import ink
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .arm import Iteration
from .report import ArmRow, EvaluatedContract, IterationRow, TrainingReport

SHOWN = (1, 5, 10, 20)
"""Iterations of the two-arm table; the last one is always there."""
LIVE_HEADER = (
    f"{'arm':8}  {'iteration':>9}  {'press':>6}  {'effect|press':>17}  {'reward':>7}  {'time':>8}"
)
STYLE = {"pass": "bold green", "fail": "bold red", "inconclusive": "bold yellow"}
WORDS = {"pass": "[ok] pass", "fail": "[!!] fail", "inconclusive": "[??] inconclusive"}


def live_row(arm: str, row: Iteration, *, of: int) -> str:
    """One iteration on one line, under `LIVE_HEADER`; a log file and a terminal show the same."""
    effects, counted = row.rates.effect_given_cause
    share = effects / counted if counted else None
    lost = f"  {row.nan_environments} went to NaN" if row.nan_environments else ""
    return (
        f"{arm:8}  {f'{row.iteration}/{of}':>9}  {ink.rate(row.rates.press_rate):>6}  "
        f"{_counted(share, counted):>17}  {row.reward:>7.3f}  {row.seconds:>6.2f} s{lost}"
    )


def print_training_report(report: TrainingReport, console: Console) -> None:
    """The two-arm table, the evaluations, what was skipped, and the verdict last."""
    asked = report.request
    console.print(
        Text(
            f"{report.asset}: {asked.library} on {asked.backend}, {asked.device}, "
            f"{asked.num_envs} environments, {asked.iterations} iterations, seed {report.seed}",
            style="bold",
        )
    )
    for contract in report.bundle.contracts:
        console.print(Text(f"  {contract.sentence}", style="dim"))
    console.print(two_arm_table(report), "")
    arms = (("native", report.arms.native), ("contract", report.arms.contract))
    for table in evaluation_tables(arms):
        console.print(table, "")
    for note in report.notes:
        console.print(Text(f"note   {note}", style="dim"))
    for arm, row in arms:
        if row.nan.environments:
            console.print(Text(f"NaN    {arm} arm: {row.nan.text}", style="yellow"))
    for reason in report.reasons:
        console.print(Text(reason, style="" if report.verdict == "pass" else "red"))
    console.print(verdict_line(report))


def verdict_line(report: TrainingReport) -> Text:
    """The verdict on one line."""
    return Text(f"{WORDS[report.verdict]}  {report.asset}", style=STYLE[report.verdict])


def two_arm_table(report: TrainingReport) -> Table:
    """Press rate, effect given cause and reward of both arms, at iterations 1, 5, 10, 20, last."""
    table = Table(header_style="dim", box=None, padding=(0, 2, 0, 0))
    table.add_column("iteration", justify="right")
    for arm in ("native", "contract"):
        for name in ("press", "effect | press", "reward"):
            table.add_column(f"{arm}\n{name}" if name == "press" else f"\n{name}", justify="right")
    for number in shown_iterations(report):
        row = [str(number)]
        for arm in (report.arms.native, report.arms.contract):
            row += _cells(_at(arm, number))
        table.add_row(*row)
    return table


def shown_iterations(report: TrainingReport) -> list[int]:
    """1, 5, 10 and 20 as far as they were trained, and the last one."""
    trained = {row.iteration for row in report.arms.contract.iterations}
    trained |= {row.iteration for row in report.arms.native.iterations}
    return sorted(trained & {*SHOWN, max(trained, default=0)})


def evaluation_tables(arms: Sequence[tuple[str, ArmRow]]) -> list[Table]:
    """One table for each contract: what policy and hand did in each arm, after training."""
    ids = [row.id for _, arm in arms[:1] for row in arm.evaluation.contracts]
    return [_evaluation_table(arms, name, named=len(ids) > 1) for name in ids]


def _evaluation_table(arms: Sequence[tuple[str, ArmRow]], name: str, *, named: bool) -> Table:
    table = Table(header_style="dim", box=None, padding=(0, 2, 0, 0))
    table.title, table.title_justify, table.title_style = name if named else None, "left", "bold"
    table.add_column("after training", no_wrap=True)
    for column in ("pressed", "effect | press", "reached", "reset", "latency"):
        table.add_column(column, justify="right", no_wrap=True)
    for arm, row in arms:
        for who, one in (("policy", row.evaluation), ("hand", row.scripted)):
            for contract in one.contracts:
                if contract.id == name:
                    table.add_row(f"{arm}, {who}", *_evaluated(contract, one.num_envs))
    return table


def _evaluated(row: EvaluatedContract, num_envs: int) -> tuple[str, ...]:
    return (
        f"{row.causes} of {row.episodes}",
        _counted(row.effect_given_cause, row.effect_given_cause_n),
        f"{row.reached} of {num_envs}",
        f"{row.closed_after_reset} of {num_envs}",
        "-" if row.latency is None else f"{row.latency.median:.2f} s",
    )


def _at(arm: ArmRow, number: int) -> IterationRow | None:
    return next((row for row in arm.iterations if row.iteration == number), None)


def _cells(row: IterationRow | None) -> Sequence[str]:
    if row is None:
        return ("-", "-", "-")
    reward = "-" if row.reward is None else f"{row.reward:.2f}"
    return (
        ink.rate(row.press_rate),
        _counted(row.effect_given_cause, row.effect_given_cause_n),
        reward,
    )


def _counted(share: float | None, counted: int) -> str:
    return "-" if share is None else f"{ink.rate(share)} of {counted:,}"

# SPDX-License-Identifier: Apache-2.0
"""The command `causal-contracts sim2sim`: arguments to exit code; imports wait until it runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from causal_contracts.core.cli.output import FOUND, command

if TYPE_CHECKING:
    from .report import Sim2SimReport, Tolerances
    from .run import EngineRun

EXAMPLES = """
Presses the triggers of ASSET's contracts at the same seeded times in clones on several physics
engines, and compares clone by clone what each contract did: rates of cause and effect, latency,
error at the target and at rest.

\b
Examples:
  causal-contracts sim2sim microwave.usda
  causal-contracts sim2sim stove.usda --num-envs 16 --png stove.png --json stove.json
  causal-contracts sim2sim car.usda --sim isaaclab-physx --sim isaaclab-newton
  causal-contracts sim2sim microwave.usda --latency 0.02 --angle 0.01 --json - | jq .verdict

Engines: physx (the library ovphysx), isaaclab-newton, isaaclab-physx. The others are compared with
the first; a tolerance holds for each single clone.

\b
Exit codes: 0 the engines agree and contracts act as they say, 1 they do not, 2 bad input.
"""


def add_commands(app: typer.Typer) -> None:
    """Adds `sim2sim` to the one command line (entry point group `causal_contracts.commands`)."""
    summary = "Compare what the contracts of an asset do on several physics engines."
    app.command("sim2sim", help=EXAMPLES, short_help=summary)(sim2sim)


@command
def sim2sim(
    asset: Annotated[
        Path, typer.Argument(help="USD asset: .usd, .usda, .usdc or .usdz.", show_default=False)
    ],
    sim: Annotated[
        list[str] | None,
        typer.Option(help="Engine; twice or more.", show_default="physx, isaaclab-newton"),
    ] = None,
    couplings: Annotated[
        Path | None,
        typer.Option(help="Run this couplings.json instead of the contracts on the asset."),
    ] = None,
    articulation: Annotated[
        str | None, typer.Option(help="Prim path of the articulation, where the asset has several.")
    ] = None,
    num_envs: Annotated[int, typer.Option("--num-envs", "-n", help="Number of clones.")] = 64,
    seconds: Annotated[float, typer.Option(help="Length of the episode, in seconds.")] = 4.0,
    window: Annotated[
        float, typer.Option(help="Time an effect may take after its cause, in seconds.")
    ] = 2.0,
    seed: Annotated[int, typer.Option(help="Seed of which clones press, and when.")] = 0,
    press: Annotated[
        float, typer.Option(help="Share of the clones that press each trigger, 0 to 1.")
    ] = 0.5,
    latency: Annotated[
        float, typer.Option(help="How far apart latencies may be, in seconds.")
    ] = 0.1,
    angle: Annotated[
        float, typer.Option(help="How far apart a revolute effect joint may be, in radians.")
    ] = 0.05,
    length: Annotated[
        float, typer.Option(help="How far apart a prismatic effect joint may be, in metres.")
    ] = 0.002,
    png: Annotated[
        Path | None, typer.Option(help="Write a picture of all engines' traces.")
    ] = None,
    json: Annotated[
        str | None,
        typer.Option(help="Write the report to this file; - prints it and nothing else."),
    ] = None,
) -> None:
    """Run the command; the help text is `EXAMPLES`."""
    began = time.perf_counter()
    from causal_contracts.core.issue import ContractError, issues_of
    from causal_contracts.preview.episode import Settings, read_contracts
    from causal_contracts.preview.progress import Progress

    from .compare import compare
    from .run import require_engines, run_engines

    engines = sim or ["physx", "isaaclab-newton"]

    def episode() -> Settings:
        return Settings("", num_envs, seconds, window, seed=seed, press=press)

    def tolerated() -> Tolerances:
        return _tolerances(latency, angle, length)

    faults = [
        issue
        for check in (lambda: require_engines(engines), episode, tolerated)
        for issue in issues_of(check)
    ]
    if faults:
        contracts = partial(read_contracts, asset, couplings=couplings, articulation=articulation)
        raise ContractError([*faults, *issues_of(contracts)])
    settings, tolerances = episode(), tolerated()
    with Progress(seconds) as progress:
        runs = run_engines(
            asset,
            engines,
            settings=settings,
            couplings=couplings,
            articulation=articulation,
            progress=progress.say,
        )
    report = compare(runs, tolerances)
    _deliver(report, runs, png=png, json=json, wall=time.perf_counter() - began)
    if not report.verdict.ok:
        raise typer.Exit(FOUND)


def _tolerances(latency: float, angle: float, length: float) -> Tolerances:
    from causal_contracts.core.issue import ContractError, error

    from .report import Tolerances

    given = {"latency": latency, "angle": angle, "length": length}
    faults = [
        error(f"--{name}", f"{value:g} is no tolerance", "give 0 or more")
        for name, value in given.items()
        if not value >= 0
    ]
    if faults:
        raise ContractError(faults)
    return Tolerances(**given)


def _deliver(
    report: Sim2SimReport,
    runs: Sequence[EngineRun],
    *,
    png: Path | None,
    json: str | None,
    wall: float,
) -> None:
    from .report import to_json, write_report

    if png is not None:
        from .picture import write_picture

        write_picture(report, runs, png)
    if json == "-":
        sys.stdout.write(to_json(report).decode())
        return
    from rich.console import Console

    from .table import print_report

    console = Console(highlight=False)
    print_report(report, console)
    if json is not None:
        write_report(report, json)
    for path in (json, png):
        if path is not None:
            console.print(f"wrote {path}", soft_wrap=True, markup=False)
    console.print(f"took {wall:.1f} s", style="dim")

# SPDX-License-Identifier: Apache-2.0
"""The command `causal-contracts preview`: arguments to exit code; imports wait until it runs."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.cli.output import FOUND, command
from causal_contracts.core.issue import ContractError, error, issues_of

if TYPE_CHECKING:
    from .episode import Preview, Settings

EXAMPLES = """
Steps clones of ASSET on real physics, presses the triggers of its contracts in some of them, and
reports from the measured positions whether each effect followed its cause, and only then.

\b
Examples:
  causal-contracts preview microwave.usda
  causal-contracts preview stove.usda --num-envs 64 --seed 3 --png stove.png
  causal-contracts preview kitchen.usda --articulation /Kitchen/Microwave
  causal-contracts preview microwave.usda --native
  causal-contracts preview microwave.usda --json - | jq .overall
  causal-contracts preview --replay microwave.preview.json
  causal-contracts preview microwave.usda --replay run.json --trace run.npz

\b
A log saved by the live preview holds presses, edits and resets with their
steps; --replay runs it again, which must give the same trace bit for bit.
Without ASSET it takes the file that the log names, which lies beside the log.

\b
Exit codes: 0 everything acted as the contracts say, 1 something did not or
a replay differed, 2 bad input.
"""


def add_commands(app: typer.Typer) -> None:
    """Adds `preview` to the one command line (entry point group `causal_contracts.commands`)."""
    summary = "See the contracts of an asset act on clones of it, on real physics."
    app.command("preview", help=EXAMPLES, short_help=summary)(preview)


@command
def preview(
    asset: Annotated[
        Path | None,
        typer.Argument(help="USD asset: .usd, .usda, .usdc or .usdz.", show_default=False),
    ] = None,
    couplings: Annotated[
        Path | None,
        typer.Option(help="Run this couplings.json instead of the contracts on the asset."),
    ] = None,
    articulation: Annotated[
        str | None, typer.Option(help="Prim path of the articulation, where the asset has several.")
    ] = None,
    sim: Annotated[str, typer.Option(help="physx, isaaclab-newton or isaaclab-physx.")] = "physx",
    num_envs: Annotated[int, typer.Option("--num-envs", "-n", help="Number of clones.")] = 16,
    seconds: Annotated[float, typer.Option(help="Length of the episode, in seconds.")] = 4.0,
    window: Annotated[
        float, typer.Option(help="Time an effect may take after its cause, in seconds.")
    ] = 2.0,
    seed: Annotated[int, typer.Option(help="Seed of which clones press, and when.")] = 0,
    press: Annotated[
        float, typer.Option(help="Share of the clones that press each trigger, 0 to 1.")
    ] = 0.5,
    native: Annotated[
        bool, typer.Option("--native", help="Contracts off: show what the asset does by itself.")
    ] = False,
    png: Annotated[Path | None, typer.Option(help="Write a picture of states and traces.")] = None,
    json: Annotated[
        str | None,
        typer.Option(help="Write the report to this file; - prints it and nothing else."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="Run the log of a live preview again; only --trace and --json apply."),
    ] = None,
    trace: Annotated[
        Path | None, typer.Option(help="With --replay: write every step to this .npz.")
    ] = None,
) -> None:
    """Run the command; the help text is `EXAMPLES`."""
    if replay is not None:
        if not _replay(asset, replay, trace=trace, json=json):
            raise typer.Exit(FOUND)
        return
    if trace is not None:
        raise ContractError(error("--trace", "goes with --replay", "give the log of a run"))
    if asset is None:
        raise ContractError(error("ASSET", "is missing", "name a USD file, or a log by --replay"))
    from .asset_contracts import read_contracts
    from .clones import require_engine
    from .episode import Settings

    def episode() -> Settings:
        return Settings(sim, num_envs, seconds, window, seed=seed, press=press, native=native)

    faults = [*issues_of(lambda: require_engine(sim)), *issues_of(episode)]
    if faults:
        given = {"couplings": couplings, "articulation": articulation}
        raise ContractError([*faults, *issues_of(lambda: read_contracts(asset, **given))])
    settings = episode()
    if not _run(asset, couplings, articulation, settings, png=png, json=json):
        raise typer.Exit(FOUND)


def _run(
    asset: Path,
    couplings: Path | None,
    articulation: str | None,
    settings: Settings,
    *,
    png: Path | None,
    json: str | None,
) -> bool:
    """Previews, writes what was asked for, and tells whether everything acted as said."""
    began = time.perf_counter()
    from .episode import preview_asset
    from .progress import Progress
    from .quiet_start import start_warp

    start_warp()

    with Progress(settings.seconds) as progress:
        result = preview_asset(
            asset,
            settings=settings,
            couplings=couplings,
            articulation=articulation,
            progress=progress.say,
            on_frame=progress.on_frame,
        )
        if png is not None:
            from .picture import write_picture

            write_picture(result.report, result.recording, png)
    _deliver(result, png=png, json=json, wall=time.perf_counter() - began)
    return result.report.verdict.ok


def _replay(asset: Path | None, log: Path, *, trace: Path | None, json: str | None) -> bool:
    """Replays, says what came of it, and tells whether the trace is the log's."""
    from .live.replay import replay, to_json
    from .live.run_log import asset_beside, read_log
    from .progress import Progress
    from .quiet_start import start_warp

    start_warp()
    logged = read_log(log)
    asset = asset or asset_beside(logged, log)
    with Progress(logged.steps * logged.dt) as progress:
        found = replay(
            asset, logged, trace=trace, progress=progress.say, on_frame=progress.on_frame
        )
    if json == "-":
        sys.stdout.write(to_json(found).decode())
        return found.same is not False
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for note in found.notes:
        console.print(f"note   {note}", style="dim", markup=False)
    console.print(found.sentence, style="bold red" if found.same is False else "bold green")
    if json is not None:
        write_atomically(Path(json), to_json(found))
    for path in (json, trace):
        if path is not None:
            console.print(f"wrote {path}", markup=False)
    return found.same is not False


def _deliver(result: Preview, *, png: Path | None, json: str | None, wall: float) -> None:
    from .report import to_json, write_report

    if json == "-":
        sys.stdout.write(to_json(result.report).decode())
        return
    from rich.console import Console

    from .table import print_report

    console = Console(highlight=False)
    print_report(result.report, console)
    if json is not None:
        write_report(result.report, json)
    for path in (json, png):
        if path is not None:
            console.print(f"wrote {path}", soft_wrap=True, markup=False)
    console.print(f"took {wall:.1f} s", style="dim")

# SPDX-License-Identifier: Apache-2.0
"""The command `causal-contracts gate`; imports wait until it runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from causal_contracts.core.cli.output import (
    BAD_INPUT,
    FOUND,
    Json,
    command,
    issue_dicts,
    print_issues,
    print_json,
    stderr,
    stdout,
)

from .settings import Settings
from .settings_options import takes_settings

if TYPE_CHECKING:
    from .children import Gate

GATE = """
Trains two policies on each ASSET, with its contracts and without, from the same seed and
hyper-parameters, and judges whether effects follow their causes with the contracts and only then.
Writes DIR/<asset>/coupling_training_report.json and curves.png. Needs the extra `lab`.

\b
Examples:
  causal-contracts gate coffee_maker.usda
  causal-contracts gate data/*/*.usda --library skrl --out out/gate
  causal-contracts gate car.usda --device cuda:0 --num-envs 4096 --json | jq .gates[].verdict

\b
Exit codes: 0 every asset passed, 1 one failed or is inconclusive, 2 bad input or a training that
died; an asset that cannot be used stops no other.
"""


@command
@takes_settings
def gate(
    *,
    assets: Annotated[list[Path], typer.Argument(help="USD assets.", show_default=False)],
    settings: Settings,
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("out"),
    json: Json = False,
) -> None:
    """Run the command; the help text is `GATE`."""
    _check(settings, assets)
    from .children import gate_requests, run_gates

    done = []
    for one in run_gates(gate_requests(assets, out, settings)):
        done.append(one)
        if not json:
            _show(one)
    if json:
        print_json({"gates": [_gate_dict(one) for one in done]})
    elif len(done) > 1:
        _print_verdicts(done)
    if any(one.issues for one in done):
        raise typer.Exit(BAD_INPUT)
    if any(one.report is not None and one.report.verdict != "pass" for one in done):
        raise typer.Exit(FOUND)


def _check(settings: Settings, assets: list[Path]) -> None:
    """Raise ContractError for what is wrong before any asset is looked at."""
    from causal_contracts.core.issue import ContractError, error, issues_of
    from causal_contracts.core.usd_stage import open_stage

    from .gate import require_installed
    from .settings import settings_issues

    faults = settings_issues(settings)
    for name in ("couplings", "articulation"):
        if getattr(settings, name) is not None and len(assets) > 1:
            what = f"is given for {len(assets)} assets"
            faults.append(error(f"--{name}", what, "call the gate once for each asset"))
    if faults:
        unread = [issue for one in assets for issue in issues_of(partial(open_stage, one))]
        raise ContractError([*faults, *unread])
    require_installed("isaaclab")


def _show(one: Gate) -> None:
    """Print the report of one asset, or what was wrong with it."""
    if one.report is None:
        print_issues(one.issues, stderr())
        return
    from .gate import PICTURE
    from .report import FILE_NAME
    from .table import print_training_report

    print_training_report(one.report, stdout())
    for name in (FILE_NAME, PICTURE):
        stdout().print(f"wrote {one.request.folder / name}", style="dim", markup=False)
    stdout().print("")


def _print_verdicts(done: list[Gate]) -> None:
    """One line for each asset."""
    from .table import verdict_line

    for one in done:
        if one.report is None:
            stdout().print(f"[red][!!] cannot be used[/red]  {one.request.asset.name}")
        else:
            stdout().print(verdict_line(one.report))


def _gate_dict(one: Gate) -> dict[str, Any]:
    from .report import FILE_NAME

    if one.report is None:
        return {"asset": str(one.request.asset), "issues": issue_dicts(one.issues)}
    return {
        "asset": str(one.request.asset),
        "verdict": one.report.verdict,
        "reasons": one.report.reasons,
        "report": str(one.request.folder / FILE_NAME),
    }

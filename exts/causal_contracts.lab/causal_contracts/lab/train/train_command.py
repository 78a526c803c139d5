# SPDX-License-Identifier: Apache-2.0
"""The command `causal-contracts train`; imports wait until it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from causal_contracts.core.cli.output import Json, command, print_json, stderr, stdout

from .processes import speaks
from .settings import Settings, settings_issues
from .settings_options import takes_settings

if TYPE_CHECKING:
    from .arm import Arm, ArmResult

TRAIN = """
Trains a policy to work ASSET, in Isaac Lab, with its contracts or without them, and judges from
measured positions what it learned. Needs the extra `lab`.

\b
Examples:
  causal-contracts train microwave.usda
  causal-contracts train microwave.usda --library skrl --iterations 50 --out out/microwave
  causal-contracts train car.usda --arm native --seed 3
  causal-contracts train microwave.usda --device cuda:0 --num-envs 4096 --json
  causal-contracts train microwave.usda --device cuda --num-envs 4096 --distributed

\b
Exit codes: 0 trained, 2 bad input. Whether the contracts held is judged by: causal-contracts gate
"""


@command
@takes_settings
def train(
    *,
    asset: Annotated[
        Path, typer.Argument(help="USD asset: .usd, .usda, .usdc or .usdz.", show_default=False)
    ],
    arm: Annotated[str, typer.Option(help="contract, or native: no contract acts.")] = "contract",
    settings: Settings,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the policy; without it nothing is written.")
    ] = None,
    distributed: Annotated[
        bool,
        typer.Option(
            "--distributed",
            help="Train one policy in a process on each GPU, or in those that torchrun started; "
            "--num-envs is what each of them has.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Run the command; the help text is `TRAIN`."""
    _require(asset, arm, settings)
    tells = speaks(distributed, settings)
    result = _train(asset, arm, settings, out, aloud=tells)
    if not tells:
        return
    from .summary import arm_row

    row = arm_row(result)
    if json:
        print_json({"asset": asset.name, "arm": arm, "seed": settings.seed, "result": row})
        return
    from .table import evaluation_tables

    for table in evaluation_tables([(result.request.arm, row)]):
        stdout().print(table, "")
    if result.nan.environments:
        stdout().print(row.nan.text, markup=False)
    if result.policy is not None:
        stdout().print(f"wrote {result.policy}", markup=False)


def _train(
    asset: Path, arm: str, settings: Settings, out: Path | None, *, aloud: bool
) -> ArmResult:
    """Train one arm, with its iterations on stderr where `aloud`."""
    from .gate import arm_request, facts_for, make_folder, train_arm
    from .table import LIVE_HEADER, live_row

    kind: Arm = "native" if arm == "native" else "contract"
    facts_for(asset, settings)
    request = arm_request(asset, settings, kind, out=out)
    if out is not None:
        make_folder(out)
    console = stderr()

    def say(line: str) -> None:
        if aloud:
            console.print(line, style="dim", markup=False)

    from .own_stdout import prints_to_stderr

    with prints_to_stderr():
        say(LIVE_HEADER)
        return train_arm(
            request,
            on_iteration=lambda row: console.print(
                live_row(kind, row, of=settings.iterations), markup=False
            ),
            progress=say,
        )


def _require(asset: Path, arm: str, settings: Settings) -> None:
    """Raise ContractError for bad settings, a bad arm and an asset of no use, together."""
    from causal_contracts.core.issue import ContractError, error, issues_of

    from .facts import asset_facts

    faults = settings_issues(settings)
    if arm not in ("contract", "native"):
        faults = [*faults, error("--arm", f"{arm} cannot be used", "give contract or native")]
    if faults:
        given = {"couplings": settings.couplings, "articulation": settings.articulation}
        raise ContractError([*faults, *issues_of(lambda: asset_facts(asset, **given))])

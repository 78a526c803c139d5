# SPDX-License-Identifier: Apache-2.0
"""The commands `train`, `gate` and `export-policy`; imports wait until one of them runs."""

from __future__ import annotations

from dataclasses import asdict
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

if TYPE_CHECKING:
    from .arm import Arm, ArmResult
    from .children import Gate
    from .gate import Settings

TRAIN = """
Trains a policy to work ASSET, in Isaac Lab, with its contracts or without them, and judges from
measured positions what it learned. Needs the extra `lab`.

\b
Examples:
  causal-contracts train microwave.usda
  causal-contracts train microwave.usda --library skrl --iterations 50 --out out/microwave
  causal-contracts train car.usda --arm native --seed 3
  causal-contracts train microwave.usda --device cuda:0 --num-envs 4096 --json

\b
Exit codes: 0 trained, 2 bad input. Whether the contracts held is judged by: causal-contracts gate
"""
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
EXPORT = """
Writes the policy of CHECKPOINT with its observation normaliser as ONNX, TorchScript or both, each
read back and compared with the trained policy before the file is written. The contracts are not
part of it: they stay in the environment. Needs the extra `lab`.

\b
Examples:
  causal-contracts export-policy out/microwave/contract/policy.pt --onnx policy.onnx
  causal-contracts export-policy policy.pt --onnx policy.onnx --torchscript policy_jit.pt --json

\b
Exit codes: 0 written, 2 bad input, or a form that does not equal the trained policy: then none is
written.
"""

Asset = Annotated[
    Path, typer.Argument(help="USD asset: .usd, .usda, .usdc or .usdz.", show_default=False)
]
Couplings = Annotated[
    Path | None,
    typer.Option(help="Train with this couplings.json instead of the contracts on the asset."),
]
Articulation = Annotated[
    str | None,
    typer.Option(help="Prim path of the articulation, where the asset has several."),
]
Learner = Annotated[str, typer.Option("--library", help="rsl_rl or skrl; both train PPO.")]
Backend = Annotated[str, typer.Option(help="newton or physx.")]
Device = Annotated[str, typer.Option(help="cpu or cuda:0, for simulation and learner.")]
NumEnvs = Annotated[int, typer.Option("--num-envs", "-n", help="Environments to train in.")]
Iterations = Annotated[int, typer.Option("--iterations", help="PPO updates.")]
Seed = Annotated[int, typer.Option(help="Seed of environment and learner.")]
Window = Annotated[float, typer.Option(help="Seconds that an effect may take after its cause.")]
EvalEnvs = Annotated[int, typer.Option("--eval-envs", help="Environments to evaluate in.")]


def add_commands(app: typer.Typer) -> None:
    """Add `train`, `gate` and `export-policy` (entry point group `causal_contracts.commands`)."""
    app.command("train", help=TRAIN, short_help="Train a policy on an asset in Isaac Lab.")(train)
    summary = "Prove by training, with contracts and without, that effects follow their causes."
    app.command("gate", help=GATE, short_help=summary)(gate)
    summary = "Write a trained policy as ONNX or TorchScript."
    app.command("export-policy", help=EXPORT, short_help=summary)(export_policy)


@command
def train(
    asset: Asset,
    arm: Annotated[str, typer.Option(help="contract, or native: no contract acts.")] = "contract",
    couplings: Couplings = None,
    articulation: Articulation = None,
    library: Learner = "rsl_rl",
    backend: Backend = "newton",
    device: Device = "cpu",
    num_envs: NumEnvs = 64,
    iterations: Iterations = 20,
    seed: Seed = 0,
    window: Window = 2.0,
    eval_envs: EvalEnvs = 256,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the policy; without it nothing is written.")
    ] = None,
    json: Json = False,
) -> None:
    """Run the command; the help text is `TRAIN`."""
    from .gate import Settings

    settings = Settings(
        library=library,
        backend=backend,
        device=device,
        num_envs=num_envs,
        iterations=iterations,
        seed=seed,
        window=window,
        eval_envs=eval_envs,
        couplings=couplings,
        articulation=articulation,
    )
    result = _train(asset, arm, settings, out)
    from .summary import arm_row

    row = arm_row(result)
    if json:
        print_json({"asset": asset.name, "arm": arm, "seed": seed, "result": row})
        return
    from .table import evaluation_tables

    for table in evaluation_tables([(result.request.arm, row)]):
        stdout().print(table, "")
    if result.nan.environments:
        stdout().print(row.nan.text, markup=False)
    if result.policy is not None:
        stdout().print(f"wrote {result.policy}", markup=False)


@command
def gate(
    assets: Annotated[list[Path], typer.Argument(help="USD assets.", show_default=False)],
    couplings: Couplings = None,
    articulation: Articulation = None,
    library: Learner = "rsl_rl",
    backend: Backend = "newton",
    device: Device = "cpu",
    num_envs: NumEnvs = 64,
    iterations: Iterations = 20,
    seed: Seed = 0,
    window: Window = 2.0,
    eval_envs: EvalEnvs = 256,
    out: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("out"),
    json: Json = False,
) -> None:
    """Run the command; the help text is `GATE`."""
    from .gate import Settings

    settings = Settings(
        library=library,
        backend=backend,
        device=device,
        num_envs=num_envs,
        iterations=iterations,
        seed=seed,
        window=window,
        eval_envs=eval_envs,
        couplings=couplings,
        articulation=articulation,
    )
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


def _train(asset: Path, arm: str, settings: Settings, out: Path | None) -> ArmResult:
    """Train one arm, with its iterations on stderr."""
    from .gate import arm_request, facts_for, make_folder, settings_issues, train_arm
    from .table import LIVE_HEADER, live_row

    _require(settings_issues(settings), arm)
    kind: Arm = "native" if arm == "native" else "contract"
    facts_for(asset, settings)
    request = arm_request(asset, settings, kind, out=out)
    if out is not None:
        make_folder(out)
    console = stderr()

    def say(line: str) -> None:
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


def _require(faults: list[Any], arm: str) -> None:
    """Raise ContractError for bad settings and a bad arm, together."""
    from causal_contracts.core.issue import ContractError, error

    if arm not in ("contract", "native"):
        faults = [*faults, error("--arm", f"{arm} cannot be used", "give contract or native")]
    if faults:
        raise ContractError(faults)


def _check(settings: Settings, assets: list[Path]) -> None:
    """Raise ContractError for what is wrong before any asset is looked at."""
    from causal_contracts.core.issue import ContractError, error

    from .gate import require_installed, settings_issues

    faults = settings_issues(settings)
    for name in ("couplings", "articulation"):
        if getattr(settings, name) is not None and len(assets) > 1:
            what = f"is given for {len(assets)} assets"
            faults.append(error(f"--{name}", what, "call the gate once for each asset"))
    if faults:
        raise ContractError(faults)
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


@command
def export_policy(
    checkpoint: Annotated[
        Path, typer.Argument(help="What train or gate wrote as policy.", show_default=False)
    ],
    onnx: Annotated[Path | None, typer.Option(help="Write ONNX to this file.")] = None,
    torchscript: Annotated[
        Path | None, typer.Option(help="Write TorchScript to this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Run the command; the help text is `EXPORT`."""
    from causal_contracts.core.issue import ContractError, error

    if onnx is None and torchscript is None:
        fix = "give --onnx FILE, --torchscript FILE or both"
        raise ContractError(error("export-policy", "has nothing to write", fix))
    from .gate import require_installed

    require_installed("torch", "onnx", "onnxruntime")
    from .export import export_policy as export
    from .policy import load_policy
    from .policy_facts import read_policy_facts

    facts = read_policy_facts(checkpoint)
    written = export(load_policy(checkpoint), facts, onnx=onnx, torchscript=torchscript)
    if json:
        files = [asdict(one) | {"path": str(one.path)} for one in written]
        print_json({"files": files, "policy": facts})
        return
    for one in written:
        stdout().print(
            f"wrote {one.path}: at most {one.largest_difference:.1e} from the trained policy over "
            f"{one.samples:,} observations",
            markup=False,
        )
    stdout().print(facts.note, style="dim", markup=False)

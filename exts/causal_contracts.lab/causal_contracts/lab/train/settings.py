# SPDX-License-Identifier: Apache-2.0
"""What a person sets of a training, as options of the command line, to what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, get_args

import msgspec
import typer
from causal_contracts.core.issue import Issue, error

from .arm import Backend, Library


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What both arms of a gate share: the fields of `ArmRequest` that a person sets as options."""

    couplings: Annotated[
        Path | None,
        typer.Option(help="Train with this couplings.json instead of the contracts on the asset."),
    ] = None
    articulation: Annotated[
        str | None,
        typer.Option(help="Prim path of the articulation, where the asset has several."),
    ] = None
    library: Annotated[str, typer.Option(help="rsl_rl or skrl; both train PPO.")] = "rsl_rl"
    backend: Annotated[str, typer.Option(help="newton or physx.")] = "newton"
    device: Annotated[str, typer.Option(help="cpu or cuda:0, for simulation and learner.")] = "cpu"
    num_envs: Annotated[int, typer.Option("--num-envs", "-n", help="Environments to train in.")] = (
        64
    )
    iterations: Annotated[int, typer.Option(help="PPO updates.")] = 20
    seed: Annotated[int, typer.Option(help="Seed of environment and learner.")] = 0
    window: Annotated[
        float, typer.Option(help="Seconds that an effect may take after its cause.")
    ] = 2.0
    eval_envs: Annotated[int, typer.Option(help="Environments to evaluate in.")] = 256


def settings_issues(settings: Settings) -> list[Issue]:
    """Everything that cannot be trained with, all at once."""
    from .run_arm import LEAST_WINDOW, MOST_WINDOW

    rows = (
        ("library", settings.library in get_args(Library), _one_of(Library)),
        ("backend", settings.backend in get_args(Backend), _one_of(Backend)),
        ("device", not (lacks := _lacks(settings.device)), lacks),
        ("num-envs", settings.num_envs >= 1, "give 1 or more"),
        ("iterations", settings.iterations >= 1, "give 1 or more"),
        ("seed", settings.seed >= 0, "give 0 or more"),
        (
            "window",
            LEAST_WINDOW <= settings.window <= MOST_WINDOW,
            f"give {LEAST_WINDOW:g} to {MOST_WINDOW:g} s",
        ),
        ("eval-envs", settings.eval_envs >= 1, "give 1 or more"),
    )
    values = msgspec.structs.asdict(settings)
    return [
        error(f"--{name}", f"{values[name.replace('-', '_')]} cannot be used", fix)
        for name, good, fix in rows
        if not good
    ]


def _lacks(device: str) -> str:
    """What to do about a device that is not here; nothing where it is."""
    wanted = re.fullmatch(r"cpu|cuda(?::(\d+))?", device)
    if wanted is None:
        return "give cpu or cuda:0"
    if device == "cpu":
        return ""
    import torch

    count = torch.cuda.device_count()
    if not count:
        return "there is no CUDA device here; give cpu"
    last = f"cuda:{count - 1}"
    return "" if int(wanted[1] or 0) < count else f"the last device here is {last}; give cuda:0"


def _one_of(kind: object) -> str:
    return f"give {' or '.join(get_args(kind))}"

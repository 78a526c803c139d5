# SPDX-License-Identifier: Apache-2.0
"""Randomisation of contracts per environment, drawn from torch's generator as Isaac Lab's own.

Each draw starts from what the author wrote, so repeated resets do not drift. Before the action
manager exists nothing happens; the first reset comes after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import torch
from isaaclab.utils.math import sample_gaussian, sample_log_uniform, sample_uniform

from .actions import ContractAction, columns, contract_action

if TYPE_CHECKING:
    from isaaclab.envs import ManagerBasedEnv

EnvIds = Sequence[int] | torch.Tensor | slice | None
Operation = Literal["add", "scale", "abs"]
Distribution = Literal["uniform", "log_uniform", "gaussian"]

SAMPLERS: dict[str, Callable[..., torch.Tensor]] = {
    "uniform": sample_uniform,
    "log_uniform": sample_log_uniform,
    "gaussian": sample_gaussian,
}


def randomize_contract_threshold(
    env: ManagerBasedEnv,
    env_ids: EnvIds,
    distribution_params: tuple[float, float],
    operation: Operation = "add",
    distribution: Distribution = "uniform",
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Draw thresholds [rad or m] from (low, high), or from (mean, std) for a gaussian."""
    draw = (distribution_params, operation, distribution)
    _randomize(env, env_ids, "threshold", draw, contract_ids, action_name)


def randomize_contract_target(
    env: ManagerBasedEnv,
    env_ids: EnvIds,
    distribution_params: tuple[float, float],
    operation: Operation = "add",
    distribution: Distribution = "uniform",
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Draw effect targets [rad or m] from (low, high), or from (mean, std) for a gaussian."""
    draw = (distribution_params, operation, distribution)
    _randomize(env, env_ids, "target", draw, contract_ids, action_name)


def randomize_contract_enabled(
    env: ManagerBasedEnv,
    env_ids: EnvIds,
    probability: float,
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Switch each contract on with this probability, also one that the author switched off."""
    action = _ready_action(env, action_name)
    if action is None:
        return
    chosen, rows = columns(action, contract_ids), _rows(env_ids, action)
    drawn = torch.rand(len(rows), len(chosen), device=action.device)
    action.tensor("enabled")[rows[:, None], chosen] = drawn < probability


def _randomize(
    env: ManagerBasedEnv,
    env_ids: EnvIds,
    name: Literal["threshold", "target"],
    draw: tuple[tuple[float, float], Operation, Distribution],
    contract_ids: Sequence[str] | None,
    action_name: str,
) -> None:
    params, operation, distribution = draw
    if distribution not in SAMPLERS:
        raise ValueError(f"distribution is '{distribution}'; there are {list(SAMPLERS)}")
    action = _ready_action(env, action_name)
    if action is None:
        return
    chosen, rows = columns(action, contract_ids), _rows(env_ids, action)
    authored = torch.as_tensor(getattr(action.compiled, name)[chosen], device=action.device)
    drawn = SAMPLERS[distribution](*params, (len(rows), len(chosen)), device=action.device)
    match operation:
        case "add":
            drawn = authored + drawn
        case "scale":
            drawn = authored * drawn
        case "abs":
            pass
        case _:
            raise ValueError(f"operation is '{operation}'; there are add, scale and abs")
    action.tensor(name)[rows[:, None], chosen] = drawn


def _ready_action(env: ManagerBasedEnv, action_name: str) -> ContractAction | None:
    return contract_action(env, action_name) if hasattr(env, "action_manager") else None


def _rows(env_ids: EnvIds, action: ContractAction) -> torch.Tensor:
    every = torch.arange(action.num_envs, device=action.device)
    return every if env_ids is None else every[env_ids]

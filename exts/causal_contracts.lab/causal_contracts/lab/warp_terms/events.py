# SPDX-License-Identifier: Apache-2.0
"""Randomisation of contracts in the environments of a mask, drawn from ``env.rng_state_wp``.

Each draw starts from what the author wrote, so repeated resets do not drift. An environment draws
from its own generator, which the task's seed starts, and no other one's moves. Before the action
manager exists nothing happens; the first reset comes after it. A graph keeps the parameters that it
was recorded with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import warp as wp

from ..mdp.events import Distribution, Operation
from . import contract_kernels as kernel
from .actions import ContractAction, contract_action

DISTRIBUTIONS: dict[str, int] = {"uniform": 0, "log_uniform": 1, "gaussian": 2}
OPERATIONS: dict[str, int] = {"add": 0, "scale": 1, "abs": 2}


def randomize_contract_threshold(
    env: Any,
    env_mask: wp.array,
    distribution_params: tuple[float, float],
    operation: Operation = "add",
    distribution: Distribution = "uniform",
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Draw thresholds [rad or m] from (low, high), or from (mean, std) for a gaussian."""
    draw = (distribution_params, operation, distribution)
    _randomize(env, env_mask, "threshold", draw, contract_ids, action_name)


def randomize_contract_target(
    env: Any,
    env_mask: wp.array,
    distribution_params: tuple[float, float],
    operation: Operation = "add",
    distribution: Distribution = "uniform",
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Draw effect targets [rad or m] from (low, high), or from (mean, std) for a gaussian."""
    draw = (distribution_params, operation, distribution)
    _randomize(env, env_mask, "target", draw, contract_ids, action_name)


def randomize_contract_enabled(
    env: Any,
    env_mask: wp.array,
    probability: float,
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Switch each contract on with this probability, also one that the author switched off."""
    action = _ready_action(env, action_name)
    if action is not None:
        wp.launch(
            kernel.randomize_flags,
            dim=env.num_envs,
            inputs=[env_mask, env.rng_state_wp, action.columns(contract_ids), probability],
            outputs=[action.term.enabled],
            device=env.device,
        )


def _randomize(
    env: Any,
    env_mask: wp.array,
    name: Literal["threshold", "target"],
    draw: tuple[tuple[float, float], Operation, Distribution],
    contract_ids: Sequence[str] | None,
    action_name: str,
) -> None:
    (first, second), operation, distribution = draw
    if distribution not in DISTRIBUTIONS:
        raise ValueError(f"distribution is '{distribution}'; there are {list(DISTRIBUTIONS)}")
    if operation not in OPERATIONS:
        raise ValueError(f"operation is '{operation}'; there are {list(OPERATIONS)}")
    action = _ready_action(env, action_name)
    if action is not None:
        columns, authored = action.columns(contract_ids), action.authored(name)
        numbers = [DISTRIBUTIONS[distribution], first, second, OPERATIONS[operation]]
        wp.launch(
            kernel.randomize_numbers,
            dim=env.num_envs,
            inputs=[env_mask, env.rng_state_wp, columns, authored, *numbers],
            outputs=[getattr(action.term, name)],
            device=env.device,
        )


def _ready_action(env: Any, action_name: str) -> ContractAction | None:
    return contract_action(env, action_name) if hasattr(env, "action_manager") else None

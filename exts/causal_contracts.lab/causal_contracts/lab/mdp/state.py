# SPDX-License-Identifier: Apache-2.0
"""Contract state beside the scene's: what `scene.get_state` and `env.reset_to` leave out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, get_args

import torch

from .actions import ContractAction, TensorName

if TYPE_CHECKING:
    from isaaclab.envs import ManagerBasedEnv

ContractState = dict[str, dict[str, torch.Tensor]]
"""By action term and name, each tensor of shape (num_envs, num_contracts)."""


def get_contract_state(env: ManagerBasedEnv) -> ContractState:
    """A copy of latches, flags and parameters, laid out like ``env.scene.get_state()``."""
    return {
        name: {key: values.clone() for key, values in state_tensors(action).items()}
        for name, action in contract_actions(env)
    }


def set_contract_state(
    env: ManagerBasedEnv,
    state: ContractState,
    env_ids: Sequence[int] | torch.Tensor | slice | None = None,
) -> None:
    """Restore `get_contract_state`; call it after ``env.reset_to``, which clears latches.

    Also stops the effect joints' drives: `reset_to` commands them the velocity that it restores,
    which would stay.

    Args:
        env: the environment.
        state: rows in the order of `env_ids`, as `reset_to` takes them.
        env_ids: the environments; all where None.

    Raises:
        ValueError: the state is of other action terms, or of another shape.
    """
    every = torch.arange(env.num_envs, dtype=torch.int32, device=env.device)
    rows = every if env_ids is None else every[env_ids]
    refuse_other_state(env, state, len(rows))
    for name, action in contract_actions(env):
        for key, values in state_tensors(action).items():
            values[rows] = state[name][key].to(values.device)
        action.stop_effects(rows)


def contract_actions(env: ManagerBasedEnv) -> Iterator[tuple[str, ContractAction]]:
    """Every contract term by its name."""
    for name in env.action_manager.active_terms:
        action = env.action_manager.get_term(name)
        if isinstance(action, ContractAction):
            yield name, action


def state_tensors(action: ContractAction) -> dict[str, torch.Tensor]:
    """The tensors that hold the state, by name."""
    return {
        "has_fired": action.has_fired,
        **{name: action.tensor(name) for name in get_args(TensorName)},
    }


def refuse_other_state(env: ManagerBasedEnv, state: ContractState, rows: int) -> None:
    """Raise ValueError where the state is of other terms, or of other shapes or rows."""

    def shapes(of: ContractState) -> dict[str, dict[str, tuple[int, ...]]]:
        return {name: {k: tuple(v.shape[1:]) for k, v in x.items()} for name, x in of.items()}

    here = {name: state_tensors(action) for name, action in contract_actions(env)}
    if shapes(state) != shapes(here):
        raise ValueError(f"the state has {shapes(state)}; this environment has {shapes(here)}")
    found = {len(values) for x in state.values() for values in x.values()}
    if found - {rows}:
        raise ValueError(f"the state has {sorted(found)} rows for {rows} environments")

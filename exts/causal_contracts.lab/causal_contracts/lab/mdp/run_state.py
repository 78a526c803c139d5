# SPDX-License-Identifier: Apache-2.0
"""A whole run to resume bit for bit: scene, contracts, and what else decides the next step."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import warp as wp

from .state import (
    contract_actions,
    get_contract_state,
    refuse_other_state,
    set_contract_state,
)

if TYPE_CHECKING:
    from isaaclab.envs import ManagerBasedEnv, ManagerBasedRLEnv

COMMANDS = ("position", "velocity", "effort")


def get_run_state(env: ManagerBasedRLEnv) -> dict[str, Any]:
    """What `set_run_state` needs to continue bit for bit; goes through ``torch.save``.

    Scene, solver, drive commands, contracts, actions, observations, step counters and random
    generators.
    Not the state that other managers keep for themselves: commands, interval timers, observation
    history and reward sums.
    """
    env.sim.forward()  # a reset in the last step reaches Newton's solver here, else in the next
    return {
        "scene": env.scene.get_state(),
        "solver": {name: wp.to_torch(array).clone() for name, array in _solver_arrays(env)},
        "commands": {
            name: {kind: _command(asset, kind).clone() for kind in COMMANDS}
            for name, asset in env.scene.articulations.items()
        },
        "contracts": get_contract_state(env),
        "contract_ids": {name: list(action.compiled.ids) for name, action in contract_actions(env)},
        "actions": [env.action_manager.action.clone(), env.action_manager.prev_action.clone()],
        "observations": _clone(env.obs_buf),
        "episode_length": env.episode_length_buf.clone(),
        "steps": [env.common_step_counter, env._sim_step_counter],
        "random": _random_state(env),
    }


def set_run_state(env: ManagerBasedRLEnv, state: dict[str, Any]) -> Any:
    """Restore `get_run_state` in an environment of the same configuration.

    Returns:
        The observations at which the run was saved.

    Raises:
        ValueError: other contracts, another number of environments.
    """
    ids = {name: list(action.compiled.ids) for name, action in contract_actions(env)}
    if state["contract_ids"] != ids:
        raise ValueError(f"the state has contracts {state['contract_ids']}; here run {ids}")
    refuse_other_state(env, state["contracts"], env.num_envs)
    env.reset_to(state["scene"])
    set_contract_state(env, state["contracts"])
    for name, array in _solver_arrays(env):
        wp.to_torch(array).copy_(state["solver"][name])
    for name, asset in env.scene.articulations.items():
        command = asset.actuators.target_command
        for kind in COMMANDS:
            values = state["commands"][name][kind].to(env.device)
            getattr(command, f"set_{kind}_mask")(value=values)
    for buffer, values in zip(
        (env.action_manager.action, env.action_manager.prev_action), state["actions"], strict=True
    ):
        buffer.copy_(values)
    env.episode_length_buf.copy_(state["episode_length"])
    env.common_step_counter, env._sim_step_counter = state["steps"]
    env.obs_buf = _clone(state["observations"], env.device)
    _set_random_state(env, state["random"])
    return env.obs_buf


def _solver_arrays(env: ManagerBasedEnv) -> Iterator[tuple[str, wp.array]]:
    """What a solver remembers beside the state: MuJoCo starts from its last accelerations."""
    data = getattr(getattr(env.sim.physics_manager, "_solver", None), "mjw_data", None)
    if data is not None:
        yield "qacc_warmstart", data.qacc_warmstart


def _command(asset: Any, kind: str) -> torch.Tensor:
    return getattr(asset.actuators.target_command, kind).torch


def _clone(tree: Any, device: Any = None) -> Any:
    if isinstance(tree, dict):
        return {name: _clone(value, device) for name, value in tree.items()}
    return tree.to(device, copy=True)


def _random_state(env: ManagerBasedEnv) -> dict[str, Any]:
    kind, keys, *rest = np.random.get_state(legacy=True)
    state: dict[str, Any] = {
        "torch": torch.get_rng_state(),
        "numpy": [kind, torch.as_tensor(keys.astype(np.int64)), *rest],
        "python": random.getstate(),
    }
    if "cuda" in str(env.device):
        state["cuda"] = torch.cuda.get_rng_state(env.device)
    return state


def _set_random_state(env: ManagerBasedEnv, state: dict[str, Any]) -> None:
    kind, keys, *rest = state["numpy"]
    torch.set_rng_state(state["torch"].cpu())
    np.random.set_state((kind, keys.cpu().numpy().astype(np.uint32), *rest))
    random.setstate(state["python"])
    if "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"].cpu(), env.device)

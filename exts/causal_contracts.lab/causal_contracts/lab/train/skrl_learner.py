# SPDX-License-Identifier: Apache-2.0
"""A ContractTask and a number of updates to a policy, by skrl's PPO."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from isaaclab_rl.skrl import SkrlVecEnvWrapper, import_skrl_runner
from torch import nn

from ..tasks.contract_task import ContractTask
from ..tasks.skrl_cfg import ppo_for
from .policy import PolicyModule


def train_skrl(
    task: ContractTask,
    *,
    iterations: int,
    logs: Path | None,
    after_update: Callable[[int], None],
) -> PolicyModule:
    """Train and return the policy with its normaliser.

    Args:
        task: the environment, not yet stepped.
        iterations: PPO updates, each after one rollout.
        logs: folder for skrl's own log and checkpoints; None: nothing is written.
        after_update: called after each update with the environment steps of its rollout.
    """
    cfg = ppo_for(held=task.held)
    steps = task.max_episode_length
    cfg["seed"] = task.cfg.seed
    cfg["agent"]["rollouts"] = steps
    cfg["agent"]["experiment"] = _experiment(logs)
    cfg["trainer"] |= {
        "timesteps": steps * iterations,
        "headless": True,
        "disable_progressbar": True,
        "close_environment_at_exit": False,
    }
    runner = import_skrl_runner("torch")(SkrlVecEnvWrapper(task), cfg)
    update = runner.agent.update

    def update_and_tell(**when: Any) -> None:
        update(**when)
        after_update(steps)

    runner.agent.update = update_and_tell
    runner.run()
    return plain(runner.agent)


def plain(agent: Any) -> PolicyModule:
    """skrl's policy without its noise: the standardised observation, clipped, then the network."""
    scaler = agent._observation_preprocessor
    layers = [part for part in agent.policy.modules() if isinstance(part, nn.Linear)]
    sizes = [layers[0].in_features, *(layer.out_features for layer in layers)]
    module = PolicyModule(sizes, scaler.clip_threshold)
    with torch.no_grad():
        module.mean.copy_(scaler.running_mean)
        module.scale.copy_(scaler.running_variance.float().sqrt() + scaler.epsilon)
        mine = (part for part in module.mlp if isinstance(part, nn.Linear))
        for here, there in zip(mine, layers, strict=True):
            here.load_state_dict(there.state_dict())
    return module.to(scaler.running_mean.device).eval()


def _experiment(logs: Path | None) -> dict[str, Any]:
    if logs is None:
        return {"write_interval": 0, "checkpoint_interval": 0}
    return {
        "directory": str(logs.parent),
        "experiment_name": logs.name,
        "write_interval": "auto",
        "checkpoint_interval": "auto",
    }

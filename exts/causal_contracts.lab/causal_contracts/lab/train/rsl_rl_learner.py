# SPDX-License-Identifier: Apache-2.0
"""A ContractTask and a number of updates to a policy, by RSL-RL's PPO."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from isaaclab.utils import to_dict
from isaaclab_rl.rsl_rl import RslRlVecEnvWrapper, handle_deprecated_rsl_rl_cfg
from rsl_rl.models import MLPModel
from rsl_rl.runners import OnPolicyRunner

from ..tasks.contract_task import ContractTask
from ..tasks.hyper_parameters import HIDDEN
from ..tasks.rsl_rl_cfg import ppo_for
from .policy import PolicyModule
from .process_group import join
from .world import world


def train_rsl_rl(
    task: ContractTask,
    *,
    iterations: int,
    logs: Path | None,
    after_update: Callable[[int], None],
) -> PolicyModule:
    """Train and return the policy with its normaliser.

    Args:
        task: the environment, not yet stepped.
        iterations: PPO updates.
        logs: folder for RSL-RL's own log and checkpoints; None: nothing is written.
        after_update: called after each update with the environment steps of its rollout.
    """
    cfg: Any = ppo_for(held=task.held)
    cfg.seed, cfg.device = task.cfg.seed, str(task.device)
    cfg.num_steps_per_env = task.max_episode_length
    cfg = handle_deprecated_rsl_rl_cfg(cfg, version("rsl-rl-lib"))
    wrapped = RslRlVecEnvWrapper(task, clip_actions=cfg.clip_actions)
    folder = None if logs is None else str(logs)
    runner = _Runner(wrapped, to_dict(cfg), log_dir=folder, device=cfg.device)
    runner.logger.git_status_repos.clear()  # the log is of the training, not of a checkout
    update = runner.alg.update

    def update_and_tell() -> dict[str, float]:
        losses = update()
        after_update(cfg.num_steps_per_env)
        return losses

    runner.alg.update = update_and_tell
    runner.learn(iterations)
    return plain(runner.alg.get_policy())


class _Runner(OnPolicyRunner):
    """Joins the processes as `process_group.join` does, so that trainings can follow each other."""

    def _configure_multi_gpu(self) -> None:
        here = world()
        self.gpu_world_size, self.is_distributed = here.size, here.size > 1
        self.gpu_local_rank, self.gpu_global_rank = here.local_rank, here.rank
        self.cfg["multi_gpu"] = None
        if self.is_distributed:
            self.cfg["multi_gpu"] = {
                "global_rank": here.rank,
                "local_rank": here.local_rank,
                "world_size": here.size,
            }
            join(here, self.device)


def plain(model: MLPModel) -> PolicyModule:
    """RSL-RL's policy without its noise: ``(obs - mean) / (std + eps)``, then the network."""
    normaliser: Any = model.obs_normalizer
    last: Any = model.mlp[-1]
    module = PolicyModule([model.obs_dim, *HIDDEN, last.out_features])
    with torch.no_grad():
        module.mean.copy_(normaliser.mean)
        module.scale.copy_(normaliser.std + normaliser.eps)
    module.mlp.load_state_dict(model.mlp.state_dict())
    return module.to(normaliser.mean.device).eval()

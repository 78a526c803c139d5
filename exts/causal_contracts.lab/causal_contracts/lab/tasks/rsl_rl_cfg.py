# SPDX-License-Identifier: Apache-2.0
"""RSL-RL's PPO for a ContractTask; both arms of a gate use the same."""

from __future__ import annotations

from typing import Any

from isaaclab.utils import configclass
from isaaclab_rl.rsl_rl import (
    RslRlMLPModelCfg,
    RslRlOnPolicyRunnerCfg,
    RslRlPpoAlgorithmCfg,
)

from .hyper_parameters import HIDDEN, HOLDING_STD, INITIAL_STD, STEPS


@configclass
class ContractPpoCfg(RslRlOnPolicyRunnerCfg):
    """A rollout is one whole episode, so that an iteration speaks of complete episodes alone."""

    seed = 0
    device = "cpu"
    num_steps_per_env = STEPS
    max_iterations = 20
    init_at_random_ep_len = False
    save_interval = 1000
    experiment_name = "causal_contracts"
    clip_actions = 1.0
    obs_groups = {"actor": ["policy"], "critic": ["policy"]}  # noqa: RUF012
    actor = RslRlMLPModelCfg(
        hidden_dims=list(HIDDEN),
        activation="elu",
        obs_normalization=True,
        distribution_cfg=RslRlMLPModelCfg.GaussianDistributionCfg(init_std=INITIAL_STD),
    )
    critic = RslRlMLPModelCfg(hidden_dims=list(HIDDEN), activation="elu", obs_normalization=True)
    algorithm = RslRlPpoAlgorithmCfg(
        value_loss_coef=1.0,
        use_clipped_value_loss=True,
        clip_param=0.2,
        entropy_coef=0.0,
        num_learning_epochs=5,
        num_mini_batches=4,
        learning_rate=1.0e-3,
        schedule="adaptive",
        gamma=0.99,
        lam=0.95,
        desired_kl=0.01,
        max_grad_norm=1.0,
    )


def holding() -> ContractPpoCfg:
    """For a task with a level contract, whose trigger must be held."""
    cfg: Any = ContractPpoCfg()
    for network in (cfg.actor, cfg.critic):
        # by name, so that the configuration can be written to a log
        network.class_name = "causal_contracts.lab.tasks.rsl_rl_model:SteadyMLP"
    cfg.actor.distribution_cfg.init_std = HOLDING_STD
    return cfg


def ppo_for(*, held: bool) -> ContractPpoCfg:
    """`held`: a level contract acts."""
    return holding() if held else ContractPpoCfg()

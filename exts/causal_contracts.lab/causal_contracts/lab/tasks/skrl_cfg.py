# SPDX-License-Identifier: Apache-2.0
"""skrl's PPO for a ContractTask; the numbers are those of RSL-RL's wherever both have them."""

from __future__ import annotations

import math
from typing import Any

from .hyper_parameters import HIDDEN, HOLDING_STD, INITIAL_STD, STEPS


def contract_ppo() -> dict[str, Any]:
    """The configuration that skrl's Runner takes; a rollout is one whole episode."""
    network = [
        {"name": "net", "input": "OBSERVATIONS", "layers": list(HIDDEN), "activations": "elu"}
    ]
    return {
        "seed": 0,
        "models": {
            "separate": True,
            "policy": {
                "class": "GaussianMixin",
                "clip_actions": False,
                "clip_log_std": True,
                "min_log_std": -20.0,
                "max_log_std": 2.0,
                "initial_log_std": math.log(INITIAL_STD),
                "network": network,
                "output": "ACTIONS",
            },
            "value": {
                "class": "DeterministicMixin",
                "clip_actions": False,
                "network": network,
                "output": "ONE",
            },
        },
        "memory": {"class": "RandomMemory", "memory_size": -1},
        "agent": {
            "class": "PPO",
            "rollouts": STEPS,
            "learning_epochs": 5,
            "mini_batches": 4,
            "discount_factor": 0.99,
            "gae_lambda": 0.95,
            "learning_rate": 1.0e-3,
            "learning_rate_scheduler": "KLAdaptiveLR",
            "learning_rate_scheduler_kwargs": {"kl_threshold": 0.01},
            "observation_preprocessor": "RunningStandardScaler",
            "observation_preprocessor_kwargs": None,
            "value_preprocessor": "RunningStandardScaler",
            "value_preprocessor_kwargs": None,
            "grad_norm_clip": 1.0,
            "ratio_clip": 0.2,
            "value_clip": 0.2,
            "entropy_loss_scale": 0.0,
            "value_loss_scale": 1.0,
            "kl_threshold": 0.0,
            "time_limit_bootstrap": True,
            "experiment": {
                "directory": "causal_contracts",
                "experiment_name": "",
                "write_interval": "auto",
                "checkpoint_interval": "auto",
            },
        },
        "trainer": {
            "class": "SequentialTrainer",
            "timesteps": 20 * STEPS,
            # skrl looks for "episode", which Isaac Lab does not fill
            "environment_info": "log",
        },
    }


def holding() -> dict[str, Any]:
    """The same for a task with a level contract, whose trigger must be held."""
    cfg = contract_ppo()
    cfg["models"]["policy"]["initial_log_std"] = math.log(HOLDING_STD)
    return cfg


def ppo_for(*, held: bool) -> dict[str, Any]:
    """`held`: a level contract acts."""
    return holding() if held else contract_ppo()

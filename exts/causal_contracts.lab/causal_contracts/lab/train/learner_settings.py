# SPDX-License-Identifier: Apache-2.0
"""A learner's name and an arm that it trained to the hyper-parameters that the report states."""

from __future__ import annotations

import json
from typing import Any

from .arm import ArmResult

OMITTED = frozenset(
    {"seed", "device", "max_iterations", "timesteps"}  # the request states them
    | {"experiment", "experiment_name", "run_name", "logger", "neptune_project", "wandb_project"}
    | {"save_interval", "resume", "load_run", "load_checkpoint"}  # of files
)
"""Keys that are no hyper-parameters."""


def learner_settings(arm: ArmResult, *, held: bool) -> dict[str, Any]:
    """The learner's configuration as plain JSON values, with the rollout as it was.

    `held`: a level contract acts.
    """
    match arm.request.library:
        case "rsl_rl":
            from isaaclab.utils import to_dict

            from ..tasks.rsl_rl_cfg import ppo_for

            settings = to_dict(ppo_for(held=held))
        case "skrl":
            from ..tasks.skrl_cfg import ppo_for

            settings = ppo_for(held=held)
    settings = json.loads(json.dumps(settings, default=lambda unset: None))
    if arm.iterations:
        steps = arm.iterations[0].env_steps // arm.request.num_envs
        rollout = {"rsl_rl": "num_steps_per_env", "skrl": "rollouts"}[arm.request.library]
        settings = _changed(settings, rollout, steps)
    return _without(settings)


def _without(tree: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without(value) if isinstance(value, dict) else value
        for key, value in tree.items()
        if key not in OMITTED and value != {}  # Isaac Lab's mark of what is not set
    }


def _changed(tree: dict[str, Any], name: str, new: Any) -> dict[str, Any]:
    return {
        key: new
        if key == name
        else _changed(value, name, new)
        if isinstance(value, dict)
        else value
        for key, value in tree.items()
    }

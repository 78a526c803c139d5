# SPDX-License-Identifier: Apache-2.0
"""Curriculum terms: what happened in the episodes that end, before the reset forgets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from .actions import contract_action

if TYPE_CHECKING:
    from isaaclab.envs import ManagerBasedRLEnv


def contract_fire_rate(
    env: ManagerBasedRLEnv,
    env_ids: Sequence[int] | torch.Tensor | slice,
    action_name: str = "contracts",
) -> dict[str, torch.Tensor] | None:
    """Share of the environments being reset in which each contract fired in the episode, by id.

    Logged as ``Curriculum/<term>/<contract id>``; nothing before the first step.
    """
    if env.common_step_counter == 0:
        return None
    action = contract_action(env, action_name)
    fired = action.has_fired[env_ids].float()
    rate = fired.sum(dim=0) / max(len(fired), 1)
    return dict(zip(action.compiled.ids, rate.unbind(), strict=True))

# SPDX-License-Identifier: Apache-2.0
"""Rewards for effects; each returns shape (num_envs,), the mean over the contracts chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from .actions import columns, contract_action

if TYPE_CHECKING:
    from isaaclab.envs import ManagerBasedRLEnv


def effect_progress(
    env: ManagerBasedRLEnv,
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> torch.Tensor:
    """Share of the way from rest to target, in [0, 1], whatever moved the effect joint."""
    action = contract_action(env, action_name)
    return _mean(action.progress[:, columns(action, contract_ids)])


def effect_given_cause(
    env: ManagerBasedRLEnv,
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> torch.Tensor:
    """Progress where the contract is active: an effect forced without its cause earns nothing."""
    action = contract_action(env, action_name)
    earned = torch.where(action.tensor("active"), action.progress, 0.0)
    return _mean(earned[:, columns(action, contract_ids)])


def _mean(values: torch.Tensor) -> torch.Tensor:
    """Over contracts; 0 without any."""
    return values.sum(dim=1) / max(values.shape[1], 1)

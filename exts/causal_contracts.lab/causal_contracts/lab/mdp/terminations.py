# SPDX-License-Identifier: Apache-2.0
"""Terminations on effects; each returns bool, shape (num_envs,)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from .actions import columns, contract_action

if TYPE_CHECKING:
    from isaaclab.envs import ManagerBasedRLEnv


def effect_reached(
    env: ManagerBasedRLEnv,
    progress: float = 0.95,
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> torch.Tensor:
    """Every enabled contract's effect joint has covered this share of its way, from any cause.

    Never where no contract is enabled.
    """
    action = contract_action(env, action_name)
    chosen = columns(action, contract_ids)
    enabled = action.tensor("enabled")[:, chosen]
    reached = action.progress[:, chosen] >= progress
    return (reached | ~enabled).all(dim=1) & enabled.any(dim=1)

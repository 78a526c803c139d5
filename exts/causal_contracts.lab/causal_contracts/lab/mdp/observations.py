# SPDX-License-Identifier: Apache-2.0
"""Observations of contracts; each returns a new float tensor of shape (num_envs, num_contracts)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .actions import contract_action

if TYPE_CHECKING:
    from isaaclab.envs import ManagerBasedEnv


def contract_fired(env: ManagerBasedEnv, action_name: str = "contracts") -> torch.Tensor:
    """1 where the condition was true at the last evaluation."""
    return contract_action(env, action_name).tensor("fired").float()


def contract_latched(env: ManagerBasedEnv, action_name: str = "contracts") -> torch.Tensor:
    """1 where a latching contract has fired since the reset; 0 for level contracts."""
    return contract_action(env, action_name).tensor("latched").float()


def contract_active(env: ManagerBasedEnv, action_name: str = "contracts") -> torch.Tensor:
    """1 where the effect joint is commanded its target."""
    return contract_action(env, action_name).tensor("active").float()


def contract_margin(env: ManagerBasedEnv, action_name: str = "contracts") -> torch.Tensor:
    """How far the trigger joint is past its threshold [rad or m], positive where it fires."""
    return contract_action(env, action_name).margin


def contract_progress(env: ManagerBasedEnv, action_name: str = "contracts") -> torch.Tensor:
    """Which share of the way from rest to target the effect joint has covered, in [0, 1]."""
    return contract_action(env, action_name).progress


def contract_threshold(env: ManagerBasedEnv, action_name: str = "contracts") -> torch.Tensor:
    """Thresholds of each environment [rad or m]: privileged, for a critic or a teacher."""
    return contract_action(env, action_name).tensor("threshold").clone()


def contract_target(env: ManagerBasedEnv, action_name: str = "contracts") -> torch.Tensor:
    """Effect targets of each environment [rad or m]: privileged."""
    return contract_action(env, action_name).tensor("target").clone()


def contract_enabled(env: ManagerBasedEnv, action_name: str = "contracts") -> torch.Tensor:
    """1 where the contract may fire in that environment: privileged."""
    return contract_action(env, action_name).tensor("enabled").float()

# SPDX-License-Identifier: Apache-2.0
"""Reward terms on imagined joint positions: those of `causal_contracts.lab.mdp`, pure."""

from __future__ import annotations

import torch
from causal_contracts.core.ir import CompiledCouplings

from .rule import Rule, prepare
from .state import State


def progress(
    compiled: CompiledCouplings | Rule, joint_pos: torch.Tensor, state: State
) -> torch.Tensor:
    """``clamp((q - rest) / (target - rest), 0, 1)`` of the effect joints, (num_envs, C), float32.

    1 where target and rest are the same; NaN where the bundle has no rest target.
    """
    rule = prepare(compiled, joint_pos.device)
    target = (state.params or rule.parameters).target
    way = target - rule.effect_rest
    share = (joint_pos.index_select(-1, rule.effect) - rule.effect_rest) / way
    return torch.where(way == 0, torch.ones_like(share), share).clamp(0.0, 1.0)


def effect_progress(
    compiled: CompiledCouplings | Rule, joint_pos: torch.Tensor, state: State
) -> torch.Tensor:
    """Mean progress over the contracts, whatever moved the joints, shape (num_envs,)."""
    return _mean(progress(compiled, joint_pos, state))


def effect_given_cause(
    compiled: CompiledCouplings | Rule, joint_pos: torch.Tensor, state: State
) -> torch.Tensor:
    """Mean progress where a contract is active: no cause, no reward; shape (num_envs,)."""
    reached = progress(compiled, joint_pos, state)
    return _mean(torch.where(state.active, reached, torch.zeros_like(reached)))


def _mean(values: torch.Tensor) -> torch.Tensor:
    return values.sum(dim=-1) / max(values.shape[-1], 1)

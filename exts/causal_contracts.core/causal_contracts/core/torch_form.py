# SPDX-License-Identifier: Apache-2.0
"""The meaning of a compiled bundle in torch: every other form must equal this one bit for bit."""

from __future__ import annotations

from typing import NamedTuple

import torch

from .ir import CompiledCouplings


class Parameters(NamedTuple):
    """What may differ per environment, each of shape (num_envs or 1, num_contracts)."""

    threshold: torch.Tensor
    """Trigger thresholds [rad or m], float32."""
    target: torch.Tensor
    """Drive targets while active [rad or m], float32."""
    enabled: torch.Tensor
    """False where the contract neither fires nor stays latched, bool."""


class State(NamedTuple):
    """Flags after one evaluation, each bool, shape (num_envs, num_contracts)."""

    fired: torch.Tensor
    latched: torch.Tensor
    active: torch.Tensor


def apply(
    compiled: CompiledCouplings,
    joint_pos: torch.Tensor,
    targets: torch.Tensor,
    latched: torch.Tensor,
    parameters: Parameters | None = None,
) -> tuple[torch.Tensor, State]:
    """One evaluation, pure: no argument is changed.

    Args:
        compiled: the rule.
        joint_pos: measured positions [rad or m], float32, shape (num_envs, num_joints).
        targets: commanded drive targets [rad or m], float32, shape (num_envs, num_joints).
        latched: latches before, bool, shape (num_envs, num_contracts).
        parameters: thresholds, targets and enabled flags; those of `compiled` unless given.
    """
    rule = {
        k: torch.as_tensor(v.copy(), device=joint_pos.device) for k, v in compiled.arrays().items()
    }
    threshold, target, enabled = parameters or (
        rule[name][None] for name in ("threshold", "target", "enabled")
    )
    pos = joint_pos[:, rule["trigger"].long()]
    fired = enabled & torch.where(rule["greater"], pos > threshold, pos < threshold)
    latched = rule["latching"] & enabled & (latched | fired)
    active = fired | latched
    merged = targets.clone()
    for c, joint in enumerate(compiled.effect.tolist()):
        merged[:, joint] = torch.where(active[:, c], target[:, c], merged[:, joint])
    return merged, State(fired, latched, active)

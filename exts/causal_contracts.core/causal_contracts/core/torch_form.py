# SPDX-License-Identifier: Apache-2.0
"""The meaning of a compiled bundle in torch: every other form must equal this one bit for bit."""

from __future__ import annotations

from typing import NamedTuple

import torch

from .ir import CompiledCouplings


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
) -> tuple[torch.Tensor, State]:
    """One evaluation, pure: neither argument is changed.

    Args:
        compiled: the rule.
        joint_pos: measured positions [rad or m], float32, shape (num_envs, num_joints).
        targets: commanded drive targets [rad or m], float32, shape (num_envs, num_joints).
        latched: latches before, bool, shape (num_envs, num_contracts).
    """
    rule = {
        k: torch.as_tensor(v.copy(), device=joint_pos.device) for k, v in compiled.arrays().items()
    }
    pos = joint_pos[:, rule["trigger"].long()]
    fired = torch.where(rule["greater"], pos > rule["threshold"], pos < rule["threshold"])
    fired = fired & rule["enabled"]
    latched = rule["latching"] & (latched | fired)
    active = fired | latched
    merged = targets.clone()
    for c, joint in enumerate(compiled.effect.tolist()):
        merged[:, joint] = torch.where(active[:, c], rule["target"][c], merged[:, joint])
    return merged, State(fired, latched, active)

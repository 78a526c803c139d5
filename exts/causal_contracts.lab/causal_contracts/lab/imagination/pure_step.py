# SPDX-License-Identifier: Apache-2.0
"""One evaluation of the contracts on imagined positions, pure, in torch."""

from __future__ import annotations

import torch
from causal_contracts.core.ir import CompiledCouplings
from causal_contracts.core.torch_form import Parameters

from .rule import Rule, prepare
from .state import State


def step(
    compiled: CompiledCouplings | Rule,
    joint_pos: torch.Tensor,
    state: State,
    params: Parameters | None = None,
    *,
    targets: torch.Tensor | None = None,
) -> tuple[torch.Tensor, State]:
    """Evaluate every contract once; no argument is changed, and the host waits for nothing.

    Equals `causal_contracts.core.torch_form.apply`, and with it `CouplingTerm`, bit for bit.
    A batch may have further dimensions in front, such as the members of an ensemble.

    Args:
        compiled: the rule, for the joint order of `joint_pos`.
        joint_pos: imagined positions [rad or m], float32, shape (num_envs, num_joints).
        state: flags before, on the device of `joint_pos`.
        params: thresholds, targets and enabled flags for this evaluation, each of shape
            (num_envs or 1, num_contracts); else those of `state`, else what the author said.
        targets: what the caller commands [rad or m], like `joint_pos`; else the rest targets of
            the effect joints, and NaN at every joint of which no contract says anything.

    Returns:
        Drive targets, a new tensor like `joint_pos`, and the state after.

    Raises:
        TypeError: `joint_pos` is not float32.
        ValueError: it has another number of joints than the rule, or the state other contracts.
    """
    rule = prepare(compiled, joint_pos.device)
    _refuse_other_shapes(rule, joint_pos, state)
    threshold, target, enabled = params or state.params or rule.parameters
    if joint_pos.ndim == 1:  # one environment, as inside a vmap
        threshold, target, enabled = threshold.flatten(), target.flatten(), enabled.flatten()
    pos = joint_pos.index_select(-1, rule.trigger)
    fired = enabled & torch.where(rule.greater, pos > threshold, pos < threshold)
    latched = rule.latching & enabled & (state.latched | fired)
    active = fired | latched
    merged = rule.rest.expand(joint_pos.shape) if targets is None else targets
    if not rule.passes:
        merged = merged.clone()
    for rows, joints in rule.passes:
        written = torch.where(
            active.index_select(-1, rows),
            target.index_select(-1, rows),
            merged.index_select(-1, joints),
        )
        merged = merged.index_copy(-1, joints, written)
    return merged, State(fired, latched, active, state.params)


def _refuse_other_shapes(rule: Rule, joint_pos: torch.Tensor, state: State) -> None:
    """Shapes and dtype alone, which the host knows."""
    if joint_pos.dtype != torch.float32:
        raise TypeError(f"joint_pos has dtype {joint_pos.dtype}; contracts compare float32")
    joints, contracts = rule.rest.shape[0], rule.trigger.shape[0]
    if joint_pos.shape[-1] != joints:
        raise ValueError(
            f"joint_pos has shape {tuple(joint_pos.shape)}; the rule was compiled for "
            f"{joints} joints: parse the model's states with JointColumns"
        )
    if state.latched.shape != (*joint_pos.shape[:-1], contracts):
        raise ValueError(
            f"the state has shape {tuple(state.latched.shape)}; joint_pos of shape "
            f"{tuple(joint_pos.shape)} and {contracts} contracts need "
            f"{(*joint_pos.shape[:-1], contracts)}"
        )

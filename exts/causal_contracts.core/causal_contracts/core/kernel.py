# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportAssignmentType=false
# ruff: noqa: ANN201, UP018 - Warp reads annotations, and float(0.0) declares a variable
"""The rule as Warp kernels: one launch for any number of environments and contracts.

Contracts are grouped by effect joint. One thread owns one (environment, effect joint), so nothing
races and the last active contract in id order wins. Outputs end in `_out`; `*_state_out` is also
read. No annotations are deferred here: Warp reads them.
"""

from typing import Any

import warp as wp


@wp.struct
class Rules:
    """The IR on the device, with the contracts of each effect joint side by side."""

    trigger: wp.array(dtype=wp.int32)  # (num_contracts,)
    greater: wp.array(dtype=wp.bool)  # (num_contracts,)
    latching: wp.array(dtype=wp.bool)  # (num_contracts,)
    # (num_envs, num_contracts); a row that all environments share has a stride of 0
    threshold: wp.array2d(dtype=wp.float32)  # [rad or m]
    target: wp.array2d(dtype=wp.float32)  # [rad or m]
    enabled: wp.array2d(dtype=wp.bool)
    # the k-th effect joint is driven by rows order[first[k]] .. order[first[k + 1] - 1]
    effect_joints: wp.array(dtype=wp.int32)  # (num_effect_joints,)
    slot: wp.array(dtype=wp.int32)  # (num_joints,): k of an effect joint, else -1
    first: wp.array(dtype=wp.int32)  # (num_effect_joints + 1,)
    order: wp.array(dtype=wp.int32)  # (num_contracts,)


@wp.func
def effect_target(
    env: int,
    k: int,
    joint_pos: wp.array2d(dtype=wp.float32),
    rules: Rules,
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
):
    """Evaluate the contracts of effect joint slot `k`: its target, and whether any is active."""
    result = float(0.0)
    any_active = bool(False)
    for i in range(rules.first[k], rules.first[k + 1]):
        c = rules.order[i]
        pos = joint_pos[env, rules.trigger[c]]
        # both comparisons are false for NaN
        fired = pos < rules.threshold[env, c]
        if rules.greater[c]:
            fired = pos > rules.threshold[env, c]
        enabled = rules.enabled[env, c]
        fired = fired and enabled
        latched = rules.latching[c] and enabled and (fired or latched_state_out[env, c])
        active = fired or latched
        fired_out[env, c] = fired
        latched_state_out[env, c] = latched
        active_out[env, c] = active
        if active:
            result = rules.target[env, c]
            any_active = True
    return result, any_active


@wp.kernel(enable_backward=False)
def merge_targets(
    # measured and commanded, (num_envs, num_joints) [rad or m]
    joint_pos: wp.array2d(dtype=wp.float32),
    targets: wp.array2d(dtype=wp.float32),
    rules: Rules,
    # state, (num_envs, num_contracts)
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
    merged_out: wp.array2d(dtype=wp.float32),
):
    """Out of place, one thread per (environment, joint): copy, or the effect where active."""
    env, joint = wp.tid()
    value = targets[env, joint]
    k = rules.slot[joint]
    if k >= 0:
        target, any_active = effect_target(
            env, k, joint_pos, rules, fired_out, latched_state_out, active_out
        )
        if any_active:
            value = target
    merged_out[env, joint] = value


@wp.kernel(enable_backward=False)
def write_targets(
    joint_pos: wp.array2d(dtype=wp.float32),
    rules: Rules,
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
    targets_out: wp.array2d(dtype=wp.float32),
):
    """In place, one thread per (environment, effect joint): written only where active."""
    env, k = wp.tid()
    target, any_active = effect_target(
        env, k, joint_pos, rules, fired_out, latched_state_out, active_out
    )
    if any_active:
        targets_out[env, rules.effect_joints[k]] = target


@wp.kernel(enable_backward=False)
def reset_by_mask(
    env_mask: wp.array(dtype=wp.bool),
    fired_out: wp.array2d(dtype=wp.bool),
    latched_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
):
    """Clear the state of the environments where the mask is true."""
    env, c = wp.tid()
    if env_mask[env]:
        fired_out[env, c] = False
        latched_out[env, c] = False
        active_out[env, c] = False


@wp.kernel(enable_backward=False)
def reset_by_index(
    env_ids: wp.array(dtype=Any),
    fired_out: wp.array2d(dtype=wp.bool),
    latched_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
):
    """Clear the state of the environments listed; an index outside is no environment."""
    i, c = wp.tid()
    env = env_ids[i]
    if env >= env_ids.dtype(0) and env < env_ids.dtype(latched_out.shape[0]):
        fired_out[wp.int32(env), c] = False
        latched_out[wp.int32(env), c] = False
        active_out[wp.int32(env), c] = False


for _dtype in (wp.int32, wp.int64):  # Isaac Lab's ids and torch's
    wp.overload(reset_by_index, {"env_ids": wp.array(dtype=_dtype)})

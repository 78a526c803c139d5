# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportAssignmentType=false, reportArgumentType=false
# ruff: noqa: ANN201, UP018 - Warp reads annotations, and float(0.0) declares a variable
"""The rule as Warp kernels: one launch for any number of environments and contracts.

One thread owns one column, a contract or a joint, of one or MANY environments: the threads of
a warp then read neighbouring flags, which are written where they changed. Outputs end in `_out`;
`*_state_out` is also read. No annotations are deferred here: Warp reads them. The CPU has a kernel
of its own, see `kernel_cpu`.
"""

from typing import Any

import warp as wp

MANY = 4
"""Environments of one thread in a launch that fills the GPU; their loads are in flight together."""
FILLS_THE_GPU = 1 << 19
"""Evaluations from which it does; fewer are spread over more threads, for less latency."""


def envs_per_thread(num_envs: int, columns: int) -> int:
    """How many environments a thread of `write_targets` or `merge_targets` takes: 1 or MANY."""
    return MANY if num_envs * columns >= FILLS_THE_GPU else 1


@wp.struct
class Rules:
    """The IR on the device, and how the contracts of one effect joint follow each other."""

    trigger: wp.array(dtype=wp.int32)  # (num_contracts,)
    greater: wp.array(dtype=wp.bool)  # (num_contracts,)
    latching: wp.array(dtype=wp.bool)  # (num_contracts,)
    # (num_envs, num_contracts); a row that all environments share has a stride of 0
    threshold: wp.array2d(dtype=wp.float32)  # [rad or m]
    target: wp.array2d(dtype=wp.float32)  # [rad or m]
    enabled: wp.array2d(dtype=wp.bool)
    effect: wp.array(dtype=wp.int32)  # (num_contracts,)
    # in id order: the first row that drives a joint, and the next one after a row; -1 for none
    head: wp.array(dtype=wp.int32)  # (num_joints,)
    next: wp.array(dtype=wp.int32)  # (num_contracts,)


@wp.func
def fires(pos: float, threshold: float, greater: bool, enabled: bool):
    """Whether the condition holds; both comparisons are false for NaN."""
    fired = pos < threshold
    if greater:
        fired = pos > threshold
    return fired and enabled


@wp.func
def one_follows(
    env: int,
    c: int,
    joint_pos: wp.array2d(dtype=wp.float32),
    rules: Rules,
    latched_state: wp.array2d(dtype=wp.bool),
):
    """Whether a contract after `c` on the same effect joint is active, and so wins.

    The thread of that contract may write its latch meanwhile: either value gives one answer. Each
    active contract looks as far as the next active one, so all together pass over a row once.
    """
    found = bool(False)
    later = rules.next[c]
    while later >= 0 and not found:
        enabled = rules.enabled[env, later]
        pos = joint_pos[env, rules.trigger[later]]
        found = fires(pos, rules.threshold[env, later], rules.greater[later], enabled)
        if rules.latching[later] and enabled and latched_state[env, later]:
            found = True
        later = rules.next[later]
    return found


def _write_targets(batch: int) -> Any:
    floats = wp.types.vector(length=batch, dtype=wp.float32)
    flags = wp.types.vector(length=batch, dtype=wp.uint8)

    @wp.kernel(enable_backward=False)
    def write_targets(
        # threads per contract, each of which takes every stride-th environment
        stride: int,
        # measured, (num_envs, num_joints) [rad or m]
        joint_pos: wp.array2d(dtype=wp.float32),
        rules: Rules,
        # state, (num_envs, num_contracts)
        fired_out: wp.array2d(dtype=wp.bool),
        latched_state_out: wp.array2d(dtype=wp.bool),
        active_out: wp.array2d(dtype=wp.bool),
        targets_out: wp.array2d(dtype=wp.float32),
    ) -> None:
        """In place, one thread per (environments, contract): written only where active."""
        # a division of 32 bits; that of a two-dimensional launch has 64 and costs more than the rule
        thread = wp.tid()
        first = thread // rules.trigger.shape[0]
        c = thread - first * rules.trigger.shape[0]
        last = joint_pos.shape[0] - 1
        trigger = rules.trigger[c]
        greater = rules.greater[c]
        latching = rules.latching[c]
        pos = floats()
        threshold = floats()
        enabled = flags()
        was_fired = flags()
        was_latched = flags()
        was_active = flags()
        # every load before the first store: the compiler cannot move a load over a store
        for i in range(batch):
            # the last environment, again, instead of none: the same answer is written twice
            env = wp.min(first + i * stride, last)
            threshold[i] = rules.threshold[env, c]
            enabled[i] = wp.uint8(rules.enabled[env, c])
            was_fired[i] = wp.uint8(fired_out[env, c])
            was_latched[i] = wp.uint8(latched_state_out[env, c])
            was_active[i] = wp.uint8(active_out[env, c])
            pos[i] = joint_pos[env, trigger]
        for i in range(batch):
            env = wp.min(first + i * stride, last)
            on = enabled[i] != wp.uint8(0)
            fired = fires(pos[i], threshold[i], greater, on)
            latched = latching and on and (fired or was_latched[i] != wp.uint8(0))
            active = fired or latched
            if fired != (was_fired[i] != wp.uint8(0)):
                fired_out[env, c] = fired
            if latched != (was_latched[i] != wp.uint8(0)):
                latched_state_out[env, c] = latched
            if active != (was_active[i] != wp.uint8(0)):
                active_out[env, c] = active
            if active:  # noqa: SIM102 - Warp evaluates both sides of `and`
                if not one_follows(env, c, joint_pos, rules, latched_state_out):
                    targets_out[env, rules.effect[c]] = rules.target[env, c]

    return write_targets


write_targets = {batch: _write_targets(batch) for batch in (1, MANY)}
"""In place, by environments per thread."""


def _merge_targets(batch: int) -> Any:
    floats = wp.types.vector(length=batch, dtype=wp.float32)

    @wp.kernel(enable_backward=False)
    def merge_targets(
        stride: int,
        # measured and commanded, (num_envs, num_joints) [rad or m]
        joint_pos: wp.array2d(dtype=wp.float32),
        targets: wp.array2d(dtype=wp.float32),
        rules: Rules,
        fired_out: wp.array2d(dtype=wp.bool),
        latched_state_out: wp.array2d(dtype=wp.bool),
        active_out: wp.array2d(dtype=wp.bool),
        merged_out: wp.array2d(dtype=wp.float32),
    ) -> None:
        """Out of place, one thread per (environments, joint): copy, or the effect if active."""
        thread = wp.tid()
        first = thread // joint_pos.shape[1]
        joint = thread - first * joint_pos.shape[1]
        last = joint_pos.shape[0] - 1
        head = rules.head[joint]
        values = floats()
        for i in range(batch):
            values[i] = targets[wp.min(first + i * stride, last), joint]
        for i in range(batch):
            env = wp.min(first + i * stride, last)
            value = values[i]
            c = int(head)
            while c >= 0:
                enabled = rules.enabled[env, c]
                pos = joint_pos[env, rules.trigger[c]]
                was_latched = latched_state_out[env, c]
                fired = fires(pos, rules.threshold[env, c], rules.greater[c], enabled)
                latched = rules.latching[c] and enabled and (fired or was_latched)
                active = fired or latched
                if fired_out[env, c] != fired:
                    fired_out[env, c] = fired
                if was_latched != latched:
                    latched_state_out[env, c] = latched
                if active_out[env, c] != active:
                    active_out[env, c] = active
                if active:
                    value = rules.target[env, c]
                c = rules.next[c]
            merged_out[env, joint] = value

    return merge_targets


merge_targets = {batch: _merge_targets(batch) for batch in (1, MANY)}
"""Out of place, by environments per thread."""


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

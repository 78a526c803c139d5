# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportAssignmentType=false, reportArgumentType=false
# ruff: noqa: ANN201 - Warp reads annotations, and float(0.0) declares a variable
"""The rule as Warp kernels: one launch for any number of environments and contracts.

One thread owns one column, a contract or a joint, of one or MANY environments: the threads of a
warp then read neighbouring flags, which are written where they changed. Its body is C, because
Warp's own indexing costs more instructions than the rule, and issuing them more time than memory.
Outputs end in `_out`; `*_state_out` is also read. No annotations are deferred here: Warp reads
them. The CPU has a kernel of its own, see `kernel_cpu`; these run there too.
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


_COLUMNS = """
    struct Evaluation {
        const float* joint_pos;
        const int* trigger;
        const int* next;
        const bool *greater, *latching, *enabled, *latched;
        const float* threshold;
        size_t joints, contracts, shared;

        CUDA_CALLABLE bool fires(size_t env, int c) const {
            const float pos = joint_pos[env * joints + trigger[c]];
            const float limit = threshold[env * shared + c];
            return (greater[c] ? pos > limit : pos < limit) & enabled[env * shared + c];
        }
        CUDA_CALLABLE bool holds(size_t env, int c) const {
            return latching[c] & enabled[env * shared + c] & latched[env * contracts + c];
        }
        // Whether a contract after `c` on the same effect joint is active, and so wins. Its thread
        // may write its latch meanwhile: either value gives one answer. An active contract looks
        // as far as the next active one, so all together pass over a row once.
        CUDA_CALLABLE bool one_follows(size_t env, int c) const {
            for (c = next[c]; c >= 0; c = next[c])
                if (fires(env, c) | holds(env, c))
                    return true;
            return false;
        }
    };
    const unsigned contracts = fired_out.shape[1];
    const Evaluation rule {
        joint_pos.data, rules.trigger.data, rules.next.data, rules.greater.data,
        rules.latching.data, rules.enabled.data, latched_state_out.data, rules.threshold.data,
        (size_t)joint_pos.shape[1], contracts, rules.threshold.strides[0] ? contracts : 0u
    };
    const unsigned last = joint_pos.shape[0] - 1;
    const float* targets_of = rules.target.data;
    struct One { enum { COUNT = 1 }; };
    struct Many { enum { COUNT = @MANY@ }; };
    const bool one = stride > last;
"""


def _snippet(body: str) -> str:
    """The C source of a kernel's thread: what all share, then `body` in one size of two."""
    return _COLUMNS.replace("@MANY@", str(MANY)) + body + "    one ? pass(One()) : pass(Many());\n"


_WRITE = """
    const unsigned first = thread / contracts, c = thread - first * contracts;
    const unsigned trigger = rule.trigger[c];
    const bool greater = rule.greater[c], latching = rule.latching[c];
    auto pass = [&](auto size) {
        enum { COUNT = decltype(size)::COUNT };
        float pos[COUNT], limit[COUNT];
        bool may[COUNT], was_fired[COUNT], was_latched[COUNT], was_active[COUNT];
        // every load before the first store, over which a compiler may not move it; the last
        // environment, again, instead of none: the same answer is written twice
        for (int i = 0; i < COUNT; ++i) {
            const size_t env = wp::min(first + i * stride, last), at = env * contracts + c;
            limit[i] = rule.threshold[env * rule.shared + c];
            may[i] = rule.enabled[env * rule.shared + c];
            was_fired[i] = fired_out.data[at];
            was_latched[i] = latched_state_out.data[at];
            was_active[i] = active_out.data[at];
            pos[i] = joint_pos.data[env * rule.joints + trigger];
        }
        for (int i = 0; i < COUNT; ++i) {
            const size_t env = wp::min(first + i * stride, last), at = env * contracts + c;
            // both comparisons are false for NaN
            const bool fired = (greater ? pos[i] > limit[i] : pos[i] < limit[i]) & may[i];
            const bool latched = latching & may[i] & (fired | was_latched[i]);
            const bool active = fired | latched;
            if (fired != was_fired[i])
                fired_out.data[at] = fired;
            if (latched != was_latched[i])
                latched_state_out.data[at] = latched;
            if (active != was_active[i])
                active_out.data[at] = active;
            if (active && !rule.one_follows(env, c))
                targets_out.data[env * rule.joints + rules.effect.data[c]]
                    = targets_of[env * rule.shared + c];
        }
    };
"""

_MERGE = """
    const unsigned joints = rule.joints, first = thread / joints, joint = thread - first * joints;
    const int head = rules.head.data[joint];
    auto pass = [&](auto size) {
        enum { COUNT = decltype(size)::COUNT };
        float value[COUNT];
        for (int i = 0; i < COUNT; ++i)
            value[i] = targets.data[(size_t)wp::min(first + i * stride, last) * joints + joint];
        for (int i = 0; i < COUNT; ++i) {
            const size_t env = wp::min(first + i * stride, last);
            for (int c = head; c >= 0; c = rule.next[c]) {
                const size_t at = env * contracts + c;
                const bool was_latched = latched_state_out.data[at];
                const bool fired = rule.fires(env, c);
                const bool latched = fired ? rule.latching[c] : rule.holds(env, c);
                const bool active = fired | latched;
                if (fired_out.data[at] != fired)
                    fired_out.data[at] = fired;
                if (was_latched != latched)
                    latched_state_out.data[at] = latched;
                if (active_out.data[at] != active)
                    active_out.data[at] = active;
                if (active)
                    value[i] = targets_of[env * rule.shared + c];
            }
            merged_out.data[env * joints + joint] = value[i];
        }
    };
"""


@wp.func_native(_snippet(_WRITE))
def write_columns(
    thread: wp.uint32,
    stride: wp.uint32,
    joint_pos: wp.array2d(dtype=wp.float32),
    rules: Rules,
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
    targets_out: wp.array2d(dtype=wp.float32),
) -> None:
    """The contracts of one thread: flags where they changed, targets where one is active."""


@wp.func_native(_snippet(_MERGE))
def merge_columns(
    thread: wp.uint32,
    stride: wp.uint32,
    joint_pos: wp.array2d(dtype=wp.float32),
    targets: wp.array2d(dtype=wp.float32),
    rules: Rules,
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
    merged_out: wp.array2d(dtype=wp.float32),
) -> None:
    """The joints of one thread, with all contracts on each."""


@wp.kernel(enable_backward=False, grid_stride=False)
def write_targets(
    # threads per contract, each of which takes every stride-th environment
    stride: wp.uint32,
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
    thread = wp.uint32(wp.tid())
    write_columns(
        thread, stride, joint_pos, rules, fired_out, latched_state_out, active_out, targets_out
    )


@wp.kernel(enable_backward=False, grid_stride=False)
def merge_targets(
    stride: wp.uint32,
    # measured and commanded, (num_envs, num_joints) [rad or m]
    joint_pos: wp.array2d(dtype=wp.float32),
    targets: wp.array2d(dtype=wp.float32),
    rules: Rules,
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
    merged_out: wp.array2d(dtype=wp.float32),
) -> None:
    """Out of place, one thread per (environments, joint): copy, or the effect where active."""
    thread = wp.uint32(wp.tid())
    merge_columns(
        thread,
        stride,
        joint_pos,
        targets,
        rules,
        fired_out,
        latched_state_out,
        active_out,
        merged_out,
    )


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

# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportOperatorIssue=false, reportReturnType=false
"""The rule as a Warp kernel for the CPU: the inner loops in C, which the compiler vectorises.

The flags of some environments are a flat run of memory: one pass gathers the positions beside it,
one evaluates it, one packs it into words whose bits are walked to write the targets, since which
environments are active cannot be predicted. What a pass needs per contract is repeated beforehand,
so that a short bundle has long loops too.
"""

import warp as wp

from .kernel import Rules

ROWS_PER_TASK = 1024
"""Environments of one task, over which the repeated numbers pay."""

_PASS = """
    enum { RUN = 256 }; // flags of one pass
    const size_t joints = joint_pos.shape[1], contracts = fired_out.shape[1];
    const size_t ahead = 256 * joints; // to fetch early: hardware foresees no such strides
    const bool shared = rules.threshold.strides[0] == 0; // one row of numbers for all
    const unsigned char* greater = (const unsigned char*)rules.greater.data;
    const unsigned char* latching = (const unsigned char*)rules.latching.data;
    const unsigned char* may_all = (const unsigned char*)rules.enabled.data;
    unsigned int source[RUN], aim[RUN];
    float sign[RUN], limits[RUN], values[RUN], p[RUN];
    unsigned char latch[RUN], mays[RUN], on[RUN];

    if (targets.data != merged_out.data)
        memcpy(merged_out.data + first * joints, targets.data + first * joints,
               (end - first) * joints * sizeof(float));
    for (size_t begin = 0; begin < contracts; begin += RUN) {
        const size_t width = contracts - begin < RUN ? contracts - begin : RUN;
        const size_t block = width == contracts ? RUN / width : 1;
        for (size_t k = 0; k < block * width; ++k) {
            const size_t c = begin + k % width;
            source[k] = k / width * joints + rules.trigger.data[c];
            aim[k] = k / width * joints + rules.effect.data[c];
            sign[k] = greater[c] ? 1.0f : -1.0f; // exact, and NaN compares as false
            latch[k] = latching[c];
            if (shared) {
                limits[k] = rules.threshold.data[c];
                values[k] = rules.target.data[c];
                mays[k] = may_all[c];
            }
        }
        for (size_t env = first; env < end; env += block) {
            const size_t n = (end - env < block ? end - env : block) * width;
            const size_t at = env * contracts + begin;
            const float* __restrict__ pos = joint_pos.data + env * joints;
            const float* __restrict__ limit = shared ? limits : rules.threshold.data + at;
            const float* __restrict__ value = shared ? values : rules.target.data + at;
            const unsigned char* __restrict__ may = shared ? mays : may_all + at;
            unsigned char* __restrict__ fired = (unsigned char*)fired_out.data + at;
            unsigned char* __restrict__ latched = (unsigned char*)latched_state_out.data + at;
            unsigned char* __restrict__ active = (unsigned char*)active_out.data + at;
            float* __restrict__ out = merged_out.data + env * joints;
            for (size_t k = 0; k < n; ++k) {
                __builtin_prefetch(pos + source[k] + ahead, 0, 2);
                p[k] = pos[source[k]];
            }
#pragma clang loop vectorize(enable)
            for (size_t k = 0; k < n; ++k) {
                const unsigned char f = (sign[k] * p[k] > sign[k] * limit[k]) & may[k];
                const unsigned char l = latch[k] & may[k] & (f | latched[k]);
                fired[k] = f;
                latched[k] = l;
                active[k] = f | l;
                on[k] = f | l;
            }
            for (size_t word = 0; word < n; word += 64) {
                const size_t width_of_word = n - word < 64 ? n - word : 64;
                unsigned long long bits = 0;
#pragma clang loop vectorize(enable)
                for (size_t k = 0; k < width_of_word; ++k)
                    bits |= (unsigned long long)on[word + k] << k;
                for (; bits; bits &= bits - 1) {
                    const size_t k = word + __builtin_ctzll(bits);
                    out[aim[k]] = value[k];
                }
            }
        }
    }
"""


@wp.func_native(_PASS)
def pass_over(
    first: int,
    end: int,
    joint_pos: wp.array2d(dtype=wp.float32),
    targets: wp.array2d(dtype=wp.float32),
    rules: Rules,
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
    merged_out: wp.array2d(dtype=wp.float32),
) -> None:
    """Evaluate and write environments `first` to `end` - 1."""


@wp.kernel(enable_backward=False)
def apply_to_rows(
    # measured and commanded, (num_envs, num_joints) [rad or m]
    joint_pos: wp.array2d(dtype=wp.float32),
    targets: wp.array2d(dtype=wp.float32),
    rules: Rules,
    # state, (num_envs, num_contracts)
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
    # in place where it is `targets`
    merged_out: wp.array2d(dtype=wp.float32),
) -> None:
    """Both forms, one task per ROWS_PER_TASK environments; contracts write in id order."""
    first = wp.tid() * ROWS_PER_TASK
    end = wp.min(first + ROWS_PER_TASK, joint_pos.shape[0])
    pass_over(
        first,
        end,
        joint_pos,
        targets,
        rules,
        fired_out,
        latched_state_out,
        active_out,
        merged_out,
    )


_OFFER = """
    __atomic_store_n(board.data, 0, __ATOMIC_RELAXED);
    for (long long part = 0; part < parts; ++part)
        __atomic_store_n(board.data + (1 + part) * 16, tasks * part / parts, __ATOMIC_RELEASE);
"""

_CLAIM = """
    for (int i = 0; i < parts; ++i) {
        const long long part = (mine + i) % parts;
        const int end = tasks * (part + 1) / parts;
        int* next = board.data + (1 + part) * 16;
        if (__atomic_load_n(next, __ATOMIC_RELAXED) < end) {
            const int task = __atomic_fetch_add(next, 1, __ATOMIC_ACQ_REL);
            if (task < end)
                return task;
        }
    }
    return -1;
"""

_WAIT = """
    enum { PATIENCE = 20000 }; // loads, some 20 us: who works on the last task may be asleep
    for (int i = 0; i < PATIENCE; ++i)
        if (__atomic_load_n(board.data, __ATOMIC_ACQUIRE) == tasks)
            return;
"""


@wp.func_native(_OFFER)
def open_board(board: wp.array(dtype=wp.int32), parts: int, tasks: int) -> None:
    """Offer every task again, once all are done; each part has a range and a cache line."""


@wp.func_native(_CLAIM)
def claim(board: wp.array(dtype=wp.int32), parts: int, tasks: int, mine: int) -> int:
    """A task that nobody has, of one's own part while it lasts; -1 where none is left."""


@wp.func_native("__atomic_fetch_add(board.data, 1, __ATOMIC_RELEASE);")
def count_task(board: wp.array(dtype=wp.int32)) -> None:
    """One task more is done."""


@wp.func_native(_WAIT)
def await_tasks(board: wp.array(dtype=wp.int32), tasks: int) -> None:
    """Return when all tasks are done, or after a while."""


@wp.kernel(enable_backward=False)
def offer(board: wp.array(dtype=wp.int32), parts: int, tasks: int) -> None:
    """Let threads that run `apply_to_claimed`, or come to it late, claim tasks."""
    open_board(board, parts, tasks)


@wp.kernel(enable_backward=False)
def settle(board: wp.array(dtype=wp.int32), tasks: int) -> None:
    """Wait a while for the tasks of others."""
    await_tasks(board, tasks)


@wp.kernel(enable_backward=False)
def apply_to_claimed(
    # tasks done, then the next task of each part: one number per cache line
    board: wp.array(dtype=wp.int32),
    parts: int,
    tasks: int,
    mine: int,
    # as in `apply_to_rows`
    joint_pos: wp.array2d(dtype=wp.float32),
    targets: wp.array2d(dtype=wp.float32),
    rules: Rules,
    fired_out: wp.array2d(dtype=wp.bool),
    latched_state_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
    merged_out: wp.array2d(dtype=wp.float32),
) -> None:
    """What one thread of several does: tasks until none is left to claim."""
    task = claim(board, parts, tasks, mine)
    while task >= 0:
        first = task * ROWS_PER_TASK
        pass_over(
            first,
            wp.min(first + ROWS_PER_TASK, joint_pos.shape[0]),
            joint_pos,
            targets,
            rules,
            fired_out,
            latched_state_out,
            active_out,
            merged_out,
        )
        count_task(board)
        task = claim(board, parts, tasks, mine)

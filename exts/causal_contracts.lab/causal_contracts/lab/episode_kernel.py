# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportAssignmentType=false, reportArgumentType=false
# ruff: noqa: ANN201 - Warp reads annotations
"""Samples of joint positions to counts of judged episodes, as Warp kernels.

The meaning is that of `causal_contracts.preview.causality.judge`, one sample at a time. State
arrays are (num_contracts, num_envs), so that neighbouring threads touch neighbouring memory.
Outputs end in `_out`; `*_state_out` is also read. No annotations are deferred: Warp reads them.
"""

import warp as wp
from causal_contracts.core.indexed_launch import Indices, index_at

NEVER = wp.constant(2147483647)
"""A sample index that no episode reaches."""

NUM_COUNTS = 9
CAUSE_EFFECT = wp.constant(0)
CAUSE_NO_EFFECT = wp.constant(1)
NO_CAUSE_EFFECT = wp.constant(2)
NO_CAUSE_NO_EFFECT = wp.constant(3)
LATE = wp.constant(4)
RELEASED = wp.constant(5)
CONFOUNDED = wp.constant(6)
NOT_FINITE = wp.constant(7)
PRESSED = wp.constant(8)


@wp.struct
class Judged:
    """The bundle on the device, each array (num_contracts,)."""

    trigger: wp.array(dtype=wp.int32)
    greater: wp.array(dtype=wp.bool)
    threshold: wp.array(dtype=wp.float32)  # [rad or m]
    effect: wp.array(dtype=wp.int32)
    target: wp.array(dtype=wp.float32)  # [rad or m]
    rest: wp.array(dtype=wp.float32)  # [rad or m], NaN: the first sample of the episode
    enabled: wp.array(dtype=wp.bool)
    latching: wp.array(dtype=wp.bool)
    reached: wp.float64  # share of the way from rest to target that counts as the effect
    span: wp.int32  # samples after the cause in which an effect is its effect


@wp.struct
class Episodes:
    """What the running episodes have shown so far."""

    samples: wp.array(dtype=wp.int32)  # (num_envs,)
    lost: wp.array(dtype=wp.bool)  # (num_envs,): a position was not finite
    began: wp.array2d(dtype=wp.int32)  # (num_contracts, num_envs): sample of the cause
    reached: wp.array2d(dtype=wp.int32)  # (num_contracts, num_envs): sample of the effect
    released: wp.array2d(dtype=wp.int32)  # (num_contracts, num_envs): a level trigger let go
    start: wp.array2d(dtype=wp.float32)  # (num_contracts, num_envs) [rad or m]: first sample


@wp.func
def observe(
    env: int,
    sample: int,
    joint_pos: wp.array2d(dtype=wp.float32),
    judged: Judged,
    episodes_state_out: Episodes,
):
    """Add one sample of one environment."""
    for joint in range(joint_pos.shape[1]):
        if not wp.isfinite(joint_pos[env, joint]):
            episodes_state_out.lost[env] = True
    for c in range(judged.trigger.shape[0]):
        if judged.enabled[c]:
            pos = joint_pos[env, judged.trigger[c]]
            cause = pos < judged.threshold[c]  # both comparisons are false for NaN
            if judged.greater[c]:
                cause = pos > judged.threshold[c]
            if cause and episodes_state_out.began[c, env] == NEVER:
                episodes_state_out.began[c, env] = sample
            if not cause and not judged.latching[c]:
                began = episodes_state_out.began[c, env]
                if began != NEVER and episodes_state_out.released[c, env] == NEVER:
                    episodes_state_out.released[c, env] = sample
            measured = joint_pos[env, judged.effect[c]]
            if sample == 0:
                episodes_state_out.start[c, env] = measured
            rest = judged.rest[c]
            if wp.isnan(rest):
                rest = episodes_state_out.start[c, env]
            way = wp.float64(judged.target[c]) - wp.float64(rest)
            covered = wp.float64(measured) - wp.float64(rest)
            if way < wp.float64(0.0):
                way = -way
                covered = -covered
            # a target at rest is no way at all and is never covered
            covers = way > wp.float64(0.0) and covered >= judged.reached * way
            if covers and episodes_state_out.reached[c, env] == NEVER:
                episodes_state_out.reached[c, env] = sample


@wp.func
def cell(c: int, env: int, samples: int, judged: Judged, episodes: Episodes):
    """Where one contract of one finished episode counts."""
    began = episodes.began[c, env]
    reached = episodes.reached[c, env]
    rival = NEVER  # the sample at which another contract first drove the effect joint
    for other in range(judged.trigger.shape[0]):
        if other != c and judged.effect[other] == judged.effect[c]:
            rival = wp.min(rival, episodes.began[other, env])
    if episodes.lost[env]:
        return NOT_FINITE
    if reached < began:
        if rival <= reached:
            return CONFOUNDED
        return NO_CAUSE_EFFECT
    if began == NEVER:
        if rival != NEVER:
            return CONFOUNDED
        return NO_CAUSE_NO_EFFECT
    if began + judged.span > samples - 1:
        return LATE
    if episodes.released[c, env] <= began + judged.span:
        return RELEASED
    in_time = reached <= began + judged.span
    until = began + judged.span
    if in_time:
        until = reached
    if rival <= until:
        return CONFOUNDED
    if in_time:
        return CAUSE_EFFECT
    return CAUSE_NO_EFFECT


@wp.kernel(enable_backward=False)
def watch(
    joint_pos: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
    judged: Judged,
    episodes_state_out: Episodes,
):
    """Add one sample of every environment."""
    env = wp.tid()
    sample = episodes_state_out.samples[env]
    observe(env, sample, joint_pos, judged, episodes_state_out)
    episodes_state_out.samples[env] = sample + 1


@wp.func
def end_episode(
    env: int,
    joint_pos: wp.array2d(dtype=wp.float32),
    judged: Judged,
    episodes_state_out: Episodes,
    counts_out: wp.array2d(dtype=wp.int64),
):
    """Add the last sample of one environment and count its episode; 1 where there was one."""
    # the first of several threads with one environment takes it; one without a sample is none
    sample = wp.atomic_exch(episodes_state_out.samples, env, 0)
    if sample == 0:
        return 0
    observe(env, sample, joint_pos, judged, episodes_state_out)
    for c in range(judged.trigger.shape[0]):
        if judged.enabled[c]:
            where = cell(c, env, sample + 1, judged, episodes_state_out)
            wp.atomic_add(counts_out, c, where, wp.int64(1))
            if where != NOT_FINITE and episodes_state_out.began[c, env] != NEVER:
                wp.atomic_add(counts_out, c, PRESSED, wp.int64(1))
    for c in range(judged.trigger.shape[0]):
        episodes_state_out.began[c, env] = NEVER
        episodes_state_out.reached[c, env] = NEVER
        episodes_state_out.released[c, env] = NEVER
    episodes_state_out.lost[env] = False
    return 1


@wp.kernel(enable_backward=False)
def end_episodes(
    indices: Indices,
    joint_pos: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
    judged: Judged,
    episodes_state_out: Episodes,
    counts_out: wp.array2d(dtype=wp.int64),  # (num_contracts, NUM_COUNTS), added to
):
    """Add the last sample of some environments, count their episodes, and begin new ones."""
    num_envs = joint_pos.shape[0]
    for i in range(wp.tid(), indices.count, num_envs):
        env = index_at(indices, i)
        if env >= wp.int64(0) and env < wp.int64(num_envs):
            end_episode(wp.int32(env), joint_pos, judged, episodes_state_out, counts_out)


@wp.kernel(enable_backward=False)
def end_episodes_by_mask(
    env_mask: wp.array(dtype=wp.bool),
    joint_pos: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
    judged: Judged,
    episodes_state_out: Episodes,
    counts_out: wp.array2d(dtype=wp.int64),  # (num_contracts, NUM_COUNTS), added to
    ended_state_out: wp.array(dtype=wp.int64),  # (1,): episodes since the start
):
    """As `end_episodes`, one thread per environment."""
    env = wp.tid()
    if env_mask[env]:  # noqa: SIM102 - Warp's `and` evaluates both sides
        if end_episode(env, joint_pos, judged, episodes_state_out, counts_out) == 1:
            wp.atomic_add(ended_state_out, 0, wp.int64(1))

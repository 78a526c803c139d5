# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportAssignmentType=false, reportArgumentType=false, reportIndexIssue=false
# ruff: noqa: ANN201 - Warp reads annotations
"""What the terms say of contracts, as Warp kernels, in the arithmetic of `lab.mdp`.

Outputs end in `_out`; `*_state_out` is also read. Outputs and positions may be strided. No
annotations are deferred: Warp reads them.
"""

import warp as wp


@wp.struct
class Contracts:
    """A running rule and its bundle on the device; each number as the rule has it now."""

    # (num_contracts,)
    trigger: wp.array(dtype=wp.int32)
    effect: wp.array(dtype=wp.int32)
    sign: wp.array(dtype=wp.float32)  # 1 where positions above the threshold fire, else -1
    # (num_envs, num_contracts)
    threshold: wp.array2d(dtype=wp.float32)  # [rad or m]
    target: wp.array2d(dtype=wp.float32)  # [rad or m]
    enabled: wp.array2d(dtype=wp.bool)
    active: wp.array2d(dtype=wp.bool)
    rest: wp.array2d(dtype=wp.float32)  # (num_envs, num_joints) [rad or m]


@wp.func
def progress(env: int, c: int, joint_pos: wp.array2d(dtype=wp.float32), contracts: Contracts):
    """Share of the way from rest to target, in [0, 1]; 1 without a way, NaN of a NaN."""
    joint = contracts.effect[c]
    rest = contracts.rest[env, joint]
    way = contracts.target[env, c] - rest
    share = wp.float32(1.0)
    if way != wp.float32(0.0):
        share = (joint_pos[env, joint] - rest) / way
        # not `wp.clamp`, which turns a NaN into a bound
        if share < wp.float32(0.0):
            share = wp.float32(0.0)
        if share > wp.float32(1.0):
            share = wp.float32(1.0)
    return share


@wp.kernel(enable_backward=False)
def observe_flags(flags: wp.array2d(dtype=wp.bool), out: wp.array2d(dtype=wp.float32)):
    """1 where true, one thread per environment and contract."""
    env, c = wp.tid()
    out[env, c] = wp.where(flags[env, c], wp.float32(1.0), wp.float32(0.0))


@wp.kernel(enable_backward=False)
def observe_numbers(numbers: wp.array2d(dtype=wp.float32), out: wp.array2d(dtype=wp.float32)):
    """A copy, one thread per environment and contract."""
    env, c = wp.tid()
    out[env, c] = numbers[env, c]


@wp.kernel(enable_backward=False)
def observe_margin(
    joint_pos: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
    contracts: Contracts,
    out: wp.array2d(dtype=wp.float32),
):
    """How far the trigger is past its threshold, positive where it fires."""
    env, c = wp.tid()
    pos = joint_pos[env, contracts.trigger[c]]
    out[env, c] = contracts.sign[c] * (pos - contracts.threshold[env, c])


@wp.kernel(enable_backward=False)
def observe_progress(
    joint_pos: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
    contracts: Contracts,
    out: wp.array2d(dtype=wp.float32),
):
    """Share of the way from rest to target."""
    env, c = wp.tid()
    out[env, c] = progress(env, c, joint_pos, contracts)


@wp.kernel(enable_backward=False)
def mean_progress(
    joint_pos: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
    contracts: Contracts,
    columns: wp.array(dtype=wp.int32),  # the contracts chosen
    needs_cause: wp.bool,  # count only where the contract is active
    out: wp.array(dtype=wp.float32),  # (num_envs,)
):
    """Mean over the contracts chosen, 0 without any; one thread per environment."""
    env = wp.tid()
    total = wp.float32(0.0)
    for i in range(columns.shape[0]):
        c = columns[i]
        if contracts.active[env, c] or not needs_cause:
            total += progress(env, c, joint_pos, contracts)
    out[env] = total / wp.float32(wp.max(columns.shape[0], 1))


@wp.kernel(enable_backward=False)
def all_reached(
    joint_pos: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
    contracts: Contracts,
    columns: wp.array(dtype=wp.int32),  # the contracts chosen
    share: wp.float32,
    out: wp.array(dtype=wp.bool),  # (num_envs,)
):
    """Whether some contract chosen is enabled, and all of those have covered this share."""
    env = wp.tid()
    some = wp.bool(False)
    missing = wp.bool(False)
    for i in range(columns.shape[0]):
        c = columns[i]
        if contracts.enabled[env, c]:
            some = True
            if not (progress(env, c, joint_pos, contracts) >= share):  # NaN has not
                missing = True
    out[env] = some and not missing


@wp.kernel(enable_backward=False)
def remember(fired: wp.array2d(dtype=wp.bool), has_fired_state_out: wp.array2d(dtype=wp.bool)):
    """Set where a flag is true."""
    env, c = wp.tid()
    if fired[env, c]:
        has_fired_state_out[env, c] = True


@wp.kernel(enable_backward=False)
def forget(env_mask: wp.array(dtype=wp.bool), has_fired_out: wp.array2d(dtype=wp.bool)):
    """Clear the environments where the mask is true."""
    env, c = wp.tid()
    if env_mask[env]:
        has_fired_out[env, c] = False


UNIFORM, LOG_UNIFORM, GAUSSIAN = wp.constant(0), wp.constant(1), wp.constant(2)
ADD, SCALE, ABS = wp.constant(0), wp.constant(1), wp.constant(2)


@wp.kernel(enable_backward=False)
def randomize_numbers(
    env_mask: wp.array(dtype=wp.bool),
    rng_state_out: wp.array(dtype=wp.uint32),  # (num_envs,), read and advanced
    columns: wp.array(dtype=wp.int32),  # the contracts chosen
    authored: wp.array(dtype=wp.float32),  # (num_contracts,), what the author wrote
    distribution: int,
    first: wp.float32,  # low, or the mean
    second: wp.float32,  # high, or the standard deviation
    operation: int,
    numbers_out: wp.array2d(dtype=wp.float32),  # (num_envs, num_contracts)
):
    """Draw anew from what the author wrote, one thread per environment."""
    env = wp.tid()
    if env_mask[env]:
        state = rng_state_out[env]
        for i in range(columns.shape[0]):
            c = columns[i]
            drawn = wp.float32(0.0)
            if distribution == UNIFORM:
                drawn = wp.randf(state, first, second)
            elif distribution == LOG_UNIFORM:
                drawn = wp.exp(wp.randf(state, wp.log(first), wp.log(second)))
            else:
                drawn = first + second * wp.randn(state)
            if operation == ADD:
                drawn = authored[c] + drawn
            elif operation == SCALE:
                drawn = authored[c] * drawn
            numbers_out[env, c] = drawn
        rng_state_out[env] = state


@wp.kernel(enable_backward=False)
def randomize_flags(
    env_mask: wp.array(dtype=wp.bool),
    rng_state_out: wp.array(dtype=wp.uint32),  # (num_envs,), read and advanced
    columns: wp.array(dtype=wp.int32),  # the contracts chosen
    probability: wp.float32,
    flags_out: wp.array2d(dtype=wp.bool),  # (num_envs, num_contracts)
):
    """True with this probability, one thread per environment."""
    env = wp.tid()
    if env_mask[env]:
        state = rng_state_out[env]
        for i in range(columns.shape[0]):
            flags_out[env, columns[i]] = wp.randf(state) < probability
        rng_state_out[env] = state

# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportAssignmentType=false, reportArgumentType=false, reportOptionalMemberAccess=false
"""What the kernels of both devices share: the rule on the device, and the resets.

Outputs end in `_out`. No annotations are deferred here: Warp reads them. The rule itself is in
`kernel_cuda` and `kernel_cpu`.
"""

import warp as wp

from .indexed_launch import Indices, index_at


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
    # in id order: the first row that drives a joint; -1 for none
    head: wp.array(dtype=wp.int32)  # (num_joints,)
    # trigger, effect, the row that follows on the same joint or -1, and greater + 2 * latching:
    # all that one load can bring
    rows: wp.array2d(dtype=wp.int32)  # (num_contracts, 4)
    # joint `first + c * step` modulo 2**32 triggers contract `c`; -1 and 0 where they are not
    # evenly spaced; a launch recorded before a swap keeps the old ones, so it must not trust them
    first: wp.uint32
    step: wp.uint32


@wp.kernel(enable_backward=False)
def reset_by_mask(
    env_mask: wp.array(dtype=wp.bool),
    fired_out: wp.array2d(dtype=wp.bool),
    latched_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
) -> None:
    """Clear the state of the environments where the mask is true."""
    env, c = wp.tid()
    if env_mask[env]:
        fired_out[env, c] = False
        latched_out[env, c] = False
        active_out[env, c] = False


@wp.kernel(enable_backward=False)
def reset_by_index(
    indices: Indices,
    fired_out: wp.array2d(dtype=wp.bool),
    latched_out: wp.array2d(dtype=wp.bool),
    active_out: wp.array2d(dtype=wp.bool),
) -> None:
    """Clear the state of the environments listed; an index outside is no environment."""
    num_envs = latched_out.shape[0]
    for i in range(wp.tid(), indices.count, num_envs):
        env = index_at(indices, i)
        if env >= wp.int64(0) and env < wp.int64(num_envs):
            for c in range(latched_out.shape[1]):
                fired_out[wp.int32(env), c] = False
                latched_out[wp.int32(env), c] = False
                active_out[wp.int32(env), c] = False

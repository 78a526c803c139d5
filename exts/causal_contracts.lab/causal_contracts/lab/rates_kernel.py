# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportAssignmentType=false, reportArgumentType=false
# ruff: noqa: ANN201 - Warp reads annotations
"""Counts of judged episodes to rates over the last ones, as Warp kernels.

Outputs end in `_out`; `*_state_out` is also read. No annotations are deferred: Warp reads them.
"""

import warp as wp

from .episode_kernel import (
    CAUSE_EFFECT,
    CAUSE_NO_EFFECT,
    CONFOUNDED,
    LATE,
    NO_CAUSE_EFFECT,
    NO_CAUSE_NO_EFFECT,
    NOT_FINITE,
    PRESSED,
    RELEASED,
)

NUM_VALUES = wp.constant(5)
NUM_OF_ONE = wp.constant(2)
"""Values of all contracts, and of each where there are several."""
PRESS_RATE = wp.constant(0)
GIVEN_CAUSE = wp.constant(1)
GIVEN_NO_CAUSE = wp.constant(2)
PRESSES = wp.constant(3)
LOST = wp.constant(4)


@wp.struct
class Marks:
    """Counts at two earlier times, which the host does not know of."""

    ended: wp.array(dtype=wp.int64)  # (1,): episodes since the start
    # each (num_contracts,): `ended` at the last call that ended some, and at the newer mark
    seen: wp.array(dtype=wp.int64)
    moved: wp.array(dtype=wp.int64)
    # each (num_contracts, NUM_COUNTS): the counts then, and at the marks
    before: wp.array2d(dtype=wp.int64)
    mark: wp.array2d(dtype=wp.int64)
    older_mark: wp.array2d(dtype=wp.int64)


@wp.kernel(enable_backward=False)
def move_marks(
    num_envs: wp.int64,
    counts: wp.array2d(dtype=wp.int64),  # (num_contracts, NUM_COUNTS)
    marks_state_out: Marks,
):
    """Before episodes count, move marks that are an episode per environment old.

    One thread per contract, after the kernel that ended the episodes: only then is it known
    whether there were any.
    """
    c = wp.tid()
    ended = marks_state_out.ended[0]
    seen = marks_state_out.seen[c]
    if ended > seen:
        due = seen - marks_state_out.moved[c] >= num_envs
        if due:
            marks_state_out.moved[c] = seen
        for which in range(counts.shape[1]):
            if due:
                marks_state_out.older_mark[c, which] = marks_state_out.mark[c, which]
                marks_state_out.mark[c, which] = marks_state_out.before[c, which]
            marks_state_out.before[c, which] = counts[c, which]
        marks_state_out.seen[c] = ended


@wp.func
def counted(
    row: int, which: int, counts: wp.array2d(dtype=wp.int64), since: wp.array2d(dtype=wp.int64)
):
    """Episodes of one kind since a mark; row 0 is the sum over all contracts."""
    total = wp.int64(0)
    if row > 0:
        total = counts[row - 1, which] - since[row - 1, which]
    else:
        for c in range(counts.shape[0]):
            total += counts[c, which] - since[c, which]
    return total


@wp.func
def rate(some: wp.int64, all: wp.int64, held: wp.float32):  # noqa: A002
    """`some` of `all`; what was held where there is none."""
    if all > wp.int64(0):
        return wp.float32(wp.float64(some) / wp.float64(all))
    return held


@wp.kernel(enable_backward=False)
def summarise(
    counts: wp.array2d(dtype=wp.int64),  # (num_contracts, NUM_COUNTS)
    since: wp.array2d(dtype=wp.int64),  # (num_contracts, NUM_COUNTS): the counts at a mark
    origin: wp.array2d(dtype=wp.int64),  # (num_contracts, NUM_COUNTS): zeros
    held_state_out: wp.array2d(dtype=wp.float32),  # (1 + num_contracts, 3)
    # the values of all contracts, then those of each where there is room
    values_out: wp.array(dtype=wp.float32),
):
    """Counts to rates, one thread per row: row 0 is all contracts, row 1 + c contract c."""
    row = wp.tid()
    both = counted(row, CAUSE_EFFECT, counts, since)
    caused = both + counted(row, CAUSE_NO_EFFECT, counts, since)
    stray = counted(row, NO_CAUSE_EFFECT, counts, since)
    uncaused = stray + counted(row, NO_CAUSE_NO_EFFECT, counts, since)
    unjudged = counted(row, LATE, counts, since) + counted(row, CONFOUNDED, counts, since)
    unjudged += counted(row, RELEASED, counts, since)
    pressed = counted(row, PRESSED, counts, since)
    episodes = caused + uncaused + unjudged
    held_state_out[row, 0] = rate(pressed, episodes, held_state_out[row, 0])
    held_state_out[row, 1] = rate(both, caused, held_state_out[row, 1])
    held_state_out[row, 2] = rate(stray, uncaused, held_state_out[row, 2])
    if row == 0:
        values_out[PRESS_RATE] = held_state_out[row, 0]
        values_out[GIVEN_CAUSE] = held_state_out[row, 1]
        values_out[GIVEN_NO_CAUSE] = held_state_out[row, 2]
        values_out[PRESSES] = wp.float32(caused)
        values_out[LOST] = wp.float32(counted(row, NOT_FINITE, counts, origin))
    else:
        at = NUM_VALUES + NUM_OF_ONE * (row - 1)  # pyright: ignore[reportOperatorIssue]
        if at < values_out.shape[0]:
            values_out[at + PRESS_RATE] = held_state_out[row, 0]
            values_out[at + GIVEN_CAUSE] = held_state_out[row, 1]

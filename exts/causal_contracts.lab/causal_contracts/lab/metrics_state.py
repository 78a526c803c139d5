# SPDX-License-Identifier: Apache-2.0
# pyright: reportOptionalMemberAccess=false, reportArgumentType=false, reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""A compiled bundle to the device arrays in which its episodes are judged and counted."""

from __future__ import annotations

import numpy as np
import warp as wp
from causal_contracts.core.ir import CompiledCouplings
from causal_contracts.preview.causality import REACHED

from . import episode_kernel, rates_kernel


def judged_on(device: wp.Device, compiled: CompiledCouplings, span: int) -> episode_kernel.Judged:
    """The contracts as kernels judge them; an effect counts within `span` samples of its cause."""
    judged = episode_kernel.Judged()
    arrays = ("trigger", "greater", "threshold", "effect", "target", "rest", "enabled", "latching")
    for name in arrays:
        array = getattr(compiled, name)
        dtype = wp.dtype_from_numpy(array.dtype)
        setattr(judged, name, wp.array(array, dtype=dtype, device=device))
    judged.reached = wp.float64(REACHED)
    judged.span = span
    return judged


def episodes_on(device: wp.Device, num_contracts: int, num_envs: int) -> episode_kernel.Episodes:
    """Episodes that have shown nothing yet."""
    episodes = episode_kernel.Episodes()
    size = (num_contracts, num_envs)
    never = np.full(size, episode_kernel.NEVER, np.int32)
    episodes.samples = wp.zeros(num_envs, dtype=wp.int32, device=device)
    episodes.lost = wp.zeros(num_envs, dtype=wp.bool, device=device)
    episodes.began = wp.array(never, dtype=wp.int32, device=device)
    episodes.reached = wp.array(never, dtype=wp.int32, device=device)
    episodes.released = wp.array(never, dtype=wp.int32, device=device)
    episodes.start = wp.zeros(size, dtype=wp.float32, device=device)
    return episodes


class MaskedCounts:
    """What `end_episodes_by_mask` keeps where the host cannot look."""

    def __init__(self, mark: wp.array, older_mark: wp.array) -> None:
        num_contracts, device = len(mark), mark.device
        self.marks = rates_kernel.Marks()
        self.marks.ended = wp.zeros(1, dtype=wp.int64, device=device)
        for name in ("seen", "moved"):
            setattr(self.marks, name, wp.zeros(num_contracts, dtype=wp.int64, device=device))
        self.marks.before = wp.zeros_like(mark)
        self.marks.mark, self.marks.older_mark = mark, older_mark

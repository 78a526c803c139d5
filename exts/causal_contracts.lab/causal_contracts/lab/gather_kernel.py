# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
# pyright: reportAssignmentType=false
"""Strided joint positions to rows that lie one after the other, in a launch that a graph records.

`wp.copy` does the same outside of a capture, and refuses strided arrays inside one on the CPU.
No annotations are deferred here: Warp reads them.
"""

import sys

import warp as wp


@wp.kernel(enable_backward=False)
def gather_rows(
    strided: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
    rows_out: wp.array2d(dtype=wp.float32),  # (num_envs, num_joints) [rad or m]
) -> None:
    """One thread per environment and joint."""
    env, joint = wp.tid()
    rows_out[env, joint] = strided[env, joint]


def gather(strided: wp.array, rows: wp.array) -> wp.array:
    """`strided` itself where its rows lie one after the other, else `rows` with its values.

    The kernel's module must be loaded before a capture: see `load`.
    """
    if strided.is_contiguous:
        return strided
    wp.launch(gather_rows, dim=rows.shape, inputs=[strided], outputs=[rows], device=rows.device)
    return rows


def load(device: wp.Device) -> None:
    """Compile and load the kernel: a capture can do neither."""
    wp.load_module(sys.modules[__name__], device, block_dim=256 if device.is_cuda else 1)

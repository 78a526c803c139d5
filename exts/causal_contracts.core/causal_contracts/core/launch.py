# SPDX-License-Identifier: Apache-2.0
# pyright: reportArgumentType=false, reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""Checked arrays to a recorded launch of the kernel that suits the device."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import warp as wp

from . import kernel, kernel_cpu

Launch = Callable[..., None]
"""Takes no argument, or ``stream=`` on CUDA."""

WORTH_A_THREAD = 1 << 15
"""Evaluations of one CPU thread below which waking another costs more than it saves."""


def load(device: wp.Device) -> None:
    """Compile and load what `record` and a reset need: a capture can do neither."""
    # 1 and 256 are the block sizes of `wp.launch`
    wp.load_module(kernel, device, block_dim=256 if device.is_cuda else 1)
    if not device.is_cuda:
        wp.load_module(kernel_cpu, device, block_dim=1)


def record(
    joint_pos: wp.array,
    targets: wp.array,
    output: wp.array,
    rules: kernel.Rules,
    state: tuple[wp.array, wp.array, wp.array],
) -> Launch:
    """One evaluation over these buffers, in place where `output` is `targets`."""
    num_envs, num_joints = joint_pos.shape
    in_place = output.ptr == targets.ptr
    if not (rules.trigger.shape[0] if in_place else num_joints):
        return _nothing
    outputs = [*state, output]
    if not wp.get_device(joint_pos.device).is_cuda:
        return _on_cpu(num_envs, [joint_pos, targets, rules], outputs)
    return on_cuda(joint_pos, targets, rules, outputs)


def on_cuda(joint_pos: wp.array, targets: wp.array, rules: kernel.Rules, outputs: list) -> Launch:
    """One launch of CUDA's kernels, which run on the CPU as well."""
    num_envs, num_joints = joint_pos.shape
    in_place = outputs[-1].ptr == targets.ptr
    columns = rules.trigger.shape[0] if in_place else num_joints
    batch = kernel.envs_per_thread(num_envs, columns)
    rows = -(-num_envs // batch)
    rule = kernel.write_targets if in_place else kernel.merge_targets
    given = [] if in_place else [targets]
    return _recorded(rule, rows * columns, [rows, joint_pos, *given, rules], outputs).launch


def _on_cpu(num_envs: int, inputs: list, outputs: list) -> Launch:
    """One launch, or one per thread where the environments are many."""
    tasks = -(-num_envs // kernel_cpu.ROWS_PER_TASK)
    rule = kernel_cpu.apply_to_rows
    whole = _recorded(rule, tasks, [0, *inputs], outputs)
    evaluations = num_envs * max(1, outputs[0].shape[1])
    parts = min(_threads(), tasks, evaluations // WORTH_A_THREAD)
    if parts < 2:
        return whole.launch
    bounds = [tasks * part // parts for part in range(parts + 1)]
    mine, *others = (
        _recorded(rule, end - first, [first, *inputs], outputs).launch
        for first, end in pairwise(bounds)
    )

    def launch() -> None:
        if whole.device.is_capturing:  # a capture hears of its own thread only
            whole.launch()
            return
        waiting = [_pool(os.getpid()).submit(other) for other in others]
        mine()
        for each in waiting:
            each.result()

    return launch


def _recorded(rule: Any, dim: Any, inputs: list, outputs: list) -> wp.Launch:
    device = outputs[0].device
    command = wp.launch(
        rule, dim=dim, inputs=inputs, outputs=outputs, device=device, record_cmd=True
    )
    assert command is not None
    return command


def _threads() -> int:
    """As many as torch uses, where it is imported: the user's limits hold for both."""
    torch = sys.modules.get("torch")
    if torch:
        return torch.get_num_threads()
    allowed = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(allowed(0)) if allowed else os.cpu_count() or 1


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """The threads of this process; a fork does not inherit its parent's."""
    del process
    return ThreadPoolExecutor(max_workers=max(1, _threads() - 1), thread_name_prefix="couplings")


def _nothing(stream: wp.Stream | None = None) -> None:
    """The launch of a rule without contracts, in place."""
    del stream

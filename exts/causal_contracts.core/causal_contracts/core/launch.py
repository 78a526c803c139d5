# SPDX-License-Identifier: Apache-2.0
# pyright: reportArgumentType=false, reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""Checked arrays to a recorded launch of the kernel that suits the device."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import warp as wp

from . import kernel, kernel_cpu, kernel_cuda
from .cpu_threads import Unrecorded, board_for, shared
from .quick_launch import quick, recorded_launch

Launch = Callable[..., None]
"""Takes no argument, or a stream on CUDA."""

BLOCK = 128
"""Threads of a block of CUDA's kernels."""
FILLS_THE_GPU = 1 << 20
"""Evaluations from which fewer threads with more work each are faster than more threads."""
OF_RULES = ("rows", "threshold", "target", "enabled", "trigger", "greater", "latching", "head")
"""What CUDA's kernels read of `kernel.Rules`."""
WORTH_A_THREAD = 1 << 15
"""Evaluations of one CPU thread below which waking another costs more than it saves."""


def load(device: wp.Device) -> None:
    """Compile and load what `record` and a reset need: a capture can do neither."""
    if device.is_cuda:
        wp.load_module(kernel, device, block_dim=256)  # what a plain `wp.launch` takes
        wp.load_module(kernel_cuda, device, block_dim=BLOCK)
    else:
        wp.load_module(kernel, device, block_dim=1)
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
    if not wp.get_device(joint_pos.device).is_cuda:
        return _on_cpu(num_envs, [joint_pos, targets, rules], [*state, output])
    return on_cuda(joint_pos, targets, output, rules, state)


def on_cuda(
    joint_pos: wp.array,
    targets: wp.array,
    output: wp.array,
    rules: kernel.Rules,
    state: tuple[wp.array, wp.array, wp.array],
) -> Launch:
    """One launch of CUDA's kernels, which run on the CPU as well."""
    call = _call(joint_pos, targets, output, rules, state)
    if output.ptr == targets.ptr:
        columns, rule = int(call.contracts), kernel_cuda.write_each
    else:
        columns, rule = int(call.joints) // int(call.width), kernel_cuda.merge_joints
    call.per_row = kernel_cuda.divisor(columns)
    dim = int(call.num_envs) * columns
    assert dim < 1 << 31, "more threads than a launch has numbers for"
    fours = rule is kernel_cuda.write_each and columns % 4 == 0 and columns >= 8
    if fours and dim >= FILLS_THE_GPU and wp.get_device(joint_pos.device).is_cuda:
        rule, dim = kernel_cuda.write_fours, -(-dim // 128) * 32
    return quick(recorded_launch(rule, dim, [call], [], joint_pos.device, block_dim=BLOCK))


def _call(
    joint_pos: wp.array,
    targets: wp.array,
    output: wp.array,
    rules: kernel.Rules,
    state: tuple[wp.array, wp.array, wp.array],
) -> kernel_cuda.Call:
    call = kernel_cuda.Call()
    arrays = dict(zip(("fired", "latched", "active"), state, strict=True))
    arrays |= {"joint_pos": joint_pos, "targets": targets, "out": output}
    arrays |= {name: getattr(rules, name) for name in OF_RULES}
    for name, array in arrays.items():
        setattr(call, name, array.ptr or 0)  # None where an array is empty
    call.num_envs, call.joints = joint_pos.shape
    call.contracts = rules.trigger.shape[0]
    call.per_env = bool(rules.threshold.strides[0])
    call.first, call.step = rules.first, rules.step
    vectors = call.joints % 4 == 0 and not (call.targets % 16 or call.out % 16)
    call.width = 4 if vectors else 1
    return call


def _on_cpu(num_envs: int, inputs: list, outputs: list) -> Launch:
    """One launch, or one that threads share where the environments are many."""
    tasks = -(-num_envs // kernel_cpu.ROWS_PER_TASK)
    device = inputs[0].device
    whole = recorded_launch(kernel_cpu.apply_to_rows, tasks, inputs, outputs, device)
    evaluations = num_envs * max(1, outputs[0].shape[1])
    parts = min(_threads(), tasks, evaluations // WORTH_A_THREAD)
    run = _shared(parts, tasks, inputs, outputs) if parts > 1 else Unrecorded(whole)

    def launch() -> None:
        if whole.device.is_capturing:
            whole.launch()
        else:
            run()

    return launch


def _shared(parts: int, tasks: int, inputs: list, outputs: list) -> Callable[[], None]:
    """The same as a call that `parts` threads share."""
    board, device = board_for(parts), inputs[0].device

    def call(rule: Any, first: list, second: list) -> Callable[[], None]:
        return Unrecorded(recorded_launch(rule, 1, first, second, device))

    offer = call(kernel_cpu.offer, [board, parts, tasks], [])
    settle = call(kernel_cpu.settle, [board, tasks], [])
    rule, given = kernel_cpu.apply_to_claimed, [board, parts, tasks]
    each = [call(rule, [*given, mine, *inputs], outputs) for mine in range(parts)]
    return shared(board, tasks, offer, each, settle)


def _threads() -> int:
    """As many as torch uses, where it is imported: the user's limits hold for both."""
    torch = sys.modules.get("torch")
    if torch:
        return torch.get_num_threads()
    allowed = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _nothing(stream: wp.Stream | None = None) -> None:
    """The launch of a rule without contracts, in place."""
    del stream

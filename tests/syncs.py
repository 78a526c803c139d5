# SPDX-License-Identifier: Apache-2.0
"""Counts what a piece of code asks of the device: launches, torch ops, and waits of the host."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import warp as wp
import warp._src.context as context
from causal_contracts.core.cpu_threads import Unrecorded
from causal_contracts.core.quick_launch import QuickLaunch
from torch.utils._python_dispatch import TorchDispatchMode

WAITS = ("aten._local_scalar_dense", "aten.nonzero", "aten.is_nonzero", "aten.equal")
"""Operations whose result the host needs: `.item()`, `bool(tensor)`, masks turned into indices."""


@dataclass
class Counted:
    """What happened inside the block."""

    launches: int = 0
    """Warp kernels."""
    ops: int = 0
    """Torch operations."""
    waits: int = 0
    """Times that the host would have waited for a device."""

    def __add__(self, other: Counted) -> Counted:
        return Counted(
            self.launches + other.launches, self.ops + other.ops, self.waits + other.waits
        )


class _Ops(TorchDispatchMode):
    def __init__(self, counted: Counted) -> None:
        super().__init__()
        self.counted = counted

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.counted.ops += 1
        name = str(func)
        copied = name.startswith("aten._to_copy") and (kwargs or {}).get("device") is not None
        self.counted.waits += copied or name.startswith(WAITS)
        return func(*args, **(kwargs or {}))


@contextlib.contextmanager
def counting() -> Iterator[Counted]:
    """Count inside the block; works on the CPU, where nothing really waits."""
    counted = Counted()

    def spy(owner, name, field):
        original = getattr(owner, name)

        def counts(*args, **kwargs):
            setattr(counted, field, getattr(counted, field) + 1)
            return original(*args, **kwargs)

        setattr(owner, name, counts)
        undo.callback(setattr, owner, name, original)

    with contextlib.ExitStack() as undo:
        # where every launch passes, recorded ones too: two on the CPU and two on CUDA
        spy(context, "invoke", "launches")
        spy(Unrecorded, "__call__", "launches")
        spy(context.runtime.core, "wp_cuda_launch_kernel", "launches")
        spy(QuickLaunch, "__call__", "launches")
        for owner, name in (
            (wp.array, "numpy"),
            (wp.array, "list"),
            (wp.array, "assign"),
            (wp, "synchronize"),
            (wp, "synchronize_device"),
            (wp, "synchronize_stream"),
            (torch.Tensor, "numpy"),
            (torch.Tensor, "tolist"),
            (torch.Tensor, "cpu"),
        ):
            spy(owner, name, "waits")
        with _Ops(counted):
            yield counted

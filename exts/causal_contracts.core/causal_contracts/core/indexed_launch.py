# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false, reportArgumentType=false
# pyright: reportReturnType=false
# (Warp types the fields of its arrays and structs loosely.)
"""A kernel over listed environments, recorded once, to a call with other indices each time.

Episodes end in nearly every step of a large training, so a reset runs about as often as the rule,
and the host waits for nothing else meanwhile. No annotations are deferred here: Warp reads them.
"""

from collections.abc import Callable
from typing import Any

import warp as wp

from .arrays import Array, as_warp, is_torch
from .quick_launch import quick, recorded_launch
from .stream_order import StreamOrder


@wp.struct
class Indices:
    """Environments that a kernel was given, int32 or int64."""

    at: wp.uint64
    count: wp.int32
    wide: wp.int32  # whether they are int64


@wp.func_native("""
    return indices.wide ? ((const long long*)indices.at)[i] : ((const int*)indices.at)[i];
""")
def index_at(indices: Indices, i: int) -> wp.int64:
    """The index at `i`, below `count`; it may name no environment."""


class IndexedLaunch:
    """Calls of one kernel over environments that every call names anew.

    The kernel's first argument is `Indices`; its thread ``t`` takes the indices ``t``,
    ``t + num_envs`` and so on, so that a launch does not depend on how many there are.
    """

    def __init__(
        self,
        kernel: Any,
        num_envs: int,
        inputs: list[Any],
        outputs: list[Any],
        order: StreamOrder,
    ) -> None:
        """Record the launch; the arguments behind the indices stay."""
        device = order.device
        self._device, self._num_envs = device, num_envs
        recorded = recorded_launch(kernel, num_envs, [Indices(), *inputs], outputs, device)
        self._recorded = recorded
        self._indices = recorded.params[1]
        launch = quick(recorded)
        self._runs: tuple[Callable[[], None], ...] = tuple(
            order.ordered(launch, follows_torch=torch) for torch in (False, True)
        )
        self._torch_kinds: dict[Any, bool] = {}
        self._torch_device: Any = None

    def __call__(self, env_ids: Array) -> None:
        """Run for the environments listed; an index outside is none.

        Args:
            env_ids: int32 or int64, shape (number of them,), on the device, torch or Warp.

        Raises:
            TypeError: another dtype.
            ValueError: another shape or device, or not contiguous.
        """
        if is_torch(env_ids):
            wide = self._torch_kinds.get(env_ids.dtype)
            if wide is None or env_ids.device != self._torch_device or not _is_list(env_ids):
                wide = self._checked(env_ids)
            self._run(env_ids.data_ptr(), len(env_ids), wide, follows_torch=True)
        else:
            wide, at = self._checked(env_ids), env_ids.ptr  # pyright: ignore[reportAttributeAccessIssue]
            self._run(at, env_ids.shape[0], wide, follows_torch=False)

    def _run(self, at: int | None, count: int, wide: bool, *, follows_torch: bool) -> None:
        if not count:
            return
        indices = self._indices
        indices.at, indices.count, indices.wide = at, count, wide
        if self._device.is_cpu:
            self._recorded.set_dim(min(count, self._num_envs))
        self._runs[follows_torch]()

    def _checked(self, env_ids: Array) -> bool:
        """Whether these are int64, after what `as_warp` refuses."""
        if len(env_ids.shape) != 1:
            raise ValueError(
                f"env_ids has shape {tuple(env_ids.shape)}; indices have shape (number of them,)"
            )
        wide = "int64" in str(env_ids.dtype)
        dtype = wp.int64 if wide else wp.int32
        as_warp(env_ids, "env_ids", (env_ids.shape[0],), dtype, self._device)
        if is_torch(env_ids):
            self._torch_kinds[env_ids.dtype], self._torch_device = wide, env_ids.device
        return wide


def _is_list(env_ids: Any) -> bool:
    return env_ids.dim() == 1 and env_ids.is_contiguous()

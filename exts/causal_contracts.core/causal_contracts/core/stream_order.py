# SPDX-License-Identifier: Apache-2.0
"""Who made the arrays to the CUDA stream that keeps the rule in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import warp as wp

from .arrays import is_torch, raw_torch_stream


class StreamOrder:
    """The current stream of the library whose arrays came last; the CPU has none."""

    def __init__(self, device: wp.Device, *, follows_torch: bool) -> None:
        """Follow a library's current stream on a device, torch's at first or Warp's."""
        self.device, self._ordinal = device, device.ordinal
        self.follows_torch = follows_torch
        """Whether the last arrays were torch's; what `ordered` returns sets it."""
        self._torch_stream: wp.Stream | None = None
        self._torch_handle = -1
        self._raw_torch_stream: Callable[[int], int] | None = None

    def ordered(self, launch: Callable[..., None], *, follows_torch: bool) -> Callable[[], None]:
        """A recorded launch as a call on whichever stream is then its arrays' current one."""
        if not self.device.is_cuda:
            return launch

        def run() -> None:
            self.follows_torch = follows_torch
            launch(self.current())

        return run

    def current(self) -> wp.Stream:
        """The stream of the arrays' library, so that the rule stays in their order."""
        if not self.follows_torch:
            return self.device.stream
        if self._raw_torch_stream is None:
            self._raw_torch_stream = raw_torch_stream()
        handle = self._raw_torch_stream(self._ordinal)
        if handle != self._torch_handle or self._torch_stream is None:
            import torch

            self._torch_stream = wp.stream_from_torch(torch.cuda.current_stream(self._ordinal))
            self._torch_handle = handle
        return self._torch_stream

    @contextmanager
    def in_order(self, array: Any = None, *, wait: bool = False) -> Iterator[None]:
        """Run what follows on the stream of `array`, after the last `apply`."""
        if not self.device.is_cuda:
            yield
            return
        if is_torch(array) or isinstance(array, wp.array):
            self.follows_torch = is_torch(array)
        stream = self.current()
        if wait:
            wp.synchronize_stream(stream)
        with wp.ScopedStream(stream, sync_enter=False):
            yield

# SPDX-License-Identifier: Apache-2.0
"""A recorded CUDA launch as a call that asks neither Warp nor ctypes what they know already.

Between two steps of a simulation the host's caches are cold, and every object that Python touches
on the way to the driver costs more there than in a tight loop: on an H200 and 65,536 microwaves
`wp.Launch.launch` alone took about as long as the driver's own part.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import warp as wp

NUM_ARGUMENTS = 11
"""What the launch function takes in the Warp that this was written for."""


def recorded_launch(
    kernel: Any,
    dim: Any,
    inputs: list[Any],
    outputs: list[Any],
    device: Any,
    *,
    block_dim: int = 256,
) -> wp.Launch:
    """A launch that Warp records instead of running it."""
    command = wp.launch(
        kernel,
        dim=dim,
        inputs=inputs,
        outputs=outputs,
        device=device,
        record_cmd=True,
        block_dim=block_dim,
    )
    assert command is not None, "Warp returns what it records"
    return command


def quick(recorded: wp.Launch) -> Callable[..., None]:
    """The launch as a call that takes a stream; on the CPU, or with another Warp, as it is."""
    if not recorded.device.is_cuda or _runtime() is None:
        return recorded.launch
    return QuickLaunch(recorded)


class QuickLaunch:
    """Launches over the arguments of its first call, converted once for each stream."""

    __slots__ = ("_call", "_recorded", "_runtime", "_stream")

    def __init__(self, recorded: wp.Launch) -> None:
        """Hold what Warp recorded on a CUDA device."""
        self._recorded, self._runtime = recorded, _runtime()
        self._stream: wp.Stream | None = None
        self._call: Callable[[], int] = int

    def __call__(self, stream: wp.Stream | None = None) -> None:
        """Launch on `stream`, by default the device's current one.

        Raises:
            RuntimeError: the driver refuses the launch.
        """
        if stream is None:
            stream = self._recorded.device.stream
        if stream is not self._stream:
            self._aim(stream)
        runtime = self._runtime
        if runtime.captures or runtime._apic_capture is not None or self._call():
            self._recorded.launch(stream)  # a capture is to be told, a fault to be named

    def _aim(self, stream: wp.Stream) -> None:
        of, hooks = self._recorded, self._recorded.hooks
        assert hooks is not None, "Warp finds the hooks of a kernel when it records a launch"
        values = (
            of.device.context,
            hooks.forward,
            of.bounds.size,
            of.max_blocks,
            of.block_dim,
            int(of.grid_stride),
            of.cluster_dim,
            hooks.forward_smem_bytes,
            of.params_addr,
            stream.cuda_stream,
            None,
        )
        known = self._runtime.core.wp_cuda_launch_kernel
        function = self._runtime.core["wp_cuda_launch_kernel"]  # without types to convert to
        function.restype = known.restype
        given = map(_converted, known.argtypes, values)
        self._call, self._stream = partial(function, *given), stream


def _converted(kind: Any, value: Any) -> Any:
    """A number as what C takes; arrays and None pass as they are."""
    return kind(value) if isinstance(value, int) else value


@cache
def _runtime() -> Any:
    """Warp's own, where it launches as this module expects; else None."""
    internal = getattr(getattr(wp, "_src", None), "context", None)
    runtime = getattr(internal, "runtime", None)
    launches = getattr(getattr(runtime, "core", None), "wp_cuda_launch_kernel", None)
    known = len(getattr(launches, "argtypes", None) or ()) == NUM_ARGUMENTS
    known = known and all(hasattr(runtime, name) for name in ("captures", "_apic_capture"))
    return runtime if known else None

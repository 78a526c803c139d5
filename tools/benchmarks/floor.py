# SPDX-License-Identifier: Apache-2.0
# pyright: reportInvalidTypeForm=false
"""What a device can do at best: its copy bandwidth and the cost of one launch that does nothing."""

import time

import torch
import warp as wp

from . import clock


@wp.kernel(enable_backward=False, grid_stride=False)
def empty() -> None:
    """Nothing, on one thread."""


def copy_bandwidth(device: str, seconds: float) -> float:
    """Bytes read and written per second by a copy far larger than the caches."""
    size = (1 << 30 if device != "cpu" else 1 << 28) // 4
    source, target = (torch.ones(size, device=device) for _ in range(2))
    timing = clock.eager([lambda: target.copy_(source)], device, seconds)
    return 2 * size * 4 / (timing.min * 1e-6)


def node_cost(device: str, seconds: float) -> float:
    """Microseconds of an empty launch inside a graph."""
    command = wp.launch(empty, dim=1, device=device, record_cmd=True)
    assert command is not None
    if device == "cpu":
        return clock.graph([command.launch], device, 100, seconds).median

    def call() -> None:
        command.launch(stream=wp.stream_from_torch(torch.cuda.current_stream()))

    return clock.graph([call], device, 100, seconds).median


def device_name(device: str) -> str:
    """The device as its driver or the kernel calls it, with what else decides the speed."""
    if device != "cpu":
        return f"{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}"
    with open("/proc/cpuinfo") as lines:
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'CPU'}, {torch.get_num_threads()} threads"


def today() -> str:
    """The date of a measurement."""
    return time.strftime("%Y-%m-%d")

# SPDX-License-Identifier: Apache-2.0
"""A call to microseconds per call, over repetitions: eager by the host's clock, graphs by events.

Everything runs once before it is timed. On CUDA an eager repetition ends when the device is done,
so it counts whichever of host and device is slower; a graph is timed by CUDA events around replays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
import warp as wp

Call = Callable[[], object]
REPETITIONS = 9


@dataclass(frozen=True)
class Timing:
    """Microseconds per call over the repetitions."""

    median: float
    min: float
    max: float

    @staticmethod
    def of(samples: Sequence[float]) -> Timing:
        """Median, min and max of `samples`."""
        ordered = sorted(samples)
        return Timing(ordered[len(ordered) // 2], ordered[0], ordered[-1])


def eager(calls: Sequence[Call], device: str, seconds: float) -> Timing:
    """Time of one call, the calls taken in turn."""
    wait = torch.cuda.synchronize if device != "cpu" else _nothing

    def repetition(rounds: int) -> float:
        wait()
        start = time.perf_counter()
        for _ in range(rounds):
            for call in calls:
                call()
        wait()
        return (time.perf_counter() - start) / (rounds * len(calls)) * 1e6

    return _repeat(repetition, len(calls), seconds)


def graph(calls: Sequence[Call], device: str, launches: int, seconds: float) -> Timing:
    """Time of one call inside a graph of at least `launches` of them."""
    rounds_inside = max(1, launches // len(calls))
    for call in calls:
        call()
    if device == "cpu":
        with wp.ScopedCapture("cpu") as capture:
            for _ in range(rounds_inside):
                for call in calls:
                    call()
        assert capture.graph is not None
        whole = eager([partial(wp.capture_launch, capture.graph)], device, seconds)
        inside = rounds_inside * len(calls)
        return Timing(*(value / inside for value in (whole.median, whole.min, whole.max)))
    torch.cuda.synchronize()
    recorded = torch.cuda.CUDAGraph()
    with torch.cuda.graph(recorded):
        for _ in range(rounds_inside):
            for call in calls:
                call()
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    def repetition(rounds: int) -> float:
        first.record()
        for _ in range(rounds):
            recorded.replay()
        last.record()
        last.synchronize()
        return first.elapsed_time(last) * 1e3 / (rounds * rounds_inside * len(calls))

    return _repeat(repetition, rounds_inside * len(calls), seconds)


def _repeat(repetition: Callable[[int], float], calls: int, seconds: float) -> Timing:
    once = max(repetition(1), 0.01) * calls * 1e-6  # also the warm-up
    if once > seconds:
        return Timing.of([repetition(1) for _ in range(3)])
    rounds = max(1, int(seconds / REPETITIONS / once))
    repetition(max(1, rounds // 4))
    return Timing.of([repetition(rounds) for _ in range(REPETITIONS)])


def _nothing() -> None:
    """The CPU is done when a call returns."""

# SPDX-License-Identifier: Apache-2.0
"""Recorded CPU launches to one call that several threads share by claiming tasks.

A thread that sleeps on, on a busy machine, costs nothing: the others take over its tasks, and the
caller waits only for tasks that somebody has begun. A thread that wakes late finds none.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable
from functools import cache
from queue import SimpleQueue

import warp as wp

Call = Callable[[], None]

LINE = 16
"""Numbers of a cache line: what threads write apart lies apart."""
PENDING = 4
"""Calls that wait for one thread, from which another call would not wake it either."""


class Unrecorded:
    """A recorded CPU launch as a call that costs less, and that no capture hears of.

    `Launch.launch` packs the arguments anew each time; and from another thread, one that wakes
    while its caller begins a capture would record itself into it.
    """

    __slots__ = ("_arguments", "_command", "_forward")

    def __init__(self, command: wp.Launch) -> None:
        """Pack what was recorded on the CPU."""
        assert command.hooks
        bounds, *values = command.params
        fields = [(f"argument_{i}", type(value)) for i, value in enumerate(values)]
        packed = type("Arguments", (ctypes.Structure,), {"_fields_": fields})(*values)
        self._command = command  # keeps the code, and the arrays that it owns, alive
        self._forward = command.hooks.forward
        self._arguments = ctypes.byref(bounds), ctypes.byref(packed)

    def __call__(self) -> None:
        """Launch."""
        self._forward(*self._arguments)


def board_for(parts: int) -> wp.array:
    """Where `parts` threads claim tasks (see `kernel_cpu.apply_to_claimed`); none is offered."""
    return wp.full((1 + parts) * LINE, (1 << 31) - 1, dtype=wp.int32, device="cpu")


def shared(board: wp.array, tasks: int, offer: Call, parts: list[Call], settle: Call) -> Call:
    """One call that runs `parts`, the first of them itself, until all tasks are done.

    Args:
        board: where tasks are claimed, which `offer` opens.
        tasks: number of them.
        offer: offers all tasks anew.
        parts: claim tasks until none is left, one call per thread.
        settle: waits a while for the tasks of others.
    """
    mine, *others = parts
    done = board.numpy()[:1]

    def call() -> None:
        offer()
        process = os.getpid()  # a fork does not inherit its parent's threads
        for number, other in enumerate(others):
            waiting = _waiting(process, number)
            if waiting.qsize() < PENDING:
                waiting.put(other)
        mine()
        settle()
        while done[0] != tasks:
            time.sleep(1e-6)  # to whoever holds the last task, perhaps on this very core
            settle()

    return call


@cache
def _waiting(process: int, number: int) -> SimpleQueue[Call]:
    """What thread `number` of this process is to run."""
    waiting: SimpleQueue[Call] = SimpleQueue()
    name = f"couplings-{process}-{number}"
    threading.Thread(target=_run, args=(waiting,), name=name, daemon=True).start()
    return waiting


def _run(waiting: SimpleQueue[Call]) -> None:
    while True:
        waiting.get()()

# SPDX-License-Identifier: Apache-2.0
"""Threads claim the tasks of a CPU launch: each task once, whoever wakes when."""

import os
import threading
import time
from queue import SimpleQueue

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import (
    CouplingTerm,
    compile_bundle,
    cpu_threads,
    kernel_cpu,
    launch,
    quick_launch,
)
from rules import array, bundle, host

NAMES = ["j0", "j1"]
ENVS = 5000
"""Five tasks, the last one short."""


@pytest.fixture
def term(monkeypatch):
    monkeypatch.setattr(launch, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(launch, "_threads", lambda: 3)
    made = bundle("press: j0 > 0.5 => j1 := 1.5, level")
    return CouplingTerm(compile_bundle(made, NAMES), ENVS, "cpu", frontend="warp")


@pytest.fixture
def buffers():
    return (array(np.ones((ENVS, 2)), "warp", "cpu"), array(np.zeros((ENVS, 2)), "warp", "cpu"))


def asleep(monkeypatch):
    """Queues that nobody takes from, and what was put into them."""
    queues = [SimpleQueue(), SimpleQueue()]
    monkeypatch.setattr(cpu_threads, "_waiting", lambda process, number: queues[number])
    return queues


def called(rule, inputs):
    return cpu_threads.Unrecorded(quick_launch.recorded_launch(rule, 1, inputs, [], "cpu"))


def test_threads_that_never_wake_are_not_waited_for(term, buffers, monkeypatch):
    queues = asleep(monkeypatch)
    positions, targets = buffers
    for _ in range(50):
        targets.zero_()
        term.apply(positions, targets, out=targets)
        assert (host(targets)[:, 1] == 1.5).all()
    assert [queue.qsize() for queue in queues] == [cpu_threads.PENDING] * 2


def test_a_thread_that_wakes_late_writes_nothing(term, buffers, monkeypatch):
    queues = asleep(monkeypatch)
    positions, targets = buffers
    term.apply(positions, targets, out=targets)
    targets.zero_()
    for queue in queues:
        queue.get()()
    assert not host(targets).any()


def test_a_call_of_another_thread_goes_into_no_capture():
    board = cpu_threads.board_for(1)
    counts = wp.zeros(1, dtype=wp.int32, device="cpu")
    offer = called(kernel_cpu.offer, [board, 1, 1])
    count = called(count_claimed, [board, 1, 1, 0, counts])
    with wp.ScopedCapture("cpu") as capture:
        offer()
        count()
        assert host(counts) == 1
    assert capture.graph
    offer()
    wp.capture_launch(capture.graph)
    assert host(counts) == 1


def test_every_task_is_done_once_by_whoever_claims_it():
    parts, tasks, rounds = 3, 1000, 200
    board = cpu_threads.board_for(parts)
    counts = wp.zeros(tasks, dtype=wp.int32, device="cpu")

    offer = called(kernel_cpu.offer, [board, parts, tasks])
    settle = called(kernel_cpu.settle, [board, tasks])
    each = [called(count_claimed, [board, parts, tasks, mine, counts]) for mine in range(parts)]
    run = cpu_threads.shared(board, tasks, offer, each, settle)
    for number in range(1, rounds + 1):
        run()
        assert (host(counts) == number).all()


@wp.kernel(enable_backward=False)
def count_claimed(
    board: wp.array(dtype=wp.int32),  # pyright: ignore[reportInvalidTypeForm]
    parts: int,
    tasks: int,
    mine: int,
    counts: wp.array(dtype=wp.int32),  # pyright: ignore[reportInvalidTypeForm]
):
    task = kernel_cpu.claim(board, parts, tasks, mine)
    while task >= 0:
        counts[task] = counts[task] + 1
        kernel_cpu.count_task(board)
        task = kernel_cpu.claim(board, parts, tasks, mine)


def test_the_caller_waits_for_a_task_that_another_thread_has_begun():
    done = np.zeros(1, np.int32)
    board = wp.array(done, dtype=wp.int32, device="cpu", copy=False)
    begun = threading.Event()

    def claim_the_only_task():
        begun.set()
        time.sleep(0.05)
        done[0] = 1

    parts = [begun.wait, claim_the_only_task]
    cpu_threads.shared(board, 1, lambda: None, parts, lambda: None)()
    assert done[0] == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_has_threads_of_its_own(term, buffers):
    positions, targets = buffers
    term.apply(positions, targets, out=targets)
    child = os.fork()
    if not child:
        targets.zero_()
        term.apply(positions, targets, out=targets)
        own = [t.name for t in threading.enumerate() if str(os.getpid()) in t.name]
        os._exit(0 if len(own) == 2 and (targets.numpy()[:, 1] == 1.5).all() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

# SPDX-License-Identifier: Apache-2.0
"""Calls again with the same arrays: checked once, nothing allocated, nothing kept alive."""

import gc
import sys
import tracemalloc
import weakref

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import CouplingTerm, compile_bundle, recorded_launches
from rules import (
    FORMS,
    array,
    bundle,
    for_each_form,
    for_each_frontend,
    for_each_size,
    host,
    on_each_device,
    pointer,
    run,
    with_torch,
)
from term_calls import NAMES, SHAPE, make, pressed, zeros


@on_each_device
@for_each_frontend
@for_each_form
def test_equal_pointers_are_validated_once(device, frontend, form, monkeypatch):
    seen = []
    check = recorded_launches.as_warp
    monkeypatch.setattr(
        recorded_launches, "as_warp", lambda *args: (seen.append(args[1]), check(*args))[1]
    )
    term = make(device, frontend)
    joint_pos, targets, out = (zeros(frontend, device) for _ in range(3))
    run(term, joint_pos, targets, form, out)
    once = ["joint_pos", "targets"] + ["out"] * (form != "own output")
    assert seen == once
    for _ in range(50):
        run(term, joint_pos, targets, form, out)
    assert seen == once
    other = zeros(frontend, device)
    run(term, joint_pos, other, form, out)
    run(term, joint_pos, targets, form, out)
    assert seen == once * 2


@on_each_device
@for_each_frontend
def test_a_view_with_the_pointer_of_a_checked_array_is_checked_again(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    joint_pos, targets = zeros(*kind), zeros(*kind)
    term.apply(joint_pos, targets)
    for view in (joint_pos[:3], joint_pos.reshape((8,)), joint_pos.reshape((2, 4))):
        assert pointer(view) == pointer(joint_pos)
        with pytest.raises(ValueError, match="joint_pos has shape"):
            term.apply(view, targets)
    square = CouplingTerm(compile_bundle(bundle(), NAMES), 2, device, frontend=frontend)
    whole = zeros(*kind, shape=(2, 2))
    square.apply(whole, zeros(*kind, shape=(2, 2)))
    turned = whole.T if frontend == "torch" else whole.transpose()
    with pytest.raises(ValueError, match="contiguous"):
        square.apply(turned, zeros(*kind, shape=(2, 2)))


@with_torch
@on_each_device
def test_another_dtype_over_the_same_memory_is_checked_again(device):
    import torch

    term = make(device, "torch")
    joint_pos, targets = zeros("torch", device), zeros("torch", device)
    term.apply(joint_pos, targets)
    with pytest.raises(TypeError, match="int32; the term needs float32"):
        term.apply(joint_pos.view(torch.int32), targets)


@on_each_device
@for_each_frontend
def test_many_buffers_in_turn_all_give_the_right_answer(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    rows = [
        array(np.full(SHAPE, 0.01 * i), *kind) for i in range(3 * recorded_launches.MAX_RECORDED)
    ]
    free = zeros(*kind)
    for _ in range(2):
        for i, targets in enumerate(rows):
            assert host(term.apply(free, targets))[0, 0] == np.float32(0.01 * i)
    assert len(term._launches._runs) <= recorded_launches.MAX_RECORDED


@on_each_device
@for_each_frontend
def test_buffers_are_not_kept_alive(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    joint_pos, targets, out = zeros(*kind), zeros(*kind), zeros(*kind)
    alive = [weakref.ref(x) for x in (joint_pos, targets, out)]
    for form in FORMS:
        run(term, joint_pos, targets, form, out)
    held = sys.getrefcount(joint_pos)
    del joint_pos, targets, out
    assert held <= 2
    assert [x() for x in alive] == [None] * 3


@on_each_device
@for_each_frontend
@for_each_form
def test_state_and_output_keep_their_pointers(device, frontend, form):
    kind = (frontend, device)
    term = make(*reversed(kind))
    joint_pos, targets, out = pressed(*kind), zeros(*kind), zeros(*kind)

    def pointers():
        result = run(term, joint_pos, targets, form, out)
        return [pointer(x) for x in (result, term.fired, term.latched, term.active)]

    before = pointers()
    for _ in range(3):
        term.reset()
        term.reset([1])
        term.load_state_dict(term.state_dict())
        assert pointers() == before


@on_each_device
@for_each_frontend
@for_each_size
def test_repeated_calls_leave_nothing_behind(device, frontend, num_envs):
    kind = (frontend, device)
    term = make(*reversed(kind), num_envs=num_envs)
    shape = (num_envs, 2)
    joint_pos, targets, out = pressed(*kind, shape=shape), *(zeros(*kind, shape=shape),) * 2
    mask = array(np.arange(num_envs) % 2 == 0, *kind, dtype=bool)
    ids = array([0], *kind, dtype=np.int64)

    def calls():
        for _ in range(20):
            for form in ("own output", "in place"):
                run(term, joint_pos, targets, form, out)
            term.reset(env_mask=mask)
            term.reset(env_ids=ids)
            term.reset()

    calls()
    used = device_memory(device)
    tracemalloc.start()
    calls()
    start = traced()
    for _ in range(5):
        calls()
    grown = traced() - start
    tracemalloc.stop()
    assert grown < 1024, "of 500 calls"
    assert device_memory(device) == used


def traced():
    """Bytes that Python holds; Warp's CPU launch leaves cycles to its collector."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def device_memory(device):
    """Bytes that torch and Warp hold on a GPU; on the CPU nothing counts them."""
    if device == "cpu":
        return None
    used = [wp.get_mempool_used_mem_current(device)]
    if "torch" in sys.modules:
        used.append(sys.modules["torch"].cuda.memory_allocated(device))
    return used


@on_each_device
@for_each_frontend
def test_warp_allocates_nothing_after_construction(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    joint_pos, targets = pressed(*kind), zeros(*kind)
    reports = []
    with wp.ScopedMemoryTracker("calls", report_func=reports.append):
        term.apply(joint_pos, targets)
        term.apply(joint_pos, targets, out=targets)
        term.reset()
        term.reset([1, 2])
        term.reset(slice(1, 3))
    assert "rules.py" not in "".join(reports)  # nothing of ours is counted
    for ours in ("latches.py", "recorded_launches.py", "term.py"):
        assert ours not in "".join(reports)

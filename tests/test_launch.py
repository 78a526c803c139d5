# SPDX-License-Identifier: Apache-2.0
"""The launches that a device chooses from mean the same: CUDA's kernels run on the CPU too."""

import gc
import random
import weakref

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import CouplingTerm, compile_bundle, kernel_cuda, launch
from oracle import Oracle
from rules import array, bits, bundle, for_each_size, host, on_cuda, on_each_device

FLAGS = ("fired", "latched", "active")


def bundle_of(number, joints=9):
    """Contracts that share effect joints, of either mode and op, some disabled."""
    return bundle(
        *(
            f"c{i:03d}: j{i * 5 % joints} {'<>'[i % 2]} {0.5 if i % 2 else -0.5} => "
            f"j{i * i % 7} := {i}.0, {'latching' if i % 3 else 'level'}"
            + (" (disabled)" if i % 11 == 4 else "")
            for i in range(number)
        )
    )


def trajectory(num_envs, joints, steps=4):
    rng = np.random.default_rng(3)
    for _ in range(steps):
        positions, targets = rng.normal(0.0, 0.5, (2, num_envs, joints)).astype(np.float32)
        positions[rng.random(positions.shape) < 0.05] = np.nan
        yield positions, targets


def agrees(number, num_envs, device="cpu", joints=9):
    made, names = bundle_of(number, joints), [f"j{i}" for i in range(joints)]
    oracle = Oracle(made, names, num_envs)
    terms = [
        CouplingTerm(compile_bundle(made, names), num_envs, device, frontend="warp")
        for _ in range(2)
    ]
    for positions, given in trajectory(num_envs, joints):
        expected = oracle.apply(bits(positions), bits(given))
        for term, in_place in zip(terms, (True, False), strict=True):
            targets = array(given, "warp", device)
            out = targets if in_place else None
            result = term.apply(array(positions, "warp", device), targets, out=out)
            assert bits(result) == expected
            for name in FLAGS:
                assert host(getattr(term, name)).tolist() == oracle.rows(name), name


@for_each_size
@pytest.mark.parametrize("joints", [9, 12], ids=["odd rows", "rows of whole vectors"])
def test_the_kernels_of_cuda_equal_the_oracle_on_the_cpu(num_envs, joints, monkeypatch):
    monkeypatch.setattr("causal_contracts.core.recorded_launches.record", launch.on_cuda)
    agrees(24, num_envs, joints=joints)


@on_cuda
@pytest.mark.parametrize("number", [1, 3, 8, 12, 32, 36, 64, 100])
@pytest.mark.parametrize("num_envs", [1, 7, 130, 4096])
@pytest.mark.parametrize("fills", [1, 1 << 40], ids=["four per thread", "one per thread"])
def test_the_kernels_of_cuda_equal_the_oracle(num_envs, number, fills, monkeypatch):
    monkeypatch.setattr(launch, "FILLS_THE_GPU", fills)
    agrees(number, num_envs, "cuda:0", joints=9 if number % 8 else 12)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 7, 12, 64, 641, 65537, (1 << 31) - 1])
def test_a_multiplication_divides_every_index(number):
    found = kernel_cuda.divisor(number)
    edges = [k * number + d for k in (0, 1, 2, (2**31 - 2) // number) for d in (-1, 0, 1)]
    for index in (*edges, *random.Random(number).sample(range(2**31), 2000)):
        if 0 <= index < 1 << 31:
            high = index * int(found.magic) >> 32
            assert (high + index) % (1 << 32) >> int(found.shift) == index // number


@on_each_device
def test_targets_that_begin_between_vectors_are_merged(device, monkeypatch):
    monkeypatch.setattr("causal_contracts.core.recorded_launches.record", launch.on_cuda)
    made = bundle("press: j0 > 0.5 => j1 := 1.5, level")
    term = CouplingTerm(compile_bundle(made, ["j0", "j1", "j2", "j3"]), 3, device, frontend="warp")
    memory = wp.full(3 * 4 + 1, 7.0, dtype=wp.float32, device=device)
    targets = wp.array(ptr=memory.ptr + 4, shape=(3, 4), dtype=wp.float32, device=device)
    positions = array(np.ones((3, 4), np.float32), "warp", device)
    assert host(term.apply(positions, targets)).tolist() == [[7.0, 1.5, 7.0, 7.0]] * 3


@on_each_device
@pytest.mark.parametrize("after", [(0, 1, 2), (5, 3, 1), (4, 4, 0)], ids=str)
@pytest.mark.parametrize("before", [(0, 1, 2), (2, 2, 2), (5, 0, 3)], ids=str)
def test_a_launch_recorded_before_a_swap_reads_the_new_triggers(before, after, device, monkeypatch):
    monkeypatch.setattr("causal_contracts.core.recorded_launches.record", launch.on_cuda)
    names = [f"j{i}" for i in range(9)]
    compiled = [
        compile_bundle(
            bundle(*(f"c{c}: j{j} > 0.5 => j{6 + c} := 1.5, level" for c, j in enumerate(joints))),
            names,
        )
        for joints in (before, after)
    ]
    term = CouplingTerm(compiled[0], 7, device, frontend="warp")
    positions = np.random.default_rng(5).random((7, 9), np.float32)
    measured, targets = (array(each, "warp", device) for each in (positions, np.zeros((7, 9))))
    call = term.recorded(measured, targets, out=targets)
    assert term.swap(compiled[1])
    call()
    assert host(term.fired).tolist() == (positions[:, after] > 0.5).tolist()


@pytest.mark.parametrize("number", [1, 2, 63, 64, 65, 256, 300])
@pytest.mark.parametrize("num_envs", [1, 7, 130])
def test_a_bundle_of_any_length_equals_the_oracle_on_the_cpu(number, num_envs):
    agrees(number, num_envs)


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_threads_share_the_environments_of_a_large_term(threads, monkeypatch):
    used = []
    monkeypatch.setattr(launch, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(launch, "_threads", lambda: threads)
    recorded = launch.recorded_launch
    monkeypatch.setattr(
        launch, "recorded_launch", lambda *args: (used.append(args[1]), recorded(*args))[1]
    )
    agrees(3, 5000)
    assert max(used) == 5 and len(used) > 2


def test_threads_inside_a_capture_record_everything(monkeypatch):
    monkeypatch.setattr(launch, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(launch, "_threads", lambda: 2)
    term = CouplingTerm(
        compile_bundle(bundle_of(2), [f"j{i}" for i in range(9)]), 3000, frontend="warp"
    )
    positions = wp.full((3000, 9), 9.0, dtype=wp.float32, device="cpu")
    targets = wp.zeros((3000, 9), dtype=wp.float32, device="cpu")
    with wp.ScopedCapture("cpu") as capture:
        term.apply(positions, targets)
    assert not host(term.fired).any()
    wp.capture_launch(capture.graph)
    assert host(term.fired)[:, 1].all()


def test_a_recorded_apply_runs_without_its_arguments():
    term = CouplingTerm(
        compile_bundle(bundle_of(2), [f"j{i}" for i in range(9)]), 5, frontend="warp"
    )
    positions, targets = (array(np.full((5, 9), 9.0), "warp", "cpu") for _ in range(2))
    again = term.recorded(positions, targets, out=targets)
    assert not host(term.fired).any()
    again()
    assert host(term.fired)[:, 1].all() and (host(targets)[:, 1] == 1.0).all()


def test_a_recorded_apply_keeps_its_buffers():
    term = CouplingTerm(
        compile_bundle(bundle_of(2), [f"j{i}" for i in range(9)]), 5, frontend="warp"
    )
    positions, targets = (array(np.full((5, 9), 9.0), "warp", "cpu") for _ in range(2))
    alive = [weakref.ref(x) for x in (positions, targets)]
    again = term.recorded(positions, targets)
    del positions, targets
    assert all(x() is not None for x in alive)
    del again
    assert all(x() is None for x in alive)


@on_each_device
def test_a_recorded_apply_keeps_its_term_whose_memory_it_reads_and_writes(device):
    rule = compile_bundle(bundle("a: j0 > 0.5 => j1 := 2.0, level"), ["j0", "j1"])
    term = CouplingTerm(rule, 3, device, frontend="warp")
    positions = array(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]), "warp", device)
    targets = array(np.zeros((3, 2)), "warp", device)
    call, kept = term.recorded(positions, targets, out=targets), weakref.ref(term)
    del term
    gc.collect()
    assert kept() is not None
    call()
    assert host(targets)[:, 1].tolist() == [0.0, 2.0, 0.0]
    del call
    gc.collect()
    assert kept() is None


def test_a_swap_to_another_effect_joint_keeps_what_was_recorded():
    names = ("button", "lid", "door")
    compiled, changed = (
        compile_bundle(bundle(f"press: button > 0.5 => {joint} := 1.5, level"), names)
        for joint in ("lid", "door")
    )
    term = CouplingTerm(compiled, 2, frontend="warp")
    positions, targets = (array(np.ones((2, 3)), "warp", "cpu") for _ in range(2))
    again = term.recorded(positions, targets)
    assert term.swap(changed) is True
    again()
    assert host(term.apply(positions, targets)).tolist() == [[1.0, 1.0, 1.5]] * 2

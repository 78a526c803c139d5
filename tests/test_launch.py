# SPDX-License-Identifier: Apache-2.0
"""The launches that a device chooses from mean the same: CUDA's kernels run on the CPU too."""

import weakref

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import CouplingTerm, compile_bundle, kernel, launch
from oracle import Oracle
from rules import array, bits, bundle, for_each_size, host

JOINTS = tuple(f"j{i}" for i in range(9))
FLAGS = ("fired", "latched", "active")


def bundle_of(number):
    """Contracts that share effect joints, of either mode and op, some disabled."""
    return bundle(
        *(
            f"c{i:03d}: j{i * 5 % 9} {'<>'[i % 2]} {0.5 if i % 2 else -0.5} => "
            f"j{i * i % 7} := {i}.0, {'latching' if i % 3 else 'level'}"
            + (" (disabled)" if i % 11 == 4 else "")
            for i in range(number)
        )
    )


def trajectory(num_envs, steps=4):
    rng = np.random.default_rng(3)
    for _ in range(steps):
        positions, targets = rng.normal(0.0, 0.5, (2, num_envs, 9)).astype(np.float32)
        positions[rng.random(positions.shape) < 0.05] = np.nan
        yield positions, targets


def on_cuda_kernels(pos, given, output, rules, state):
    """What `launch.record` does on CUDA."""
    return launch.on_cuda(pos, given, rules, [*state, output])


def agrees(number, num_envs):
    made = bundle_of(number)
    oracle = Oracle(made, JOINTS, num_envs)
    terms = [
        CouplingTerm(compile_bundle(made, JOINTS), num_envs, frontend="warp") for _ in range(2)
    ]
    for positions, given in trajectory(num_envs):
        expected = oracle.apply(bits(positions), bits(given))
        for term, in_place in zip(terms, (True, False), strict=True):
            targets = array(given, "warp", "cpu")
            out = targets if in_place else None
            result = term.apply(array(positions, "warp", "cpu"), targets, out=out)
            assert bits(result) == expected
            for name in FLAGS:
                assert host(getattr(term, name)).tolist() == oracle.rows(name), name


@for_each_size
@pytest.mark.parametrize("fills", [1, 1 << 40], ids=["many per thread", "one per thread"])
def test_the_kernels_of_cuda_equal_the_oracle(num_envs, fills, monkeypatch):
    monkeypatch.setattr(kernel, "FILLS_THE_GPU", fills)
    monkeypatch.setattr("causal_contracts.core.term.record", on_cuda_kernels)
    agrees(24, num_envs)


@pytest.mark.parametrize("number", [1, 2, 63, 64, 65, 256, 300])
@pytest.mark.parametrize("num_envs", [1, 7, 130])
def test_a_bundle_of_any_length_equals_the_oracle_on_the_cpu(number, num_envs):
    agrees(number, num_envs)


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_threads_share_the_environments_of_a_large_term(threads, monkeypatch):
    used = []
    monkeypatch.setattr(launch, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(launch, "_threads", lambda: threads)
    recorded = launch._recorded
    monkeypatch.setattr(
        launch, "_recorded", lambda *args: (used.append(args[1]), recorded(*args))[1]
    )
    agrees(3, 5000)
    assert max(used) == 5 and len(used) > 2


def test_threads_inside_a_capture_record_everything(monkeypatch):
    monkeypatch.setattr(launch, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(launch, "_threads", lambda: 2)
    term = CouplingTerm(compile_bundle(bundle_of(2), JOINTS), 3000, frontend="warp")
    positions = wp.full((3000, 9), 9.0, dtype=wp.float32, device="cpu")
    targets = wp.zeros((3000, 9), dtype=wp.float32, device="cpu")
    with wp.ScopedCapture("cpu") as capture:
        term.apply(positions, targets)
    assert not host(term.fired).any()
    wp.capture_launch(capture.graph)
    assert host(term.fired)[:, 1].all()


def test_a_recorded_apply_runs_without_its_arguments():
    term = CouplingTerm(compile_bundle(bundle_of(2), JOINTS), 5, frontend="warp")
    positions, targets = (array(np.full((5, 9), 9.0), "warp", "cpu") for _ in range(2))
    again = term.recorded(positions, targets, out=targets)
    assert not host(term.fired).any()
    again()
    assert host(term.fired)[:, 1].all() and (host(targets)[:, 1] == 1.0).all()


def test_a_recorded_apply_keeps_its_buffers():
    term = CouplingTerm(compile_bundle(bundle_of(2), JOINTS), 5, frontend="warp")
    positions, targets = (array(np.full((5, 9), 9.0), "warp", "cpu") for _ in range(2))
    alive = [weakref.ref(x) for x in (positions, targets)]
    again = term.recorded(positions, targets)
    del positions, targets
    assert all(x() is not None for x in alive)
    del again
    assert all(x() is None for x in alive)


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

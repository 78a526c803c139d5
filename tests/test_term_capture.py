# SPDX-License-Identifier: Apache-2.0
"""The term inside captured graphs and on side streams: replays read what the buffers hold then."""

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import CouplingTerm, compile_bundle
from oracle import Oracle
from rules import (
    array,
    bits,
    bundle,
    fill,
    for_each_form,
    for_each_size,
    host,
    on_cuda,
    on_each_device,
    run,
    with_torch,
)

NAMES = ("button", "lid", "door")
RULES = bundle(
    "a_press: button < 0.0 => lid := 1.5, latching",
    "b_chain: lid > 0.5 => door := 0.7, level",
    "c_back: door > 1.0 => lid := -0.25, latching",
)


class Captured:
    """A term whose `apply`, and a reset by mask before it, are recorded once and then replayed."""

    def __init__(self, num_envs, device, frontend, form):
        self.num_envs, self.form = num_envs, form
        self.term = CouplingTerm(compile_bundle(RULES, NAMES), num_envs, device, frontend=frontend)
        self.oracle = Oracle(RULES, NAMES, num_envs)
        self.joint_pos, self.targets, self.out = (
            array(np.zeros((num_envs, 3)), frontend, device) for _ in range(3)
        )
        self.mask = array(np.zeros(num_envs), frontend, device, dtype=bool)

    def step(self):
        self.term.reset(env_mask=self.mask)
        return run(self.term, self.joint_pos, self.targets, self.form, self.out)

    def agrees(self, replay, result):
        """Replays with new contents each time equal the oracle."""
        rng = np.random.default_rng(11)
        for _ in range(12):
            joint_pos, targets = rng.normal(0.5, 1.0, (2, self.num_envs, 3)).astype(np.float32)
            cleared = rng.random(self.num_envs) < 0.3
            fill(self.joint_pos, joint_pos)
            fill(self.targets, targets)
            fill(self.mask, cleared)
            replay()
            self.oracle.reset(np.flatnonzero(cleared))
            assert bits(result) == self.oracle.apply(bits(joint_pos), bits(targets))
            for name in ("fired", "latched", "active"):
                assert host(getattr(self.term, name)).tolist() == self.oracle.rows(name)


@on_each_device
@for_each_size
@for_each_form
def test_a_graph_captured_by_warp_replays_with_changing_contents(device, num_envs, form):
    captured = Captured(num_envs, device, "warp", form)
    with wp.ScopedCapture(device) as capture:  # without a call before: nothing is left to load
        result = captured.step()
    captured.agrees(lambda: wp.capture_launch(capture.graph), result)


@on_each_device
def test_a_graph_that_resets_every_environment_replays(device):
    captured = Captured(7, device, "warp", "own output")
    fill(captured.joint_pos, np.full((7, 3), -1.0))
    with wp.ScopedCapture(device) as capture:
        captured.term.apply(captured.joint_pos, captured.targets)
        captured.term.reset()
    wp.capture_launch(capture.graph)
    assert not host(captured.term.latched).any()


@on_each_device
def test_a_graph_stays_valid_over_a_swap_that_keeps_pointers(device):
    captured = Captured(7, device, "warp", "own output")
    fill(captured.joint_pos, np.full((7, 3), -1.0))
    with wp.ScopedCapture(device) as capture:
        result = captured.step()
    changed = bundle(*(str(c).replace("1.5", "1.25") for c in RULES.contracts))
    assert captured.term.swap(compile_bundle(changed, NAMES)) is True
    wp.capture_launch(capture.graph)
    assert host(result)[:, 1].tolist() == [1.25] * 7


@on_cuda
@with_torch
@for_each_size
@for_each_form
def test_a_graph_captured_by_torch_replays_with_changing_contents(num_envs, form):
    import torch

    captured = Captured(num_envs, "cuda:0", "torch", form)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = captured.step()
    captured.agrees(graph.replay, result)


@on_cuda
@with_torch
def test_a_torch_graph_that_resets_every_environment_replays():
    import torch

    captured = Captured(7, "cuda:0", "torch", "own output")
    fill(captured.joint_pos, np.full((7, 3), -1.0))
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        captured.term.apply(captured.joint_pos, captured.targets)
        captured.term.reset()
    graph.replay()
    assert not captured.term.latched.any()


@on_cuda
@with_torch
@pytest.mark.parametrize("how", ["all", "list", "mask", "ids", "swap", "load"])
def test_calls_on_a_torch_side_stream_keep_their_order(how):
    import torch

    captured = Captured(4096, "cuda:0", "torch", "own output")
    term, joint_pos, targets = captured.term, captured.joint_pos, captured.targets
    clean = term.state_dict()
    everyone = torch.arange(4096, device="cuda:0")
    other_trigger = bundle(*(str(c).replace("button", "door") for c in RULES.contracts))
    torch.cuda.synchronize()
    with torch.cuda.stream(torch.cuda.Stream()) as _:
        torch.cuda._sleep(200_000_000)  # about 0.1 s, so that what does not wait comes first
        joint_pos.fill_(-1.0)
        pressed = term.apply(joint_pos, targets).clone()
        match how:
            case "all":
                term.reset()
            case "list":
                term.reset(list(range(4096)))
            case "mask":
                term.reset(env_mask=everyone >= 0)
            case "ids":
                term.reset(everyone)
            case "swap":
                assert term.state_dict()["latched"][:, 0].all()
                term.swap(compile_bundle(other_trigger, NAMES))
            case "load":
                term.load_state_dict(clean)
        joint_pos.fill_(0.25)
        released = term.apply(joint_pos, targets).clone()
        torch.cuda.current_stream().synchronize()
    assert (pressed[:, 1] == 1.5).all()
    assert (released[:, 1] == 0.0).all()


@on_cuda
@with_torch
def test_a_term_built_on_a_side_stream_runs_there_at_once():
    import torch

    compiled = compile_bundle(RULES, NAMES)
    with torch.cuda.stream(torch.cuda.Stream()):
        joint_pos = torch.full((4096, 3), -1.0, device="cuda:0")
        for _ in range(20):
            term = CouplingTerm(compiled, 4096, "cuda:0")
            result = term.apply(joint_pos, torch.zeros_like(joint_pos)).clone()
            torch.cuda.current_stream().synchronize()
            assert (result[:, 1] == 1.5).all()


@on_cuda
def test_warp_arrays_run_on_the_current_warp_stream():
    captured = Captured(7, "cuda:0", None, "own output")  # torch is the frontend where installed
    joint_pos = array(np.full((7, 3), -1.0), "warp", "cuda:0")
    targets = array(np.zeros((7, 3)), "warp", "cuda:0")
    with wp.ScopedStream(wp.Stream("cuda:0")) as stream:
        result = captured.term.apply(joint_pos, targets)
        captured.term.reset()
        joint_pos.fill_(0.25)
        captured.term.apply(joint_pos, targets)
        wp.synchronize_stream(stream)
    assert host(result)[:, 1].tolist() == [0.0] * 7

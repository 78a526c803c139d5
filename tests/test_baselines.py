# SPDX-License-Identifier: Apache-2.0
"""The baselines mean what the term means, except the one that nobody calls."""

import numpy as np
import pytest
from causal_contracts.core import CouplingTerm, compile_bundle
from rules import array, bits, bundle, host, on_each_device

pytest.importorskip("torch", reason="torch is not installed")
import torch
from causal_contracts.core import torch_form
from causal_contracts.lab.baselines import BASELINES, IN_PLACE, INERT
from causal_contracts.lab.baselines.editor_callback import EditorCallback, Timeline

NAMES = ("button", "lid", "door")
RULES = bundle(
    "a_press: button < -0.1 => lid := 1.5, latching",
    "b_near: button < 0.3 => door := 0.7, level",
    "c_back: door > 1.0 => lid := -0.25, level",
    "d_off: door > -9.0 => lid := 9.0, level (disabled)",
    "e_last: lid > 0.9 => lid := 0.1, latching",
)
NUM_ENVS = 33


def trajectory(device):
    """Positions, targets and environments to reset afterwards, for some steps."""
    rng = np.random.default_rng(5)
    for _ in range(8):
        joint_pos, targets = rng.normal(0.0, 0.8, (2, NUM_ENVS, 3)).astype(np.float32)
        joint_pos[rng.random(joint_pos.shape) < 0.1] = np.nan
        joint_pos[rng.random(joint_pos.shape) < 0.1] = np.float32(-0.1)
        ids = torch.as_tensor(np.flatnonzero(rng.random(NUM_ENVS) < 0.3), device=device)
        yield array(joint_pos, "torch", device), array(targets, "torch", device), ids


@on_each_device
@pytest.mark.parametrize("name", sorted(BASELINES.keys() - INERT))
def test_an_acting_baseline_equals_the_torch_form_and_the_term_bit_for_bit(device, name):
    compiled = compile_bundle(RULES, NAMES)
    baseline = BASELINES[name](compiled, NUM_ENVS, device)
    term = CouplingTerm(compiled, NUM_ENVS, device, frontend="torch")
    latched = array(np.zeros((NUM_ENVS, 5)), "torch", device, dtype=bool)
    for joint_pos, targets, ids in trajectory(device):
        given = bits(targets)
        merged, state = torch_form.apply(compiled, joint_pos, targets, latched)
        assert bits(term.apply(joint_pos, targets)) == bits(merged)
        result = baseline.apply(joint_pos, targets)
        assert bits(result) == bits(merged)
        assert (result is targets) == (name in IN_PLACE)
        if name not in IN_PLACE:
            assert bits(targets) == given
        latched = state.latched.clone()
        latched[ids] = False
        baseline.reset(ids)
        term.reset(ids)


@on_each_device
def test_the_editor_callback_is_inert_headless_and_right_in_the_editor(device):
    compiled, timeline = compile_bundle(RULES, NAMES), Timeline()
    headless = EditorCallback(compiled, NUM_ENVS, device)
    played = EditorCallback(compiled, NUM_ENVS, device, timeline)
    term = CouplingTerm(compiled, NUM_ENVS, device, frontend="torch")
    acted = False
    for joint_pos, targets, ids in trajectory(device):
        given = bits(targets)
        expected = bits(term.apply(joint_pos, targets))
        acted |= expected != given
        assert bits(headless.apply(joint_pos, targets)) == given
        result = played.apply(joint_pos, targets)
        timeline.update()
        assert bits(result) == expected
        for each in (headless, played, term):
            each.reset(ids)
    assert acted and not host(term.fired).all()

# SPDX-License-Identifier: Apache-2.0
"""The pure step equals the torch form and the term bit for bit; its state forks and stores."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from causal_contracts.core import CouplingTerm, compile_bundle
from hypothesis import HealthCheck, given, settings
from programmes import Apply, Reset, programmes
from rules import array, bits, bundle, host, on_each_device

pytest.importorskip("torch", reason="torch is not installed")
import torch
from causal_contracts.core import torch_form
from causal_contracts.lab.imagination import Parameters, State, prepare, step
from imagined import COMPILED, FLAGS, JOINTS, per_env, same, walk
from syncs import counting


@on_each_device
def test_a_step_equals_the_torch_form_and_the_term_bit_for_bit(device):
    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(programmes(7))
    def property_(programme):
        names, made, steps = programme
        compiled = compile_bundle(made, names)
        term = CouplingTerm(compiled, 7, device, frontend="torch")
        state = State.initial(compiled, 7, device)
        for each in steps:
            match each:
                case Apply():
                    joint_pos, targets = (
                        array(pattern.view(np.float32), "torch", device)
                        for pattern in (each.joint_pos, each.targets)
                    )
                    before = state
                    merged, state = step(compiled, joint_pos, state, targets=targets)
                    wanted, after = torch_form.apply(compiled, joint_pos, targets, before.latched)
                    assert bits(merged) == bits(wanted) == bits(term.apply(joint_pos, targets))
                    for name in FLAGS:
                        found = getattr(state, name)
                        assert torch.equal(found, getattr(after, name))
                        assert torch.equal(found, getattr(term, name))
                case Reset(envs):
                    mask = torch.zeros(7, dtype=torch.bool, device=device)
                    mask[envs] = True
                    state = state.reset(mask)
                    term.reset(envs)

    property_()


@on_each_device
@pytest.mark.parametrize("seed", [0, 1])
def test_numbers_of_each_environment_equal_those_of_a_term_that_has_them(device, seed):
    params = per_env(33, seed, device)
    term = CouplingTerm(COMPILED, 33, device, frontend="torch", per_env=True)
    for name in Parameters._fields:
        getattr(term, name).copy_(getattr(params, name))
    state = State.initial(COMPILED, 33, device)
    commanded = torch.zeros(33, len(JOINTS), device=device)
    for joint_pos in walk(33, 20, seed, device):
        merged, state = step(COMPILED, joint_pos, state, params, targets=commanded)
        assert bits(merged) == bits(term.apply(joint_pos, commanded))
        assert same(state, State(*(getattr(term, name) for name in FLAGS)))


def test_nan_never_fires():
    nothing = torch.full((3, len(JOINTS)), float("nan"))
    _, state = step(COMPILED, nothing, State.initial(COMPILED, 3))
    assert not any(flags.any() for flags in state.flags)


def test_without_targets_an_idle_effect_joint_rests_and_other_joints_say_nothing():
    idle, _ = step(COMPILED, torch.zeros(2, 4), State.initial(COMPILED, 2))
    np.testing.assert_array_equal(host(idle), [[np.nan, 0.0, 0.5, np.nan]] * 2)
    pressed = torch.tensor([[-1.0, 0.0, 0.0, 1.0]])
    acting, _ = step(COMPILED, pressed, State.initial(COMPILED, 1))
    np.testing.assert_array_equal(host(acting), [[np.nan, 1.5, -1.0, np.nan]])


def test_a_step_changes_none_of_its_arguments():
    state = State.initial(COMPILED, 5)
    given_ = [torch.full((5, 4), -1.0), torch.ones(5, 4), *state.flags]
    before = [x.clone() for x in given_]
    merged, after = step(COMPILED, given_[0], state, targets=given_[1])
    assert after.latched.any() and not torch.equal(merged, given_[1])
    assert all(torch.equal(a, b) for a, b in zip(given_, before, strict=True))
    made = {x.data_ptr() for x in (merged, *after.flags)}
    assert made.isdisjoint(x.data_ptr() for x in given_)
    empty = compile_bundle(bundle(), JOINTS)
    untouched, _ = step(empty, given_[0], State.initial(empty, 5), targets=given_[1])
    assert torch.equal(untouched, given_[1]) and untouched.data_ptr() != given_[1].data_ptr()


@on_each_device
def test_a_prepared_step_uploads_nothing_and_waits_for_nothing(device):
    state = State.initial(COMPILED, 64, device)
    path = walk(64, 11, 0, device)
    step(COMPILED, path[0], state)
    first, ids = prepare(COMPILED, device), torch.arange(64, device=device)
    with counting() as counted:
        for joint_pos in path[1:]:
            _, state = step(COMPILED, joint_pos, state)
            state = state.reset(joint_pos[:, 0] > 1).repeat(2).gather(ids)
    assert counted.waits == 0
    assert prepare(COMPILED, device) is first
    mixed = bundle(*(f"c{i}: button > {i} => {JOINTS[i % 4]} := 1, latching" for i in range(8)))
    assert len(prepare(compile_bundle(mixed, JOINTS), device).passes) == 2


def test_a_rule_is_dropped_with_its_bundle():
    mine = compile_bundle(bundle("mine: button > 0.125 => lid := 2, latching"), JOINTS)
    uploaded = weakref.ref(prepare(mine, "cpu").trigger)
    del mine
    gc.collect()
    assert uploaded() is None


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad])
def test_what_was_made_in_inference_mode_goes_on_outside(mode):
    fresh = compile_bundle(bundle(f"c_{mode.__name__}: lid > 0.5 => door := 1, latching"), JOINTS)
    term = CouplingTerm(fresh, 3, frontend="torch")
    with mode():
        state = State.from_term(term)
        _, state = step(fresh, torch.ones(3, 4), state)
        inside = state.reset(torch.tensor([True, False, False]))
    targets, outside = step(fresh, torch.zeros(3, 4), inside)
    assert outside.latched[:, 0].tolist() == [False, True, True]
    assert not prepare(fresh, "cpu").trigger.is_inference()
    term.apply(torch.ones(3, 4), torch.zeros(3, 4))
    assert host(targets[:, 1]).tolist()[1:] == [1.0, 1.0]


def test_the_members_of_an_ensemble_may_stand_in_front():
    path = walk(6, 5, 8)
    state = State.initial(COMPILED, 6)
    deep = State(*(flags.view(3, 2, -1) for flags in state.flags))
    for joint_pos in path:
        flat, state = step(COMPILED, joint_pos, state)
        folded, deep = step(COMPILED, joint_pos.view(3, 2, -1), deep)
        assert bits(flat) == bits(folded.view(6, -1))


def test_a_step_runs_under_vmap():
    rule = prepare(COMPILED, "cpu")
    path, state = walk(6, 2, 9), State.initial(COMPILED, 6)
    _, state = step(rule, path[0], state)

    def one(joint_pos, *flags):
        merged, after = step(rule, joint_pos, State(*flags))
        return merged, after.latched

    merged, latched = torch.vmap(one)(path[1], *state.flags)
    wanted, after = step(rule, path[1], state)
    assert bits(merged) == bits(wanted) and torch.equal(latched, after.latched)


def test_a_step_is_one_graph_for_torch_compile():
    rule = prepare(COMPILED, "cpu")
    path, state = walk(6, 3, 9), State.initial(COMPILED, 6)
    compiled_step = torch.compile(step, backend="eager", fullgraph=True)
    for joint_pos in path:
        merged, after = compiled_step(rule, joint_pos, state)
        wanted, state = step(rule, joint_pos, state)
        assert bits(merged) == bits(wanted) and same(after, state)


@pytest.mark.parametrize(
    ("joint_pos", "envs", "fault", "says"),
    [
        (torch.zeros(2, 4, dtype=torch.float64), 2, TypeError, "dtype torch.float64"),
        (torch.zeros(2, 5), 2, ValueError, "JointColumns"),
        (torch.zeros(2, 4), 3, ValueError, r"the state has shape \(3, 3\)"),
    ],
)
def test_another_shape_or_dtype_is_refused(joint_pos, envs, fault, says):
    with pytest.raises(fault, match=says):
        step(COMPILED, joint_pos, State.initial(COMPILED, envs))

# SPDX-License-Identifier: Apache-2.0
"""The pure step equals the torch form and the term bit for bit; its state forks and stores."""

from __future__ import annotations

import gc
import io
import weakref

import numpy as np
import pytest
from causal_contracts.core import ContractError, CouplingTerm, compile_bundle
from hypothesis import HealthCheck, given, settings
from programmes import Apply, Reset, programmes
from rules import array, bits, bundle, host, on_each_device

pytest.importorskip("torch", reason="torch is not installed")
import torch
from causal_contracts.core import torch_form
from causal_contracts.lab.imagination import (
    JointColumns,
    Parameters,
    State,
    effect_given_cause,
    effect_progress,
    load_state_dict,
    prepare,
    progress,
    state_dict,
    step,
)
from syncs import counting

JOINTS = ("button", "door", "lid", "handle")
KITCHEN = bundle(
    "door: button < -0.5 => door := 1.5 rest 0.0, latching",
    "lid: handle > 0.25 => lid := -1.0 rest 0.5, level",
    "shut: lid < -0.75 => door := 0.25, latching",
)
COMPILED = compile_bundle(KITCHEN, JOINTS)
FLAGS = ("fired", "latched", "active")


def walk(num_envs, steps, seed, device="cpu"):
    """Positions that cross every threshold now and then, some NaN; (steps, num_envs, joints)."""
    rng = np.random.default_rng(seed)
    path = rng.uniform(-1.2, 1.2, (steps, num_envs, len(JOINTS)))
    path[rng.random(path.shape) < 0.02] = np.nan
    return array(path, "torch", device)


def per_env(num_envs, seed, device="cpu"):
    """Numbers of each environment's own."""
    rng = np.random.default_rng(seed)
    shape = (num_envs, COMPILED.num_contracts)
    near = COMPILED.threshold + rng.uniform(-0.4, 0.4, shape)
    return Parameters(
        array(near, "torch", device),
        array(rng.uniform(-1, 1, shape), "torch", device),
        array(rng.random(shape) < 0.8, "torch", device, dtype=bool),
    )


def run(path, state, compiled=COMPILED):
    """Targets of every step, and the state at the end."""
    targets = []
    for joint_pos in path:
        merged, state = step(compiled, joint_pos, state)
        targets.append(merged)
    return torch.stack(targets), state


def same(one: State, other: State) -> bool:
    flags = all(torch.equal(a, b) for a, b in zip(one.flags, other.flags, strict=True))
    if one.params is None or other.params is None:
        return flags and one.params is other.params
    rows = zip(one.rows_per_env(), other.rows_per_env(), strict=True)
    return flags and all(torch.equal(a, b) for a, b in rows)


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


@on_each_device
@pytest.mark.parametrize("frontend", ["torch", "warp"])
@pytest.mark.parametrize("own", [False, True], ids=["shared", "per environment"])
def test_a_fork_goes_on_as_the_original_and_leaves_it_alone(device, frontend, own):
    path = walk(9, 16, 3, device)
    term = CouplingTerm(COMPILED, 9, device, frontend=frontend, per_env=own)
    rng = np.random.default_rng(5)
    written = term.threshold.numpy() if frontend == "warp" else host(term.threshold)
    changed = (written + rng.uniform(-0.2, 0.2, written.shape)).astype(np.float32)
    if frontend == "warp":
        term.threshold.assign(changed)
    else:
        term.threshold.copy_(torch.from_numpy(changed))
    targets = torch.zeros_like(path[0])
    for joint_pos in path[:6]:
        term.apply(joint_pos, targets)
    fork, again = State.from_term(term), State.from_term(term)
    assert fork.latched.any() and not fork.latched.all()
    for joint_pos in path[6:]:
        merged, fork = step(COMPILED, joint_pos, fork, targets=targets)
    assert same(State.from_term(term), again)  # imagining changed nothing
    for joint_pos in path[6:]:
        original = term.apply(joint_pos, targets)
    assert bits(merged) == bits(original)
    assert same(fork, State.from_term(term)) and not same(fork, again)


@on_each_device
@pytest.mark.parametrize("own", [False, True], ids=["shared", "per environment"])
def test_gathering_and_repeating_commute_with_a_step(device, own):
    state = State.initial(COMPILED, 8, device)
    if own:
        state = state._replace(params=per_env(8, 1, device))
    path = walk(8, 6, 7, device)
    _, state = run(path[:3], state)
    ids = torch.tensor([7, 0, 0, 3, 5], device=device)
    for choose, pick in (
        (lambda s: s.gather(ids), lambda x: x[ids]),
        (lambda s: s.gather(ids.int()), lambda x: x[ids]),
        (lambda s: s.repeat(3), lambda x: x.repeat_interleave(3, 0)),
    ):
        chosen, after_choice = run([pick(x) for x in path[3:]], choose(state))
        everyone, after = run(path[3:], state)
        assert same(after_choice, choose(after))
        assert bits(chosen[-1]) == bits(pick(everyone[-1]))


def test_a_reset_clears_these_rows_and_no_other():
    _, state = run(walk(8, 4, 2), State.initial(COMPILED, 8)._replace(params=per_env(8, 2)))
    mask = torch.tensor([True, False] * 4)
    after = state.reset(mask)
    assert state.latched[mask].any() and state.latched[~mask].any()
    for was, now in zip(state.flags, after.flags, strict=True):
        assert not now[mask].any() and torch.equal(now[~mask], was[~mask])
    assert same(after._replace(params=None), after.clone()._replace(params=None))
    assert after.params is not None and torch.equal(after.params.target, state.params.target)


def test_rows_of_two_states_come_together_by_mask_or_one_after_the_other():
    one, two = (
        run(walk(6, 5, seed), State.initial(COMPILED, 6)._replace(params=per_env(6, seed)))[1]
        for seed in (0, 1)
    )
    mask = torch.tensor([True, False, False, True, True, False])
    mixed = one.where(mask, two)
    for a, b, m in zip(one.flags, two.flags, mixed.flags, strict=True):
        assert torch.equal(m[mask], b[mask]) and torch.equal(m[~mask], a[~mask])
    assert torch.equal(mixed.params.target[mask], two.params.target[mask])
    both = State.cat([one, two])
    assert same(both.gather(torch.arange(6)), one) and same(both.gather(torch.arange(6, 12)), two)
    shared = one._replace(params=prepare(COMPILED, "cpu").parameters)
    assert State.cat([shared, one]).params.threshold.shape == (12, COMPILED.num_contracts)
    with pytest.raises(ValueError, match="parameters and others none"):
        one.where(mask, two._replace(params=None))


def test_a_clone_owns_its_memory():
    state = State.initial(COMPILED, 4)._replace(params=per_env(4, 0))
    copy = state.clone()
    copy.latched[:] = True
    copy.params.threshold[:] = 0.0
    assert not state.latched.any() and state.params.threshold.any()


@pytest.mark.parametrize("own", [False, True], ids=["shared", "per environment"])
def test_a_stored_state_loads_into_a_term_and_back(own):
    _, state = run(walk(8, 4, 4), State.initial(COMPILED, 8))
    if own:
        state = state._replace(params=per_env(8, 4))
        _, state = run(walk(8, 2, 5), state)
    file = io.BytesIO()
    torch.save(state_dict(COMPILED, state), file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    assert same(load_state_dict(COMPILED, saved), state)
    term = CouplingTerm(COMPILED, 8, frontend="torch", per_env=own)
    assert term.load_state_dict(saved) == ([], [])
    forked = State.from_term(term)
    assert same(forked if own else forked._replace(params=None), state)
    assert same(load_state_dict(COMPILED, term.state_dict()), state)


def test_a_stored_state_is_found_by_contract_id():
    _, state = run(walk(8, 4, 4), State.initial(COMPILED, 8)._replace(params=per_env(8, 4)))
    saved = state_dict(COMPILED, state)
    other = compile_bundle(
        bundle(
            "a_new_one: door > 9 => lid := 1, latching",
            "shut: lid < -0.75 => door := 0.25, latching",
        ),
        JOINTS,
    )
    loaded = load_state_dict(other, saved)
    assert torch.equal(loaded.latched[:, 1], state.latched[:, 2]) and state.latched[:, 2].any()
    assert not loaded.latched[:, 0].any()
    assert torch.equal(loaded.params.threshold[:, 1], state.params.threshold[:, 2])
    assert loaded.params.threshold[:, 0].tolist() == [9.0] * 8
    with pytest.raises(ValueError, match="version 9"):
        load_state_dict(COMPILED, {**saved, "version": 9})
    with pytest.raises(ValueError, match=r"lacks \['fired'\]"):
        load_state_dict(COMPILED, {k: v for k, v in saved.items() if k != "fired"})


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


def test_normalised_states_become_joint_positions():
    columns = ["base_height", "lid", "button", None, "handle", "door"]
    mean, std = [9.0, 0.1, -0.2, 9.0, 0.3, 0.4], [9.0, 2.0, 0.5, 9.0, 4.0, 0.25]
    parse = JointColumns.of(
        COMPILED, columns, default_joint_pos={"lid": 0.5, "door": -1.0}, mean=mean, std=std
    )
    states = torch.tensor([[7.0, 1.0, 2.0, 7.0, 3.0, 4.0]])
    wanted = [2 * 0.5 - 0.2, 4 * 0.25 + 0.4 - 1.0, 1 * 2.0 + 0.1 + 0.5, 3 * 4.0 + 0.3]
    assert parse.joint_pos(states)[0].tolist() == pytest.approx(wanted)
    by_name = {"lid": 1, "button": 2, "handle": 4, "door": 5}
    again = JointColumns.of(
        COMPILED, by_name, default_joint_pos={"lid": 0.5, "door": -1.0}, mean=mean, std=std
    )
    assert all(torch.equal(a, b) for a, b in zip(parse, again, strict=True))


def test_every_missing_column_is_listed_with_the_nearest_names():
    with pytest.raises(ContractError) as found:
        JointColumns.of(COMPILED, ["button", "dor", "lids"], default_joint_pos={"lidd": 1.0})
    text = str(found.value)
    assert text.count("the world model has no column") == 5  # door twice, lid twice, handle
    assert "door.effect.joint: the world model has no column for 'door'; did you mean 'dor'" in text
    assert "lid.effect.joint" in text and "did you mean 'lids'" in text
    assert "default_joint_pos['lidd']" in text and "did you mean 'lid'" in text


def test_a_joint_that_no_contract_names_needs_no_column():
    rule = compile_bundle(bundle("c: button > 0.5 => lid := 1, latching"), JOINTS)
    parse = JointColumns.of(rule, ["lid", "button"])
    joint_pos = parse.joint_pos(torch.tensor([[0.25, 1.0]]))
    np.testing.assert_array_equal(host(joint_pos), [[1.0, np.nan, 0.25, np.nan]])
    assert step(rule, joint_pos, State.initial(rule, 1))[1].active.all()


def test_rewards_are_shares_of_the_way_from_rest_to_target():
    joint_pos = torch.tensor([[0.0, 0.75, 0.125, 0.0], [-1.0, 3.0, 0.5, 1.0]])
    both = bundle(
        "door: button < -0.5 => door := 1.5 rest 0.0, latching",
        "lid: handle > 0.25 => lid := -1.0 rest 0.5, level",
        "none: handle > 0.25 => button := 0.0 rest 0.0, level",
    )
    rule = compile_bundle(both, JOINTS)
    _, state = step(rule, joint_pos, State.initial(rule, 2))
    assert progress(rule, joint_pos, state).tolist() == [[0.5, 0.25, 1.0], [1.0, 0.0, 1.0]]
    assert effect_progress(rule, joint_pos, state).tolist() == pytest.approx([1.75 / 3, 2 / 3])
    assert effect_given_cause(rule, joint_pos, state).tolist() == pytest.approx([0.0, 2 / 3])
    said = prepare(rule, "cpu").parameters
    farther = state._replace(params=said._replace(target=said.target * 2))
    assert progress(rule, joint_pos, farther)[0].tolist() == pytest.approx([0.25, 0.15, 1.0])
    assert state.active_input.tolist() == [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    _, released = step(rule, torch.zeros(2, 4), state)
    assert released.active_input.tolist() == [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]

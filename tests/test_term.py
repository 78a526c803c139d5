# SPDX-License-Identifier: Apache-2.0
"""The term means what the six lines say: against the oracle, and one fact at a time."""

import itertools

import numpy as np
import pytest
from causal_contracts.core import CouplingTerm, compile_bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Oracle
from programmes import Apply, Reset, Swap, applies, bundles, programmes
from rules import (
    FORMS,
    HAS_TORCH,
    array,
    bits,
    bundle,
    for_each_form,
    for_each_frontend,
    for_each_size,
    host,
    on_each_device,
    run,
)

EXAMPLES = {1: 80, 7: 80, 4096: 4}
NAMES = ("button", "lid", "door")
PRESS = "press: button < -0.005 => lid := 1.5 rest 0.0, latching"
HOLD = "hold: button < -0.005 => lid := 1.5 rest 0.0, level"


def term_of(*sentences, num_envs=3, device="cpu", frontend="warp", names=NAMES):
    compiled = compile_bundle(bundle(*sentences), names)
    return CouplingTerm(compiled, num_envs, device, frontend=frontend)


def matrix(num_envs, **columns):
    """Zeros of shape (num_envs, 3), with the named joints' columns set."""
    values = np.zeros((num_envs, len(NAMES)), np.float32)
    for name, column in columns.items():
        values[:, NAMES.index(name)] = column
    return values


class Running:
    """A term in one frontend and form, beside what it must equal."""

    def __init__(self, compiled, num_envs, device, frontend, form):
        self.term = CouplingTerm(compiled, num_envs, device, frontend=frontend)
        self.form, self.kind = form, (frontend, device)
        shape = (num_envs, compiled.num_joints)
        self.joint_pos, self.targets, self.out = (
            array(np.zeros(shape), *self.kind) for _ in range(3)
        )

    def apply(self, step, expected):
        joint_pos = array(step.joint_pos.view(np.float32), *self.kind)
        targets = array(step.targets.view(np.float32), *self.kind)
        result = run(self.term, joint_pos, targets, self.form, self.out)
        assert bits(result) == expected, (self.form, self.kind)
        assert bits(joint_pos) == step.joint_pos.tolist()
        if self.form != "in place":
            assert bits(targets) == step.targets.tolist()

    def reset(self, envs, how):
        ids, mask = np.array(envs, np.int64), np.isin(np.arange(self.term.num_envs), envs)
        match how:
            case "list":
                self.term.reset(envs)
            case "int32" | "int64":
                self.term.reset(ids.astype(how))
            case "numpy mask":
                self.term.reset(env_mask=mask)
            case "int32 array" | "int64 array":
                self.term.reset(array(ids, *self.kind, dtype=how.split()[0]))
            case "mask array":
                self.term.reset(env_mask=array(mask, *self.kind, dtype=bool))


@on_each_device
@for_each_size
def test_the_term_equals_the_oracle_bit_for_bit(device, num_envs):
    frontends = ["warp", "torch"] if HAS_TORCH else ["warp"]

    @settings(
        max_examples=EXAMPLES[num_envs],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(programmes(num_envs))
    def property_(programme):
        names, first, steps = programme
        compiled = compile_bundle(first, names)
        oracle = Oracle(first, names, num_envs)
        running = [
            Running(compiled, num_envs, device, frontend, form)
            for frontend, form in itertools.product(frontends, FORMS)
        ]
        for step in steps:
            match step:
                case Apply():
                    expected = oracle.apply(step.joint_pos.tolist(), step.targets.tolist())
                    for each in running:
                        each.apply(step, expected)
                case Reset(envs, how):
                    oracle.reset(envs)
                    for each in running:
                        each.reset(envs, how)
                case Swap(changed):
                    oracle.swap(changed)
                    compiled = compile_bundle(changed, names)
                    for each in running:
                        each.term.swap(compiled)
            flags = {name: oracle.rows(name) for name in ("fired", "latched", "active")}
            for each in running:
                for name, rows in flags.items():
                    assert host(getattr(each.term, name)).tolist() == rows, (name, each.form)

    property_()


@on_each_device
@for_each_frontend
def test_level_lets_go_and_latching_holds_until_reset_over_constant_targets(device, frontend):
    kind = (frontend, device)
    term = term_of(
        PRESS, "near: button < -0.005 => door := 0.7, level", device=device, frontend=frontend
    )
    targets = array(matrix(3, lid=0.25, door=0.5), *kind)
    free, pressed = (array(matrix(3, button=at), *kind) for at in (0.0, -0.01))
    before = bits(targets)

    def lid_and_door(joint_pos):
        result = host(term.apply(joint_pos, targets))
        return np.unique(result[:, 1:], axis=0).tolist()

    assert lid_and_door(free) == [[0.25, 0.5]]
    assert lid_and_door(pressed) == [[1.5, np.float32(0.7)]]
    assert lid_and_door(free) == [[1.5, 0.5]]
    term.reset()
    assert lid_and_door(free) == [[0.25, 0.5]]
    assert bits(targets) == before


@on_each_device
@for_each_frontend
def test_in_place_writes_only_where_a_contract_is_active(device, frontend):
    kind = (frontend, device)
    term = term_of(PRESS, num_envs=4, device=device, frontend=frontend)
    given_ = np.arange(12, dtype=np.float32).reshape(4, 3) + 10
    targets = array(given_, *kind)
    joint_pos = array(matrix(4, button=[0.0, -0.01, np.nan, -0.006]), *kind)
    assert term.apply(joint_pos, targets, out=targets) is targets
    expected = given_.copy()
    expected[[1, 3], 1] = 1.5
    assert host(targets).tolist() == expected.tolist()


@on_each_device
@for_each_size
@for_each_form
def test_firing_some_environments_changes_exactly_those(device, num_envs, form):
    term = term_of(PRESS, HOLD, num_envs=num_envs, device=device)
    pressed = np.random.default_rng(7).random(num_envs) < 0.3
    targets = array(matrix(num_envs), "warp", device)
    out = array(matrix(num_envs), "warp", device)
    joint_pos = array(matrix(num_envs, button=np.where(pressed, -0.01, 0.0)), "warp", device)
    result = host(run(term, joint_pos, targets, form, out))
    assert (result[:, 1] == np.where(pressed, 1.5, 0.0)).all()
    assert (result[:, [0, 2]] == 0.0).all()
    assert (host(term.latched) == pressed[:, None] & np.array([False, True])).all()


@on_each_device
@for_each_frontend
def test_a_held_or_released_trigger_keeps_the_latch_until_reset(device, frontend):
    term = term_of(PRESS, num_envs=1, device=device, frontend=frontend)
    targets = array(matrix(1), frontend, device)
    seen = []
    for at in [0.0, -0.01, -0.01, -0.01, -0.001, 0.2, np.nan, -0.01, -0.004]:
        term.apply(array(matrix(1, button=at), frontend, device), targets)
        seen.append(bool(host(term.latched)[0, 0]))
    assert seen == [False] + [True] * 8


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_order_of_joints_is_irrelevant(data):
    names = ("button", "door", "knob", "lid")
    made = data.draw(bundles(names))
    step = data.draw(applies(names, list(made.contracts), 7))
    order = data.draw(st.permutations(range(len(names))))
    straight = CouplingTerm(compile_bundle(made, names), 7, frontend="warp")
    permuted = CouplingTerm(compile_bundle(made, [names[j] for j in order]), 7, frontend="warp")
    positions, targets = (x.view(np.float32) for x in (step.joint_pos, step.targets))
    expected = straight.apply(array(positions, "warp", "cpu"), array(targets, "warp", "cpu"))
    found = permuted.apply(
        array(positions[:, order], "warp", "cpu"), array(targets[:, order], "warp", "cpu")
    )
    assert bits(found) == np.array(bits(expected), np.uint32)[:, order].tolist()
    assert host(permuted.fired).tolist() == host(straight.fired).tolist()


@on_each_device
@for_each_form
def test_the_last_id_wins_on_a_shared_effect_joint(device, form):
    term = term_of(
        "b_second: button < -0.005 => lid := 2.0, level",
        "a_first: button < 0.5 => lid := 1.0, level",
        "c_third: door > 0.5 => lid := 3.0, level",
        device=device,
    )
    joint_pos = array(matrix(3, button=[0.0, -0.01, -0.01], door=[0, 0, 1]), "warp", device)
    targets, out = (array(matrix(3), "warp", device) for _ in range(2))
    assert host(run(term, joint_pos, targets, form, out))[:, 1].tolist() == [1.0, 2.0, 3.0]


@on_each_device
@for_each_form
def test_a_chain_does_not_fire_within_one_apply(device, form):
    term = term_of(
        "one: button < -0.005 => lid := 1.5, latching",
        "two: lid > 1.0 => door := 0.7, latching",
        num_envs=1,
        device=device,
    )
    joint_pos = array(matrix(1, button=-0.01), "warp", device)
    targets, out = (array(matrix(1), "warp", device) for _ in range(2))
    result = run(term, joint_pos, targets, form, out)
    assert host(result).tolist() == [[0.0, 1.5, 0.0]]
    assert host(term.fired).tolist() == [[True, False]]
    arrived = array(host(result), "warp", device)
    result = run(term, arrived, targets, form, out)
    assert host(result)[0, 2] == np.float32(0.7)


@on_each_device
def test_a_contract_on_its_own_trigger_reads_what_was_measured(device):
    term = term_of("self: lid > 0.1 => lid := 0.0, level", num_envs=1, device=device)
    targets = array(matrix(1, lid=0.9), "warp", device)
    assert host(term.apply(array(matrix(1, lid=0.2), "warp", device), targets))[0, 1] == 0.0
    assert host(term.apply(array(matrix(1, lid=0.0), "warp", device), targets))[0, 1] == np.float32(
        0.9
    )


@on_each_device
def test_a_cycle_passes_the_effect_on_once_per_apply(device):
    term = term_of(
        "there: button > 0.5 => lid := 1.0, level",
        "back: lid > 0.5 => button := 1.0, level",
        num_envs=1,
        device=device,
    )
    at, seen = matrix(1, button=1.0), []
    for _ in range(4):
        zeros = array(matrix(1), "warp", device)
        at = host(term.apply(array(at, "warp", device), zeros))
        seen.append(at[0, :2].tolist())
    assert seen == [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]


@on_each_device
@pytest.mark.parametrize("op", ["<", ">"])
@pytest.mark.parametrize("mode", ["level", "latching"])
def test_nan_never_fires(device, op, mode):
    term = term_of(f"c: button {op} 0.0 => lid := 1.0, {mode}", num_envs=2, device=device)
    joint_pos = array(matrix(2, button=np.nan), "warp", device)
    result = term.apply(joint_pos, array(matrix(2), "warp", device))
    assert host(result)[:, 1].tolist() == [0.0, 0.0]
    assert not host(term.fired).any() and not host(term.active).any()


@on_each_device
@pytest.mark.parametrize("op", ["<", ">"])
def test_a_position_at_the_threshold_does_not_fire(device, op):
    term = term_of(f"c: button {op} 0.1 => lid := 1.0, level", num_envs=3, device=device)
    exact = np.float32(0.1)
    around = [np.nextafter(exact, np.float32(s), dtype=np.float32) for s in (-1, 1)]
    joint_pos = array(matrix(3, button=[around[0], exact, around[1]]), "warp", device)
    term.apply(joint_pos, array(matrix(3), "warp", device))
    assert host(term.fired)[:, 0].tolist() == [op == "<", False, op == ">"]


@on_each_device
def test_a_disabled_contract_never_fires(device):
    term = term_of(PRESS + " (disabled)", HOLD, device=device)
    result = term.apply(
        array(matrix(3, button=-0.01), "warp", device), array(matrix(3), "warp", device)
    )
    assert host(term.fired).tolist() == [[True, False]] * 3  # hold, press
    assert host(term.latched).any() == np.False_
    assert host(result)[:, 1].tolist() == [1.5] * 3


@on_each_device
def test_nothing_depends_on_how_often_apply_is_called(device):
    often, once = (term_of(PRESS, HOLD, device=device) for _ in range(2))
    targets = array(matrix(3), "warp", device)
    for at in (0.0, -0.01, 0.0):
        joint_pos = array(matrix(3, button=[at, 0.0, -0.01]), "warp", device)
        for _ in range(4):
            many = bits(often.apply(joint_pos, targets))
        assert many == bits(once.apply(joint_pos, targets))


@on_each_device
@for_each_form
def test_a_bundle_without_contracts_passes_targets_through(device, form):
    term = term_of(device=device)
    given_ = np.arange(9, dtype=np.float32).reshape(3, 3)
    targets, out = array(given_, "warp", device), array(matrix(3), "warp", device)
    result = run(term, array(matrix(3), "warp", device), targets, form, out)
    assert host(result).tolist() == given_.tolist()
    assert host(term.fired).shape == (3, 0)
    term.reset()
    term.reset([0])


@on_each_device
@for_each_frontend
def test_an_articulation_without_joints_is_no_special_case(device, frontend):
    term = term_of(names=(), device=device, frontend=frontend)
    empty = array(np.zeros((3, 0)), frontend, device)
    assert host(term.apply(empty, empty)).shape == (3, 0)
    assert term.apply(empty, empty, out=empty) is empty

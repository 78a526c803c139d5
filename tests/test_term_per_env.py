# SPDX-License-Identifier: Apache-2.0
"""Thresholds, targets and enabled flags that differ per environment, and what a swap leaves."""

import dataclasses
import io

import numpy as np
import pytest
from causal_contracts.core import Bundle, CouplingTerm, compile_bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Oracle, bits_of
from programmes import ODD, VALUES, Apply, Reset, Swap, programmes
from rules import (
    FORMS,
    HAS_TORCH,
    array,
    bits,
    bundle,
    contract,
    fill,
    for_each_form,
    for_each_frontend,
    for_each_size,
    host,
    on_each_device,
    pointer,
    run,
    with_torch,
)

EXAMPLES = {1: 60, 7: 60, 4096: 3}
NAMES = ("button", "lid", "door")
PRESS = contract("press: button < -0.005 => lid := 1.5 rest 0.0, latching")
HOLD = contract("hold: button < -0.005 => door := 0.7 rest 0.0, level")
FLAGS = ("fired", "latched", "active")


def term_of(*contracts, num_envs=3, device="cpu", frontend="warp", per_env=True):
    compiled = compile_bundle(Bundle(contracts or (PRESS, HOLD)), NAMES)
    return CouplingTerm(compiled, num_envs, device, frontend=frontend, per_env=per_env)


def write(term, name, rows):
    """Write a parameter in place; columns are hold, press."""
    fill(getattr(term, name), rows)


def measure(term, *button):
    """`apply` with the button at these positions over zero targets: lid and door per env."""
    kind = (term.frontend, term.device.alias)
    joint_pos, targets = np.zeros((2, term.num_envs, len(NAMES)), np.float32)
    joint_pos[:, 0] = button
    return host(term.apply(array(joint_pos, *kind), array(targets, *kind)))[:, 1:].tolist()


def some_writes(rng, oracle, joint_pos):
    """Write into the oracle: thresholds at or beside what is measured, odd targets, switches."""
    patterns = [*ODD, *(bits_of(value) for value in VALUES)]
    for env in range(min(len(oracle.parameters), 50)):
        for name, numbers in oracle.parameters[env].items():
            if rng.random() < 0.3:
                measured = joint_pos[env, oracle.joint[oracle.contracts[name].trigger.joint]]
                numbers["threshold"] = int(rng.choice([measured, rng.choice(patterns)]))
            if rng.random() < 0.3:
                numbers["target"] = int(rng.choice(patterns))
            if rng.random() < 0.3:
                numbers["enabled"] = bool(rng.random() < 0.5)


def parameters_of(oracle):
    """The oracle's parameters as arrays, (num_envs, num_contracts)."""
    rows = {
        name: [[numbers[name] for numbers in env.values()] for env in oracle.parameters]
        for name in ("threshold", "target", "enabled")
    }
    shape = (len(oracle.parameters), len(oracle.contracts))
    return {
        "threshold": np.array(rows["threshold"], np.uint32).reshape(shape).view(np.float32),
        "target": np.array(rows["target"], np.uint32).reshape(shape).view(np.float32),
        "enabled": np.array(rows["enabled"], bool).reshape(shape),
    }


@on_each_device
@for_each_size
def test_a_term_with_parameters_per_environment_equals_the_oracle(device, num_envs):
    frontends = ["warp", "torch"] if HAS_TORCH else ["warp"]

    @settings(
        max_examples=EXAMPLES[num_envs],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(programmes(num_envs), st.integers(0, 2**32 - 1))
    def property_(programme, seed):
        names, first, steps = programme
        rng = np.random.default_rng(seed)
        compiled, oracle = compile_bundle(first, names), Oracle(first, names, num_envs)
        terms = {
            (frontend, form): CouplingTerm(
                compiled, num_envs, device, frontend=frontend, per_env=True
            )
            for frontend in frontends
            for form in FORMS
        }
        for step in steps:
            match step:
                case Apply():
                    some_writes(rng, oracle, step.joint_pos)
                    expected = oracle.apply(step.joint_pos.tolist(), step.targets.tolist())
                    for (frontend, form), term in terms.items():
                        for name, values in parameters_of(oracle).items():
                            write(term, name, values)
                        given_ = [
                            array(x.view(np.float32), frontend, device)
                            for x in (step.joint_pos, step.targets)
                        ]
                        out = array(np.zeros_like(step.targets.view(np.float32)), frontend, device)
                        assert bits(run(term, *given_, form, out)) == expected, (frontend, form)
                case Reset(envs):
                    oracle.reset(envs)
                    for term in terms.values():
                        term.reset(envs)
                case Swap(changed):
                    oracle.swap(changed)
                    for term in terms.values():
                        term.swap(compile_bundle(changed, names))
            expected = parameters_of(oracle)
            for kind, term in terms.items():
                for name in FLAGS:
                    assert host(getattr(term, name)).tolist() == oracle.rows(name), (name, kind)
                for name, values in expected.items():
                    assert host(getattr(term, name)).tobytes() == values.tobytes(), (name, kind)

    property_()


@on_each_device
@with_torch
def test_the_torch_form_with_parameters_equals_the_oracle(device):
    from causal_contracts.core import torch_form

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(programmes(7), st.integers(0, 2**32 - 1))
    def property_(programme, seed):
        names, first, steps = programme
        rng = np.random.default_rng(seed)
        compiled, oracle = compile_bundle(first, names), Oracle(first, names, 7)
        latched = array(oracle.rows("latched"), "torch", device, dtype=bool)
        for step in [step for step in steps if isinstance(step, Apply)]:
            some_writes(rng, oracle, step.joint_pos)
            expected = oracle.apply(step.joint_pos.tolist(), step.targets.tolist())
            parameters = torch_form.Parameters(
                *(
                    array(values, "torch", device, dtype=values.dtype)
                    for values in parameters_of(oracle).values()
                )
            )
            joint_pos, targets = (
                array(x.view(np.float32), "torch", device) for x in (step.joint_pos, step.targets)
            )
            merged, state = torch_form.apply(compiled, joint_pos, targets, latched, parameters)
            latched = state.latched
            assert bits(merged) == expected
            for name in FLAGS:
                assert host(getattr(state, name)).tolist() == oracle.rows(name), name

    property_()


@on_each_device
@for_each_frontend
@for_each_form
def test_each_environment_obeys_its_own_numbers(device, frontend, form):
    term = term_of(PRESS, device=device, frontend=frontend)
    write(term, "threshold", [[-0.001], [-0.005], [-0.02]])
    write(term, "target", [[0.1], [0.2], [0.3]])
    kind = (frontend, device)
    joint_pos = array([[-0.01, 0, 0]] * 3, *kind)
    targets, out = (array(np.full((3, 3), 9.0), *kind) for _ in range(2))
    found = host(run(term, joint_pos, targets, form, out))[:, 1]
    assert found.tolist() == [np.float32(0.1), np.float32(0.2), 9.0]


@on_each_device
@for_each_frontend
def test_without_per_env_there_is_one_row_for_all(device, frontend):
    term = term_of(num_envs=4, device=device, frontend=frontend, per_env=False)
    assert not term.per_env
    for name, row in {
        "threshold": [np.float32(-0.005)] * 2,
        "target": [np.float32(0.7), 1.5],
        "enabled": [True, True],
    }.items():
        assert host(getattr(term, name)).tolist() == [row], name
    assert host(term_of(num_envs=4, device=device).threshold).shape == (4, 2)
    assert "threshold" not in term.state_dict()
    write(term, "threshold", [[-0.005, -0.02]])
    assert measure(term, 0.0, -0.01, -0.01, -0.03) == [
        [x, y] for x, y in zip([0.0, 0.0, 0.0, 1.5], [0.0, *[np.float32(0.7)] * 3], strict=True)
    ]


@on_each_device
def test_disabled_in_one_environment_it_neither_fires_nor_stays_latched_there(device):
    term = term_of(PRESS, device=device)
    write(term, "enabled", [[True], [False], [True]])
    assert measure(term, -0.01, -0.01, 0.0) == [[1.5, 0.0], [0.0, 0.0], [0.0, 0.0]]
    write(term, "enabled", [[False], [True], [True]])
    assert host(term.latched).tolist() == [[True], [False], [False]]  # until the next apply
    assert measure(term, 0.0, 0.0, 0.0) == [[0.0, 0.0]] * 3
    assert not host(term.latched).any() and not host(term.active).any()
    write(term, "enabled", [[True]] * 3)
    assert measure(term, 0.0, 0.0, 0.0) == [[0.0, 0.0]] * 3


@on_each_device
@pytest.mark.parametrize("op", ["<", ">"])
def test_a_nan_threshold_never_fires(device, op):
    term = term_of(contract(f"c: button {op} 0.0 => lid := 1.0, latching"), device=device)
    write(term, "threshold", [[np.nan]] * 3)
    assert measure(term, -np.inf, 0.0, np.inf) == [[0.0, 0.0]] * 3


@on_each_device
@for_each_frontend
def test_a_reset_leaves_the_parameters_alone(device, frontend):
    term = term_of(device=device, frontend=frontend)
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    write(term, "threshold", rows)
    write(term, "enabled", rows > 2)
    pointers = [pointer(getattr(term, name)) for name in ("threshold", "target", "enabled")]
    term.reset([1])
    term.reset()
    assert host(term.threshold).tolist() == rows.tolist()
    assert host(term.enabled).tolist() == (rows > 2).tolist()
    measure(term, 0.0, 0.0, 0.0)
    assert [pointer(getattr(term, n)) for n in ("threshold", "target", "enabled")] == pointers


def changed(**fields):
    trigger = {"threshold": fields.pop("threshold", -0.005)}
    effect = {"target": fields.pop("target", 1.5)}
    return dataclasses.replace(
        PRESS,
        trigger=dataclasses.replace(PRESS.trigger, **trigger),
        effect=dataclasses.replace(PRESS.effect, **effect),
        **fields,
    )


@on_each_device
@pytest.mark.parametrize(
    ("new", "rewritten"),
    [
        (changed(threshold=-0.25), {"threshold": -0.25}),
        (changed(target=0.5), {"target": 0.5}),
        (changed(enabled=False), {"enabled": False}),
        (changed(mode="level"), {}),
        (changed(), {}),
    ],
    ids=["threshold", "target", "enabled", "mode", "nothing"],
)
def test_a_swap_rewrites_exactly_what_the_author_changed(device, new, rewritten):
    term = term_of(device=device)
    mine = {
        "threshold": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
        "target": [[7.0, 8.0]] * 3,
        "enabled": [[True, False], [True, True], [False, True]],
    }
    for name, rows in mine.items():
        write(term, name, rows)
    assert term.swap(compile_bundle(Bundle((HOLD, new)), NAMES)) is True
    for name, rows in mine.items():
        expected = [[hold, rewritten.get(name, press)] for hold, press in rows]
        assert host(getattr(term, name)).tolist() == expected, name


@on_each_device
@pytest.mark.parametrize("per_env", [True, False])
def test_a_swap_tells_zero_from_minus_zero(device, per_env):
    zero, minus = (contract(f"c: button < 0.5 => lid := {x}, level") for x in ("0.0", "-0.0"))
    term = term_of(zero, num_envs=1, device=device, per_env=per_env)
    term.swap(compile_bundle(Bundle((minus,)), NAMES))
    assert np.signbit(measure(term, 0.0)[0][0])


@on_each_device
@for_each_frontend
def test_a_swap_of_another_size_carries_numbers_by_id(device, frontend):
    term = term_of(PRESS, device=device, frontend=frontend)
    write(term, "threshold", [[1.0], [2.0], [3.0]])
    assert term.swap(compile_bundle(Bundle((HOLD, PRESS)), NAMES)) is False
    low = np.float32(-0.005)
    assert host(term.threshold).tolist() == [[low, 1.0], [low, 2.0], [low, 3.0]]
    write(term, "threshold", [[5.0, -1.0]] * 3)
    assert measure(term, 0.0, 0.0, 0.0) == [[0.0, np.float32(0.7)]] * 3


@on_each_device
def test_a_swap_keeps_a_latch_only_where_the_contract_is_enabled(device):
    term = term_of(PRESS, device=device)
    measure(term, -0.01, -0.01, 0.0)
    write(term, "enabled", [[True], [False], [True]])
    term.swap(compile_bundle(Bundle((changed(target=0.5),)), NAMES))
    assert host(term.latched).tolist() == [[True], [False], [False]]


@on_each_device
@for_each_frontend
def test_a_state_carries_the_parameters_and_continues_bit_for_bit(device, frontend):
    rng = np.random.default_rng(3)
    walk = rng.normal(0, 0.006, (12, 3)).astype(np.float32)
    own = {
        "threshold": rng.normal(-0.005, 0.004, (3, 2)),
        "target": rng.normal(1, 0.3, (3, 2)),
        "enabled": rng.random((3, 2)) < 0.7,
    }
    whole, first = (term_of(device=device, frontend=frontend) for _ in range(2))
    for name, rows in own.items():
        for term in (whole, first):
            write(term, name, rows.astype(np.float32) if name != "enabled" else rows)
    expected = [measure(whole, *at) for at in walk]
    found = [measure(first, *at) for at in walk[:5]]
    second = term_of(device=device, frontend=frontend)
    assert second.load_state_dict(first.state_dict()) == ([], [])
    assert found + [measure(second, *at) for at in walk[5:]] == expected


@on_each_device
@with_torch
def test_a_state_with_parameters_passes_through_torch_save_with_weights_only(device):
    import torch

    term, other = (term_of(device=device, frontend="torch") for _ in range(2))
    write(term, "threshold", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    file = io.BytesIO()
    torch.save(term.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert host(other.threshold).tolist() == host(term.threshold).tolist()


@on_each_device
def test_a_state_finds_its_parameters_by_id_and_takes_the_authors_for_the_rest(device):
    term = term_of(PRESS, device=device)
    write(term, "target", [[1.0], [2.0], [3.0]])
    other = term_of(HOLD, PRESS, device=device)
    write(other, "target", [[9.0, 9.0]] * 3)
    assert other.load_state_dict(term.state_dict()) == (["hold"], [])
    held = np.float32(0.7)
    assert host(other.target).tolist() == [[held, 1.0], [held, 2.0], [held, 3.0]]
    shared = term_of(HOLD, PRESS, device=device, per_env=False)
    other.load_state_dict(shared.state_dict())
    assert host(other.target).tolist() == [[held, 1.5]] * 3


def spoilt(**fields):
    return {**term_of().state_dict(), **fields}


WRONG = {
    "for a term with one row for all": (
        lambda: term_of(per_env=False),
        ValueError,
        "has enabled, target, threshold per environment; build the term with per_env=True",
        spoilt,
    ),
    "doubles": (
        term_of,
        TypeError,
        r"state\['threshold'\] has dtype float64; it is float32",
        lambda: spoilt(threshold=np.zeros((3, 2))),
    ),
    "another number of environments": (
        term_of,
        ValueError,
        r"state\['target'\] has shape \(4, 2\); this term has 3 environments",
        lambda: spoilt(target=np.zeros((4, 2), np.float32)),
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_state_with_parameters_that_do_not_fit_is_refused_and_changes_nothing(case):
    make, kind, message, state = case
    term = make()
    measure(term, -0.01, 0.0, 0.0)
    before = {name: host(getattr(term, name)).tolist() for name in (*FLAGS, "threshold", "target")}
    with pytest.raises(kind, match=message):
        term.load_state_dict(state())
    assert {name: host(getattr(term, name)).tolist() for name in before} == before


def test_a_bundle_without_contracts_has_no_parameters():
    term = CouplingTerm(compile_bundle(bundle(), NAMES), 3, frontend="warp", per_env=True)
    assert host(term.threshold).shape == (3, 0) and host(term.enabled).shape == (3, 0)
    assert measure(term, 0.0, 0.0, 0.0) == [[0.0, 0.0]] * 3
    assert term.load_state_dict(term.state_dict()) == ([], [])

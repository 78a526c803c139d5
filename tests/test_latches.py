# SPDX-License-Identifier: Apache-2.0
"""The state of a term: reset in part, carried over a swap, saved and restored by id."""

import dataclasses
import io

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import Bundle, CouplingTerm, compile_bundle
from rules import (
    array,
    bits,
    bundle,
    contract,
    for_each_frontend,
    for_each_size,
    host,
    on_each_device,
    pointer,
    with_torch,
)

NAMES = ("button", "lid", "door")
PRESS = contract("press: button < -0.005 => lid := 1.5 rest 0.0, latching")
HOLD = contract("hold: button < -0.005 => door := 0.7 rest 0.0, level")
FLAGS = ("fired", "latched", "active")


def pressed_term(*contracts, num_envs=4, device="cpu", frontend="warp", where=slice(None)):
    """A term after one apply in which the button was pressed in the environments `where`."""
    compiled = compile_bundle(Bundle(contracts or (PRESS, HOLD)), NAMES)
    term = CouplingTerm(compiled, num_envs, device, frontend=frontend)
    press(term, where)
    return term


def press(term, where=slice(None)):
    joint_pos = np.zeros((term.num_envs, len(NAMES)), np.float32)
    joint_pos[where, 0] = -0.01
    return measure(term, joint_pos)


def measure(term, joint_pos):
    """`apply` at `joint_pos` over zero targets, as bit patterns."""
    kind = (term.frontend, term.device.alias)
    zeros = np.zeros_like(joint_pos)
    return bits(term.apply(array(joint_pos, *kind), array(zeros, *kind)))


def flags(term):
    return {name: host(getattr(term, name)).tolist() for name in FLAGS}


def latched(term, contract_id):
    return host(term.latched)[:, term.compiled.ids.index(contract_id)].tolist()


WAYS = {
    "a list": lambda ids, n, kind: {"env_ids": ids},
    "a tuple": lambda ids, n, kind: {"env_ids": tuple(ids)},
    "a list of NumPy integers": lambda ids, n, kind: {"env_ids": [np.int32(i) for i in ids]},
    "NumPy int32": lambda ids, n, kind: {"env_ids": np.array(ids, np.int32)},
    "NumPy int64": lambda ids, n, kind: {"env_ids": np.array(ids, np.int64)},
    "int32 array": lambda ids, n, kind: {"env_ids": array(ids, *kind, dtype=np.int32)},
    "int64 array": lambda ids, n, kind: {"env_ids": array(ids, *kind, dtype=np.int64)},
    "a mask list": lambda ids, n, kind: {"env_mask": np.isin(range(n), ids).tolist()},
    "a NumPy mask": lambda ids, n, kind: {"env_mask": np.isin(range(n), ids)},
    "a mask array": lambda ids, n, kind: {
        "env_mask": array(np.isin(range(n), ids), *kind, dtype=bool)
    },
}


@on_each_device
@for_each_frontend
@for_each_size
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_reset_clears_exactly_the_environments_named(device, frontend, num_envs, way):
    term = pressed_term(num_envs=num_envs, device=device, frontend=frontend)
    some = sorted({0, num_envs // 2, num_envs - 1})
    twice = [num_envs // 3, num_envs // 3]
    for ids in ([], some, list(range(num_envs)), twice):
        press(term)
        term.reset(**way(ids, num_envs, (frontend, device)))
        left = ~np.isin(np.arange(num_envs), ids)
        assert (host(term.fired) == left[:, None]).all()
        assert (host(term.active) == left[:, None]).all()
        assert (host(term.latched) == left[:, None] & np.array([False, True])).all()


@on_each_device
@pytest.mark.parametrize(
    ("envs", "left"),
    [
        (slice(None), []),
        (slice(1, 3), [0, 3]),
        (slice(0, 0), [0, 1, 2, 3]),
        (slice(None, None, 2), [1, 3]),
        (slice(-1, None), [0, 1, 2]),
        (slice(2, 99), [0, 1]),
    ],
)
def test_a_slice_names_environments_as_it_names_list_items(device, envs, left):
    term = pressed_term(device=device)
    term.reset(envs)
    assert np.flatnonzero(latched(term, "press")).tolist() == left


@on_each_device
@for_each_frontend
def test_a_reset_without_arguments_clears_all(device, frontend):
    term = pressed_term(device=device, frontend=frontend)
    term.reset()
    assert not any(np.any(rows) for rows in flags(term).values())


REFUSED = {
    "both": (lambda kind: {"env_ids": [0], "env_mask": np.ones(4, bool)}, ValueError, "not both"),
    "an index beyond": (lambda kind: {"env_ids": [1, 4]}, ValueError, r"\[1, 4\]: .* 0 to 3"),
    "a negative index": (lambda kind: {"env_ids": [-1]}, ValueError, r"\[-1\]: .* 0 to 3"),
    "a bare number": (lambda kind: {"env_ids": 2}, ValueError, r"shape \(\)"),
    "ids in two dimensions": (lambda kind: {"env_ids": [[0], [1]]}, ValueError, r"\(2, 1\)"),
    "fractions": (lambda kind: {"env_ids": [0.5]}, TypeError, "float64; indices are integers"),
    "a mask as ids": (lambda kind: {"env_ids": [True] * 4}, TypeError, "bool; .* env_mask"),
    "ids as a mask": (lambda kind: {"env_mask": [0, 1, 2, 3]}, TypeError, "int64; .* bool"),
    "a short mask": (lambda kind: {"env_mask": [True]}, ValueError, r"\(1,\); .* \(4,\)"),
    "an array of ids in two dimensions": (
        lambda kind: {"env_ids": array([[0], [1]], *kind, dtype=np.int32)},
        ValueError,
        r"\(2, 1\); indices have shape",
    ),
    "an array of fractions": (
        lambda kind: {"env_ids": array([0.5], *kind)},
        TypeError,
        "float32; the term needs int32",
    ),
    "an array of bools as ids": (
        lambda kind: {"env_ids": array([True] * 4, *kind, dtype=bool)},
        TypeError,
        "bool; the term needs int32",
    ),
    "an array of bytes as a mask": (
        lambda kind: {"env_mask": array([1] * 4, *kind, dtype=np.uint8)},
        TypeError,
        "uint8; the term needs bool",
    ),
    "a mask array that is short": (
        lambda kind: {"env_mask": array([True] * 3, *kind, dtype=bool)},
        ValueError,
        r"\(3,\); the term was built for \(4,\)",
    ),
    "every other element of a mask": (
        lambda kind: {"env_mask": array([True] * 8, *kind, dtype=bool)[::2]},
        ValueError,
        "contiguous",
    ),
}


@on_each_device
@for_each_frontend
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_reset_that_is_refused_changes_nothing(device, frontend, case):
    arguments, kind_of_error, message = case
    term = pressed_term(device=device, frontend=frontend)
    before = flags(term)
    with pytest.raises(kind_of_error, match=message):
        term.reset(**arguments((frontend, device)))
    assert flags(term) == before


@with_torch
def test_a_torch_number_is_no_list_of_ids():
    import torch

    term = pressed_term()
    with pytest.raises(ValueError, match=r"env_ids has shape \(\)"):
        term.reset(torch.tensor(1))


@on_each_device
@for_each_frontend
def test_an_index_outside_that_lies_on_the_device_clears_nothing(device, frontend):
    term = pressed_term(device=device, frontend=frontend)
    for dtype, far in ((np.int32, 2**31 - 1), (np.int64, 2**32)):
        term.reset(array([-1, 4, far], frontend, device, dtype=dtype))
    assert latched(term, "press") == [True] * 4


def keep(**fields):
    return True, dataclasses.replace(PRESS, **fields)


def clear(**fields):
    return False, dataclasses.replace(PRESS, **fields)


TRIGGER, EFFECT = PRESS.trigger, PRESS.effect
SWAPS = {
    "nothing": keep(),
    "threshold": keep(trigger=dataclasses.replace(TRIGGER, threshold=-0.5)),
    "target": keep(effect=dataclasses.replace(EFFECT, target=0.1)),
    "rest": keep(effect=dataclasses.replace(EFFECT, rest=None)),
    "effect joint": keep(effect=dataclasses.replace(EFFECT, joint="door")),
    "trigger joint": clear(trigger=dataclasses.replace(TRIGGER, joint="door")),
    "op": clear(trigger=dataclasses.replace(TRIGGER, op=">")),
    "mode": clear(mode="level"),
    "id": clear(id="push"),
    "enabled": clear(enabled=False),
}


@on_each_device
@pytest.mark.parametrize("case", SWAPS.values(), ids=SWAPS)
def test_a_swap_keeps_a_latch_exactly_where_its_cause_stayed_the_same(device, case):
    stays, changed = case
    term = pressed_term(device=device, where=[1, 3])
    term.swap(compile_bundle(Bundle((HOLD, changed)), NAMES))
    assert latched(term, changed.id) == [False, stays, False, stays]
    assert host(term.fired)[:, 0].tolist() == [False, True, False, True]  # hold was not changed


@on_each_device
def test_disabling_by_a_swap_lets_go_and_enabling_again_starts_clear(device):
    term = pressed_term(PRESS, device=device)
    off = compile_bundle(Bundle((dataclasses.replace(PRESS, enabled=False),)), NAMES)
    on = term.compiled
    term.swap(off)
    assert press(term) == bits(np.zeros((4, 3), np.float32))
    term.swap(on)
    assert latched(term, "press") == [False] * 4


@on_each_device
@for_each_frontend
def test_a_swap_of_the_same_size_keeps_every_pointer_and_runs_the_new_rule(device, frontend):
    term = pressed_term(device=device, frontend=frontend)
    kind = (frontend, device)
    joint_pos, targets = (array(np.zeros((4, 3)), *kind) for _ in range(2))
    before = [pointer(x) for x in (term.apply(joint_pos, targets), *states(term))]
    changed = bundle(
        "hold: button < 0.5 => door := 0.2, level", "press: door > 0.1 => lid := 1.1, latching"
    )
    assert term.swap(compile_bundle(changed, NAMES)) is True
    result = term.apply(joint_pos, targets)
    assert [pointer(x) for x in (result, *states(term))] == before
    assert np.unique(host(result), axis=0).tolist() == [[0.0, 0.0, np.float32(0.2)]]


def states(term):
    return [getattr(term, name) for name in FLAGS]


@on_each_device
@pytest.mark.parametrize(
    "changed",
    [
        ("press: button < -0.005 => lid := 1.5, latching",),
        (
            "hold: button < -0.005 => door := 0.7, level",
            "more: door > 9 => lid := 3.0, latching",
            "press: button < -0.005 => lid := 1.5, latching",
        ),
        (),
    ],
    ids=["a contract less", "a contract more", "none"],
)
def test_a_swap_of_another_size_says_that_pointers_moved_and_keeps_latches(device, changed):
    term = pressed_term(device=device, where=[2])
    assert term.swap(compile_bundle(bundle(*changed), NAMES)) is False
    assert host(term.fired).shape == (4, len(changed))
    result = np.array(measure(term, np.zeros((4, 3), np.float32)), np.uint32).view(np.float32)
    assert result[:, 1].tolist() == [0.0, 0.0, 1.5 if changed else 0.0, 0.0]


@on_each_device
def test_a_swap_to_another_order_of_joints_is_refused_naming_both(device):
    term = pressed_term(device=device)
    before, other = flags(term), ("lid", "button", "door")
    with pytest.raises(ValueError, match=r"\['lid', 'button', 'door'\]; .*\['button', 'lid'"):
        term.swap(compile_bundle(Bundle((PRESS, HOLD)), other))
    assert flags(term) == before and term.compiled.joint_names == NAMES


@on_each_device
@for_each_frontend
def test_a_state_restored_continues_bit_for_bit(device, frontend):
    rng = np.random.default_rng(3)
    walk = rng.normal(0, 0.006, (12, 4, 3)).astype(np.float32)
    whole = pressed_term(device=device, frontend=frontend, where=[])
    expected = [measure(whole, at) for at in walk]
    first = pressed_term(device=device, frontend=frontend, where=[])
    found = [measure(first, at) for at in walk[:5]]
    second = CouplingTerm(first.compiled, 4, device, frontend=frontend)
    assert second.load_state_dict(first.state_dict()) == ([], [])
    assert flags(second) == flags(first)
    found += [measure(second, at) for at in walk[5:]]
    assert found == expected and flags(second) == flags(whole)


ALSO = contract("also: button < -0.005 => door := 0.3, latching")


@on_each_device
@pytest.mark.parametrize(
    ("saved", "loaded", "lacking", "unknown"),
    [
        ((PRESS, HOLD), (HOLD, PRESS), [], []),
        ((PRESS, HOLD), (PRESS,), [], ["hold"]),
        ((PRESS,), (PRESS, HOLD, ALSO), ["also", "hold"], []),
        ((ALSO, PRESS), (HOLD, PRESS), ["hold"], ["also"]),
    ],
    ids=["in another order", "shrunken", "grown", "one for another"],
)
def test_a_state_finds_its_contracts_by_id(device, saved, loaded, lacking, unknown):
    term = pressed_term(*saved, device=device, where=[0, 3])
    other = CouplingTerm(compile_bundle(Bundle(loaded), NAMES), 4, device, frontend="warp")
    assert other.load_state_dict(term.state_dict()) == (lacking, unknown)
    assert latched(other, "press") == [True, False, False, True]
    for contract_id in lacking:
        assert not host(other.active)[:, other.compiled.ids.index(contract_id)].any()


def test_a_state_loaded_clears_what_was_there():
    fresh = CouplingTerm(compile_bundle(Bundle((PRESS, HOLD)), NAMES), 4, frontend="warp")
    term = pressed_term()
    term.load_state_dict(fresh.state_dict())
    assert flags(term) == flags(fresh)


def test_a_state_never_sets_a_latch_of_a_level_or_disabled_contract():
    state = pressed_term().state_dict()
    tame = Bundle(
        (dataclasses.replace(HOLD, enabled=False), dataclasses.replace(PRESS, mode="level"))
    )
    term = CouplingTerm(compile_bundle(tame, NAMES), 4, frontend="warp")
    term.load_state_dict(state)
    assert flags(term)["latched"] == [[False, False]] * 4
    assert flags(term)["fired"] == [[False, True]] * 4


@on_each_device
@for_each_frontend
def test_a_state_is_a_copy_on_the_host(device, frontend):
    term = pressed_term(device=device, frontend=frontend)
    state = term.state_dict()
    term.reset()
    assert np.asarray(state["latched"]).tolist() == [[False, True]] * 4
    assert state["ids"] == ["hold", "press"] and state["version"] == 1


@on_each_device
@with_torch
def test_a_state_passes_through_torch_save_with_weights_only(device):
    import torch

    term = pressed_term(device=device, frontend="torch", where=[1])
    file = io.BytesIO()
    torch.save(term.state_dict(), file)
    file.seek(0)
    other = CouplingTerm(term.compiled, 4, device, frontend="torch")
    other.load_state_dict(torch.load(file, weights_only=True))
    assert flags(other) == flags(term)


@with_torch
def test_a_state_crosses_between_torch_and_numpy():
    for one, two in (("torch", "warp"), ("warp", "torch")):
        term = pressed_term(frontend=one, where=[2])
        other = CouplingTerm(term.compiled, 4, frontend=two)
        other.load_state_dict(term.state_dict())
        assert flags(other) == flags(term)


def spoilt(**fields):
    return {**pressed_term().state_dict(), **fields}


WRONG = {
    "another number of environments": (
        lambda: pressed_term(num_envs=5).state_dict(),
        ValueError,
        r"shape \(5, 2\); this term has 4 environments",
    ),
    "another number of ids": (lambda: spoilt(ids=["press"]), ValueError, "4 environments .* 1 ids"),
    "a later version": (lambda: spoilt(version=2), ValueError, "version 2; this is 1"),
    "something else": (lambda: {"weights": 3}, ValueError, "no state of a CouplingTerm: lacks"),
    "numbers": (lambda: spoilt(latched=np.ones((4, 2))), TypeError, "float64; a flag is bool"),
}


@on_each_device
@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(device, case):
    state, kind_of_error, message = case
    term = pressed_term(device=device, where=[1])
    before = flags(term)
    with pytest.raises(kind_of_error, match=message):
        term.load_state_dict(state())
    assert flags(term) == before


@on_each_device
def test_state_arrays_are_what_the_frontend_says(device):
    assert all(isinstance(x, wp.array) for x in states(pressed_term(device=device)))
    torch = pytest.importorskip("torch", reason="torch is not installed")
    tensors = states(pressed_term(device=device, frontend="torch"))
    assert all(x.dtype is torch.bool and str(x.device) == device for x in tensors)

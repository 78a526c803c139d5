# SPDX-License-Identifier: Apache-2.0
"""The state of a term saved and restored, by contract id."""

import dataclasses
import io

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import Bundle, CouplingTerm, compile_bundle
from latch_terms import HOLD, NAMES, PRESS, flags, latched, measure, pressed_term, states
from rules import contract, for_each_frontend, host, on_each_device, with_torch


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

# SPDX-License-Identifier: Apache-2.0
"""A changed bundle in a running term: which latches stay, and when pointers move."""

import dataclasses

import numpy as np
import pytest
from causal_contracts.core import Bundle, compile_bundle
from latch_terms import HOLD, NAMES, PRESS, flags, latched, measure, press, pressed_term, states
from rules import array, bits, bundle, for_each_frontend, host, on_each_device, pointer


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

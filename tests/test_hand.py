# SPDX-License-Identifier: Apache-2.0
"""The hand: who presses, when, how far; and that the same seed presses the same."""

from __future__ import annotations

import math

import numpy as np
import pytest
from causal_contracts.core.articulation import Articulation, Joint, JointType
from causal_contracts.core.issue import ContractError
from causal_contracts.core.model import Contract, JointThreshold, Mode, Op, SetDriveTarget
from causal_contracts.preview.hand import (
    LAG,
    RAMP,
    TAP,
    Hand,
    hand_joints,
    hand_triggers,
    plan_presses,
)
from hypothesis import given, settings
from hypothesis import strategies as st

JOINTS = ("button", "door", "knob", "lamp")
ARTICULATION = Articulation(
    ".",
    ".",
    (
        Joint("button", "button", JointType.PRISMATIC, -0.01, 0.0, 0.0),
        Joint("door", "door", JointType.REVOLUTE, 0.0, 1.7, 0.0),
        Joint("knob", "knob", JointType.REVOLUTE, -math.inf, math.inf, 0.0),
        Joint("lamp", "lamp", JointType.PRISMATIC, 0.0, 0.1, 0.0),
    ),
)


def contract(name, trigger, effect, op=Op.LESS, threshold=-0.005, target=1.5, mode=Mode.LATCHING):
    return Contract(
        name, JointThreshold(trigger, op, threshold), SetDriveTarget(effect, target, 0.0), mode
    )


BUTTON = contract("button_door", "button", "door")
KNOB = contract("knob_lamp", "knob", "lamp", Op.GREATER, 0.8, 0.05, Mode.LEVEL)


def plan(
    *contracts, num_envs=16, seconds=4.0, settle=0.5, window=2.0, fraction=0.5, seed=0, rest=None
):
    rest = np.zeros(len(JOINTS), dtype=np.float32) if rest is None else rest
    return plan_presses(
        contracts,
        ARTICULATION,
        JOINTS,
        rest,
        num_envs=num_envs,
        seconds=seconds,
        settle=settle,
        window=window,
        fraction=fraction,
        seed=seed,
    )


@given(num_envs=st.integers(1, 256), fraction=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_exactly_the_fraction_presses_in_the_time_allowed(num_envs, fraction, seed):
    for press in plan(BUTTON, KNOB, num_envs=num_envs, fraction=fraction, seed=seed):
        assert abs(len(press.clones) - fraction * num_envs) <= 0.5
        pressing = press.start[np.isfinite(press.start)]
        assert ((pressing >= 0.5) & (pressing <= 4.0 - 2.0 - RAMP - LAG)).all()


def test_the_same_seed_presses_the_same_and_another_seed_does_not():
    (first,), (again,), (other,) = plan(BUTTON), plan(BUTTON), plan(BUTTON, seed=1)
    assert np.array_equal(first.start, again.start)
    assert not np.array_equal(first.start, other.start)


def test_triggers_are_drawn_independently_so_that_some_clones_press_one_and_not_the_other():
    button, knob = plan(BUTTON, KNOB, num_envs=64)
    a, b = set(button.clones), set(knob.clones)
    assert a & b and a - b and b - a and set(range(64)) - a - b


def test_another_contract_changes_no_other_press():
    (alone,), (with_other, _) = plan(BUTTON), plan(BUTTON, KNOB)
    assert np.array_equal(alone.start, with_other.start)


def test_two_contracts_on_one_trigger_share_one_press():
    (press,) = plan(BUTTON, contract("second", "button", "lamp", threshold=-0.008))
    assert press.joint == "button"


def test_a_press_goes_to_the_limit_where_there_is_one_and_past_the_threshold_where_there_is_none():
    button, knob = plan(BUTTON, KNOB)
    assert button.pressed == pytest.approx(-0.01)
    assert knob.pressed == pytest.approx(0.8 + 0.4)  # half the way from rest again


def test_a_level_trigger_is_held_for_the_window_and_a_latching_one_is_tapped():
    button, knob = plan(BUTTON, KNOB, window=1.0)
    assert button.hold == TAP
    assert knob.hold >= 1.0


def test_the_target_ramps_holds_and_releases():
    (press,) = plan(BUTTON, num_envs=2)
    hand = Hand((press,), 2, len(JOINTS))
    clone = press.clones[0]
    start = press.start[clone]
    for after, share in (
        (-0.1, 0),
        (0, 0),
        (RAMP / 2, 0.5),
        (RAMP, 1),
        (RAMP + TAP, 1),
        (1.5 * RAMP + TAP, 0.5),
        (2 * RAMP + TAP + 1e-6, 0),
        (3, 0),
    ):
        targets = np.zeros((2, len(JOINTS)), dtype=np.float32)
        hand.write(start + after, targets)
        assert targets[clone, 0] == pytest.approx(-0.01 * share, abs=1e-8), after
        assert not targets[1 - clone].any() and not targets[:, 1:].any()


def test_a_press_leaves_the_callers_target_alone_where_it_does_not_press():
    (press,) = plan(BUTTON, num_envs=4)
    hand = Hand((press,), 4, len(JOINTS))
    targets = np.full((4, len(JOINTS)), 7.0, dtype=np.float32)
    hand.write(0.1, targets)
    assert (targets == 7.0).all()


def test_the_hand_tells_when_it_first_touches_each_joint():
    presses = plan(BUTTON, KNOB)
    touched = Hand(presses, 16, len(JOINTS)).started_at
    assert np.array_equal(touched[:, 0], presses[0].start)
    assert np.array_equal(touched[:, 2], presses[1].start)
    assert np.isinf(touched[:, 1]).all()


def test_no_clone_is_pressed_both_ways_on_one_joint():
    back = contract("back", "knob", "lamp", Op.LESS, -0.8)
    for fraction in (0.5, 0.8):
        presses = plan(KNOB, back, num_envs=20, fraction=fraction)
        first, second = (set(press.clones) for press in presses)
        assert not first & second
        assert len(first) + len(second) == min(20, 2 * round(20 * fraction))


def test_a_trigger_that_a_contract_drives_past_its_threshold_is_left_to_it():
    lamp = contract("door_lamp", "door", "lamp", Op.GREATER, 1.0)
    assert hand_joints((BUTTON, lamp), JOINTS) == ("button",)
    too_far = contract("door_lamp", "door", "lamp", Op.GREATER, 1.6)
    assert hand_joints((BUTTON, too_far), JOINTS) == ("button", "door")


def test_in_a_ring_the_first_is_pressed():
    ring = (
        contract("a", "button", "door", Op.GREATER, 0.1, 1.0),
        contract("b", "door", "button", Op.GREATER, 0.1, 1.0),
    )
    assert hand_triggers(ring, JOINTS) == (("button", Op.GREATER),)


def test_a_short_episode_is_refused_with_the_least_that_works():
    with pytest.raises(ContractError, match=r"at least 3\.15 s"):
        plan(BUTTON, seconds=3.0)


def test_a_lent_drive_is_said():
    (press,) = plan(BUTTON)
    assert (
        press.describe()
        == "button: drive target 0 -> -0.01 over 0.15 s, held 0.5 s, in 8 of 16 clones"
        or "m over" in press.describe()
    )
    assert (
        "the asset gave no drive, so the preview lends one: stiffness 100, damping 2"
        in press.describe((100.0, 2.0))
    )

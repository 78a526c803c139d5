# SPDX-License-Identifier: Apache-2.0
"""What a policy commands: trigger joints that no contract drives, over their reach."""

from __future__ import annotations

import math

import pytest
from causal_contracts.core.articulation import Articulation, Drive, Joint, JointType
from causal_contracts.core.issue import ContractError
from causal_contracts.core.model import Bundle, Contract, JointThreshold, SetDriveTarget

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")
from causal_contracts.lab.tasks.press_map import press_joints


def joint(name, lower, upper, rest=0.0):
    drive = Drive(target=rest, stiffness=1.0, damping=1.0, max_force=math.inf)
    return Joint(name, name, JointType.REVOLUTE, lower, upper, position=rest, drive=drive)


def contract(name, trigger, op, threshold, effect, *, enabled=True):
    return Contract(
        id=name,
        trigger=JointThreshold(joint=trigger, op=op, threshold=threshold, unit="rad"),
        effect=SetDriveTarget(joint=effect, target=1.0, rest=0.0, unit="rad"),
        mode="latching",
        enabled=enabled,
    )


def pressed(joints, *contracts):
    articulation = Articulation(root=".", host="/A", joints=tuple(joints))
    return press_joints(articulation, Bundle(contracts))


DOOR = joint("door", 0.0, 2.0)


def test_half_an_action_is_the_threshold_and_a_whole_one_the_limit():
    (press,) = pressed([joint("knob", -1.0, 4.0), DOOR], contract("a", "knob", ">", 0.5, "door"))
    assert press.stops == (-1.0, -0.5, 0.0, 0.5, 4.0)


def test_with_several_thresholds_half_an_action_is_the_nearest():
    (press,) = pressed(
        [joint("knob", -1.0, 4.0), DOOR],
        contract("a", "knob", ">", 3.0, "door"),
        contract("b", "knob", ">", 1.0, "door"),
        contract("c", "knob", "<", -0.25, "door"),
    )
    assert press.stops == (-1.0, -0.25, 0.0, 1.0, 4.0)


def test_without_a_limit_the_reach_ends_a_margin_past_the_threshold():
    (press,) = pressed(
        [joint("wheel", -math.inf, math.inf), DOOR], contract("a", "wheel", ">", 0.5, "door")
    )
    assert press.stops == (pytest.approx(-0.1), pytest.approx(-0.05), 0.0, 0.5, 0.75)


def test_a_start_off_rest_stays_short_of_the_nearest_threshold():
    (press,) = pressed(
        [joint("knob", -1.0, 4.0, rest=0.25), DOOR], contract("a", "knob", "<", -0.75, "door")
    )
    assert press.shy == pytest.approx(-0.1)


def test_a_joint_that_a_contract_drives_is_not_commanded():
    presses = pressed(
        [joint("knob", 0.0, 1.0), joint("relay", 0.0, 2.0), DOOR],
        contract("a", "knob", ">", 0.5, "relay"),
        contract("b", "relay", ">", 0.5, "door"),
    )
    assert [press.name for press in presses] == ["knob"]


def test_a_disabled_contract_needs_no_press():
    presses = pressed(
        [joint("knob", 0.0, 1.0), joint("other", 0.0, 1.0), DOOR],
        contract("a", "knob", ">", 0.5, "door"),
        contract("b", "other", ">", 0.5, "door", enabled=False),
    )
    assert [press.name for press in presses] == ["knob"]


def test_contracts_that_wait_for_each_other_cannot_be_pressed():
    ring = [joint("a", 0.0, 2.0), joint("b", 0.0, 2.0)]
    with pytest.raises(ContractError, match="every trigger joint is the effect of another"):
        pressed(ring, contract("x", "a", ">", 0.5, "b"), contract("y", "b", ">", 0.5, "a"))


def test_without_a_contract_that_can_run_there_is_no_task():
    with pytest.raises(ContractError, match="no enabled contract has both its joints here"):
        pressed([DOOR], contract("a", "missing", ">", 0.5, "door"))

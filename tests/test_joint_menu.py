# SPDX-License-Identifier: Apache-2.0
"""What a context menu offers on joints and roots, and what choosing it does."""

from __future__ import annotations

import pytest
from broken_assets import CONTRACT
from build_asset import build_box
from causal_contracts.ui.state.joint_menu import LABELS, JointMenu
from editor_stage import box_editor, editor, frames, texts
from pxr import Sdf

BUTTON, LID = "/Box/button_slide", "/Box/lid_hinge"
THIRD = "/Box/third"


@pytest.fixture
def state(tmp_path):
    return box_editor(tmp_path)


def menu(state, shown=None):
    return JointMenu(state, (shown if shown is not None else []).append, clock=state.clock)


def offers(state, *paths):
    """Ids of the entries that are shown for these prims, with why they cannot be chosen."""
    found = [menu(state).offer(kind, paths) for kind in LABELS]
    return {one.id: one.why_not for one in found if one.shown}


def add_third(state):
    """A second hinge between the same bodies."""
    layer = state.host.stage().GetRootLayer()
    Sdf.CopySpec(layer, LID, layer, THIRD)


def test_the_labels_are_those_of_the_issue():
    assert LABELS["add"] == "Add causal contract"
    assert [*LABELS] == ["add", "trigger", "effect"]


@pytest.mark.parametrize("path", ["/Box/lid", "/nowhere", "/Box/button_slide.physics:axis"])
def test_nothing_is_offered_on_what_is_no_joint(state, path):
    assert offers(state, path) == {}
    assert offers(state) == {}


def test_a_joint_offers_roles_where_it_has_none_in_the_selected_contract(state):
    assert offers(state, BUTTON) == offers(state, LID) == {"add": None}
    add_third(state)
    assert offers(state, THIRD) == {"add": None, "trigger": None, "effect": None}


def test_a_fixed_joint_is_offered_with_its_reason(state):
    assert offers(state, "/Box/base")["add"] == (
        "/Box/base is a fixed joint: contracts read and drive revolute and prismatic joints."
    )


def test_a_root_offers_a_contract_alone(state):
    assert offers(state, state.picked) == {"add": None}


def test_without_a_selected_contract_no_role_is_offered(state):
    state.select()
    assert offers(state, BUTTON) == {"add": None}


def test_two_joints_become_trigger_and_effect_in_that_order(state):
    assert offers(state, LID, BUTTON) == {"add": None}
    shown = []
    JointMenu(state, lambda: shown.append("panel")).choose("add", [LID, BUTTON])
    made = state.authored[state.primary]
    assert (made.trigger_joints, made.effect_joints) == ((LID,), (BUTTON,))
    assert shown == ["panel"]
    assert state.host.can_undo() == "Add lid_hinge_moves_button_slide"


def test_one_joint_becomes_the_trigger_of_a_new_contract(state):
    before = texts(state)
    JointMenu(state, lambda: None).choose("add", [LID])
    assert state.authored[state.primary].trigger_joints == (LID,)
    state.undo()
    assert texts(state) == before


def test_on_a_root_the_joints_are_chosen_for_a_start(state):
    JointMenu(state, lambda: None).choose("add", [state.picked])
    assert len(state.ids) == 2


def test_using_a_joint_as_trigger_changes_the_selected_contract_alone(tmp_path):
    state = box_editor(tmp_path, "second")
    add_third(state)
    frames(state)
    JointMenu(state, lambda: None).choose("effect", [THIRD])
    assert state.authored["second"].effect_joints == (THIRD,)
    assert state.authored["press"].effect_joints == CONTRACT.effect_joints


def test_a_joint_that_cannot_carry_a_contract_is_offered_with_its_reason(state):
    add_third(state)
    state.host.stage().GetPrimAtPath(THIRD).SetTypeName("PhysicsFixedJoint")
    why = offers(state, THIRD)
    assert [*why] == ["add", "trigger", "effect"] and all(why.values())
    said, before = [], texts(state)
    held = state.host.notified.connect(lambda text, level: said.append(text))
    assert JointMenu(state, lambda: None).choose("add", [THIRD]) == why["add"]
    assert said == [why["add"]] and texts(state) == before
    held.close()


def test_a_joint_of_another_articulation_is_added_there_and_looking_turns_nothing(tmp_path):
    state = editor(tmp_path, build_box(tmp_path / "two.usda", copies=2))
    state.pick("/Kitchen/Box")
    picked, other = state.picked, "/Kitchen/Box1/button_slide"
    heard = []
    held = state.listen("articulations", lambda: heard.append("turned"))
    assert offers(state, other) == {"add": None}
    frames(state)
    assert (state.picked, heard) == (picked, [])
    JointMenu(state, lambda: None).choose("add", [other])
    assert state.authored[state.primary].trigger_joints == (other,)
    held.close()


def test_joints_of_two_articulations_are_refused(tmp_path):
    state = editor(tmp_path, build_box(tmp_path / "two.usda", copies=2))
    paths = ["/Kitchen/Box/button_slide", "/Kitchen/Box1/lid_hinge"]
    assert offers(state, *paths) == {
        "add": "These joints belong to two articulations: a contract joins two of one."
    }


def test_a_hidden_panel_reads_what_was_authored_meanwhile(state):
    state.suspend()
    add_third(state)
    assert offers(state, THIRD) == {"add": None, "trigger": None, "effect": None}
    JointMenu(state, lambda: None).choose("add", [THIRD])
    assert state.authored[state.primary].trigger_joints == (THIRD,)


def test_one_menu_reads_the_stage_once(state, monkeypatch):
    read = []
    monkeypatch.setattr(state, "refresh", lambda: read.append(1))
    one = menu(state)
    for kind in LABELS:
        one.offer(kind, [LID])
        one.offer(kind, [LID])
    assert len(read) == 1
    state.clock.now += 1.0
    one.offer("add", [LID])
    assert len(read) == 2


def test_without_a_stage_nothing_is_offered(tmp_path, state):
    state.host.close()
    assert offers(state, LID) == {}

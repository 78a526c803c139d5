# SPDX-License-Identifier: Apache-2.0
"""Named edits of the editor: one undo step each, taken back and made again to the byte."""

from __future__ import annotations

import math

import pytest
from build_asset import build_box
from editor_edits import EDITS, FIVE_DEGREES, use_layer, with_third_joint
from editor_stage import box_editor, editor, texts


@pytest.mark.parametrize("kind", ["root", "session"])
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_undone_and_redone_to_the_byte_with_its_selection(tmp_path, name, kind):
    state = box_editor(tmp_path)
    with_third_joint(tmp_path, state)
    use_layer(state, kind)
    before, selected = texts(state), state.selection
    assert EDITS[name](state) is None
    after, selected_after = texts(state), state.selection
    assert after != before and state.host.can_undo() == name
    for _ in range(2):
        assert state.undo() is None
        assert (texts(state), state.selection) == (before, selected)
        assert state.redo() is None
        assert (texts(state), state.selection) == (after, selected_after)
    assert state.why_no_redo() == "There is nothing to redo."


@pytest.mark.parametrize("kind", ["above", "variant"])
def test_edits_of_other_targets_leave_no_trace_once_undone(tmp_path, kind):
    state = box_editor(tmp_path)
    use_layer(state, kind)
    state.refresh()
    before = texts(state)
    if kind == "variant":  # the root layer's own opinion is stronger than the variant's
        assert "says otherwise" in state.set_target(FIVE_DEGREES)
        assert texts(state) == before
        assert state.add(new_id="second") is None
    else:
        assert state.set_target(FIVE_DEGREES) is None
        assert state.delete() is None
        state.undo()
    state.undo()
    assert texts(state) == before


def test_a_run_of_edits_is_undone_step_by_step(tmp_path):
    state = box_editor(tmp_path)
    seen = [texts(state)]
    for edit in (
        lambda: state.duplicate(),
        lambda: state.set_threshold(-0.002),
        lambda: state.rename(state.primary, "other"),
        lambda: state.set_enabled(False, ["press", "other"]),
        lambda: state.delete(["press", "other"]),
        lambda: state.add(),
    ):
        assert edit() is None
        seen.append(texts(state))
    forth = list(seen)
    while seen:
        assert texts(state) == seen.pop()
        state.undo()
    for expected in forth[1:]:
        state.redo()
        assert texts(state) == expected


def test_one_value_of_three_contracts_is_one_step(tmp_path):
    state = box_editor(tmp_path, "second", "third")
    before = texts(state)
    assert state.enter_threshold("-4mm") is None
    assert state.host.can_undo() == "Set threshold of 3 contracts"
    assert {one.trigger.threshold for one in state.bundle.contracts} == {-0.004}
    state.undo()
    assert texts(state) == before and state.why_no_undo() == "There is nothing to undo."
    assert state.selection == ("press", "second", "third")


def test_a_value_of_joints_of_two_kinds_is_refused(tmp_path):
    state = box_editor(tmp_path, "second")
    with_third_joint(tmp_path, state)
    assert state.set_trigger("third", ["second"]) is None
    before = texts(state)
    assert "of one kind" in state.set_threshold(-0.001)
    assert "its unit is" in state.enter_threshold("5mm")
    assert texts(state) == before


def test_setting_the_value_that_stands_makes_no_step(tmp_path):
    state = box_editor(tmp_path)
    assert state.set_threshold(-0.005) is None
    assert state.host.can_undo() is None


def test_another_kind_of_joint_brings_numbers_that_fit_it(tmp_path):
    state = box_editor(tmp_path)
    with_third_joint(tmp_path, state)
    state.set_trigger("third")
    trigger = state.contract("press").trigger
    assert (trigger.joint, trigger.op, trigger.unit) == ("third", ">", "rad")
    assert trigger.threshold == pytest.approx(math.radians(60))  # half of 0 to 120 deg


def test_a_new_contract_has_an_id_of_its_own_and_nothing_to_complain_of(tmp_path):
    state = editor(tmp_path, build_box(tmp_path / "box.usda"))
    assert state.add() is None and state.add() is None
    assert state.ids == ("button_slide_moves_lid_hinge", "button_slide_moves_lid_hinge_2")
    one = state.contract("button_slide_moves_lid_hinge")
    assert str(one.trigger.op) == "<" and one.trigger.threshold == -0.005
    assert one.effect.target == pytest.approx(math.radians(120))
    state.check()
    assert [str(one) for one in state.issues] == []


def test_the_joint_selected_on_the_stage_becomes_the_trigger_of_a_new_contract(tmp_path):
    state = editor(tmp_path, build_box(tmp_path / "box.usda"))
    state.host.select(["/Box/lid_hinge"])
    assert state.selected_joint.name == "lid_hinge"
    assert state.add() is None
    assert state.contract(state.primary).trigger.joint == "lid_hinge"
    assert "already" in state.set_effect("lid_hinge")


@pytest.mark.parametrize(
    ("new", "says"),
    [("second", "already"), ("1st", "no contract id"), ("mode", "no contract id"), ("", "no con")],
)
def test_a_bad_id_is_said_while_it_is_typed_and_writes_nothing(tmp_path, new, says):
    state = box_editor(tmp_path, "second")
    before = texts(state)
    assert says in state.why_no_rename("press", new)
    assert says in state.rename("press", new)
    assert texts(state) == before and state.host.can_undo() is None


def test_deleting_selects_the_next_row(tmp_path):
    state = box_editor(tmp_path, "second", "third")
    state.select("press")
    state.delete()
    assert (state.ids, state.selection) == (("second", "third"), ("second",))
    state.select("third")
    state.delete()
    assert state.selection == ("second",)
    state.delete()
    assert state.selection == () and "No contract is selected" in state.why_no_delete()

# SPDX-License-Identifier: Apache-2.0
"""Named edits of the editor: one undo step each, taken back and made again to the byte."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from broken_assets import CONTRACT, contract, put, unapply
from build_asset import build_box
from causal_contracts.core.usd_contract import read_authored
from editor_stage import box_editor, editor, texts
from pxr import Sdf, Usd, UsdGeom

FIVE_DEGREES = math.radians(5)

EDITS = {
    "Add button_slide_moves_lid_hinge": lambda s: s.add(),
    "Duplicate press": lambda s: s.duplicate(),
    "Rename press to opens": lambda s: s.rename("press", "opens"),
    "Delete press": lambda s: s.delete(),
    "Disable press": lambda s: s.set_enabled(False),
    "Set op of press": lambda s: s.set_op(">"),
    "Set mode of press": lambda s: s.set_mode("level"),
    "Set threshold of press": lambda s: s.set_threshold(-0.003),
    "Set target of press": lambda s: s.set_target(FIVE_DEGREES),
    "Set rest of press": lambda s: s.set_rest(FIVE_DEGREES),
    "Set trigger joint of press": lambda s: s.set_trigger("third"),
    "Set effect joint of press": lambda s: s.set_effect("third"),
}


def with_third_joint(tmp_path, state):
    """A second hinge between the same bodies, with another name."""
    layer = state.host.stage().GetRootLayer()
    Sdf.CopySpec(layer, "/Box/lid_hinge", layer, "/Box/third")
    layer.Save()
    state.refresh()


def use_layer(state, kind):
    """Let edits go to the root layer, a session layer, a sublayer above, or a variant."""
    stage = state.host.stage()
    if kind == "session":
        state.host.set_edit_target(stage.GetSessionLayer().identifier)
    elif kind == "above":
        above = Sdf.Layer.CreateAnonymous("above.usda")
        stage.GetSessionLayer().subLayerPaths.append(above.identifier)
        state.host.set_edit_target(above.identifier)
    elif kind == "variant":
        variants = stage.GetPrimAtPath("/Box").GetVariantSets().AddVariantSet("kind")
        variants.AddVariant("a")
        variants.SetVariantSelection("a")
        stage.SetEditTarget(variants.GetVariantEditTarget())


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


def test_an_edit_above_the_asset_writes_its_one_property(tmp_path):
    state = box_editor(tmp_path)
    use_layer(state, "session")
    assert state.set_threshold(-0.002) is None
    (spec,) = state.host.stage().GetSessionLayer().GetPrimAtPath("/Box").properties
    assert spec.name == "causalContract:press:triggerThreshold"
    state.undo()
    assert state.host.stage().GetSessionLayer().empty


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


# -- what others write meanwhile


def test_undo_spares_what_others_wrote_meanwhile(tmp_path):
    state = box_editor(tmp_path)
    prim = state.host.stage().GetPrimAtPath("/Box")
    state.duplicate()
    prim.AddAppliedSchema("SomeOtherAPI")
    prim.CreateAttribute("mine", Sdf.ValueTypeNames.Int).Set(3)
    UsdGeom.Xform.Define(state.host.stage(), "/Box/new")
    state.undo()
    assert read_authored(prim)[0] == [CONTRACT]
    schemas = prim.GetMetadata("apiSchemas").ApplyOperations([])
    assert "SomeOtherAPI" in schemas and "CausalContractAPI:press_2" not in schemas
    assert prim.GetAttribute("mine").Get() == 3
    assert state.host.stage().GetPrimAtPath("/Box/new")
    state.redo()
    assert state.ids == ("press", "press_2")
    assert "SomeOtherAPI" in prim.GetMetadata("apiSchemas").ApplyOperations([])


def test_undo_of_a_prim_that_is_gone_says_so_and_makes_none(tmp_path):
    state = box_editor(tmp_path)
    state.set_threshold(-0.002)
    told = []
    state.host.notified.connect(lambda text, level: told.append(text))
    stage = state.host.stage()
    stage.RemovePrim("/Box")
    state.undo()
    assert not stage.GetPrimAtPath("/Box")
    assert told == ["'Set threshold of press' cannot be undone or redone: /Box is gone."]


def test_an_over_that_was_pruned_comes_back_in_its_place(tmp_path):
    state = box_editor(tmp_path)
    layer = state.host.stage().GetSessionLayer()
    use_layer(state, "session")
    for path in ("/First", "/Box", "/Last"):
        Sdf.CreatePrimInLayer(layer, path)
    assert state.add(new_id="above") is None
    layer.GetPrimAtPath("/Box").ListInfoKeys()
    before = texts(state)
    assert state.delete() is None
    state.undo()
    assert texts(state) == before


# -- drags


def test_a_drag_writes_once_at_its_end(tmp_path):
    state = box_editor(tmp_path)
    before = texts(state)
    assert state.begin_gesture() is None
    for step in range(1, 9):
        assert state.set_threshold(-0.001 * step) is None
        assert texts(state) == before
        assert state.live_bundle["press"].trigger.threshold == -0.001 * step
        assert state.bundle["press"].trigger.threshold == -0.005
    assert "-8 mm" in state.row("press").sentence and "-8 mm" in state.sentence()
    assert state.end_gesture() is None
    assert state.host.can_undo() == "Set threshold of press"
    assert state.bundle["press"].trigger.threshold == -0.008 and not state.draft
    state.undo()
    assert texts(state) == before and state.host.can_undo() is None


def test_a_drag_that_is_cancelled_or_undone_writes_nothing(tmp_path):
    state = box_editor(tmp_path)
    before = texts(state)
    for stop in (state.cancel_gesture, state.undo):
        state.begin_gesture()
        state.set_target(FIVE_DEGREES)
        stop()
        assert not state.in_gesture and state.live_bundle == state.bundle
    assert texts(state) == before and state.host.can_undo() is None


def test_the_rest_target_is_dragged_like_the_others(tmp_path):
    state = box_editor(tmp_path)
    before = texts(state)
    state.begin_gesture()
    state.set_rest(FIVE_DEGREES)
    assert texts(state) == before
    assert state.live_bundle["press"].effect.rest == FIVE_DEGREES
    assert state.end_gesture() is None
    assert state.bundle["press"].effect.rest == pytest.approx(FIVE_DEGREES)
    state.undo()
    assert texts(state) == before


# -- refusals


def test_a_read_only_layer_refuses_every_edit_with_the_way_out(tmp_path):
    state = box_editor(tmp_path)
    before = texts(state)
    state.host.stage().GetRootLayer().SetPermissionToEdit(False)
    says = "box.usda is read-only: choose another edit target."
    for name, edit in EDITS.items():
        if "third" not in name and "joint" not in name:
            assert edit(state) == says, name
    assert state.begin_gesture() == says and state.refused == says
    assert state.why_no_add() == state.why_no_delete() == says
    assert texts(state) == before and state.host.can_undo() is None


def test_a_playing_simulation_refuses_edits(tmp_path, monkeypatch):
    state = box_editor(tmp_path)
    monkeypatch.setattr(state.host, "is_playing", lambda: True)
    assert state.set_threshold(-0.001) == "The simulation is playing: stop it to edit."


def test_joints_inside_an_instance_refuse_a_drive_and_take_contracts(tmp_path):
    state = editor(tmp_path, build_box(tmp_path / "box.usda", instanceable=True))
    before = texts(state)
    assert state.add() is None
    assert "lies inside an instance" in state.set_rest(FIVE_DEGREES)
    state.undo()
    assert texts(state) == before


def test_contracts_on_a_prim_inside_an_instance_refuse_edits(tmp_path):
    stage = Usd.Stage.Open(str(build_box(tmp_path / "box.usda")))
    inner = Usd.Stage.CreateInMemory()
    outer = inner.DefinePrim("/World/Inst")
    outer.GetReferences().AddReference(wrapped(stage, tmp_path))
    outer.SetInstanceable(True)
    state = editor(tmp_path, inner)
    assert "lies inside an instance" in state.why_no_edit()
    assert "lies inside an instance" in state.delete(["press"])


def wrapped(stage, tmp_path):
    """The box with its contract one prim deeper than the asset's root."""
    path = str(tmp_path / "wrapped.usda")
    deep = Usd.Stage.CreateNew(path)
    root = deep.DefinePrim("/Root", "Xform")
    deep.DefinePrim("/Root/Box").GetReferences().AddReference(str(tmp_path / "box.usda"))
    deep.SetDefaultPrim(root)
    from causal_contracts.core.usd_author import write_authored

    inside = replace(
        CONTRACT,
        host="/Root/Box",
        trigger_joints=("/Root/Box/button_slide",),
        effect_joints=("/Root/Box/lid_hinge",),
    )
    write_authored(deep.GetPrimAtPath("/Root/Box"), inside)
    deep.GetRootLayer().Save()
    return path


# -- fixes


def fixed(state, says, label):
    """Apply the fix of that label to the finding; the finding must vanish, and undo restore it."""
    state.check()
    found = [issue for issue in state.issues if says in issue.what]
    assert found, [str(issue) for issue in state.issues]
    before = texts(state)
    (fix,) = [one for one in state.fixes(found[0]) if one.label == label]
    assert fix.says.endswith(".")
    assert fix.apply() is None
    state.check()
    assert [issue for issue in state.issues if says in issue.what] == []
    state.undo()
    assert texts(state) == before
    state.redo()


def test_a_missing_drive_is_added_with_stated_gains(tmp_path):
    state = box_editor(tmp_path, lid_drive=None)
    fixed(state, "has no drive: a target", "Add drive")
    drive = state.joint("lid_hinge").drive
    assert (drive.stiffness, drive.damping) == pytest.approx((60.0, 6.0))


def test_zero_stiffness_gets_gains(tmp_path):
    state = box_editor(tmp_path, lid_drive=(0.0, 0.0))
    fixed(state, "zero stiffness", "Set gains")


@pytest.mark.parametrize(
    ("value", "says"), [(-0.02, "can never fire"), (0.0, "may always fire"), (0.02, "always fires")]
)
def test_a_threshold_is_clamped_into_the_limits(tmp_path, value, says):
    state = box_editor(tmp_path)
    put(state.host.stage(), contract("triggerThreshold"), value)
    state.refresh()
    fixed(state, says, "Clamp")
    assert -0.01 < state.bundle["press"].trigger.threshold < 0.0


def test_a_target_is_clamped_to_the_limit(tmp_path):
    state = box_editor(tmp_path)
    put(state.host.stage(), contract("effectTarget"), 150.0)
    state.refresh()
    fixed(state, "outside the limits of lid_hinge", "Clamp")


@pytest.mark.parametrize(("bad", "good"), [("a:b", "a_b"), ("mode", "_mode")])
def test_an_invalid_id_is_renamed(tmp_path, bad, good):
    state = box_editor(tmp_path)
    from causal_contracts.core.usd_author import write_authored

    write_authored(state.host.stage().GetPrimAtPath("/Box"), replace(CONTRACT, id=bad))
    state.refresh()
    fixed(state, "is no contract id", "Rename")
    assert state.ids == (good, "press")


def test_orphans_are_removed(tmp_path):
    state = box_editor(tmp_path)
    unapply(state.host.stage().GetPrimAtPath("/Box"), "CausalContractAPI:press")
    state.refresh()
    fixed(state, "properties of a contract 'press'", "Remove")


def test_orphans_in_another_layer_are_left_with_the_way_out(tmp_path):
    state = box_editor(tmp_path)
    unapply(state.host.stage().GetPrimAtPath("/Box"), "CausalContractAPI:press")
    use_layer(state, "session")
    state.refresh()
    (issue,) = [one for one in state.issues if "properties of a contract" in one.what]
    (fix,) = state.fixes(issue)
    assert "make the layer that does the edit target" in fix.apply()


def test_missing_properties_are_authored_and_a_disabled_contract_is_enabled(tmp_path):
    state = box_editor(tmp_path)
    state.host.stage().GetPrimAtPath("/Box").RemoveProperty("causalContract:press:mode")
    state.set_enabled(False)
    fixed(state, "is not authored", "Author")
    fixed(state, "is disabled", "Enable")

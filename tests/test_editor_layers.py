# SPDX-License-Identifier: Apache-2.0
"""Edits and their layers: what others write meanwhile, pruned overs, read-only, instances."""

from __future__ import annotations

from dataclasses import replace

from broken_assets import CONTRACT
from build_asset import build_box
from causal_contracts.core.usd_contract import read_authored
from editor_edits import EDITS, FIVE_DEGREES, use_layer
from editor_stage import box_editor, editor, texts
from pxr import Sdf, Usd, UsdGeom


def test_an_edit_above_the_asset_writes_its_one_property(tmp_path):
    state = box_editor(tmp_path)
    use_layer(state, "session")
    assert state.set_threshold(-0.002) is None
    (spec,) = state.host.stage().GetSessionLayer().GetPrimAtPath("/Box").properties
    assert spec.name == "causalContract:press:triggerThreshold"
    state.undo()
    assert state.host.stage().GetSessionLayer().empty


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

# SPDX-License-Identifier: Apache-2.0
"""What the editor shows: articulations, rows, findings, selection; and when it looks again."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from broken_assets import BROKEN, contract, healthy_box, put
from build_asset import build_box
from causal_contracts.core import check_asset
from causal_contracts.ui.state import asset_check, stage_reader
from causal_contracts.ui.state.editor_state import EditorState
from causal_contracts.ui.state.rows import RowState
from causal_contracts.ui.state.topics import Topic
from causal_contracts.ui.state.values import from_shown, parse, show, shown_unit
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings
from editor_stage import ROOT, box_editor, editor, frames, texts
from pxr import Sdf, Usd, UsdPhysics

ASSETS = ["car", "coffee_maker", "microwave", "stove"]


def heard(state, *topics):
    """What the listeners of these topics hear from now on."""
    calls = []
    for topic in topics:
        state.listen(topic, lambda topic=topic: calls.append(str(topic)))
    return calls


# -- articulations


@pytest.mark.parametrize("name", ASSETS)
def test_a_sample_asset_is_picked_with_its_joints_and_contracts(tmp_path, name):
    state = editor(tmp_path, ROOT / f"data/{name}/{name}.usda")
    (entry,) = state.survey.entries
    assert state.picked == entry.path
    assert entry.joints == len(state.joints) and entry.contracts == len(state.bundle.contracts) > 0
    assert entry.label.startswith(f"{entry.path} ({entry.joints} joints, {entry.contracts} contr")
    assert len(state.rows()) == entry.contracts
    assert state.empty_text() is None and state.why_no_export() is None


def test_the_sentences_of_the_microwave_carry_units(tmp_path):
    state = editor(tmp_path, ROOT / "data/microwave/microwave.usda")
    row = state.rows()[0]
    assert row.sentence == "button_slide < -5 mm => door_hinge := 90 deg"
    state.select(row.id)
    assert state.sentence() == f"{row.sentence}, latching"


def test_the_picked_articulation_follows_the_selection_until_it_is_pinned(tmp_path):
    state = editor(tmp_path, build_box(tmp_path / "kitchen.usda", copies=3))
    assert [one.path for one in state.survey.entries] == [
        "/Kitchen/Box",
        "/Kitchen/Box1",
        "/Kitchen/Box2",
    ]
    assert state.picked == "/Kitchen/Box"
    state.host.select(["/Kitchen/Box2/lid"])
    assert (state.picked, state.selected_joint) == ("/Kitchen/Box2", None)
    state.host.select(["/Kitchen/Box1/lid_hinge"])
    assert (state.picked, state.selected_joint.name) == ("/Kitchen/Box1", "lid_hinge")
    state.pin()
    state.host.select(["/Kitchen/Box2"])
    assert (state.picked, state.pinned) == ("/Kitchen/Box1", True)
    state.pin(False)
    assert state.picked == "/Kitchen/Box2"
    state.host.select(["/Kitchen"])
    assert state.picked == "/Kitchen/Box2"  # it holds three; none of them is meant
    assert state.pick("/Kitchen/Box") is None and state.picked == "/Kitchen/Box"


def test_another_picked_articulation_is_told_and_shows_no_finding_of_the_last(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    stage.DefinePrim("/Other").GetReferences().AddInternalReference("/Box")
    next(one for one in BROKEN if one.name == "broken variant").damage(stage)
    state = editor(tmp_path, stage)
    frames(state, 1.0)
    assert state.picked == "/Box" and state.issues
    calls = heard(state, Topic.ARTICULATIONS)
    assert state.pick("/Other") is None
    assert state.issues == ()  # the check of its own variants is still to come
    state.host.frame()
    assert calls == ["articulations"]


def test_what_is_not_listed_says_why(tmp_path):
    stage = Usd.Stage.Open(str(build_box(tmp_path / "kitchen.usda", copies=2)))
    state = editor(tmp_path, stage)
    assert "holds 2 articulations" in state.pick("/Kitchen")
    assert state.why_not_listed("/Nowhere") == "/Nowhere is no prim of this stage."
    stage.DefinePrim("/Light")
    assert "no joint below it" in state.why_not_listed("/Light")
    assert state.why_not_listed("/Kitchen/Box/lid") is None
    stage.GetPrimAtPath("/Kitchen/Box").RemoveAPI(UsdPhysics.ArticulationRootAPI)
    frames(state, 1.0)
    assert [one.path for one in state.survey.entries] == ["/Kitchen/Box1"]
    assert "has 3 joints of no articulation" in state.pick("/Kitchen/Box/lid")
    root = stage.GetPrimAtPath("/Kitchen/Box1")
    switch = "physxArticulation:articulationEnabled"
    root.CreateAttribute(switch, Sdf.ValueTypeNames.Bool).Set(False)
    frames(state, 1.0)
    assert state.survey.entries == () and "switched off" in state.problem
    assert state.empty_text() == state.problem == state.why_no_edit()


def test_without_a_stage_everything_says_to_open_one(tmp_path):
    state = box_editor(tmp_path)
    state.host.close()
    frames(state)
    assert state.rows() == [] and state.selection == ()
    for why in (state.problem, state.why_no_add(), state.why_no_export(), state.empty_text()):
        assert why == "There is no stage: open one first."


def test_an_articulation_with_one_joint_says_that_it_takes_two(tmp_path):
    stage = Usd.Stage.Open(str(build_box(tmp_path / "box.usda")))
    stage.RemovePrim("/Box/button_slide")
    state = editor(tmp_path, stage)
    assert state.why_no_add() == "/Box has 1 movable joint: a contract needs two."
    assert state.add() == state.why_no_add()


# -- looking again


def test_an_edit_from_elsewhere_is_noticed_in_the_next_frame_and_told_once(tmp_path):
    state = box_editor(tmp_path)
    frames(state, 1.0)
    calls = heard(state, *Topic)
    put(state.host.stage(), contract("triggerThreshold"), -0.002)
    put(state.host.stage(), contract("effectTarget"), 45.0)
    assert state.bundle["press"].trigger.threshold == -0.005
    frames(state, 0.1)
    assert state.bundle["press"].trigger.threshold == -0.002
    assert state.bundle["press"].effect.target == pytest.approx(math.radians(45))
    assert calls == ["bundle", "rows"]
    frames(state, 0.1)
    assert calls == ["bundle", "rows"]


def test_a_limit_changed_elsewhere_is_a_finding_at_once(tmp_path):
    state = box_editor(tmp_path)
    put(state.host.stage(), "/Box/button_slide.physics:lowerLimit", -0.004)
    frames(state, 0.1)
    assert state.joint("button_slide").lower == -0.004
    assert state.row("press").state is RowState.WARNING
    assert "can never fire" in state.row("press").tooltip


def test_what_no_contract_depends_on_is_not_read_again(tmp_path, monkeypatch):
    state = box_editor(tmp_path)
    stage = state.host.stage()
    colour = stage.GetPrimAtPath("/Box/lid").CreateAttribute("tint", Sdf.ValueTypeNames.Float)
    frames(state, 1.0)
    reads = []
    monkeypatch.setattr(stage_reader, "survey", lambda stage: reads.append(stage))
    colour.Set(0.5)
    frames(state, 1.0)
    assert reads == []


def test_a_contract_that_went_elsewhere_leaves_the_selection(tmp_path):
    state = box_editor(tmp_path, "second")
    calls = heard(state, Topic.SELECTION)
    state.host.stage().GetPrimAtPath("/Box").RemoveAppliedSchema("CausalContractAPI:second")
    frames(state, 0.1)
    assert state.selection == ("press",) and calls == ["selection"]


def test_another_stage_starts_from_nothing(tmp_path):
    state = box_editor(tmp_path)
    state.set_threshold(-0.002)
    state.host.open(ROOT / "data/stove/stove.usda")
    frames(state)
    assert state.picked == "/Stove" and state.selection == () and state.why_no_undo()
    assert not state.issues_of("press")
    for folder in ("one", "two"):  # the same names on another stage are not the same contracts
        (tmp_path / folder).mkdir()
        state.host.open(healthy_box(tmp_path / folder / "box.usda"))
        frames(state)
        assert (state.picked, state.pinned, state.selection) == ("/Box", False, ())
        state.select("press")
        state.pin()


def test_hidden_it_hears_nothing_and_shown_again_it_reads(tmp_path):
    state = box_editor(tmp_path)
    state.suspend()
    put(state.host.stage(), contract("triggerThreshold"), -0.002)
    frames(state, 1.0)
    assert state.bundle["press"].trigger.threshold == -0.005
    state.resume()
    assert state.bundle["press"].trigger.threshold == -0.002
    state.destroy()


def test_a_destroyed_editor_is_let_go_and_undo_still_restores_the_layer(tmp_path):
    import gc
    import weakref

    state = box_editor(tmp_path)
    before, host = texts(state), state.host
    state.set_threshold(-0.002)
    state.destroy()
    gone = weakref.ref(state)
    del state
    gc.collect()
    assert gone() is None
    host.undo()
    assert [layer.ExportToString() for layer in host.stage().GetLayerStack()] == before


# -- findings


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_every_finding_of_the_checker_is_shown_and_no_other(tmp_path, broken):
    stage = healthy_box(tmp_path / "box.usda")
    broken.damage(stage)
    state = editor(tmp_path, stage)
    frames(state, 1.0)
    assert set(state.issues) == set(check_asset(stage, state.picked))
    shown = {issue for one in (*state.ids, None) for issue in state.issues_of(one)}
    assert shown == set(state.issues)
    for issue in state.issues:
        for fix in state.fixes(issue):
            assert fix.label and fix.says.endswith(".")


def test_the_whole_check_waits_for_quiet(tmp_path, monkeypatch):
    state = box_editor(tmp_path)
    frames(state, 1.0)
    checks = []
    monkeypatch.setattr(
        asset_check, "beyond", lambda stage, read, root, hosts, known: checks.append(root) or ()
    )
    for step in range(5):
        state.set_threshold(-0.001 * (step + 1))
        frames(state, 0.1)
    assert checks == []
    frames(state, 0.3)
    assert checks == ["/Box"]


def test_a_contract_that_cannot_be_read_has_a_row_that_says_why(tmp_path):
    state = box_editor(tmp_path)
    put(state.host.stage(), contract("triggerOp"), ">")
    frames(state, 0.1)
    row = state.row("press")
    assert (row.state, row.contract) == (RowState.ERROR, None)
    assert row.sentence == "cannot be read: '>' is no triggerOp"
    assert state.why_no_copy() and not state.json_text()
    assert state.set_op(">") is None  # the op is written as the token that the schema knows
    assert state.row("press").state is not RowState.ERROR


# -- the table


def test_a_filter_that_hides_what_is_made_gives_way(tmp_path):
    state = editor(tmp_path, ROOT / "data/stove/stove.usda")
    shown = state.ids[0]
    for pattern, make, kept in (
        ("no such thing", state.add, ""),
        ("knob_0*", lambda: state.duplicate([shown]), "knob_0*"),
        (shown, lambda: state.duplicate([shown]), ""),
    ):
        state.pattern = pattern
        assert make() is None
        assert state.pattern == kept
        assert {*state.selection} <= {row.id for row in state.rows()}
    state.pattern = shown
    assert state.add(effect="no_joint") is not None
    assert state.pattern == shown, "nothing was made"


def test_filter_and_sort_are_kept_beyond_the_run(tmp_path):
    state = editor(tmp_path, ROOT / "data/stove/stove.usda")
    every = [row.id for row in state.rows()]
    assert every == sorted(every) and len(every) > 1
    state.pattern = every[0][:-1] + "?"
    assert [row.id for row in state.rows()] == [every[0]]
    state.pattern = "no such thing"
    assert "clear the filter" in state.empty_text()
    state.pattern = state.joint_of(every[0], "trigger").name.upper()
    assert every[0] in [row.id for row in state.rows()]
    state.pattern = ""
    state.sort_by("id")
    assert [row.id for row in state.rows()] == every[::-1]
    state.sort_by("sentence")
    said = [row.sentence for row in state.rows()]
    assert said == sorted(said)
    again = EditorState(
        type(state.host)(settings=type(state.host.settings)(state.host.settings.path))
    )
    assert again.sort == ("sentence", False)


def test_arrows_and_shift_move_the_selection_through_the_rows(tmp_path):
    state = box_editor(tmp_path, "a", "b")
    state.select()
    for by, expected in ((1, "a"), (1, "b"), (1, "press"), (1, "press"), (-1, "b"), (-9, "a")):
        state.select_step(by)
        assert state.primary == expected
    state.select_to("press")
    assert (state.selection, state.primary) == (("a", "b", "press"), "press")
    state.toggle("b")
    assert state.selection == ("a", "press")
    state.select_all()
    assert state.selection == ("a", "b", "press")


def test_the_snippet_of_the_overview_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(ROOT)
    page = (ROOT / "exts/causal_contracts.ui/docs/Overview.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    drawn = []
    names = {
        "StudioHost": StudioHost,
        "EditorState": EditorState,
        "Path": Path,
        "redraw_table": lambda: drawn.append(1),
    }
    exec(code, names)
    assert names["why"] is None and drawn and names["host"].can_redo() is not None
    assert names["state"].primary == "press_opens_door"


# -- values


def test_numbers_are_read_and_shown_in_the_unit_of_the_joint(tmp_path):
    state = box_editor(tmp_path)
    button, lid = state.joint("button_slide"), state.joint("lid_hinge")
    assert (shown_unit(button), shown_unit(lid)) == ("mm", "deg")
    assert [parse(text, button) for text in ("-5mm", "-5", " -0.5 cm", "-0.005m", "-5.")] == [
        -0.005
    ] * 5
    assert [parse(text, lid) for text in ("90deg", "90", "90 deg")] == [math.pi / 2] * 3
    assert parse("1.57rad", lid) == 1.57
    assert (show(-0.005, button), show(math.pi / 2, lid), show(0.0, lid)) == (
        "-5 mm",
        "90 deg",
        "0 deg",
    )
    assert show(None, lid) == "-" and show(math.inf, lid) == "free"
    assert from_shown(-5, button) == -0.005
    for text in ("", "mm", "5deg", "nan", "1e999"):
        with pytest.raises(ValueError, match=r"\w"):
            parse(text, button)


def test_shift_stretches_from_where_it_began(tmp_path):
    state = box_editor(tmp_path, "q", "r", "s")
    state.select("q")
    state.select_to("s")
    assert state.selection == ("q", "r", "s")
    state.select_to("press")
    assert state.selection == ("q", "press")
    state.extend_step(1)
    assert state.selection == ("q",)
    state.select("r")
    state.extend_step(1)
    assert state.selection == ("r", "s")


def test_columns_are_hidden_and_kept(tmp_path):
    state = box_editor(tmp_path)
    assert state.columns == ("enabled", "state", "sentence", "mode")
    state.show_column("state", False)
    assert state.columns == ("enabled", "sentence", "mode")
    assert Settings(tmp_path / "settings.json").get("columns", []) == [*state.columns]
    state.show_column("state", True)
    assert state.columns == ("enabled", "state", "sentence", "mode")


def test_a_joint_says_why_it_cannot_take_a_role(tmp_path):
    state = box_editor(tmp_path)
    assert state.why_no_role("trigger", "button_slide") is None
    assert "is the effect joint already" in state.why_no_role("trigger", "lid_hinge")
    assert "is a fixed joint" in state.why_no_role("trigger", "base")
    assert "no movable joint" in state.why_no_role("trigger", "nowhere")
    nothing = "Studio shows no stage to select on: choose from the list."
    assert state.why_no_role("trigger", None) == nothing
    state.host.shows_stage = True
    assert state.why_no_role("trigger", None).endswith("is selected on the stage: select one.")


def test_a_rest_target_is_typed_or_says_why_not(tmp_path):
    state = box_editor(tmp_path)
    assert state.enter_rest("5deg") is None
    assert state.joint("lid_hinge").rest == pytest.approx(math.radians(5))
    assert "is no number" in state.enter_rest("apples")
    (tmp_path / "bare").mkdir()
    bare = box_editor(tmp_path / "bare", lid_drive=None)
    assert bare.why_no_rest() == bare.enter_rest("5") == "lid_hinge has no drive: add one first."

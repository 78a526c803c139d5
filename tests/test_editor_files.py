# SPDX-License-Identifier: Apache-2.0
"""Contracts to couplings.json and back, and to what an author pastes elsewhere."""

from __future__ import annotations

import json
import shlex

from broken_assets import put
from build_asset import build_box
from causal_contracts.core import read_couplings
from causal_contracts.core.cli import build_app
from causal_contracts.core.usd_contract import read_authored
from editor_stage import ROOT, box_editor, editor, texts
from pxr import Usd
from typer.testing import CliRunner


def test_export_then_import_is_no_difference(tmp_path):
    state = box_editor(tmp_path, "second")
    path = state.suggested_export()
    assert path == tmp_path / "couplings.json" and state.export(path) is None
    assert read_couplings(path) == state.bundle
    plan = state.plan_import(path)
    assert plan.why_not is None and {str(one.change) for one in plan.changes} == {"unchanged"}
    assert state.apply_import(plan) is None and state.host.can_undo() is None


def test_an_import_shows_each_field_that_would_change_and_is_one_step(tmp_path):
    state = box_editor(tmp_path, "second", "third")
    path = tmp_path / "couplings.json"
    state.export(path)
    file = json.loads(path.read_text())
    press, second, _ = file["couplings"]
    press["trigger"]["threshold"] = -0.003
    press["mode"] = "level"
    press["effect"]["rest"] = 0.5
    file["couplings"] = [press, {**second, "id": "extra"}, second]
    path.write_text(json.dumps(file))
    plan = state.plan_import(path)
    assert {one.id: str(one.change) for one in plan.changes} == {
        "extra": "added",
        "press": "changed",
        "second": "unchanged",
        "third": "removed",
    }
    told = {one.id: one.sentence.rpartition(", ")[2] for one in plan.changes}
    assert told == {"press": "level"} | dict.fromkeys(("extra", "second", "third"), "latching")
    fields = next(one.fields for one in plan.changes if one.id == "press")
    assert [(one.field, one.before, one.after) for one in fields] == [
        ("threshold", "-5 mm", "-3 mm"),
        ("mode", "latching", "level"),
    ]
    assert "rests lid_hinge at 28.648 deg" in plan.notes[0]
    before = texts(state)
    assert state.apply_import(plan) is None
    assert state.ids == ("extra", "press", "second", "third")
    state.undo()
    assert texts(state) == before
    assert state.apply_import(plan, replace=True) is None
    assert state.ids == ("extra", "press", "second")
    assert state.host.can_undo() == "Import couplings.json"


def test_a_file_that_does_not_fit_says_why_and_writes_nothing(tmp_path):
    state = box_editor(tmp_path)
    before = texts(state)
    plan = state.plan_import(ROOT / "data/car/couplings.json")
    assert "no joint" in plan.why_not
    assert state.apply_import(plan) == plan.why_not and texts(state) == before
    assert "cannot be read" in state.plan_import(tmp_path / "gone.json").why_not


def test_what_cannot_be_exported_says_why(tmp_path):
    state = editor(tmp_path, build_box(tmp_path / "box.usda"))
    assert state.why_no_export() == "There is no contract to export: add one first."
    state.add()
    put(state.host.stage(), f"/Box.causalContract:{state.primary}:mode", "pulse")
    state.refresh()
    assert state.why_no_export().startswith("button_slide_moves_lid_hinge cannot be read")
    assert state.export(tmp_path / "x.json") == state.why_no_export()
    assert not (tmp_path / "x.json").exists()


def test_the_copied_command_authors_the_same_contract(tmp_path):
    state = box_editor(tmp_path)
    state.set_threshold(-0.1 / 37, ["press"])
    line = state.command_text()
    bare = build_box(tmp_path / "bare.usda")
    words = shlex.split(line)[1:]
    words[1] = str(bare)
    assert CliRunner().invoke(build_app(), words).exit_code == 0
    stage = Usd.Stage.Open(str(bare))
    assert read_authored(stage.GetPrimAtPath("/Box"))[0] == [*state.authored.values()]


def test_the_copied_json_is_a_couplings_json(tmp_path):
    state = box_editor(tmp_path, "second")
    state.select("second")
    assert read_couplings(state.json_text().encode()).contracts == (state.bundle["second"],)
    assert "apply_couplings" in state.lab_text() and "couplings.json" in state.lab_text()

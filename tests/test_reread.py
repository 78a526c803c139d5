# SPDX-License-Identifier: Apache-2.0
"""Reading only what changed on a stage says what reading all of it says, faults included."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from broken_assets import CONTRACT, healthy_box
from causal_contracts.core.usd_author import remove_authored, write_authored
from causal_contracts.core.usd_bundle import read_asset, reread
from causal_contracts.core.usd_check import Findings, beyond, check_asset, findings
from causal_contracts.ui.state.editor_state import EditorState
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings
from pxr import Sdf, Usd

ROOT = Path(__file__).resolve().parents[1]
EDITS = (
    ("triggerThreshold", -0.004),
    ("triggerThreshold", float("nan")),
    ("triggerThreshold", 0.5),
    ("effectTarget", 33.0),
    ("effectTarget", 500.0),
    ("enabled", False),
    ("enabled", True),
    ("mode", "level"),
    ("mode", "never"),
    ("triggerOp", "less"),
    ("triggerJoint", "/Crowd/lid_002"),
    ("effectJoint", "/Crowd/nowhere"),
    ("effectJoint", "/Crowd/lid_001"),
)


@pytest.fixture
def crowd(tmp_path, monkeypatch):
    """A small crowd of contracts on a stage in memory."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from benchmarks.crowd import write_crowd

    yield Usd.Stage.Open(str(write_crowd(tmp_path / "crowd.usda", joints=8, contracts=12)))
    for name in [one for one in sys.modules if one.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


def change(stage, contract_id, name, value):
    prim = stage.GetPrimAtPath("/Crowd")
    full = f"causalContract:{contract_id}:{name}"
    if name.endswith("Joint"):
        prim.GetRelationship(full).SetTargets([value])
    else:
        prim.GetAttribute(full).Set(value)


def same(one, other):
    """Equal, NaN being like NaN."""
    return repr(one) == repr(other)


def test_an_edit_read_alone_is_the_edit_read_with_everything(crowd):
    rng, known = random.Random(4), Findings()
    orphan = "causalContract:lost:mode"
    crowd.GetPrimAtPath("/Crowd").CreateAttribute(orphan, Sdf.ValueTypeNames.Token).Set("level")
    reading = read_asset(crowd)
    for _ in range(60):
        ids = rng.sample(range(12), rng.choice((1, 1, 2)))
        for number in ids:
            change(crowd, f"rule_{number:03}", *rng.choice(EDITS))
        reading = reread(crowd, reading, {f"rule_{number:03}" for number in ids})
        whole = read_asset(crowd)
        assert same(reading, whole)
        assert same(known.of(reading), findings(whole))


def test_what_lies_beyond_a_reading_completes_its_findings_to_those_of_the_asset(crowd):
    sets = crowd.GetPrimAtPath("/Crowd").GetVariantSets().AddVariantSet("finish")
    for name in ("plain", "odd"):
        sets.AddVariant(name)
    sets.SetVariantSelection("odd")
    with sets.GetVariantEditContext():
        change(crowd, "rule_003", "effectTarget", 500.0)
    sets.SetVariantSelection("plain")
    stray = crowd.GetPrimAtPath("/Crowd/board")
    stray.CreateAttribute("causalContract:lost:mode", Sdf.ValueTypeNames.Token).Set("level")
    reading = read_asset(crowd)
    parts = list(beyond(crowd, reading, "/Crowd", {"/Crowd"}, findings(reading)))
    found = [*findings(reading), *(issue for part in parts for issue in part)]
    assert list(dict.fromkeys(found)) == check_asset(crowd)
    assert sum(len(part) > 0 for part in parts) == 2 and len(parts) > 8


def test_findings_of_an_articulation_say_nothing_of_the_one_before(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    box = stage.GetPrimAtPath("/Box")
    write_authored(box, replace(CONTRACT, id="other", effect_target=45.0))
    known, reading = Findings(), read_asset(stage)
    assert any("to different targets" in issue.what for issue in known.of(reading))
    for one in reading.bundle.contracts:
        remove_authored(box, one.id)
    without = read_asset(stage)
    assert not without.bundle.contracts
    assert known.of(without) == findings(without)


@pytest.fixture
def editor(crowd, tmp_path):
    host = StudioHost(settings=Settings(tmp_path / "settings.json"))
    host.open(crowd)
    state = EditorState(host, clock=lambda: 0.0)
    yield state
    state.destroy()
    host.close()


def settled(state):
    state.host.frame()
    state.refresh()
    return state.reading


def test_the_editor_sees_every_kind_of_change(editor, crowd):
    """Values, joints, another contract, one fewer, a joint's limit, an undone edit."""
    assert editor._reader.follows
    host = crowd.GetPrimAtPath("/Crowd")
    lid = crowd.GetPrimAtPath("/Crowd/lid_001")
    before = editor.reading.articulation
    for at, edit in enumerate(
        (
            lambda: change(crowd, "rule_001", "triggerThreshold", -0.003),
            lambda: change(crowd, "rule_001", "effectJoint", "/Crowd/lid_003"),
            lambda: editor.set_enabled(False, ["rule_002"]),
            lambda: editor.undo(),
            lambda: editor.duplicate(["rule_004"]),
            lambda: editor.delete(["rule_005"]),
            lambda: lid.GetAttribute("physics:upperLimit").Set(90.0),
            lambda: host.RemoveProperty("causalContract:rule_006:mode"),
            lambda: crowd.RemovePrim("/Crowd/lid_002"),
        )
    ):
        edit()
        assert same(settled(editor), read_asset(crowd)), at
        # The first four are values of contracts, for which no joint is read again.
        assert (editor.reading.articulation is before) == (at < 4), at


def test_a_reading_costs_nothing_where_nothing_changed(editor):
    before = editor.reading
    editor.refresh()
    assert editor.reading is before


def test_a_suspended_editor_reads_all_of_it_again(editor, crowd):
    editor.suspend()
    assert not editor._reader.follows
    change(crowd, "rule_001", "triggerThreshold", -0.003)
    editor.resume()
    assert same(editor.reading, read_asset(crowd))


def test_a_check_under_way_ends_where_the_stage_changes(editor, crowd):
    editor._begin_check()
    editor._asset_check.go_on(-1.0)  # no time but for one part
    assert editor._asset_check.running
    crowd.RemovePrim("/Crowd/lid_003")
    editor._read_until = 1.0  # too soon to read again
    editor.host.frame()
    assert not editor._asset_check.running

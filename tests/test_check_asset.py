# SPDX-License-Identifier: Apache-2.0
"""The checker on assets: each finding at its address, none on a healthy one, every variant."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken_assets import BROKEN, CONTRACT, another, healthy_box, unapply
from causal_contracts.core import ContractError, check_asset, read_bundle
from causal_contracts.core.usd_author import write_authored
from pxr import Usd, UsdGeom

DATA = Path(__file__).resolve().parents[1] / "data"


def test_a_healthy_box_has_no_findings(tmp_path):
    assert check_asset(healthy_box(tmp_path / "box.usda")) == []


@pytest.mark.parametrize("name", ["microwave", "coffee_maker", "car", "stove"])
def test_a_sample_asset_has_no_errors_and_warnings(name):
    issues = check_asset(DATA / name / f"{name}.usda")
    assert [one for one in issues if one.severity != "info"] == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.name)
def test_each_finding_has_its_address_a_sentence_and_a_way_out(tmp_path, broken):
    stage = healthy_box(tmp_path / "box.usda")
    broken.damage(stage)
    issues = check_asset(stage)
    hits = [
        one
        for one in issues
        if (one.severity, one.address) == (broken.severity, broken.address)
        and broken.says in f"{one.what}; {one.fix}"
    ]
    assert len(hits) == 1, "\n".join(f"{one.severity} {one}" for one in issues)
    assert all(one.address and one.what and one.fix for one in issues)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.name)
def test_what_cannot_be_read_is_refused_and_what_cannot_act_is_still_read(tmp_path, broken):
    stage = healthy_box(tmp_path / "box.usda")
    broken.damage(stage)
    authoring = broken.address.startswith("/Box.") or broken.name in ("invalid id", "nested roots")
    if broken.severity == "error" and authoring:
        with pytest.raises(ContractError) as caught:
            read_bundle(stage, "/Box/base" if broken.name == "nested roots" else None)
        assert broken.address in {one.address for one in caught.value.issues}
    else:
        assert read_bundle(stage)["press"].effect.joint == "lid_hinge"


def test_a_missing_joint_is_answered_with_the_nearest_names(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    broken = next(one for one in BROKEN if one.name == "missing joint")
    broken.damage(stage)
    (issue,) = [one for one in check_asset(stage) if one.severity == "error"]
    assert issue.fix == "did you mean 'lid_hinge'?"


def test_a_variant_without_the_articulation_does_not_hide_the_other_findings(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    box = stage.GetPrimAtPath("/Box")
    unapply(box, "PhysicsArticulationRootAPI")
    variants = box.GetVariantSets().AddVariantSet("kind")
    for name in ("loose", "whole"):
        variants.AddVariant(name)
        variants.SetVariantSelection(name)
        with variants.GetVariantEditContext():
            stage.DefinePrim("/Box/part", "Xform")
            if name == "whole":
                box.AddAppliedSchema("PhysicsArticulationRootAPI")
    (issue,) = [one for one in check_asset(stage) if one.severity == "error"]
    assert issue.address.startswith("{kind=loose} ")
    assert "no articulation" in issue.what


def test_variants_beyond_the_limit_are_said_to_be_unchecked(tmp_path, monkeypatch):
    monkeypatch.setattr("causal_contracts.core.usd_check.MAX_VARIANTS", 1)
    stage = healthy_box(tmp_path / "box.usda")
    variants = stage.GetPrimAtPath("/Box").GetVariantSets().AddVariantSet("kind")
    for name in ("a", "b", "c"):
        variants.AddVariant(name)
        variants.SetVariantSelection(name)
        with variants.GetVariantEditContext():
            another(stage)
    (issue,) = [one for one in check_asset(stage) if one.severity == "warning"]
    assert "2 unselected variants; 1 of them" in issue.what


def test_checking_writes_nothing_and_changes_no_selection(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    next(one for one in BROKEN if one.name == "broken variant").damage(stage)
    stage.GetRootLayer().Save()
    before = (tmp_path / "box.usda").read_bytes()
    check_asset(stage)
    assert (tmp_path / "box.usda").read_bytes() == before
    assert not stage.GetRootLayer().dirty
    assert not stage.GetSessionLayer().GetPrimAtPath("/Box")


def test_a_payload_that_is_not_loaded_is_reported(tmp_path):
    healthy_box(tmp_path / "box.usda")
    scene = Usd.Stage.CreateNew(str(tmp_path / "scene.usda"))
    UsdGeom.SetStageMetersPerUnit(scene, 1.0)
    UsdGeom.Xform.Define(scene, "/World").GetPrim().GetPayloads().AddPayload("./box.usda")
    scene.GetRootLayer().Save()
    unloaded = Usd.Stage.Open(str(tmp_path / "scene.usda"), Usd.Stage.LoadNone)
    for read in (check_asset, read_bundle):
        with pytest.raises(ContractError) as caught:
            read(unloaded)
        assert caught.value.issues[0].address == "/World"
        assert "not loaded" in caught.value.issues[0].what
    assert read_bundle(tmp_path / "scene.usda")["press"].trigger.joint == "button_slide"


def test_a_contract_of_every_articulation_is_checked(tmp_path):
    from build_asset import build_box

    stage = Usd.Stage.Open(str(build_box(tmp_path / "two.usda", copies=2)))
    for name, target in (("Box", 90.0), ("Box1", 150.0)):
        one = CONTRACT.__class__(
            **{
                **{key: getattr(CONTRACT, key) for key in CONTRACT.__slots__},
                "id": f"press_{name}",
                "host": "/Kitchen",
                "effect_target": target,
                "trigger_joints": (f"/Kitchen/{name}/button_slide",),
                "effect_joints": (f"/Kitchen/{name}/lid_hinge",),
            }
        )
        write_authored(stage.GetPrimAtPath("/Kitchen"), one)
    (issue,) = check_asset(stage)
    assert issue.address == "/Kitchen: press_Box1.effect.target"
    assert check_asset(stage, "/Kitchen/Box") == []

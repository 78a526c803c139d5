# SPDX-License-Identifier: Apache-2.0
"""Stage to bundle and back: units, composition, several articulations, all or nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from broken_assets import CONTRACT, healthy_box
from build_asset import build_box
from causal_contracts.core import ContractError, apply_bundle, check_asset, read_bundle
from causal_contracts.core.couplings_json import encode_couplings, read_couplings
from causal_contracts.core.model import (
    Bundle,
    Contract,
    Foreign,
    JointThreshold,
    Mode,
    Op,
    SetDriveTarget,
)
from causal_contracts.core.usd_apply import Change, plan_bundle
from causal_contracts.core.usd_contract import read_authored
from causal_contracts.core.usd_edit import write_contract
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pxr import Sdf, Usd, UsdGeom

PRESS = Contract(
    "press",
    JointThreshold("button_slide", Op.LESS, -0.005, "m", "button_slide"),
    SetDriveTarget("lid_hinge", math.pi / 2, 0.0, "rad", "lid_hinge"),
)
"""What `CONTRACT` says, in SI units."""


def stage_of(tmp_path: Path, **options) -> Usd.Stage:
    return Usd.Stage.Open(str(build_box(tmp_path / "box.usda", **options)))


@pytest.fixture(scope="module")
def box_layer(tmp_path_factory) -> Sdf.Layer:
    layer = Sdf.Layer.CreateAnonymous(".usda")
    source = build_box(tmp_path_factory.mktemp("box") / "box.usda")
    layer.TransferContent(Sdf.Layer.FindOrOpen(str(source)))
    return layer


def text(stage: Usd.Stage) -> str:
    return stage.GetRootLayer().ExportToString()


def with_ids(*ids: str) -> Bundle:
    return Bundle(tuple(replace(PRESS, id=one) for one in ids))


def test_a_stage_reads_as_radians_metres_and_joint_names(tmp_path):
    healthy_box(tmp_path / "box.usda")
    assert read_bundle(tmp_path / "box.usda") == Bundle((PRESS,), "box.usda", ".")


@pytest.mark.parametrize("name", ["box.usd", "box.usdc", "box.usdz"])
def test_every_usd_file_reads_alike(tmp_path, name):
    stage = healthy_box(tmp_path / "box.usda")
    if name == "box.usdz":
        from pxr import UsdUtils

        assert UsdUtils.CreateNewUsdzPackage(str(tmp_path / "box.usda"), str(tmp_path / name))
    else:
        stage.GetRootLayer().Export(str(tmp_path / name))
    assert read_bundle(tmp_path / name) == Bundle((PRESS,), name, ".")


degrees = st.floats(-720, 720).map(lambda value: round(value, 4))
metres = st.floats(-0.5, 0.5).map(lambda value: round(value, 7))


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}x", fullmatch=True),
        st.tuples(st.sampled_from(Op), metres, degrees, st.sampled_from(Mode), st.booleans()),
        max_size=3,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_applied_is_read_back_and_degrees_survive(box_layer, spec):
    stage = Usd.Stage.Open(box_layer, Sdf.Layer.CreateAnonymous())
    stage.SetEditTarget(stage.GetSessionLayer())
    bundle = Bundle(
        tuple(
            Contract(
                one,
                JointThreshold("button_slide", op, at, "m", "button_slide"),
                SetDriveTarget("lid_hinge", math.radians(to), 0.0, "rad", "lid_hinge"),
                mode,
                enabled,
            )
            for one, (op, at, to, mode, enabled) in spec.items()
        ),
        None,
        ".",
    )
    apply_bundle(stage, bundle)
    assert read_bundle(stage) == bundle
    for one in read_authored(stage.GetPrimAtPath("/Box"))[0]:
        assert (one.trigger_threshold, one.effect_target) == (spec[one.id][1], spec[one.id][2])


def test_ninety_degrees_stay_ninety_through_export_and_import(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    before = text(stage)
    back = read_couplings(encode_couplings(read_bundle(stage)))
    assert apply_bundle(stage, back) == []
    assert text(stage) == before
    other = stage_of(tmp_path / "..", default_prim=True)
    apply_bundle(other, back)
    assert other.GetPropertyAtPath("/Box.causalContract:press:effectTarget").Get() == 90.0


def test_a_float_attribute_reads_as_the_decimal_that_was_written(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    prim = stage.GetPrimAtPath("/Box")
    name = "causalContract:press:triggerThreshold"
    prim.RemoveProperty(name)
    prim.CreateAttribute(name, Sdf.ValueTypeNames.Float, custom=False).Set(-0.005)
    assert read_bundle(stage)["press"].trigger.threshold == -0.005


def test_unauthored_values_are_the_schemas_fallbacks(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    prim = stage.GetPrimAtPath("/Box")
    for name in ("enabled", "mode", "triggerOp", "triggerThreshold", "effectTarget"):
        prim.RemoveProperty(f"causalContract:press:{name}")
    press = read_bundle(stage)["press"]
    assert (press.enabled, press.mode) == (True, Mode.LATCHING)
    assert (press.trigger.op, press.trigger.threshold, press.effect.target) == (">", 0.0, 0.0)


@pytest.mark.parametrize("arc", ["reference", "payload", "internal", "inherit", "instance"])
def test_joints_follow_their_asset_into_a_scene(tmp_path, arc):
    stage = healthy_box(tmp_path / "box.usda")
    scene = Usd.Stage.CreateInMemory() if arc in ("reference", "payload", "instance") else stage
    UsdGeom.SetStageMetersPerUnit(scene, 1.0)
    prim = UsdGeom.Xform.Define(scene, "/World/Microwave").GetPrim()
    if arc in ("reference", "instance"):
        prim.GetReferences().AddReference(str(tmp_path / "box.usda"))
        prim.SetInstanceable(arc == "instance")
    elif arc == "payload":
        prim.GetPayloads().AddPayload(str(tmp_path / "box.usda"))
    elif arc == "internal":
        prim.GetReferences().AddInternalReference("/Box")
    else:
        prim.GetInherits().AddInherit("/Box")
    for one in (scene, _flattened(scene)):
        bundle = read_bundle(one, "/World/Microwave")
        assert bundle.contracts == (PRESS,)
        assert bundle.articulation_root == "."
        assert check_asset(one, "/World/Microwave") == []


def _flattened(stage: Usd.Stage) -> Usd.Stage:
    flat = Usd.Stage.Open(stage.Flatten())
    UsdGeom.SetStageMetersPerUnit(flat, 1.0)
    return flat


def test_centimetres_are_refused_for_a_slide_and_fine_for_hinges(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)
    for act in (read_bundle, lambda one: apply_bundle(one, with_ids("other"))):
        with pytest.raises(ContractError, match=r"0\.01 metres per unit; author metersPerUnit"):
            act(stage)
    hinges = replace(CONTRACT, trigger_joints=("/Box/lid_hinge",), trigger_threshold=45.0)
    write_contract(stage, hinges)
    assert read_bundle(stage)["press"].trigger.threshold == math.radians(45)


def two(tmp_path: Path) -> Usd.Stage:
    """Two boxes below one host, each with a contract of its own."""
    stage = stage_of(tmp_path, copies=2)
    for name in ("Box", "Box1"):
        apply_bundle(stage, with_ids(f"press_{name}"), f"/Kitchen/{name}")
    return stage


def test_each_articulation_has_its_own_bundle(tmp_path):
    stage = two(tmp_path)
    with pytest.raises(ContractError, match="say which with articulation="):
        read_bundle(stage)
    for name in ("Box", "Box1"):
        bundle = read_bundle(stage, f"/Kitchen/{name}")
        assert [one.id for one in bundle.contracts] == [f"press_{name}"]
        assert bundle.articulation_root == name
        assert bundle.contracts[0].trigger.path == f"{name}/button_slide"


def test_replacing_touches_no_other_articulation_of_the_host(tmp_path):
    stage = two(tmp_path)
    edits = apply_bundle(stage, with_ids("new"), "/Kitchen/Box", replace=True)
    assert [(one.action, one.contract) for one in edits] == [
        ("wrote", "new"),
        ("removed", "press_Box"),
    ]
    assert [one.id for one in read_bundle(stage, "/Kitchen/Box1").contracts] == ["press_Box1"]
    with pytest.raises(ContractError, match="a contract of another articulation"):
        apply_bundle(stage, with_ids("press_Box1"), "/Kitchen/Box")


def test_a_joint_of_another_articulation_is_refused(tmp_path):
    stage = two(tmp_path)
    mixed = replace(
        CONTRACT,
        id="mixed",
        host="/Kitchen",
        trigger_joints=("/Kitchen/Box/button_slide",),
        effect_joints=("/Kitchen/Box1/lid_hinge",),
    )
    write_contract(stage, mixed)
    with pytest.raises(ContractError) as caught:
        read_bundle(stage, "/Kitchen/Box")
    (issue,) = caught.value.issues
    assert issue.address == "/Kitchen.causalContract:mixed:effectJoint"


BAD = [
    (Contract("mode", PRESS.trigger, PRESS.effect), "'mode'.id"),
    (Contract("no id", PRESS.trigger, PRESS.effect), "'no id'.id"),
    (Contract("z", Foreign("contact"), PRESS.effect), "z.trigger.type"),
    (Contract("z", PRESS.trigger, Foreign("signal")), "z.effect.type"),
    (Contract("z", PRESS.trigger, PRESS.effect, "pulse"), "z.mode"),
    (Contract("z", replace(PRESS.trigger, op=">="), PRESS.effect), "z.trigger.op"),
    (Contract("z", replace(PRESS.trigger, joint="buton"), PRESS.effect), "z.trigger.joint"),
    (Contract("z", replace(PRESS.trigger, joint="base"), PRESS.effect), "z.trigger.joint"),
    (Contract("z", replace(PRESS.trigger, unit="rad"), PRESS.effect), "z.trigger.joint"),
    (Contract("z", replace(PRESS.trigger, threshold=math.nan), PRESS.effect),
     "z.trigger.threshold"),
    (Contract("z", PRESS.trigger, replace(PRESS.effect, target=math.inf)), "z.effect.target"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "address"), BAD, ids=[address for _, address in BAD])
def test_one_bad_contract_keeps_the_whole_bundle_off_the_stage(tmp_path, bad, address):
    stage = stage_of(tmp_path)
    before = text(stage)
    first, second = replace(PRESS, id="a"), Contract("b", Foreign("x"), PRESS.effect)
    with pytest.raises(ContractError) as caught:
        apply_bundle(stage, Bundle((first, second, bad)))
    assert {one.address for one in caught.value.issues} == {"b.trigger.type", address}
    assert all(one.fix for one in caught.value.issues)
    assert text(stage) == before


def test_one_id_twice_is_refused(tmp_path):
    with pytest.raises(ContractError, match="two contracts are called 'press'"):
        apply_bundle(stage_of(tmp_path), Bundle((PRESS, PRESS)))


def test_a_stronger_layer_that_overrules_one_contract_undoes_all(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    layer = Sdf.Layer.CreateAnonymous("sub.usda")
    stage.GetRootLayer().subLayerPaths.append(layer.identifier)
    stage.SetEditTarget(layer)
    changed = replace(PRESS, effect=replace(PRESS.effect, target=1.0))
    with pytest.raises(ContractError, match="has no effect"):
        apply_bundle(stage, Bundle((replace(PRESS, id="a"), changed)))
    assert layer.empty


def test_a_plan_says_what_would_change(tmp_path):
    stage = stage_of(tmp_path)
    apply_bundle(stage, with_ids("kept", "changed", "gone"))
    stage.GetPropertyAtPath("/Box.causalContract:changed:mode").Set("pulse")
    before = text(stage)
    assert plan_bundle(stage, with_ids("kept", "changed", "new")).changes == {
        "changed": Change.CHANGED,
        "gone": Change.REMOVED,
        "kept": Change.KEPT,
        "new": Change.ADDED,
    }
    assert text(stage) == before


def test_without_replace_other_contracts_stay(tmp_path):
    stage = stage_of(tmp_path)
    apply_bundle(stage, with_ids("one"))
    apply_bundle(stage, with_ids("two"))
    assert [one.id for one in read_bundle(stage).contracts] == ["one", "two"]
    apply_bundle(stage, with_ids("two"), replace=True)
    assert [one.id for one in read_bundle(stage).contracts] == ["two"]


def test_the_rest_target_is_the_drives_else_the_pose(tmp_path):
    stage = healthy_box(tmp_path / "box.usda", lid_rest=20.0)
    assert read_bundle(stage)["press"].effect.rest == math.radians(20)
    (info,) = check_asset(healthy_box(tmp_path / "bare.usda", lid_drive=None))[:1]
    assert "its rest target is its authored position" in info.what


def test_a_selected_variant_is_read_and_another_is_not(tmp_path):
    stage = stage_of(tmp_path)
    variants = stage.GetPrimAtPath("/Box").GetVariantSets().AddVariantSet("wiring")
    for name, target in (("wide", 90.0), ("narrow", 45.0)):
        variants.AddVariant(name)
        variants.SetVariantSelection(name)
        with variants.GetVariantEditContext():
            write_contract(stage, replace(CONTRACT, effect_target=target))
    assert read_bundle(stage)["press"].effect.target == math.radians(45)
    variants.SetVariantSelection("wide")
    assert read_bundle(stage)["press"].effect.target == math.radians(90)

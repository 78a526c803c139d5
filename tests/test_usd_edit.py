# SPDX-License-Identifier: Apache-2.0
"""Edits of contracts: to the edit target alone, whole, without a trace once taken back."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from broken_assets import CONTRACT, healthy_box
from build_asset import build_box
from causal_contracts.core import ContractError, check_asset, read_bundle
from causal_contracts.core.usd_contract import PROPERTIES, applied_ids, read_authored
from causal_contracts.core.usd_edit import (
    change_contracts,
    enable_contract,
    remove_contract,
    rename_contract,
    write_contract,
)
from pxr import Sdf, Usd, UsdGeom

ROOT = Path(__file__).resolve().parents[1]


def box(tmp_path: Path, **options) -> Usd.Stage:
    return Usd.Stage.Open(str(build_box(tmp_path / "box.usda", **options)))


def text(layer: Sdf.Layer) -> str:
    return layer.ExportToString()


def target_of(stage: Usd.Stage, kind: str) -> Sdf.Layer:
    """Make the stage's edit target one of each kind that there is; returns its layer."""
    if kind == "sublayer":
        layer = Sdf.Layer.CreateAnonymous("sub.usda")
        stage.GetRootLayer().subLayerPaths.append(layer.identifier)
        stage.SetEditTarget(layer)
    elif kind == "session":
        stage.SetEditTarget(stage.GetSessionLayer())
    elif kind == "variant":
        variants = stage.GetPrimAtPath("/Box").GetVariantSets().AddVariantSet("kind")
        variants.AddVariant("a")
        variants.SetVariantSelection("a")
        stage.SetEditTarget(variants.GetVariantEditTarget())
    return stage.GetEditTarget().GetLayer()


@pytest.mark.parametrize("kind", ["root", "sublayer", "session", "variant"])
def test_an_edit_goes_to_the_edit_target_and_is_taken_back_to_the_byte(tmp_path, kind):
    stage = box(tmp_path)
    layer = target_of(stage, kind)
    others = [one for one in stage.GetLayerStack() if one != layer]
    before = [text(one) for one in [layer, *others]]
    edit = write_contract(stage, CONTRACT)
    assert edit.layer == (layer.realPath or layer.GetDisplayName())
    assert str(edit).startswith("wrote press on /Box in ")
    assert text(layer) != before[0]
    assert [text(one) for one in others] == before[1:]
    assert read_authored(stage.GetPrimAtPath("/Box"))[0] == [CONTRACT]
    assert remove_contract(stage, "/Box", "press").action == "removed"
    assert [text(one) for one in [layer, *others]] == before


def test_an_edit_below_no_prim_of_the_layer_leaves_no_empty_overs(tmp_path):
    build_box(tmp_path / "box.usda")
    stage = Usd.Stage.CreateInMemory()
    deep = stage.DefinePrim("/World/Rooms/Box")
    deep.GetReferences().AddReference(str(tmp_path / "box.usda"))
    layer = target_of(stage, "session")
    write_contract(stage, replace(CONTRACT, host="/World/Rooms/Box", **joints("/World/Rooms/Box")))
    remove_contract(stage, "/World/Rooms/Box", "press")
    assert layer.empty


def joints(host: str) -> dict[str, tuple[str]]:
    return {
        "trigger_joints": (f"{host}/button_slide",),
        "effect_joints": (f"{host}/lid_hinge",),
    }


@pytest.mark.parametrize("arc", ["sublayer", "reference", "payload", "inherit"])
def test_a_weaker_layers_contract_is_changed_and_removed_from_above(tmp_path, arc):
    healthy_box(tmp_path / "box.usda")
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    path, host = str(tmp_path / "box.usda"), "/World/Box"
    if arc == "sublayer":
        stage.GetRootLayer().subLayerPaths.append(path)
        host = "/Box"
    elif arc == "inherit":
        stage.GetRootLayer().subLayerPaths.append(path)
        stage.DefinePrim(host).GetInherits().AddInherit("/Box")
    elif arc == "reference":
        stage.DefinePrim(host).GetReferences().AddReference(path)
    else:
        stage.DefinePrim(host).GetPayloads().AddPayload(path)
    prim = stage.GetPrimAtPath(host)
    weaker = Sdf.Layer.FindOrOpen(path)
    before = text(weaker)
    (was,) = read_authored(prim)[0]
    assert was == replace(CONTRACT, host=host, **joints(host))
    write_contract(stage, replace(was, effect_target=45.0))
    assert read_authored(prim)[0][0].effect_target == 45.0
    remove_contract(stage, host, "press")
    assert applied_ids(prim) == []
    assert not [one for one in check_asset(stage, host) if "properties of a" in one.what]
    write_contract(stage, was)
    rename_contract(stage, host, "press", "opens")
    assert read_authored(prim)[0] == [replace(was, id="opens")]
    assert text(weaker) == before


def test_enabling_from_above_pins_nothing_else(tmp_path):
    healthy_box(tmp_path / "box.usda")
    stage = Usd.Stage.CreateInMemory()
    stage.DefinePrim("/Box").GetReferences().AddReference(str(tmp_path / "box.usda"))
    assert enable_contract(stage, "/Box", "press", enabled=False).action == "disabled"
    (authored,) = stage.GetRootLayer().GetPrimAtPath("/Box").properties
    assert authored.name == "causalContract:press:enabled"
    assert read_authored(stage.GetPrimAtPath("/Box"))[0] == [replace(CONTRACT, enabled=False)]
    assert enable_contract(stage, "/Box", "press", enabled=True).action == "enabled"
    assert read_authored(stage.GetPrimAtPath("/Box"))[0] == [CONTRACT]


def test_values_of_several_contracts_are_written_all_or_none(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    write_contract(stage, replace(CONTRACT, id="second"))
    before = text(stage.GetRootLayer())
    change = {"effectTarget": 45.0, "effectJoint": "/Box/lid_hinge"}
    with pytest.raises(ContractError, match="no contract 'third'"):
        change_contracts(stage, "/Box", {"press": change, "third": change})
    layer = target_of(stage, "sublayer")
    with pytest.raises(ContractError, match="says otherwise"):
        change_contracts(stage, "/Box", {"press": {"mode": "latching"}, "second": change})
    assert layer.empty
    stage.SetEditTarget(stage.GetRootLayer())
    stage.GetRootLayer().subLayerPaths.clear()
    assert text(stage.GetRootLayer()) == before
    edits = change_contracts(stage, "/Box", {"press": change, "second": change})
    assert [one.contract for one in edits] == ["press", "second"]
    assert {one.effect_target for one in read_authored(stage.GetPrimAtPath("/Box"))[0]} == {45.0}


def test_a_rename_keeps_everything_else_and_leaves_no_orphan(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    edit = rename_contract(stage, "/Box", "press", "opens")
    assert (edit.action, edit.contract) == ("renamed", "opens")
    assert read_authored(stage.GetPrimAtPath("/Box")) == ([replace(CONTRACT, id="opens")], [])
    assert "press" not in text(stage.GetRootLayer())


@pytest.mark.parametrize("new", ["second", "press", "1st", "a:b", "mode", ""])
def test_a_rename_to_a_taken_or_invalid_id_writes_nothing(tmp_path, new):
    stage = healthy_box(tmp_path / "box.usda")
    write_contract(stage, replace(CONTRACT, id="second"))
    before = text(stage.GetRootLayer())
    with pytest.raises(ContractError):
        rename_contract(stage, "/Box", "press", new)
    assert text(stage.GetRootLayer()) == before


@pytest.mark.parametrize("edit", ["write", "remove", "rename", "enable"])
def test_an_edit_that_a_stronger_layer_overrules_is_refused_and_leaves_no_trace(tmp_path, edit):
    stage = healthy_box(tmp_path / "box.usda")
    layer = target_of(stage, "sublayer")
    with pytest.raises(ContractError) as caught:
        if edit == "write":
            write_contract(stage, replace(CONTRACT, effect_target=45.0))
        elif edit == "remove":
            remove_contract(stage, "/Box", "press")
        elif edit == "rename":
            rename_contract(stage, "/Box", "press", "opens")
        else:
            enable_contract(stage, "/Box", "press", enabled=False)
    (issue,) = caught.value.issues
    assert "box.usda says otherwise" in issue.what
    assert layer.empty


def test_inside_an_instance_edits_are_refused_and_on_its_root_they_work(tmp_path):
    stage = box(tmp_path, instanceable=True)
    before = text(stage.GetRootLayer())
    inside = "/Box/Inner/lid"
    with pytest.raises(ContractError, match="author the contract on the instance root"):
        write_contract(stage, replace(CONTRACT, host=inside))
    assert text(stage.GetRootLayer()) == before
    host = "/Box/Inner"
    write_contract(stage, replace(CONTRACT, host=host, **joints(host)))
    assert read_bundle(stage)["press"].trigger.path == "button_slide"
    assert check_asset(stage) == []
    remove_contract(stage, host, "press")
    assert text(stage.GetRootLayer()) == before


@pytest.mark.parametrize(
    "contract_id", ["1st", "a b", "a:b", "\u00fcber", "enabled", "", "x" * 129]
)
def test_an_invalid_id_is_refused_before_anything_is_written(tmp_path, contract_id):
    stage = box(tmp_path)
    before = text(stage.GetRootLayer())
    with pytest.raises(ContractError, match="is no contract id"):
        write_contract(stage, replace(CONTRACT, id=contract_id))
    assert text(stage.GetRootLayer()) == before


def test_a_read_only_layer_or_a_package_is_refused_with_the_way_out(tmp_path):
    stage = box(tmp_path)
    stage.GetRootLayer().SetPermissionToEdit(False)
    with pytest.raises(ContractError, match="choose another edit target"):
        write_contract(stage, CONTRACT)
    package = Usd.Stage.Open(str(build_box(tmp_path / "packed.usdz")))
    with pytest.raises(ContractError, match=r"-o OUT\.usda"):
        write_contract(package, CONTRACT)


def test_what_is_not_there_is_answered_with_what_is(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    with pytest.raises(ContractError, match="did you mean 'press'"):
        remove_contract(stage, "/Box", "pres")
    with pytest.raises(ContractError, match="is no prim"):
        write_contract(stage, replace(CONTRACT, host="/Bix"))


def test_a_crash_inside_an_edit_leaves_the_layer_as_it_was(tmp_path, monkeypatch):
    stage = healthy_box(tmp_path / "box.usda")
    before = text(stage.GetRootLayer())

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("causal_contracts.core.usd_edit.read_contract", crash)
    with pytest.raises(KeyboardInterrupt):
        write_contract(stage, replace(CONTRACT, effect_target=1.0, id="other"))
    assert text(stage.GetRootLayer()) == before


def test_all_seven_properties_are_authored_uniform_and_not_custom(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    spec = stage.GetRootLayer().GetPrimAtPath("/Box")
    names = {f"causalContract:press:{name}" for name in PROPERTIES}
    mine = [one for one in spec.properties if one.name in names]
    assert len(mine) == 7
    assert not any(one.custom for one in mine)
    assert all(one.variability == Sdf.VariabilityUniform for one in mine)


SCRIPT = """
import sys
{plugin}
from pathlib import Path
from pxr import Usd
from broken_assets import CONTRACT
from causal_contracts.core import apply_bundle, check_asset, read_bundle
from causal_contracts.core.couplings_json import encode_couplings
from causal_contracts.core.usd_edit import enable_contract, rename_contract, write_contract
known = bool(Usd.SchemaRegistry().FindAppliedAPIPrimDefinition("CausalContractAPI"))
assert known is {known}, known
stage = Usd.Stage.Open(sys.argv[1])
write_contract(stage, CONTRACT)
rename_contract(stage, "/Box", "press", "opens")
enable_contract(stage, "/Box", "opens", enabled=False)
Usd.Stage.Open(sys.argv[1]).GetRootLayer().Export(sys.argv[2])
sys.stdout.write(encode_couplings(read_bundle(stage)).decode())
print(check_asset(stage))
"""


def test_with_and_without_the_plugin_layers_and_bundles_are_the_same(tmp_path):
    build_box(tmp_path / "box.usda")
    paths = os.pathsep.join(
        [str(ROOT / "tests"), *(str(one) for one in sorted((ROOT / "exts").iterdir()))]
    )
    outcomes = []
    for known in (True, False):
        plugin = "import causal_contracts.schema" if known else ""
        code, out = SCRIPT.format(plugin=plugin, known=known), tmp_path / f"{known}.usda"
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "box.usda"), str(out)],
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": paths, "PXR_PLUGINPATH_NAME": ""},
        )
        assert done.returncode == 0, done.stderr
        outcomes.append((out.read_bytes(), done.stdout))
    assert outcomes[0] == outcomes[1]
    assert '"id": "opens"' in outcomes[0][1]

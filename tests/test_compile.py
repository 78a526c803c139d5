# SPDX-License-Identifier: Apache-2.0
"""Bundle to IR: what runs, what is skipped and why, and what the verifier refuses."""

import dataclasses
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from causal_contracts.core import (
    Bundle,
    Contract,
    ContractError,
    Foreign,
    JointThreshold,
    SetDriveTarget,
    compile_bundle,
    write_couplings,
)
from causal_contracts.core.ir import DTYPES, verify
from rules import bundle, contract

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("button", "lid", "door")
PRESS = contract("press: button < -0.005 => lid := 1.5708 rest 0.0, latching")
OPEN = contract("open: door > 0.1 => button := -0.25, level")
JSON = {
    "couplings": [
        {
            "id": "press",
            "trigger": {"joint": "button", "op": "<", "threshold": -0.005},
            "effect": {"joint": "lid", "target": 1.5708, "rest": 0.0},
            "mode": "latching",
        }
    ]
}


def changed(trigger=None, effect=None, **fields):
    """PRESS with some fields of the contract, its trigger or its effect replaced."""
    return dataclasses.replace(
        PRESS,
        trigger=dataclasses.replace(PRESS.trigger, **trigger or {}),
        effect=dataclasses.replace(PRESS.effect, **effect or {}),
        **fields,
    )


def test_rows_are_the_contracts_in_id_order():
    compiled = compile_bundle(Bundle((PRESS, OPEN)), NAMES)
    assert compiled.ids == ("open", "press")
    assert {name: array.tolist() for name, array in compiled.arrays().items()} == {
        "trigger": [2, 0],
        "greater": [True, False],
        "threshold": [float(np.float32(0.1)), float(np.float32(-0.005))],
        "effect": [0, 1],
        "target": [-0.25, float(np.float32(1.5708))],
        "rest": [pytest.approx(np.nan, nan_ok=True), 0.0],
        "latching": [False, True],
        "enabled": [True, True],
    }
    assert compiled.effect_joints.tolist() == [0, 1]
    assert (compiled.num_contracts, compiled.num_joints) == (2, 3)
    assert compiled.skipped == ()


def test_numbers_are_rounded_once_to_float32():
    compiled = compile_bundle(bundle("c: button > 0.1 => lid := 1e-46, level"), NAMES)
    assert compiled.threshold.view(np.uint32).tolist() == [0x3DCCCCCD]
    assert compiled.target.tolist() == [0.0]


def test_a_disabled_contract_stays_in_the_rows():
    compiled = compile_bundle(Bundle((changed(enabled=False), OPEN)), NAMES)
    assert compiled.enabled.tolist() == [True, False]
    assert compiled.skipped == ()


LANGUAGE = "is outside the language, which knows"
SKIPPED = {
    "a trigger of another kind": (
        dataclasses.replace(PRESS, trigger=Foreign("contact")),
        "press.trigger.type",
        f"a trigger of kind 'contact' {LANGUAGE} joint_threshold",
    ),
    "an effect of another kind": (
        dataclasses.replace(PRESS, effect=Foreign("light")),
        "press.effect.type",
        f"an effect of kind 'light' {LANGUAGE} set_drive_target",
    ),
    "another op": (
        changed(trigger={"op": ">="}),
        "press.trigger.op",
        f"the op '>=' {LANGUAGE} > and <",
    ),
    "another mode": (
        changed(mode="toggle"),
        "press.mode",
        f"the mode 'toggle' {LANGUAGE} latching and level",
    ),
    "a missing trigger joint": (
        changed(trigger={"joint": "buton"}),
        "press.trigger.joint",
        "no trigger joint 'buton' in this articulation; did you mean 'button'?",
    ),
    "a missing effect joint": (
        changed(effect={"joint": "hinge"}),
        "press.effect.joint",
        "no effect joint 'hinge' in this articulation; there are 'button', 'door', 'lid'",
    ),
    "a threshold beyond float32": (
        changed(trigger={"threshold": 1e39}),
        "press.trigger.threshold",
        "1e+39 is beyond what a float32 can hold",
    ),
    "a target beyond float32": (
        changed(effect={"target": -1e300}),
        "press.effect.target",
        "-1e+300 is beyond what a float32 can hold",
    ),
    "an infinite rest": (
        changed(effect={"rest": float("inf")}),
        "press.effect.rest",
        "inf is beyond what a float32 can hold",
    ),
    "a threshold that is NaN": (
        changed(trigger={"threshold": float("nan")}),
        "press.trigger.threshold",
        "nan is no position",
    ),
    "a rest that is NaN": (
        changed(effect={"rest": float("nan")}),
        "press.effect.rest",
        "nan is no position",
    ),
}


@pytest.mark.parametrize("case", SKIPPED.values(), ids=SKIPPED)
def test_what_cannot_run_is_skipped_with_the_reason(case):
    odd, address, reason = case
    with pytest.warns(UserWarning) as caught:
        compiled = compile_bundle(Bundle((odd, OPEN)), NAMES)
    assert compiled.ids == ("open",)
    assert [(s.id, s.address, s.reason) for s in compiled.skipped] == [("press", address, reason)]
    assert [str(w.message) for w in caught] == [
        f"1 of 2 contracts will not run:\n  press: {reason}"
    ]


def test_the_warning_points_at_the_caller():
    with pytest.warns(UserWarning) as caught:
        compile_bundle(Bundle((changed(mode="toggle"),)), NAMES)
    assert caught[0].filename == __file__


def test_what_runs_is_compiled_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile_bundle(Bundle((PRESS, OPEN)), NAMES)


def test_a_skipped_contract_moves_no_other_row():
    every = [
        dataclasses.replace(odd, id=f"odd_{i}") for i, (odd, *_) in enumerate(SKIPPED.values())
    ]
    with pytest.warns(UserWarning, match=f"{len(SKIPPED)} of {len(SKIPPED) + 2} contracts"):
        compiled = compile_bundle(Bundle((*every, PRESS, OPEN)), NAMES)
    assert compiled == compile_bundle(Bundle((PRESS, OPEN)), NAMES)
    assert [s.id for s in compiled.skipped] == sorted(c.id for c in every)


def test_strict_raises_every_missing_joint_with_the_nearest_names():
    both = changed(trigger={"joint": "buton"}, effect={"joint": "lidd"})
    other = dataclasses.replace(OPEN, effect=SetDriveTarget("dor", 1.0), trigger=Foreign("contact"))
    with pytest.raises(ContractError) as raised:
        compile_bundle(Bundle((both, other)), NAMES, strict=True)
    assert [(i.address, i.what, i.fix) for i in raised.value.issues] == [
        ("open.effect.joint", "no joint 'dor' in this articulation", "did you mean 'door'?"),
        ("press.trigger.joint", "no joint 'buton' in this articulation", "did you mean 'button'?"),
        ("press.effect.joint", "no joint 'lidd' in this articulation", "did you mean 'lid'?"),
    ]


def test_joint_names_that_repeat_are_refused_all_at_once():
    with pytest.raises(ContractError) as raised:
        compile_bundle(Bundle(), ["a", "b", "a", "c", "b", "a"])
    assert [(i.address, i.what) for i in raised.value.issues] == [
        ("joint_names[0]", "'a' stands more than once"),
        ("joint_names[1]", "'b' stands more than once"),
    ]


def test_one_string_is_no_list_of_joint_names():
    with pytest.raises(ContractError, match="'lid' is one string; pass a list"):
        compile_bundle(Bundle(), "lid")


def test_ids_that_repeat_are_refused():
    with pytest.raises(ContractError) as raised:
        compile_bundle(Bundle((PRESS, PRESS, OPEN, OPEN)), NAMES)
    assert [(i.address, i.contract) for i in raised.value.issues] == [
        ("open", "open"),
        ("press", "press"),
    ]


def test_equal_rules_have_one_fingerprint_whatever_they_are_called_elsewhere():
    first = compile_bundle(Bundle((PRESS, OPEN), "a.usda", "."), NAMES)
    again = compile_bundle(
        Bundle((OPEN, changed(trigger={"unit": "m", "path": "x/button"})), "b.usda"), list(NAMES)
    )
    assert first.fingerprint == again.fingerprint and first == again
    assert hash(first) == hash(again)


DIFFERENT = {
    "joint order": ((PRESS, OPEN), ("lid", "button", "door")),
    "a joint more": ((PRESS, OPEN), (*NAMES, "knob")),
    "a joint renamed that no rule names": ((PRESS,), ("button", "lid", "gate")),
    "an id": ((dataclasses.replace(PRESS, id="push"), OPEN), NAMES),
    "a contract less": ((PRESS,), NAMES),
    "trigger": ((changed(trigger={"joint": "door"}), OPEN), NAMES),
    "op": ((changed(trigger={"op": ">"}), OPEN), NAMES),
    "threshold": ((changed(trigger={"threshold": -0.0050001}), OPEN), NAMES),
    "effect": ((changed(effect={"joint": "door"}), OPEN), NAMES),
    "target": ((changed(effect={"target": 1.5709}), OPEN), NAMES),
    "rest": ((changed(effect={"rest": None}), OPEN), NAMES),
    "mode": ((changed(mode="level"), OPEN), NAMES),
    "enabled": ((changed(enabled=False), OPEN), NAMES),
}


def test_every_change_of_names_or_rules_changes_the_fingerprint():
    known = {"as it was": compile_bundle(Bundle((PRESS, OPEN)), NAMES)}
    known |= {why: compile_bundle(Bundle(c), names) for why, (c, names) in DIFFERENT.items()}
    assert len({compiled.fingerprint for compiled in known.values()}) == len(DIFFERENT) + 1


@pytest.mark.parametrize("name", [*DTYPES, "effect_joints"])
def test_arrays_cannot_be_written(name):
    compiled = compile_bundle(Bundle((PRESS,)), NAMES)
    with pytest.raises(ValueError, match="read-only"):
        getattr(compiled, name)[0] = 0


def broken(**fields):
    return dataclasses.replace(compile_bundle(Bundle((PRESS, OPEN)), NAMES), **fields)


def frozen(values, dtype):
    made = np.array(values, dtype=dtype)
    made.flags.writeable = False
    return made


BROKEN = {
    "ids out of order": ({"contracts": (PRESS, OPEN)}, "not in strict id order"),
    "an id twice": ({"contracts": (OPEN, OPEN)}, "not in strict id order"),
    "joint names twice": ({"joint_names": ("a", "b", "a")}, "joint names repeat"),
    "a dtype": (
        {"threshold": frozen([0, 0], np.float64)},
        "threshold is float64, not <class 'numpy.float32'>",
    ),
    "a shape": ({"target": frozen([0], np.float32)}, r"target has shape \(1,\), not \(2,\)"),
    "a writable array": ({"rest": np.zeros(2, np.float32)}, "rest can be written"),
    "a trigger beyond the joints": (
        {"trigger": frozen([0, 3], np.int32)},
        r"trigger index outside 3 joints in \['press'\]",
    ),
    "a negative effect": (
        {"effect": frozen([-1, 0], np.int32)},
        r"effect index outside 3 joints in \['open'\]",
    ),
    "an infinite threshold": (
        {"threshold": frozen([0, np.inf], np.float32)},
        "threshold is not finite",
    ),
    "a target that is NaN": ({"target": frozen([0, np.nan], np.float32)}, "target is not finite"),
    "an infinite rest": ({"rest": frozen([0, -np.inf], np.float32)}, "rest is infinite"),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_the_verifier_catches_a_broken_invariant(case):
    fields, message = case
    with pytest.raises(AssertionError, match=message):
        verify(broken(**fields))


def test_the_verifier_refuses_a_contract_both_skipped_and_compiled():
    with pytest.warns(UserWarning):
        skipped = compile_bundle(Bundle((changed(mode="toggle"),)), NAMES).skipped
    with pytest.raises(AssertionError, match="skipped and compiled"):
        verify(broken(skipped=skipped))


def test_a_sound_ir_passes_the_verifier():
    verify(broken())


def test_the_ir_prints_itself():
    with pytest.warns(UserWarning):
        compiled = compile_bundle(
            Bundle((PRESS, dataclasses.replace(OPEN, enabled=False), changed(id="x", mode="m"))),
            NAMES,
        )
    assert re.sub("[0-9a-f]{12}$", "HASH", str(compiled), flags=re.MULTILINE) == (
        "2 compiled on 3 joints, 1 skipped, fingerprint HASH\n"
        "  0  open: door > 0.1 => button := -0.25, level (disabled)  [joints 2 -> 0]\n"
        "  1  press: button < -0.005 => lid := 1.571, latching  [joints 0 -> 1]\n"
        "  -  x: the mode 'm' is outside the language, which knows latching and level"
    )


def test_a_bundle_without_contracts_compiles():
    compiled = compile_bundle(Bundle(), NAMES)
    assert (compiled.ids, compiled.skipped, compiled.effect_joints.shape) == ((), (), (0,))
    assert str(compiled).startswith("0 compiled on 3 joints, 0 skipped, fingerprint ")


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_of_couplings_json_compiles(tmp_path, kind):
    path = tmp_path / "couplings.json"
    path.write_text(json.dumps(JSON))
    assert compile_bundle(kind(path), NAMES) == compile_bundle(Bundle((PRESS,)), NAMES)


def test_a_file_with_faults_raises_its_address(tmp_path):
    path = tmp_path / "couplings.json"
    path.write_text(json.dumps({"couplings": [{**JSON["couplings"][0], "mode": 3}]}))
    with pytest.raises(ContractError, match=r"couplings\[0\]\.mode"):
        compile_bundle(path, NAMES)


def test_a_path_of_a_usd_asset_compiles(tmp_path):
    pytest.importorskip("pxr", reason="pxr is not installed")
    from causal_contracts.core import read_bundle

    asset = ROOT / "data/microwave/microwave.usda"
    read = read_bundle(asset)
    names = sorted({joint for c in read.contracts for joint in (c.trigger.joint, c.effect.joint)})
    compiled = compile_bundle(asset, names)
    assert compiled.num_contracts >= 1 and compiled.skipped == ()
    write_couplings(read, tmp_path / "couplings.json")
    assert compiled == compile_bundle(tmp_path / "couplings.json", names)


def test_a_contract_built_from_plain_strings_compiles():
    plain = Contract(
        "press", JointThreshold("button", "<", -0.005), SetDriveTarget("lid", 1.5708, 0.0)
    )
    assert compile_bundle(Bundle((plain,)), NAMES) == compile_bundle(Bundle((PRESS,)), NAMES)

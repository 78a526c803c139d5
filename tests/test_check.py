# SPDX-License-Identifier: Apache-2.0
"""The pure checker on bundles: what no stage can show, and what JSON alone can say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from causal_contracts.core import check_bundle
from causal_contracts.core.articulation import Articulation, Drive, Joint, JointType
from causal_contracts.core.model import Bundle, Contract, Foreign, JointThreshold, SetDriveTarget

DRIVE = Drive(0.0, 10.0, 1.0, 100.0)
BUTTON = Joint("button", "button", JointType.PRISMATIC, -0.01, 0.0, 0.0, DRIVE)
LID = Joint("lid", "lid", JointType.REVOLUTE, 0.0, 2.0, 0.0, DRIVE)
HATCH = Joint("hatch", "hatch", JointType.REVOLUTE, -1.0, 1.0, 0.0, DRIVE)
BOX = Articulation(".", "/Box", (BUTTON, LID, HATCH))


def press(contract_id="press", op="<", at=-0.005, to=1.5, trigger="button", effect="lid", **rest):
    return Contract(
        contract_id,
        JointThreshold(trigger, op, at),
        SetDriveTarget(effect, to, rest.pop("rest", None), rest.pop("unit", None)),
        **rest,
    )


def found(*contracts, articulation=BOX):
    """(severity, address, contract) of each issue; every one says what and how to mend it."""
    issues = check_bundle(Bundle(contracts), articulation)
    assert all(one.what and one.fix for one in issues)
    return [(str(one.severity), one.address, one.contract) for one in issues]


def test_a_good_contract_gives_nothing():
    assert found(press()) == []
    assert found(press(), articulation=None) == []


@pytest.mark.parametrize(
    ("contract", "where"),
    [
        (Contract("press", Foreign("contact"), SetDriveTarget("lid", 1.0)), "trigger.type"),
        (Contract("press", JointThreshold("button", "<", -0.005), Foreign("x")), "effect.type"),
        (press(op=">="), "trigger.op"),
        (press(mode="pulse"), "mode"),
    ],
)
def test_what_the_language_does_not_say_is_a_warning(contract, where):
    assert found(contract) == [("warning", f"press.{where}", "press")]


@pytest.mark.parametrize("role", ["trigger", "effect"])
def test_a_wrong_unit_is_an_error(role):
    contract = press(at=-0.005)
    wrong = replace(getattr(contract, role), unit="rad" if role == "trigger" else "m")
    assert found(replace(contract, **{role: wrong})) == [("error", f"press.{role}.unit", "press")]


def test_an_unknown_joint_is_answered_with_near_names():
    (issue,) = check_bundle(Bundle((press(effect="lit"),)), BOX)
    assert (issue.address, issue.fix) == ("press.effect.joint", "did you mean 'lid'?")


def test_every_fault_of_every_contract_is_told_at_once():
    assert found(press("a", effect="x", trigger="y"), press("b", to=5.0, at=1.0)) == [
        ("error", "a.trigger.joint", "a"),
        ("error", "a.effect.joint", "a"),
        ("warning", "b.trigger.threshold", "b"),
        ("warning", "b.trigger.threshold", "b"),
        ("warning", "b.effect.target", "b"),
    ]


@pytest.mark.parametrize(
    ("op", "at", "says"),
    [
        ("<", -0.01, "may never fire"),
        ("<", -0.011, "can never fire"),
        ("<", 0.0, "may always fire"),
        ("<", 0.001, "always fires"),
        (">", 0.0, "may never fire"),
        (">", 0.001, "can never fire"),
        (">", -0.01, "may always fire"),
        (">", -0.011, "always fires"),
        ("<", -0.01 - 1e-12, "may never fire"),
        (">", 1e39, "can never fire"),
    ],
)
def test_a_threshold_at_or_beyond_a_limit_in_single_precision_says_what_follows(op, at, says):
    what = [one.what for one in check_bundle(Bundle((press(op=op, at=at),)), BOX)]
    assert any(says in one for one in what)


def test_without_limits_no_threshold_is_outside():
    free = replace(LID, lower=float("-inf"), upper=float("inf"), name="free")
    box = replace(BOX, joints=(*BOX.joints, free))
    assert found(press(trigger="free", op=">", at=1e6), articulation=box) == []


@pytest.mark.parametrize(("targets", "told"), [((1.0, 1.0), False), ((1.0, 0.5), True)])
def test_two_contracts_on_one_joint_matter_where_they_differ(targets, told):
    contracts = [press(one, to=to) for one, to in zip("ab", targets, strict=True)]
    assert bool(found(*contracts)) == told
    disabled = replace(contracts[1], enabled=False)
    assert found(contracts[0], disabled) == [("info", "b.enabled", "b")]


@pytest.mark.parametrize("length", [2, 3])
def test_a_cycle_is_told_once(length):
    joints = ["lid", "hatch", "button"][:length]
    ring = [
        press(f"c{i}", trigger=one, effect=joints[(i + 1) % length], op=">", at=0.5, to=0.9)
        for i, one in enumerate(joints)
    ]
    cycles = [one for one in check_bundle(Bundle(tuple(ring))) if "cycle" in one.what]
    assert [one.what for one in cycles] == [
        " -> ".join(f"c{i}" for i in range(length)) + " form a cycle"
    ]
    ring[0] = replace(ring[0], enabled=False)
    assert not [one for one in check_bundle(Bundle(tuple(ring))) if "cycle" in one.what]


def test_a_chain_is_no_cycle():
    chain = [
        press("a", op="<"),
        press("b", trigger="lid", op=">", at=0.5, effect="hatch", to=0.5),
    ]
    assert found(*chain) == []

# SPDX-License-Identifier: Apache-2.0
"""Couplings to the articulations of a scene: by name, with every fault and every doubt told."""

from __future__ import annotations

import warnings
from contextlib import contextmanager

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
from causal_contracts.core import ContractError, read_couplings
from causal_contracts.lab.binding import bind_couplings
from causal_contracts.lab.bundle_split import split
from lab_tasks import (
    ASSET,
    BUTTON,
    COUPLINGS,
    DOOR,
    PressCfg,
    PressTask,
    running,
)
from rules import bundle

MISSING = bundle(
    "one: button_slid < -0.005 => door_hinge := 1.0, latching",
    "two: button_slide < -0.005 => dor_hinge := 1.0, latching",
    "zero: button_slide < -0.005 => door_hinge := 1.5, level",
)


def step(env, pressed: float, steps: int) -> None:
    for _ in range(steps):
        env.step(torch.full((env.num_envs, 1), float(pressed)))


@contextmanager
def told():
    """The sentences that binding warns with."""
    sentences: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield sentences
    sentences += [str(w.message) for w in caught if w.category is UserWarning]


@pytest.fixture(scope="module")
def env():
    with running(PressTask, PressCfg()) as task:
        yield task


def bind(env, couplings=str(COUPLINGS), **options):
    return bind_couplings(couplings, env.scene.articulations, **options)


@pytest.mark.parametrize(
    "couplings",
    [
        str(COUPLINGS),
        COUPLINGS,
        str(ASSET),
        read_couplings(COUPLINGS),
        {"microwave": str(COUPLINGS)},
    ],
    ids=["json", "Path", "USD asset", "Bundle", "dict"],
)
def test_couplings_may_be_named_in_any_form(env, couplings):
    with told() as sentences:
        (binding,) = bind(env, couplings)
    assert binding.compiled == env.coupling_bindings["microwave"].compiled
    assert binding.name == "microwave" and binding.issues == () and sentences == []


def test_missing_joints_raise_with_all_of_them_and_the_nearest_names(env):
    with pytest.raises(ContractError) as caught:
        bind(env, MISSING)
    assert [str(issue) for issue in caught.value.issues] == [
        "one.trigger.joint: no joint 'button_slid' in this articulation; "
        "did you mean 'button_slide'?",
        "two.effect.joint: no joint 'dor_hinge' in this articulation; did you mean 'door_hinge'?",
    ]


def test_without_strict_they_are_skipped_and_the_rest_runs(env):
    with told() as sentences:
        (binding,) = bind(env, MISSING, strict=False)
    assert [skip.id for skip in binding.skipped] == ["one", "two"]
    assert binding.compiled.ids == ("zero",)
    assert any("2 of 3 contracts will not run" in sentence for sentence in sentences)


def test_a_dict_lists_the_faults_of_every_articulation_and_every_unknown_one(env):
    with pytest.raises(ContractError, match=r"microwave: one\.trigger\.joint"):
        bind(env, {"microwave": MISSING})
    with pytest.raises(ContractError) as caught:
        bind(env, {"microwav": MISSING, "robot": MISSING})
    assert [issue.address for issue in caught.value.issues] == [
        "couplings['microwav']",
        "couplings['robot']",
    ]
    assert "did you mean 'microwave'?" in str(caught.value)


def test_an_effect_joint_that_the_policy_commands_is_reported(env):
    with told() as sentences:
        (binding,) = bind(env, policy_joints=[BUTTON, DOOR])
    assert [issue.address for issue in binding.issues] == ["press_opens_door.effect.joint"]
    assert sentences == [
        "press_opens_door.effect.joint: the policy commands 'door_hinge' too, with or without "
        "the cause; take the joint out of the action"
    ]
    assert bind(env, policy_joints=[BUTTON])[0].issues == ()


def test_a_folded_decimation_is_reported(env):
    with told() as sentences:
        bind(env, folded=4)
    assert [s.split(":")[0] for s in sentences] == ["decimation"] and "4 substeps" in sentences[0]


JOINTS = {"arm": ["elbow"], "microwave": ["button", "door"], "oven": ["knob", "flap"]}


def test_one_bundle_is_split_over_the_articulations_that_have_its_joints():
    both = bundle(
        "a: button < 0 => door := 1, latching",
        "b: knob > 0 => flap := 1, level",
        "c: door > 0 => button := 0, level",
    )
    parts = split(both, JOINTS, strict=True)
    assert {name: [c.id for c in part.contracts] for name, part in parts.items()} == {
        "microwave": ["a", "c"],
        "oven": ["b"],
    }


def test_a_contract_across_two_articulations_or_on_none_raises_with_all_of_them():
    wrong = bundle("a: button < 0 => flap := 1, latching", "b: knop > 0 => dor := 1, level")
    with pytest.raises(ContractError) as caught:
        split(wrong, JOINTS, strict=True)
    assert [issue.address for issue in caught.value.issues] == [
        "a",
        "b.trigger.joint",
        "b.effect.joint",
    ]
    assert "did you mean 'knob'?" in str(caught.value)
    assert sum(len(p.contracts) for p in split(wrong, JOINTS, strict=False).values()) == 2


@pytest.mark.parametrize("strict", [True, False])
def test_a_contract_that_fits_several_articulations_is_never_guessed(strict):
    with pytest.raises(ContractError, match="fits the articulations 'left', 'right'"):
        split(
            bundle("a: button < 0 => door := 1, latching"),
            {"left": ["button", "door"], "right": ["door", "button"]},
            strict=strict,
        )

# SPDX-License-Identifier: Apache-2.0
"""The loop: order of a step, rests, arms, latch reset; on PhysX, else by arithmetic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from causal_contracts.core.articulation import Articulation, Drive, Joint, JointType
from causal_contracts.core.compile import compile_bundle
from causal_contracts.core.issue import ContractError
from causal_contracts.core.model import (
    Bundle,
    Contract,
    Foreign,
    JointThreshold,
    Mode,
    Op,
    SetDriveTarget,
)
from causal_contracts.core.term import CouplingTerm
from causal_contracts.preview.episode import Settings, preview_clones, read_contracts
from causal_contracts.preview.hand import Hand, hand_joints
from causal_contracts.preview.loop import reset_half, rest_targets, run
from first_order_clones import FirstOrderClones

DATA = Path(__file__).parent.parent / "data"
JOINTS = ("door", "button", "wheel")
ARTICULATION = Articulation(
    ".",
    ".",
    (
        Joint("button", "button", JointType.PRISMATIC, -0.01, 0.0, 0.0, Drive(0.0, 100, 5, 50)),
        Joint("door", "door", JointType.REVOLUTE, 0.0, 1.7, 0.0, Drive(0.0, 10, 1, 50)),
        Joint("wheel", "wheel", JointType.REVOLUTE, -6.0, 6.0, 0.25),
    ),
    "box.usda",
)
OPENS = Contract(
    "opens",
    JointThreshold("button", Op.LESS, -0.005, "m"),
    SetDriveTarget("door", 1.5, 0.0, "rad"),
    Mode.LATCHING,
)
LEVEL = replace(OPENS, mode=Mode.LEVEL)


def settings(**given):
    return Settings(**{"num_envs": 16, **given})


def preview(bundle, *, clones=None, articulation=ARTICULATION, **given):
    chosen = settings(**given)
    clones = clones or FirstOrderClones(JOINTS, chosen.num_envs)
    return preview_clones(clones, articulation, bundle, settings=chosen)


def test_rest_comes_from_the_bundle_then_the_drive_then_the_pose_then_the_first_measurement():
    joints = (
        Joint("a", "a", JointType.REVOLUTE, 0, 1, 0.1, Drive(0.2, 1, 1, 1)),
        Joint("b", "b", JointType.REVOLUTE, 0, 1, 0.1, Drive(0.2, 1, 1, 1)),
        Joint("c", "c", JointType.REVOLUTE, 0, 1, 0.1),
        Joint("d", "d", JointType.REVOLUTE, 0, 1, None),
    )
    bundle = Bundle((replace(OPENS, effect=SetDriveTarget("a", 1.0, 0.3)),))
    rest = rest_targets(
        bundle, Articulation(".", ".", joints), ("d", "c", "b", "a"), np.float32([0.4, 9, 9, 9])
    )
    assert rest.tolist() == pytest.approx([0.4, 0.1, 0.2, 0.3])


def test_a_joint_of_no_contract_keeps_its_authored_position():
    recording = preview(Bundle((OPENS,)), clones=FirstOrderClones(JOINTS, 16, lag=1e-3)).recording
    assert recording.positions[5:, :, 2] == pytest.approx(0.25)


def test_latency_of_a_first_order_joint_is_its_lag_times_the_logarithm_of_20():
    """1 - exp(-t / lag) = 0.95 at t = lag ln 20; the first step after the cause already moves."""
    report = preview(Bundle((OPENS,)), clones=FirstOrderClones(JOINTS, 16, lag=0.1)).report
    assert report.overall.latency.median == pytest.approx(0.1 * np.log(20), abs=1.01 / 120)


def test_positions_are_sampled_before_the_step_and_the_term_sees_the_same_sample():
    recording = preview(Bundle((OPENS,))).recording
    condition = recording.positions[:, :, 1] < np.float32(-0.005)
    assert np.array_equal(recording.fired[:, :, 0], condition)
    assert np.array_equal(recording.active[:, :, 0], np.logical_or.accumulate(condition))


def test_level_lets_go_and_latching_holds():
    level, latching = (preview(Bundle((c,)), seconds=8.0).recording for c in (LEVEL, OPENS))
    pressed = latching.active[:, :, 0].any(axis=0)
    assert not level.active[-1].any()
    assert np.array_equal(latching.active[-1, :, 0], pressed) and pressed.sum() == 8


def test_nothing_is_pressed_while_the_asset_settles():
    recording = preview(Bundle((OPENS,)), settle=1.0).recording
    assert not recording.positions[: round(1.0 / recording.dt), :, 1].any()


def test_the_native_arm_presses_the_same_and_moves_nothing():
    with_contract, native = (preview(Bundle((OPENS,)), native=n) for n in (False, True))
    assert np.array_equal(
        with_contract.recording.positions[:, :, 1], native.recording.positions[:, :, 1]
    )
    assert not native.recording.positions[:, :, 0].any()
    assert native.report.arm == "native" and native.report.overall.effect_given_cause == 0.0
    assert native.report.verdict.ok and native.report.latch_reset is None


def test_frames_can_be_streamed_and_stopped():
    clones = FirstOrderClones(JOINTS, 4)
    frames = []
    for frame in run(clones, None, Hand((), 4, 3), np.zeros(3, dtype=np.float32), steps=100):
        frames.append((frame.index, frame.settling))
        if frame.index == 70:
            break
    assert clones.steps == 70
    assert [index for index, settling in frames if settling] == list(range(60))


def test_reset_clears_exactly_the_latches_of_the_reset_half():
    reset = preview(Bundle((OPENS,)), press=1.0).report.latch_reset
    assert reset.exact
    assert reset.reset == reset.cleared == list(range(0, 16, 2))
    assert reset.kept == list(range(1, 16, 2))


def test_a_leak_of_the_reset_is_seen(monkeypatch):
    original = CouplingTerm.reset
    monkeypatch.setattr(
        CouplingTerm, "reset", lambda self, env_ids=None, env_mask=None: original(self)
    )
    preview_ = preview(Bundle((OPENS,)), press=1.0)
    assert not preview_.report.latch_reset.exact and not preview_.report.verdict.ok


def test_a_leak_is_seen_even_where_the_trigger_is_still_pressed():
    """One step later the condition would set the lost latch again; the look at once sees it."""
    clones = FirstOrderClones(JOINTS, 4, start=-0.01)
    term = CouplingTerm(compile_bundle(Bundle((OPENS,)), JOINTS), 4, frontend="warp")
    rest = np.zeros(3, dtype=np.float32)
    next(run(clones, term, Hand((), 4, 3), rest, steps=1))
    clear = term.reset
    term.reset = lambda env_ids=None, env_mask=None: clear()
    assert not reset_half(clones, term, rest).exact


def test_an_effect_without_the_contract_fails_the_native_arm():
    fallen_open = FirstOrderClones(JOINTS, 16, start=1.5, dead=("door",))
    report = preview(Bundle((OPENS,)), clones=fallen_open, native=True).report
    assert report.verdict.reasons == [
        "opens: door reached the target in 16 clones without the contract"
    ]


def test_a_nan_clone_is_contained_and_reported():
    clones = FirstOrderClones(JOINTS, 16, nan_at={3: 200})
    report = preview(Bundle((OPENS,)), clones=clones, press=1.0).report
    assert report.nan_clones == [3] and report.contracts[0].cells.nan == 1
    assert report.overall.effect_given_cause == 1.0 and report.overall.effect_given_cause_n == 15
    assert not report.verdict.ok


def test_disabled_and_unknown_contracts_are_listed_with_the_reason():
    disabled = replace(OPENS, id="off", enabled=False)
    foreign = Contract("touch", Foreign("contact"), OPENS.effect)
    report = preview(Bundle((OPENS, disabled, foreign))).report
    assert {row.contract: row.why for row in report.skipped}.keys() == {"off", "touch"}
    assert "contact" in next(row.why for row in report.skipped if row.contract == "touch")
    assert [row.id for row in report.contracts] == ["opens"]


def test_an_effect_joint_without_a_drive_is_reported_as_inert():
    bare = replace(
        ARTICULATION, joints=tuple(replace(joint, drive=None) for joint in ARTICULATION.joints)
    )
    report = preview(
        Bundle((OPENS,)), clones=FirstOrderClones(JOINTS, 16, dead=("door",)), articulation=bare
    ).report
    assert report.inert[0].why == "door has no drive, so a drive target cannot move it"
    assert not report.verdict.ok and "no drive" in report.verdict.reasons[0]


@pytest.mark.parametrize(
    "wrong", [{"num_envs": 0}, {"press": 1.5}, {"seconds": -1.0}, {"seed": -1}, {"window": 0.0}]
)
def test_settings_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(ContractError, match="--" + next(iter(wrong)).replace("_", "-")):
        Settings(**wrong)


@pytest.fixture
def on_physx():
    from causal_contracts.preview.clones import ClonesRequest
    from causal_contracts.preview.physx_clones import PhysXClones

    opened = []

    def make(name, num_envs):
        facts, bundle, issues = read_contracts(DATA / name / f"{name}.usda")
        names = [joint.name for joint in facts.movable]
        request = ClonesRequest(
            DATA / name / f"{name}.usda",
            facts.root,
            num_envs,
            hand_joints=hand_joints(bundle.contracts, names),
        )
        opened.append(PhysXClones(request))
        return opened[-1], facts, bundle, issues

    yield make
    for clones in opened:
        clones.close()


@pytest.mark.parametrize("name", ["microwave", "coffee_maker", "car", "stove"])
def test_every_sample_asset_acts_exactly_as_its_contracts_say(on_physx, name):
    clones, facts, bundle, issues = on_physx(name, 64)
    report = preview_clones(
        clones, facts, bundle, settings=settings(num_envs=64), issues=issues
    ).report
    assert (
        report.overall.effect_given_cause == 1.0
        and report.overall.effect_given_cause_n == 32 * len(bundle.contracts)
    )
    assert (
        report.overall.effect_given_no_cause == 0.0
        and report.overall.effect_given_no_cause_n == 32 * len(bundle.contracts)
    )
    assert report.overall.spontaneous_fires == 0
    assert report.verdict.ok, report.verdict.reasons
    latching = any(contract.mode == Mode.LATCHING for contract in bundle.contracts)
    assert (report.latch_reset is not None and report.latch_reset.exact) == latching


def test_without_its_contract_the_microwave_stays_shut(on_physx):
    clones, facts, bundle, _ = on_physx("microwave", 16)
    report = preview_clones(clones, facts, bundle, settings=settings(native=True)).report
    assert report.overall.effect_given_cause == 0.0 and report.overall.effect_given_cause_n == 8

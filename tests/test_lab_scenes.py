# SPDX-License-Identifier: Apache-2.0
"""Direct tasks in scenes of their own, one after the other: backends, arms, two articulations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
from causal_contracts.core import Bundle, ContractError, Mode, read_couplings
from isaaclab.actuators import ImplicitActuatorCfg
from isaaclab.managers import EventManager, EventTermCfg
from isaaclab.utils import configclass
from isaaclab_ov.physics import OvPhysxCfg
from lab_tasks import (
    BUTTON,
    COUPLINGS,
    DOOR,
    EXPLICIT,
    TARGET,
    PressCfg,
    PressTask,
    TwoMicrowavesSceneCfg,
    running,
)
from rules import bundle

IDS = torch.arange(4, dtype=torch.int32)


def act(env, depth: float | tuple[float, ...], seconds: float) -> None:
    given = (depth,) * env.num_envs if isinstance(depth, float) else depth
    for _ in range(round(seconds / env.step_dt)):
        env.step(torch.tensor(given)[:, None])


def changed(**fields) -> Bundle:
    (contract,) = read_couplings(COUPLINGS).contracts
    return Bundle((replace(contract, **fields),))


def on_ovphysx(cfg: PressCfg) -> PressCfg:
    cfg.sim.physics = OvPhysxCfg()
    return cfg


def test_backends_order_joints_differently_and_the_doors_move_alike():
    orders, traces = [], []
    for cfg in (PressCfg(decimation=1), on_ovphysx(PressCfg(decimation=1))):
        with running(PressTask, cfg) as env:
            orders.append(list(env.robot.joint_names))
            trace = []
            for step in range(240):
                env.step(torch.tensor([[float(step > 9)], [0.0], [float(12 < step < 30)], [0.0]]))
                trace.append(np.stack([env.positions(BUTTON), env.positions(DOOR)]))
            traces.append(np.array(trace))
    assert orders == [[BUTTON, DOOR], [DOOR, BUTTON]]
    # One of the two may see the press a physics step later than the other.
    newton, physx = traces
    apart = [np.abs(newton[1 + s : len(newton) - 1 + s] - physx[1:-1]) for s in (-1, 0, 1)]
    assert min(distance.max() for distance in apart) < 0.05
    for trace in traces:
        assert trace[-1, 1] == pytest.approx([TARGET, 0, TARGET, 0], abs=0.05)


def test_a_level_contract_closes_the_door_when_the_button_is_released():
    with running(PressTask, PressCfg(couplings=changed(mode=Mode.LEVEL))) as env:
        act(env, (1.0, 0.0, 1.0, 0.0), 1.0)
        assert env.positions(DOOR) == pytest.approx([TARGET, 0, TARGET, 0], abs=0.05)
        act(env, (0.0, 0.0, 1.0, 0.0), 1.0)
        assert env.positions(DOOR) == pytest.approx([0, 0, TARGET, 0], abs=0.05)
        assert env.couplings.active[:, 0].tolist() == [False, False, True, False]


def two(couplings) -> PressCfg:
    return PressCfg(scene=TwoMicrowavesSceneCfg(num_envs=2, env_spacing=4.0), couplings=couplings)


def test_contracts_run_on_several_articulations_each_with_its_own_bundle():
    cfg = two({"left": str(COUPLINGS), "right": changed(mode=Mode.LEVEL)})
    with running(PressTask, cfg, reset=False) as env:
        with torch.inference_mode():
            _ = env.coupling_bindings  # bound here, written to outside as well
        env.reset()
        act(env, (1.0, 0.0), 1.0)
        act(env, 0.0, 1.0)
        assert env.positions(DOOR, "left") == pytest.approx([TARGET, 0], abs=0.05)
        assert env.positions(DOOR, "right") == pytest.approx([0, 0], abs=0.05)
        left, right = (env.coupling_bindings[name].term for name in ("left", "right"))
        assert left.latched.tolist() == [[True], [False]] and not right.active.any()
        targets = env.targets["left"]
        by_object = env.apply_couplings(targets, env.robots["left"]).clone()
        assert torch.equal(by_object, env.apply_couplings(targets, "left"))
        for call in (lambda: env.couplings, lambda: env.apply_couplings(targets)):
            with pytest.raises(ContractError, match="2 articulations; name one of left, right"):
                call()
        with pytest.raises(ContractError, match="no contract runs on 'lef'; did you mean 'left'"):
            env.apply_couplings(targets, "lef")
        env._reset_idx(IDS[:1])
        assert not left.latched.any()
        env.step(torch.zeros(2, 1))
        assert {"Contracts/left/press_rate", "Contracts/right/presses"} <= set(env.extras["log"])


def test_one_bundle_that_fits_two_articulations_raises():
    with (
        pytest.raises(ContractError, match="fits the articulations 'left', 'right'"),
        running(PressTask, two(str(COUPLINGS))),
    ):
        pass


def test_missing_joints_raise_at_the_first_reset_and_are_skipped_on_request():
    wrong = bundle(
        "a: buton < 0 => hinge := 1, latching", "b: button_slide < -0.005 => door := 1, level"
    )
    with (
        pytest.raises(ContractError) as caught,
        running(PressTask, PressCfg(couplings=wrong)),
    ):
        pass
    assert len(caught.value.issues) == 3
    with running(PressTask, PressCfg(couplings=wrong, couplings_strict=False)) as env:
        act(env, 1.0, 0.2)
        assert [s.id for s in env.coupling_bindings["microwave"].skipped] == ["a", "b"]
        assert env.couplings.compiled.num_contracts == 0


def test_the_native_arm_measures_presses_and_no_contract_acts():
    with running(PressTask, PressCfg(couplings_native=True, couplings_window=0.5)) as env:
        act(env, (1.0, 1.0, 0.0, 0.0), 1.0)
        assert env.positions(DOOR) == pytest.approx([0] * 4, abs=0.05)
        env.ends[:] = True
        env.step(torch.zeros(4, 1))
        log = {key.split("/")[1]: float(value) for key, value in env.extras["log"].items()}
        assert (log["press_rate"], log["presses"], log["effect_given_cause"]) == (0.5, 2.0, 0.0)


def test_without_couplings_the_task_runs_as_it_is():
    with running(PressTask, PressCfg(couplings=None)) as env:
        act(env, 1.0, 0.2)
        assert env.apply_couplings(env.targets["microwave"]) is env.targets["microwave"]
        assert env.coupling_bindings == {} and "log" not in env.extras
        with pytest.raises(ContractError, match=r"0 articulations; set cfg\.couplings"):
            _ = env.couplings


def test_a_cfg_that_names_no_couplings_raises():
    cfg = PressCfg()
    del cfg.couplings
    with (
        pytest.raises(ContractError, match=r"cfg\.couplings: PressCfg names no couplings"),
        running(PressTask, cfg),
    ):
        pass


def start_pressed(env, env_ids) -> None:
    held = env.robot.data.default_joint_pos.torch[env_ids].clone()
    held[:, env.robot.joint_names.index(BUTTON)] = -0.01
    env.robot.write_joint_position_to_sim_index(position=held, env_ids=env_ids)


@configclass
class Events:
    start = EventTermCfg(func=start_pressed, mode="reset")


def test_the_last_sample_of_an_episode_is_older_than_what_reset_events_write():
    with running(PressTask, PressCfg(), reset=False) as env:
        act(env, 0.0, 0.2)
        env.cfg.events = Events()
        env.event_manager = EventManager(env.cfg.events, env)
        env._reset_idx(IDS)
        counts = env.coupling_metrics["microwave"].counts[0]
    assert counts.tolist() == [0, 0, 0, 4, 0, 0, 0, 0, 0]


def test_without_a_window_nothing_is_measured():
    with running(PressTask, PressCfg(couplings_window=None)) as env:
        act(env, 1.0, 0.2)
        env.reset()
        act(env, 1.0, 0.2)
        assert env.coupling_metrics == {} and "log" not in env.extras


def test_a_latch_set_before_the_first_reset_survives_the_reset_of_others():
    with running(PressTask, PressCfg(), reset=False) as env:
        act(env, (1.0, 1.0, 0.0, 0.0), 0.3)
        env._reset_idx(IDS[:1])
        assert env.couplings.latched[:, 0].tolist() == [False, True, False, False]


def test_a_term_that_the_first_reset_builds_is_the_one_that_runs():
    with running(PressTask, PressCfg(), reset=False) as env:
        held = torch.full((1, 2), -0.01)
        env._reset_idx(IDS[1:])
        term = env.couplings
        env.robot.write_joint_position_to_sim_index(position=held, env_ids=IDS[:1])
        env.apply_couplings(env.targets["microwave"])
        env._reset_idx(IDS[1:])
        assert env.couplings is term
        assert term.latched[:, 0].tolist() == [True, False, False, False]


UNDRIVEN = {
    "no actuator": ImplicitActuatorCfg(joint_names_expr=[BUTTON], stiffness=None, damping=None),
    "no stiffness": ImplicitActuatorCfg(
        joint_names_expr=[".*"], stiffness={BUTTON: 32.0, DOOR: 0.0}, damping=None
    ),
}


@pytest.mark.parametrize("actuator", list(UNDRIVEN))
def test_an_effect_joint_that_no_actuator_drives_is_reported(actuator):
    cfg = PressCfg()
    cfg.scene.microwave.actuators = {"all": UNDRIVEN[actuator]}
    with running(PressTask, cfg) as env:
        (issue,) = env.coupling_bindings["microwave"].issues
    assert issue.address == "press_opens_door.effect.joint"
    assert "no actuator drives 'door_hinge'" in issue.what


def explicit(*, folds: bool) -> PressCfg:
    cfg = PressCfg(decimation=4)
    cfg.scene.microwave.actuators = {"all": EXPLICIT}
    cfg.sim.use_newton_actuators = folds
    return cfg


def test_a_folded_decimation_is_reported_and_opens_the_same_doors_one_step_later_at_most():
    doors, firsts = [], []
    for folds in (True, False):
        with running(PressTask, explicit(folds=folds)) as env:
            issues = env.coupling_bindings["microwave"].issues
            assert [i.address for i in issues] == (["decimation"] if folds else [])
            first = np.full(4, -1)
            for step in range(60):
                env.step(torch.tensor([[1.0], [0.0], [float(step > 9)], [float(step < 4)]]))
                now = env.couplings.latched[:, 0].numpy()
                first[now & (first < 0)] = step
            doors.append(env.positions(DOOR))
            firsts.append(first)
    folded, each = firsts
    assert (folded >= 0).tolist() == (each >= 0).tolist() == [True, False, True, True]
    assert ((folded - each >= 0) & (folded - each <= 1)).all()
    assert np.abs(doors[0] - doors[1]).max() < 0.05
    assert doors[0] == pytest.approx([TARGET, 0, TARGET, TARGET], abs=0.05)

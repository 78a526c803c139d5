# SPDX-License-Identifier: Apache-2.0
"""Contracts in real DirectRLEnv and DirectMARLEnv tasks, on Newton and on PhysX, on the CPU."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
from isaaclab_ov.physics import OvPhysxCfg
from lab_tasks import (
    BUTTON,
    DOOR,
    EXPLICIT,
    TARGET,
    THRESHOLD,
    PressCfg,
    PressMarlCfg,
    PressMarlTask,
    PressTask,
    running,
)

NUM_ENVS = 4
IDLE = (0.0,) * NUM_ENVS


def direct(**changes):
    return PressTask, PressCfg(**changes)


def folded():
    cfg = PressCfg(decimation=4)
    cfg.scene.microwave.actuators = {"all": EXPLICIT}
    return PressTask, cfg


def ovphysx():
    cfg = PressCfg()
    cfg.sim.physics = OvPhysxCfg()
    return PressTask, cfg


KINDS = {
    "direct": direct,
    "folded": folded,
    "marl": lambda: (PressMarlTask, PressMarlCfg()),
    "ovphysx": ovphysx,
}


@pytest.fixture(scope="module", params=list(KINDS))
def built(request):
    with running(*KINDS[request.param]()) as env:
        yield env


@pytest.fixture
def env(built):
    built.ends[:] = False
    built.checks = []
    built.reset()
    yield built
    vars(built).pop("_apply_action", None)


def act(env, pressed=IDLE, steps=1) -> None:
    """Step with the button of each environment held in (1) or free (0)."""
    depth = torch.tensor([[float(p)] for p in pressed])
    agents = getattr(env.cfg, "possible_agents", None)
    for _ in range(steps):
        env.step(depth if agents is None else {agents[0]: depth, agents[1]: torch.zeros(4, 1)})


def seconds(env, time: float) -> int:
    return round(time / env.step_dt)


def latched(env) -> list[bool]:
    return env.couplings.latched[:, 0].tolist()


def test_a_press_opens_the_door_of_its_environment_and_it_stays_open(env):
    act(env, (0, 1, 0, 1), seconds(env, 0.2))
    act(env, IDLE, seconds(env, 2.0))
    assert env.positions(BUTTON) == pytest.approx(0.0, abs=1e-3)
    assert env.positions(DOOR) == pytest.approx([0, TARGET, 0, TARGET], abs=0.05)
    assert latched(env) == [False, True, False, True]


@pytest.mark.parametrize(
    "ids",
    [
        torch.tensor([0, 2], dtype=torch.int32),
        torch.tensor([0, 2]),
        slice(0, 4, 2),
        [0, 2],
        np.array([0, 2]),
    ],
    ids=["int32", "int64", "slice", "list", "numpy"],
)
def test_a_reset_closes_those_doors_and_no_other(env, ids):
    act(env, (1, 1, 1, 1), seconds(env, 1.0))
    env.reset_couplings(ids)
    assert latched(env) == [False, True, False, True]
    act(env, (1, 1, 1, 1))
    assert all(latched(env))  # the button is still held: the next measurement fires again
    # through the task, which puts the joints back too
    env._reset_idx(ids if isinstance(ids, torch.Tensor) else torch.tensor([0, 2]))
    assert latched(env) == [False, True, False, True]
    act(env, IDLE, seconds(env, 1.0))
    assert env.positions(DOOR) == pytest.approx([0, TARGET, 0, TARGET], abs=0.05)


@pytest.mark.parametrize("ids", [None, slice(None)])
def test_a_reset_of_all_takes_none_and_slices(env, ids):
    act(env, (1, 1, 1, 1), seconds(env, 0.5))
    env.reset_couplings(ids)
    assert not any(latched(env))


def test_an_environment_that_ends_is_reset_inside_the_step(env):
    act(env, (1, 1, 1, 0), seconds(env, 0.5))
    env.ends[:] = torch.tensor([False, True, False, False])
    act(env)
    env.ends[:] = False
    assert latched(env) == [True, False, True, False]
    act(env, IDLE, seconds(env, 1.0))
    assert env.positions(DOOR) == pytest.approx([TARGET, 0, TARGET, 0], abs=0.05)


def test_targets_stay_what_the_task_wrote(env):
    act(env, (1, 1, 0, 0), seconds(env, 0.3))
    name = next(iter(env.robots))
    targets = env.targets[name]
    before, pointer = targets.clone(), targets.data_ptr()
    merged = env.apply_couplings(targets)
    door = env.robot.joint_names.index(DOOR)
    assert torch.equal(targets, before) and targets.data_ptr() == pointer
    assert merged.data_ptr() != pointer
    assert merged[:, door].tolist() == [TARGET, TARGET, 0, 0]


def test_steps_in_inference_mode_leave_state_that_can_be_reset_outside(env):
    with torch.inference_mode():
        act(env, (1, 0, 1, 0), seconds(env, 0.3))
        inside = torch.tensor([0], dtype=torch.int32)
        env._reset_idx(inside)
    assert latched(env) == [False, False, True, False]
    assert not env.couplings.latched.is_inference()
    env._reset_idx(torch.tensor([2], dtype=torch.int32))
    assert latched(env) == [False] * NUM_ENVS
    act(env, (0, 1, 0, 0), seconds(env, 0.3))
    assert latched(env) == [False, True, False, False]


def test_every_call_of_the_action_hook_evaluates_the_contract(env):
    """Once per sub-step, or once per step where Newton folds the decimation."""
    calls = []
    original = type(env)._apply_action
    env._apply_action = lambda: (calls.append(1), original(env))
    act(env, IDLE, 3)
    once = env._physics_handles_decimation
    assert len(calls) == 3 * (1 if once else env.cfg.decimation)
    assert once == (env.cfg.decimation == 4)


def test_latches_at_each_step_follow_from_the_positions_before_it(env):
    """Exact where the decimation is folded; a sub-step may see a press one step earlier."""
    column, expected = env.robot.joint_names.index(BUTTON), np.zeros(NUM_ENVS, bool)
    later = []
    for step in range(seconds(env, 0.4)):
        before = env.measured()[:, column]
        act(env, (step > 3, step > 5, 0, step > 3 and step < 8))
        expected |= before < THRESHOLD
        seen = np.array(latched(env))
        if env._physics_handles_decimation:
            assert seen.tolist() == expected.tolist()
        assert (seen >= expected).all()
        if later:
            assert (later[-1] <= expected).all()  # ahead by one environment step at most
        later.append(seen)
    assert latched(env)[:3] == [True, True, False]


def test_the_state_of_the_term_is_at_the_same_place_all_along(env):
    pointers = [getattr(env.couplings, n).data_ptr() for n in ("fired", "latched", "active")]
    with torch.inference_mode():
        act(env, (1, 1, 1, 1), 3)
    env.reset()
    now = [getattr(env.couplings, n).data_ptr() for n in ("fired", "latched", "active")]
    assert now == pointers


def test_metrics_join_the_log_beside_what_each_agent_has(env):
    act(env, (1, 0, 0, 0), seconds(env, 0.3))
    env.ends[:] = True
    act(env)
    assert "Contracts/effect_given_cause" in env.extras["log"]
    agents = set(getattr(env.cfg, "possible_agents", ()))
    assert set(env.extras) == {"log"} | agents

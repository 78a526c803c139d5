# SPDX-License-Identifier: Apache-2.0
"""Replayed against eager solver steps of real Isaac Lab environments on Newton, on the CPU."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
import warp as wp
from causal_contracts.core import CouplingTerm
from causal_contracts.lab import solver_graph
from causal_contracts.lab.backends import physics_cfg, prepare_backend
from causal_contracts.lab.clones_env import ClonesEnv, clones_env_cfg
from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.lab.solver_graph import Replay, replay_on_cpu
from causal_contracts.lab.solver_trial import Trial
from causal_contracts.preview.scene import build_scene
from contact_asset import build_hinged_pair
from isaaclab_newton.physics import MJWarpSolverCfg, NewtonCfg, NewtonManager, NewtonMJWarpManager
from isaaclab_newton.physics import NewtonCollisionPipelineCfg as PipelineCfg
from lab_tasks import EXPLICIT, PressCfg, PressTask, close


@contextlib.contextmanager
def built(cfg, task=PressTask):
    """The task as Isaac Lab steps it, not yet reset."""
    with quiet_build(lambda message: None):
        env = task(cfg)
    try:
        yield env
    finally:
        close(env)


def press_cfg(decimation=2, *, explicit=False, substeps=1, **physics) -> PressCfg:
    cfg = PressCfg(decimation=decimation)
    if explicit:
        cfg.scene.microwave.actuators = {"all": EXPLICIT}
    pipeline = physics.pop("pipeline", None)
    solver = MJWarpSolverCfg(integrator="implicitfast", **physics)
    cfg.sim.physics = NewtonCfg(solver_cfg=solver, num_substeps=substeps)
    if pipeline is not None:
        cfg.sim.physics.solver_cfg.use_mujoco_contacts = False
        cfg.sim.physics.collision_cfg = PipelineCfg(broad_phase=pipeline)
    return cfg


def patched() -> bool:
    """Whether something stands for Isaac Lab's own stepping; both are inherited."""
    return bool({"_simulate_full", "_simulate_physics_only"} & set(vars(NewtonMJWarpManager)))


def bits() -> np.ndarray:
    """Every bit of the joints' positions and velocities."""
    state = NewtonManager.get_state_0()
    return np.concatenate([a.numpy().view(np.uint32) for a in (state.joint_q, state.joint_qd)])


def motion(env, steps=40) -> np.ndarray:
    """The bits after each step of random actions; half of the environments are reset on the way."""
    env.reset()
    rng, seen = torch.Generator().manual_seed(1), []
    for step in range(steps):
        if step == 23:
            env._reset_idx(torch.arange(0, env.num_envs, 2, dtype=torch.int32))
        env.step(torch.rand((env.num_envs, 1), generator=rng))
        seen.append(bits())
    return np.array(seen)


CASES = {
    "decimation 1": {"decimation": 1},
    "decimation 3": {"decimation": 3},
    "explicit, 3": {"decimation": 3, "explicit": True},
    "decimation 2": {"decimation": 2},
    "explicit, 2": {"decimation": 2, "explicit": True},
    "3 substeps": {"substeps": 3},
    "Newton's contacts": {"pipeline": "explicit"},
}
QUICK = 3
"""How many of the cases are run each time."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(name, marks=[pytest.mark.slow] * (n >= QUICK)) for n, name in enumerate(CASES)],
)
def test_a_replayed_task_equals_the_eager_one_bit_for_bit(case):
    seen = []
    for mode in ("auto", "never"):
        with built(press_cfg(**CASES[case])) as env:
            undo = replay_on_cpu(mode)
            assert undo.replayed == (mode == "auto"), undo.sentence
            seen.append(motion(env))
            undo()
    assert np.array_equal(*seen)
    assert (seen[0][-1] != seen[0][0]).any()


class Pair(ClonesEnv):
    """Its one action is the hinge's target; it counts the contacts."""

    def _pre_physics_step(self, actions):
        wp.to_torch(self.targets)[:] = 0.4 * actions - 0.2

    def _get_dones(self):
        counts = vars(self).setdefault("contacts", [])
        counts.append(int(NewtonManager._solver.mjw_data.nacon.numpy()[0]))
        return super()._get_dones()


@pytest.fixture
def pair(tmp_path):
    scene = build_scene(build_hinged_pair(tmp_path / "pair.usda"))
    yield scene
    scene.close()


@pytest.mark.parametrize("decimation", [pytest.param(2, marks=pytest.mark.slow), 3])
def test_boxes_that_lie_on_a_floor_are_replayed_bit_for_bit(pair, decimation):
    cfg, seen = clones_env_cfg(pair, 4, dt=1 / 120, device="cpu"), []
    cfg.decimation = decimation
    for mode in ("auto", "never"):
        with built(cfg, Pair) as env:
            undo = replay_on_cpu(mode)
            assert undo.replayed == (mode == "auto"), undo.sentence
            seen.append(motion(env))
            touching = env.contacts
            undo()
    assert min(touching) >= 4 and len(set(touching)) > 3  # they come and go
    assert np.array_equal(*seen)


def test_the_check_leaves_every_array_as_it_was():
    with built(press_cfg()) as env:
        trial = Trial(NewtonMJWarpManager)
        undo = replay_on_cpu()
        assert undo.replayed
        assert len(trial._kept) > 100
        assert all(view.tobytes() == kept.tobytes() for view, kept in trial._kept)
        undo()
        env.reset()


def slowed_by_torch(env) -> None:
    speed = wp.to_torch(NewtonManager.get_state_0().joint_qd)
    NewtonManager.register_post_step_callback(lambda: speed.mul_(0.9))


def host_branch(env) -> None:
    speed, button = NewtonManager.get_state_0().joint_qd, env.robot.joint_names.index("door_hinge")

    def stop() -> None:
        if speed.numpy()[button] < 0:
            speed.zero_()

    NewtonManager.register_post_step_callback(stop)


BROKEN = {
    "torch in a callback": (press_cfg, slowed_by_torch),
    "a branch on the host": (press_cfg, host_branch),
    "a count in Python": (lambda: press_cfg(update_data_interval=2), lambda env: None),
}


@pytest.mark.parametrize("case", list(BROKEN))
def test_a_recording_that_lacks_something_is_refused_and_the_eager_solver_runs(case):
    cfg, spoil = BROKEN[case]
    seen = []
    for mode in ("auto", "never"):
        with built(cfg()) as env:
            spoil(env)
            undo = replay_on_cpu(mode)
            assert not undo.replayed
            if mode == "auto":
                assert "runs eagerly" in undo.sentence and "differ" in undo.why
                assert "by " in undo.why and "in physics step" in undo.why
            motion(env, steps=1)  # whatever the check left in a count of the solver's own
            seen.append(motion(env, steps=30))
            undo()
    if case != "a count in Python":
        assert np.array_equal(*seen)


def test_an_unchecked_recording_that_lacks_something_does_something_else():
    seen = []
    for mode in ("always", "never"):
        with built(press_cfg()) as env:
            slowed_by_torch(env)
            undo = replay_on_cpu(mode)
            assert undo.replayed == (mode == "always")
            seen.append(motion(env, steps=10))
            undo()
    assert not np.array_equal(*seen)


def test_a_contract_in_a_callback_is_recorded_although_it_remembers():
    with built(press_cfg()) as env:
        data = env.robot.data
        arrays = data._sim_bind_joint_pos, data._sim_bind_joint_position_target
        term = CouplingTerm(env.couplings.compiled, env.num_envs, "cpu", frontend="warp")
        NewtonManager.register_post_actuator_callback(lambda: term.apply(*arrays, out=arrays[1]))
        undo = replay_on_cpu()
        assert undo.replayed, undo.sentence
        env.reset()
        term.reset()
        env._apply_action = lambda: None
        start = torch.tensor([[-0.01, 0.0], [0.0, 0.0]] * 2)
        assert env.robot.joint_names == ["button_slide", "door_hinge"]
        env.robot.write_joint_position_to_sim_index(position=start)
        for _ in range(60):
            env.step(torch.zeros(4, 1))
        assert term.latched.numpy()[:, 0].tolist() == [True, False, True, False]
        assert env.positions("door_hinge") == pytest.approx([np.pi / 2, 0, np.pi / 2, 0], abs=0.05)
        undo()


def test_a_callback_that_comes_after_the_recording_is_not_lost():
    with built(press_cfg()) as env:
        undo = replay_on_cpu()
        env.reset()
        env.step(torch.zeros(4, 1))
        assert undo.replayed
        called = []
        NewtonManager.register_post_step_callback(lambda: called.append(1))
        env.step(torch.zeros(4, 1))
        assert len(called) == 2  # once per physics step
        assert not undo.replayed
        assert undo.why == "the callbacks changed after the recording"
        undo()
        assert not patched()


def test_a_recording_that_cannot_be_made_leaves_the_eager_solver(monkeypatch):
    def refuse(**options):
        raise RuntimeError("no capture here")

    with built(press_cfg()) as env:
        with monkeypatch.context() as patch:
            patch.setattr(solver_graph.wp, "ScopedCapture", refuse)
            undo = replay_on_cpu()
        assert undo.why == "recording it failed, no capture here"
        assert motion(env, steps=2).any()


def test_undone_twice_brings_back_the_eager_solver_once():
    with built(press_cfg()) as env:
        undo = replay_on_cpu()
        undo()
        undo()
        assert undo.sentence == "Newton's solver runs eagerly: the replay was undone."
        again = replay_on_cpu()
        undo()
        assert again.replayed and patched()
        again()
        assert not patched()
        env.reset()


def test_other_simulations_are_left_alone_and_it_is_said():
    assert isinstance(replay_on_cpu(), Replay)
    assert replay_on_cpu().why.endswith("no such simulation is alive")
    cfg = PressCfg()
    cfg.sim.physics = physics_cfg("physx")
    undo = prepare_backend("physx")
    with built(cfg) as env:
        assert not replay_on_cpu().replayed
        env.reset()
    undo()

# SPDX-License-Identifier: Apache-2.0
"""Contracts in a real DirectRLEnvWarp: torch, Warp and replayed stages agree to the bit."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("isaaclab_experimental", reason="Isaac Lab is not installed")

import torch
import warp as wp
from causal_contracts.core import ContractError
from lab_device import DEVICE
from lab_tasks import COUPLINGS, DOOR, TARGET, PressCfg, TwoMicrowavesSceneCfg
from rules import bundle
from syncs import counting
from warp_tasks import TorchPressTask, WarpPressTask, running_warp

NUM_ENVS = 6
STEPS = 60
FLAGS = ("fired", "latched", "active")
SEVERAL = bundle(
    "a_press: button_slide < -0.005 => door_hinge := 1.5707964 rest 0.0, latching",
    "b_stop: door_hinge > 0.3 => button_slide := 0.0 rest 0.0, level",
    "c_half: button_slide < -0.007 => door_hinge := 0.8 rest 0.0, level",
)


def one() -> PressCfg:
    cfg = PressCfg(couplings_window=0.2)
    cfg.scene.num_envs = NUM_ENVS
    return cfg


def several() -> PressCfg:
    return one().replace(couplings=SEVERAL)


def two_articulations() -> PressCfg:
    cfg = one()
    cfg.scene = TwoMicrowavesSceneCfg(num_envs=NUM_ENVS, env_spacing=4.0)
    cfg.couplings = {"left": str(COUPLINGS), "right": str(COUPLINGS)}
    return cfg


CFGS = {"one": one, "several": several, "two articulations": two_articulations}


def presses_and_ends(steps: int):
    """A button per environment held for some steps, and episodes that end: some, all and none."""
    rng = np.random.default_rng(3)
    held = np.zeros(NUM_ENVS, np.float32)
    for step in range(steps):
        if step % 7 == 0:
            held = (rng.random(NUM_ENVS) < 0.5).astype(np.float32)
        ends = rng.random(NUM_ENVS) < (0.4 if step % 5 == 4 else 0.0)
        yield held, ends | (step == 20)


def traced(env, task) -> list[dict[str, bytes]]:
    """Positions, commands and flags after every step, to the bit, and the log."""
    trace = []
    for held, ends in presses_and_ends(STEPS):
        if task is TorchPressTask:
            env.ends[:] = torch.from_numpy(ends)
        else:
            env.ends.assign(ends)
        env.step(torch.from_numpy(held)[:, None])
        seen = {}
        for name, binding in env.coupling_bindings.items():
            command = binding.articulation.actuators.target_command.position.torch
            arrays = {flag: getattr(binding.term, flag).numpy() for flag in FLAGS}
            arrays |= {"joint_pos": env.measured(name), "targets": command.numpy()}
            seen |= {f"{name}.{key}": array.tobytes() for key, array in arrays.items()}
        logged = env.extras.get("log", {})
        trace.append(seen | {key: float(value) for key, value in logged.items()})
    return trace


def trace_of(kind: str, task, *, captured: bool = True) -> list[dict[str, bytes]]:
    with running_warp(task, CFGS[kind](), captured=captured) as env:
        return traced(env, task)


@pytest.fixture(scope="module", params=list(CFGS))
def torch_trace(request):
    return request.param, trace_of(request.param, TorchPressTask)


@pytest.mark.parametrize("captured", [False, True], ids=["eager", "replayed"])
def test_warp_does_to_the_bit_what_torch_does(torch_trace, captured):
    kind, expected = torch_trace
    found = trace_of(kind, WarpPressTask, captured=captured)
    first = next(i for i, seen in enumerate(expected) if len(seen) == len(found[i]))
    assert first == 4  # with torch nothing is logged before the first episode has ended
    assert [seen.items() >= want.items() for seen, want in zip(found, expected, strict=True)] == (
        [True] * STEPS
    )
    # doors opened, latches were set and cleared, and every flag was true at some time
    flags = [key for key in found[0] if key.endswith(FLAGS)]
    assert all(len({seen[key] for seen in found}) > 5 for key in flags)


class TorchInTheStage(WarpPressTask):
    """What a port by hand gets wrong: the captured stage asks torch."""

    def apply_couplings(self, targets, articulation=None):
        del articulation
        pos = self.robot.data.joint_pos.torch
        button, door = (self.robot.joint_names.index(j) for j in ("button_slide", DOOR))
        wp.to_torch(targets)[:, door] = torch.where(pos[:, button] < -0.005, float(TARGET), 0.0)
        return targets


def test_a_torch_op_in_a_replayed_stage_freezes_and_the_comparison_sees_it():
    def openings(captured):
        with running_warp(TorchInTheStage, one(), captured=captured) as env:
            for _ in range(60):
                env.step(torch.ones(NUM_ENVS, 1))
            return env.measured()[:, env.robot.joint_names.index(DOOR)].max()

    assert openings(captured=False) > 0.5
    if DEVICE == "cpu":
        assert openings(captured=True) < 0.1
    else:
        with pytest.raises(RuntimeError, match="capturing"):
            openings(captured=True)


def step(env, pressed, ends=None, steps: int = 1) -> None:
    depth = torch.zeros(NUM_ENVS, 1)
    depth[list(pressed)] = 1.0
    env.ends.assign(np.isin(np.arange(NUM_ENVS), [] if ends is None else ends))
    for _ in range(steps):
        env.step(depth)


def column(array: wp.array) -> list[bool]:
    return array.numpy()[:, 0].tolist()


def doors(env) -> np.ndarray:
    return env.measured()[:, env.robot.joint_names.index(DOOR)]


def test_a_joint_that_is_not_there_is_named_with_the_nearest_one():
    wrong = bundle("a: button_slid < -0.005 => door_hinge := 1.5 rest 0.0, latching")
    with (
        pytest.raises(ContractError, match=r"button_slid'.*button_slide"),
        running_warp(WarpPressTask, one().replace(couplings=wrong)),
    ):
        pass


def test_the_native_arm_measures_and_lets_nothing_act():
    with running_warp(WarpPressTask, one().replace(couplings_native=True)) as env:
        step(env, range(NUM_ENVS), steps=60)
        assert abs(doors(env)).max() < 0.01
        step(env, range(NUM_ENVS), range(NUM_ENVS))
        log = {key: float(value) for key, value in env.extras["log"].items()}
        assert log["Contracts/press_rate"] == 1.0 and log["Contracts/effect_given_cause"] == 0.0


def test_without_couplings_the_targets_pass_through():
    with running_warp(WarpPressTask, one().replace(couplings=None)) as env:
        step(env, range(NUM_ENVS), steps=3)
        targets = env.targets["microwave"]
        assert env.apply_couplings(targets) is targets
        assert "log" not in env.extras


@pytest.fixture(scope="module")
def built():
    with running_warp(WarpPressTask, one()) as env:
        env.step(torch.zeros(NUM_ENVS, 1))  # every stage is recorded from here on
        yield env


@pytest.fixture
def env(built):
    """The replayed task after a reset, with the parameters that the author wrote."""
    built.ends.zero_()
    term = built.couplings
    for name in ("threshold", "target", "enabled"):
        getattr(term, name).assign(getattr(term.compiled, name)[None])
    built.reset()
    yield built


def test_the_stages_are_replayed(env):
    assert list(env._graph_cache._graphs) == ["action", "end_pre", "end_post"]


@pytest.mark.parametrize("ends", [[], [2], [0, 4], list(range(NUM_ENVS))], ids=str)
def test_a_reset_by_mask_touches_those_environments_and_no_other(env, ends):
    step(env, range(NUM_ENVS), steps=30)
    before = doors(env)
    assert column(env.couplings.latched) == [True] * NUM_ENVS and (before > 0.1).all()
    step(env, range(NUM_ENVS), ends)
    kept = [i not in ends for i in range(NUM_ENVS)]
    for flags in FLAGS:
        assert column(getattr(env.couplings, flags)) == kept, flags
    assert (doors(env) > 0.1).tolist() == kept


@pytest.mark.parametrize("which", [[], [1, 5], list(range(NUM_ENVS))], ids=str)
def test_reset_couplings_clears_what_its_mask_names(env, which):
    step(env, range(NUM_ENVS), steps=30)
    env.reset_couplings(wp.array(np.isin(np.arange(NUM_ENVS), which), dtype=wp.bool))
    assert column(env.couplings.latched) == [i not in which for i in range(NUM_ENVS)]
    env.reset_couplings()
    assert not any(column(env.couplings.latched))


def test_parameters_written_after_the_capture_count_in_the_replay(env):
    term = env.couplings
    term.threshold.assign(np.array([[-1.0]], np.float32))  # deeper than the button goes
    step(env, range(NUM_ENVS), steps=30)
    assert not any(column(term.fired))
    term.threshold.assign(term.compiled.threshold[None])
    term.target.assign(np.array([[0.5]], np.float32))
    step(env, range(NUM_ENVS), steps=120)
    assert doors(env) == pytest.approx([0.5] * NUM_ENVS, abs=0.01)
    term.enabled.zero_()
    step(env, range(NUM_ENVS))
    assert not any(column(term.active))


def test_inputs_written_after_the_capture_count_in_the_replay(env):
    pressed = [0, 3]
    step(env, pressed, steps=60)
    assert column(env.couplings.latched) == [i in pressed for i in range(NUM_ENVS)]
    step(env, [1], [0], steps=1)
    step(env, [1], steps=60)
    assert column(env.couplings.latched) == [i in (1, 3) for i in range(NUM_ENVS)]


def test_the_rule_is_one_launch_without_torch_or_a_wait(env):
    binding = env.coupling_bindings["microwave"]
    with counting() as counted:
        binding.term.apply(binding.joint_pos_warp(), env.targets["microwave"])
    assert (counted.launches, counted.ops, counted.waits) == (1, 0, 0)


def test_a_stage_asks_nothing_of_torch_and_never_waits(env):
    for stage in (env.step_warp_action, env._step_warp_end_pre, env._step_warp_end_post):
        with counting() as counted:
            stage()
        assert (counted.ops, counted.waits) == (0, 0), stage.__name__
        assert counted.launches > 0 or stage == env._step_warp_end_post


def test_the_log_is_a_new_dict_of_scalars_that_nobody_changes_later(env):
    def rate_after_episodes(pressed) -> float:
        for _ in range(3):  # a rate speaks of the last one to two
            step(env, pressed, steps=10)
            step(env, pressed, range(NUM_ENVS))
        return float(env.extras["log"]["Contracts/press_rate"])

    assert rate_after_episodes(range(NUM_ENVS)) == 1.0
    first = env.extras["log"]
    assert all(value.shape == () and value.dtype is torch.float32 for value in first.values())
    assert rate_after_episodes([]) == 0.0
    assert env.extras["log"] is not first
    assert float(first["Contracts/press_rate"]) == 1.0


def test_everything_works_inside_inference_mode(env):
    with torch.inference_mode():
        step(env, range(NUM_ENVS), steps=30)
        step(env, range(NUM_ENVS), [0])
    env.reset()
    assert not any(column(env.couplings.latched))

# SPDX-License-Identifier: Apache-2.0
"""Six bugs of hand-ported rules: ours has none, and each test catches a copy that has the bug."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
from lab_tasks import BUTTON, DOOR, TARGET, THRESHOLD, PressCfg, PressTask, running
from syncs import counting

CHECK_EVERY = 25
"""Steps between the success checks of the task."""


class HandPort:
    """The rule as a careful hand writes it in torch."""

    def __init__(self, env) -> None:
        self.env = env
        self.trigger, self.effect = (env.robot.joint_names.index(j) for j in (BUTTON, DOOR))
        self.latched = torch.zeros(env.num_envs, dtype=torch.bool)

    def fired(self, joint_pos):
        return joint_pos[:, self.trigger] < float(THRESHOLD)

    def update(self, joint_pos):
        self.latched |= self.fired(joint_pos)

    def apply(self, joint_pos, targets):
        self.update(joint_pos)
        return self.merge(targets)

    def merge(self, targets):
        merged = targets.clone()
        merged[:, self.effect].masked_fill_(self.latched, float(TARGET))
        return merged

    def reset(self, env_ids):
        self.latched[env_ids] = False

    def check_success(self):
        pass


class LeaksAcrossEnvironments(HandPort):
    def fired(self, joint_pos):
        return super().fired(joint_pos).any().expand(self.env.num_envs)


class LosesTheLatchWhileHeld(HandPort):
    def update(self, joint_pos):
        self.latched ^= self.fired(joint_pos)


class KeepsWallClockTime(HandPort):
    HOLD = 5.0

    def __init__(self, env) -> None:
        super().__init__(env)
        self.until = torch.zeros(env.num_envs, dtype=torch.float64)

    def update(self, joint_pos):
        now = time.monotonic()
        self.until[self.fired(joint_pos)] = now + self.HOLD
        self.latched = self.until > now

    def reset(self, env_ids):
        self.until[env_ids] = 0.0


class ClearsAllOnPartialReset(HandPort):
    def reset(self, env_ids):
        self.latched[:] = False


class LoopsOverEnvironments(HandPort):
    def update(self, joint_pos):
        for env in range(self.env.num_envs):
            if joint_pos[env, self.trigger].item() < float(THRESHOLD):
                self.latched[env] = True


class RunsOnlyInTheSuccessCheck(HandPort):
    def apply(self, joint_pos, targets):
        return self.merge(targets)

    def check_success(self):
        self.update(self.env.robot.data.joint_pos.torch)


class RuleTask(PressTask):
    """Runs our contract, or a rule written by hand in its place."""

    rule: HandPort | None = None
    steps = 0

    def apply_couplings(self, targets, articulation=None):
        if self.rule is None:
            return super().apply_couplings(targets, articulation)
        return self.rule.apply(self.robot.data.joint_pos.torch, targets)

    def reset_couplings(self, env_ids=None):
        super().reset_couplings(env_ids)
        if self.rule is not None:
            self.rule.reset(env_ids)

    def _get_dones(self):
        self.steps += 1
        if self.rule is not None and self.steps % CHECK_EVERY == 0:
            self.rule.check_success()
        return super()._get_dones()


@pytest.fixture(scope="module", params=[3, 12], ids=["3 environments", "12 environments"])
def built(request):
    cfg = PressCfg()
    cfg.scene.num_envs = request.param
    with running(RuleTask, cfg) as env:
        yield env


@pytest.fixture
def env(built):
    built.rule = None
    built.reset()
    built.steps = 0
    return built


def step(env, pressed, steps=1):
    """Step, holding the buttons where `pressed`, one bool per environment or one for all."""
    depth = torch.as_tensor(pressed).expand(env.num_envs).float()
    for _ in range(steps):
        env.step(depth[:, None])


def opened(env) -> list[bool]:
    """Where the door is commanded open."""
    door = env.robot.joint_names.index(DOOR)
    return (env.robot.actuators.target_command.position.torch[:, door] == float(TARGET)).tolist()


def only(env, *which) -> list[bool]:
    return [e in which for e in range(env.num_envs)]


def a_press_opens_the_door_of_its_own_environment(env, clock):
    for pressed in range(env.num_envs):
        env.reset()
        step(env, only(env, pressed), 15)
        assert opened(env) == only(env, pressed)


def the_door_stays_open_while_the_button_is_held_and_after(env, clock):
    step(env, True, 15)
    for held in [True] * 31 + [False] * 31:
        step(env, held)
        assert all(opened(env))


def only_simulated_time_counts(env, clock):
    seen = []
    for hours_per_step in (0, 1):
        env.reset()
        trace = []
        for number in range(40):
            step(env, 5 <= number < 12)
            clock.now += 3600.0 * hours_per_step
            trace.append(opened(env))
        seen.append(trace)
    assert seen[0] == seen[1]
    assert all(seen[1][-1])


def a_partial_reset_clears_those_environments_only(env, clock):
    for dtype in (torch.int32, torch.int64):
        step(env, True, 15)
        step(env, False, 40)  # released, or the next measurement would set the latch again
        env._reset_idx(torch.tensor([0, 2], dtype=dtype))
        step(env, False, 5)
        assert opened(env) == [e not in (0, 2) for e in range(env.num_envs)]


def work_and_waits_do_not_grow_with_the_environments(env, clock):
    targets, ids = env.targets["microwave"], torch.arange(env.num_envs, dtype=torch.int32)
    step(env, True, 15)
    with counting() as counted:
        env.common_step_counter += 1  # the first call of a step, which measures too
        env.apply_couplings(targets, "microwave")
        env.reset_couplings(ids)
    assert counted.waits == 0
    assert counted.launches <= 3 and counted.ops <= 12  # a launch each: measure, apply, reset


def a_press_between_two_success_checks_counts(env, clock):
    step(env, False, 2)
    step(env, True, 12)
    step(env, False, CHECK_EVERY - 15)
    assert env.steps == CHECK_EVERY - 1  # no check so far
    assert all(opened(env))
    step(env, False, 40)
    assert all(opened(env))


BUGS = {
    LeaksAcrossEnvironments: a_press_opens_the_door_of_its_own_environment,
    LosesTheLatchWhileHeld: the_door_stays_open_while_the_button_is_held_and_after,
    KeepsWallClockTime: only_simulated_time_counts,
    ClearsAllOnPartialReset: a_partial_reset_clears_those_environments_only,
    LoopsOverEnvironments: work_and_waits_do_not_grow_with_the_environments,
    RunsOnlyInTheSuccessCheck: a_press_between_two_success_checks_counts,
}
named = {"ids": lambda value: value.__name__}


class Clock:
    """Stands for the wall clock, which moves when the test says so."""

    now = 1000.0


@pytest.fixture
def clock(monkeypatch):
    wall = Clock()
    for name in ("time", "monotonic", "perf_counter"):
        monkeypatch.setattr(time, name, lambda: wall.now)
    return wall


@pytest.mark.parametrize("law", list(BUGS.values()), **named)
def test_our_rule_obeys(env, clock, law):
    law(env, clock)


@pytest.mark.parametrize("law", list(BUGS.values()), **named)
def test_a_careful_hand_port_obeys(env, clock, law):
    env.rule = HandPort(env)
    law(env, clock)


@pytest.mark.parametrize("bug", list(BUGS), **named)
def test_the_broken_copy_is_caught(env, clock, bug):
    env.rule = bug(env)
    with pytest.raises(AssertionError):
        BUGS[bug](env, clock)


@pytest.mark.parametrize("bug", list(BUGS), **named)
def test_the_broken_copy_breaks_no_other_law(env, clock, bug):
    """Each copy has one bug, so each law is there for a reason."""
    for other, law in BUGS.items():
        if other is not bug and (bug, other) not in ALSO_BREAKS:
            env.reset()
            env.rule, env.steps = bug(env), 0
            law(env, clock)


ALSO_BREAKS = {
    # a latch that toggles while held is left in either state by any press
    *((LosesTheLatchWhileHeld, other) for other in BUGS),
    # a rule that seldom runs misses every short press
    *((RunsOnlyInTheSuccessCheck, other) for other in BUGS),
    (LeaksAcrossEnvironments, ClearsAllOnPartialReset),
}

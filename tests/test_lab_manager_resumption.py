# SPDX-License-Identifier: Apache-2.0
"""Runs of a real ManagerBasedRLEnv recorded, saved and restored bit for bit."""

import io

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="isaaclab is not installed")

import torch
from causal_contracts.lab import mdp
from manager_tasks import Running
from running_tasks import (
    EVENTS,
    ON_BOTH,
    PRESSED,
    TARGET,
    THRESHOLD,
    TWO_SECONDS,
    numbers,
    on,
    pressing,
    running,
)


@pytest.fixture(scope="module")
def task(request):
    """One environment at a time; pytest groups the tests by it."""
    yield from running(request.param)


@EVENTS
def test_recorders_keep_the_contract_state_of_each_episode(task):
    task.env.reset(seed=5)
    drawn, seen = numbers(task), []
    for _ in range(8):
        task.step(pressing([0, 1, 2, 3, 4, 5], 12))
        seen.append(task.signal("latched").copy())
    for env in range(12):
        data = task.env.recorder_manager.get_episode(env).data
        initial, states = (
            data[x]["contracts"] for x in ("initial_contract_state", "contract_states")
        )
        latched = torch.stack([*states["latched"]])[:, 0].float().tolist()
        assert latched == [row[env] for row in seen]
        assert initial["threshold"][0].tolist() == [drawn["threshold"][env]]
    assert np.any(seen)
    task.env.reset(torch.tensor([3, 7], dtype=torch.int32))
    for env in (3, 7):
        data = task.env.recorder_manager.get_episode(env).data
        initial = data["initial_contract_state"]["contracts"]["threshold"]
        assert initial[0].tolist() == [task.signal("threshold")[env]]


@EVENTS
def test_a_saved_run_continues_bit_for_bit_through_resets_noise_and_random_numbers(task):
    check_resumption(task, task)


@ON_BOTH
def test_a_restored_environment_continues_bit_for_bit(task):
    check_resumption(task, task)


@on(None)
@pytest.mark.parametrize("changes", [("contract events",), ("contract events", "ovphysx")])
def test_a_run_resumes_bit_for_bit_in_a_new_environment(task, changes):
    first = Running(*changes)
    try:
        state, actions, expected = saved_and_continued(first)
    finally:
        first.close()
    second = Running(*changes)
    try:
        assert resumed(second, state, actions) == expected
    finally:
        second.close()


def check_resumption(first, second):
    state, actions, expected = saved_and_continued(first)
    assert resumed(second, state, actions) == expected


def saved_and_continued(task):
    """A run state after some steps, the actions from there, and every number they lead to."""
    task.env.reset(seed=11)
    count, rng = task.env.num_envs, np.random.default_rng(2)
    actions = rng.choice([0.0, PRESSED], (11, count), p=[0.8, 0.2]).astype(np.float32)
    actions = actions.repeat(10, axis=0)  # held long enough to go down
    for action in actions[:30]:
        task.step(action)
    assert 0 < task.signal("latched").sum() < count
    assert task.asset.data.joint_vel.torch[:, task.door].abs().max() > 0.1
    file = io.BytesIO()
    torch.save(mdp.get_run_state(task.env), file)
    return file.getvalue(), actions[30:], trace(task, actions[30:])


def resumed(task, saved, actions):
    task.env.reset(seed=99)
    for _ in range(5):
        task.step(PRESSED)
    mdp.set_run_state(task.env, torch.load(io.BytesIO(saved), weights_only=True))
    return trace(task, actions)


def trace(task, actions):
    found = []
    for action in actions:
        obs, reward, terminated, timed_out, _ = task.step(action)
        data = task.asset.data
        found.append([
            data.joint_pos.torch.tolist(), data.joint_vel.torch.tolist(), reward.tolist(),
            terminated.tolist(), timed_out.tolist(), obs["policy"].tolist(),
            {name: values.tolist() for name, values in obs["contracts"].items()},
            task.env.episode_length_buf.tolist(),
        ])  # fmt: skip
    return found


@ON_BOTH
def test_contract_state_follows_reset_to_for_some_environments(task):
    task.env.reset()
    for _ in range(10):
        task.step(pressing([0, 1], 6))
    mdp.contract_action(task.env).term.threshold[0] = -0.25
    scene, state = task.env.scene.get_state(), mdp.get_contract_state(task.env)
    door = task.pos()[1]
    task.env.reset()
    ids = torch.tensor([3, 0], dtype=torch.int32)
    rows = torch.tensor([0, 1])
    task.env.reset_to(take(scene, rows), ids)
    mdp.set_contract_state(task.env, take(state, rows), ids)
    assert task.action.term.latched[:, 0].tolist() == [True, False, False, True, False, False]
    assert task.action.term.threshold[3, 0] == -0.25
    assert task.pos()[1][[3, 0]].tolist() == door[[0, 1]].tolist()
    for _ in range(TWO_SECONDS):
        task.step(0.0)
    # reset_to commands the doors the velocity that they had; left there, they miss the target
    assert task.pos()[1][[3, 0]] == pytest.approx(TARGET, abs=0.01)
    task.action.term.threshold.fill_(float(THRESHOLD))


def take(tree, rows):
    return {
        name: take(value, rows) if isinstance(value, dict) else value[rows]
        for name, value in tree.items()
    }


@on(())
def test_a_state_of_other_contracts_or_of_another_size_is_refused(task):
    state, run = mdp.get_contract_state(task.env), mdp.get_run_state(task.env)
    before = task.action.term.state_dict()
    with pytest.raises(ValueError, match=r"\[6\] rows for 2 environments"):
        mdp.set_contract_state(task.env, state, [0, 1])
    with pytest.raises(ValueError, match=r"this environment has \{'contracts'"):
        mdp.set_contract_state(task.env, {"others": state["contracts"]})
    with pytest.raises(ValueError, match=r"\['x'\].*here run .*press_opens_door"):
        mdp.set_run_state(task.env, {**run, "contract_ids": {"contracts": ["x"]}})
    after = task.action.term.state_dict()
    assert all(torch.equal(after[k], before[k]) for k in ("latched", "threshold"))

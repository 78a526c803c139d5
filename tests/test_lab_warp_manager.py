# SPDX-License-Identifier: Apache-2.0
"""Contracts as Warp terms in a real ManagerBasedRLEnvWarp: draws, masks, replay, recorders."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("isaaclab_experimental", reason="Isaac Lab is not installed")

import torch
import warp as wp
from causal_contracts.lab import mdp, warp_terms
from isaaclab.managers import DatasetExportMode
from manager_tasks import SIGNALS, ContractEvents, Reached, Recorded, Task
from syncs import counting
from warp_manager_tasks import build

THRESHOLD, TARGET = np.float32(-0.005), np.float32(np.pi / 2)


@pytest.fixture(scope="module")
def built():
    cfg = Task(episode_length_s=2.0, events=ContractEvents(), terminations=Reached())
    cfg.scene.num_envs = 12
    cfg.recorders = Recorded(dataset_export_mode=DatasetExportMode.EXPORT_NONE)
    running = build("replayed", cfg)
    running.step(0.0)  # every stage but those of a reset is recorded from here on
    yield running
    running.close()


@pytest.fixture
def task(built):
    """The replayed task after a reset with seed 7: thresholds, targets and flags are random."""
    built.env.reset(seed=7)
    yield built


def parameters(task) -> dict[str, np.ndarray]:
    return {name: task.action.tensor(name).numpy()[:, 0].copy() for name in SIGNALS[5:]}


def mask(envs, num_envs: int = 12) -> wp.array:
    return wp.array(np.isin(np.arange(num_envs), list(envs)), dtype=wp.bool)


def test_reset_events_draw_within_their_ranges_and_each_environment_for_itself(task):
    drawn = parameters(task)
    scale = drawn["threshold"] / THRESHOLD
    assert ((scale >= 0.5) & (scale <= 1.5)).all() and len(set(scale)) == 12
    shift = drawn["target"] - TARGET
    assert ((shift >= -0.3001) & (shift <= 0.0)).all() and len(set(shift)) == 12
    assert 0 < drawn["enabled"].sum() < 12


def test_draws_follow_the_seed(task):
    first = parameters(task)
    task.env.reset()
    second = parameters(task)
    assert not (first["threshold"] == second["threshold"]).any()
    task.env.reset(seed=7)
    for name, values in parameters(task).items():
        assert values.tolist() == first[name].tolist(), name


@pytest.mark.parametrize("envs", [[], [3], [0, 7, 11], list(range(12))], ids=str)
def test_an_event_draws_for_its_mask_and_moves_no_other_generator(task, envs):
    before, rng = parameters(task), task.env.rng_state_wp.numpy().copy()
    which = mask(envs)
    warp_terms.randomize_contract_threshold(task.env, which, (0.5, 1.5), "scale")
    warp_terms.randomize_contract_target(task.env, which, (-0.3, 0.0))
    after = parameters(task)
    kept = [i not in envs for i in range(12)]
    for name in ("threshold", "target"):
        assert (before[name] == after[name]).tolist() == kept
    assert (rng == task.env.rng_state_wp.numpy()).tolist() == kept
    assert before["enabled"].tolist() == after["enabled"].tolist()


@pytest.mark.parametrize(
    ("operation", "distribution", "params", "middle"),
    [
        ("add", "uniform", (0.1, 0.3), TARGET + 0.2),
        ("scale", "uniform", (0.5, 1.0), TARGET * 0.75),
        ("abs", "uniform", (1.0, 2.0), 1.5),
        ("abs", "log_uniform", (0.01, 1.0), 0.1),
        ("add", "gaussian", (0.5, 0.1), TARGET + 0.5),
    ],
)
def test_draws_have_the_distribution_asked_for(task, operation, distribution, params, middle):
    drawn = []
    for _ in range(100):
        warp_terms.randomize_contract_target(
            task.env, task.env.ALL_ENV_MASK, params, operation, distribution
        )
        drawn.append(parameters(task)["target"])
    found = np.concatenate(drawn)
    if distribution == "gaussian":
        assert found.std() == pytest.approx(params[1], rel=0.1)
        assert np.median(found) == pytest.approx(middle, abs=0.02)
        return
    low, high = (
        {"add": TARGET + p, "scale": TARGET * p, "abs": p}[operation] * (1 + s * 1e-6)
        for p, s in zip(params, (-1, 1), strict=True)
    )
    assert low <= found.min() and found.max() <= high
    tolerance = math.log(1.3) if distribution == "log_uniform" else 0.06
    of = np.log if distribution == "log_uniform" else (lambda value: value)
    assert of(np.median(found)) == pytest.approx(of(middle), abs=tolerance)


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_contracts_are_switched_on_with_their_probability(task, probability):
    drawn = []
    for _ in range(100):
        warp_terms.randomize_contract_enabled(task.env, task.env.ALL_ENV_MASK, probability)
        drawn.append(parameters(task)["enabled"])
    assert np.mean(drawn) == pytest.approx(probability, abs=0.05)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"distribution": "cauchy"}, "distribution is 'cauchy'; there are"),
        ({"operation": "sub"}, "operation is 'sub'; there are"),
        ({"contract_ids": ["press"]}, r"no contracts \['press'\] run here"),
    ],
)
def test_a_word_that_is_not_known_is_refused(task, changes, says):
    with pytest.raises(ValueError, match=says):
        warp_terms.randomize_contract_target(task.env, task.env.ALL_ENV_MASK, (0, 1), **changes)


def test_thresholds_are_drawn_anew_where_an_episode_ends_and_nowhere_else(task):
    env = task.env
    env.episode_length_buf[:] = 0
    for ends in ([2, 9], [0], [0, 1, 2]):  # the first reset of a stage is its recording
        before = parameters(task)
        env.episode_length_buf[ends] = env.max_episode_length
        task.step(0.0)
        changed = before["threshold"] != parameters(task)["threshold"]
        assert np.flatnonzero(changed).tolist() == ends
        observed = env.obs_buf["contracts"]["threshold"][:, 0].numpy()
        assert observed.tolist() == parameters(task)["threshold"].tolist()


def test_parameters_written_after_the_capture_count_in_the_replay(task):
    term = task.action.term
    term.enabled.fill_(True)
    term.target.fill_(1.0)
    term.threshold.fill_(-1.0)  # deeper than the button goes
    for _ in range(30):
        task.step(-0.01)
    assert not task.signal("fired").any() and not task.commanded().any()
    thresholds = np.full((12, 1), -1.0, np.float32)
    thresholds[::2] = -0.005
    term.threshold.assign(thresholds)
    for _ in range(5):
        task.step(-0.01)
    pressed = [float(i % 2 == 0) for i in range(12)]
    assert task.signal("fired").tolist() == pressed
    assert task.commanded().tolist() == pressed  # the target is 1 rad
    assert task.signal("threshold").tolist() == thresholds[:, 0].tolist()


@pytest.mark.parametrize("envs", [[], [5], list(range(12))], ids=str)
def test_a_reset_by_mask_forgets_those_environments_and_no_other(task, envs):
    term = task.action.term
    term.enabled.fill_(True)
    term.threshold.fill_(-0.001)
    for _ in range(20):
        task.step(-0.01)
    names = ("fired", "latched", "active")
    assert all(task.action.tensor(name).all() for name in names) and task.action.has_fired.all()
    kept_numbers = parameters(task)
    task.action.reset(mask(envs))
    kept = [i not in envs for i in range(12)]
    for flags in (*(task.action.tensor(name) for name in names), task.action.has_fired):
        assert flags[:, 0].tolist() == kept
    for name, values in parameters(task).items():
        assert values.tolist() == kept_numbers[name].tolist()
    task.action.reset()
    assert not task.action.has_fired.any() and not task.action.tensor("latched").any()


def test_a_stage_asks_nothing_of_torch_and_never_waits(task):
    env, every = task.env, task.env.ALL_ENV_MASK
    stages = {
        "apply_action": lambda: env.action_manager.apply_action(),
        "action reset": lambda: env.action_manager.reset(env_mask=every),
        "terminations": lambda: env.termination_manager.compute(),
        "rewards": lambda: env.reward_manager.compute(dt=env.step_dt),
        "observations": lambda: env.observation_manager.compute(return_cloned_output=False),
        "reset events": lambda: env.event_manager.apply(
            mode="reset", env_mask_wp=every, global_env_step_count=env._global_env_step_count_wp
        ),
    }
    for name, stage in stages.items():
        with counting() as counted:
            stage()
        assert (counted.ops, counted.waits) == (0, 0), name
        assert counted.launches > 0, name


def test_the_rule_and_its_memory_are_three_launches(task):
    with counting() as counted:
        task.action.apply_actions()
    assert counted.launches == 3  # the rule, what has fired, Isaac Lab's write of the command


def test_a_nan_position_fires_nothing_reaches_nothing_and_shows(task):
    action, env = task.action, task.env
    positions = action.joint_pos
    values = positions.numpy().copy()
    values[0, :] = np.nan
    values[1, task.door] = 10.0
    values[2, task.door] = -1.0
    positions.assign(values)
    action.term.enabled.fill_(True)
    action.apply_actions()
    assert not action.tensor("fired")[0].any()
    reached = wp.zeros(12, dtype=wp.bool)
    warp_terms.effect_reached(env, reached)
    assert reached.numpy()[:3].tolist() == [False, True, False]
    progress = env.observation_manager.compute()["contracts"]["progress"][:3, 0].tolist()
    assert math.isnan(progress[0]) and progress[1:] == [1.0, 0.0]


def test_contract_state_goes_out_and_back(task):
    task.action.term.enabled.fill_(True)
    for _ in range(20):
        task.step(np.where(np.arange(12) < 6, -0.01, 0.0))
    state = mdp.get_contract_state(task.env)
    assert state["contracts"]["latched"].any() and not state["contracts"]["latched"].all()
    task.env.reset(seed=8)
    assert not task.action.has_fired.any()
    mdp.set_contract_state(task.env, state)
    for name, values in mdp.get_contract_state(task.env)["contracts"].items():
        assert torch.equal(values, state["contracts"][name]), name


def test_recorders_see_the_state_of_warp_terms(task):
    task.step(0.0)
    recorded = task.env.recorder_manager.get_episode(3).data
    for name in ("initial_contract_state", "contract_states"):
        (thresholds,) = recorded[name]["contracts"]["threshold"]
        assert thresholds.tolist() == task.action.term.threshold.numpy()[3].tolist()


def test_the_descriptor_of_an_observation_says_name_width_and_meaning(task):
    found = task.env.observation_manager._collect_io_descriptors(["contracts"])["contracts"]
    assert [each["name"] for each in found] == [f"contract_{name}" for name in SIGNALS]
    assert {tuple(each["shape"]) for each in found} == {(1,)}
    assert found[0]["extras"]["description"] == warp_terms.contract_fired.__doc__
    assert {each["observation_type"] for each in found} == {"Contract"}


def test_an_action_term_of_another_kind_is_named(task):
    with pytest.raises(TypeError, match="'press' is a JointPositionAction, not a ContractAction"):
        warp_terms.contract_action(task.env, "press")

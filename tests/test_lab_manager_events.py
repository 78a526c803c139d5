# SPDX-License-Identifier: Apache-2.0
"""Contracts randomised per environment in a real ManagerBasedRLEnv, and episodes they end."""

import itertools
import types

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="isaaclab is not installed")

import isaaclab.utils.math as isaac_math
import torch
from causal_contracts.lab import mdp
from running_tasks import (
    EVENTS,
    PRESSED,
    TARGET,
    THRESHOLD,
    TWO_SECONDS,
    numbers,
    on,
    pressing,
    running,
    share,
)


@pytest.fixture(scope="module")
def task(request):
    """One environment at a time; pytest groups the tests by it."""
    yield from running(request.param)


def seeded(task, seed):
    task.env.reset(seed=seed)
    return {name: values.tolist() for name, values in numbers(task).items()}


@EVENTS
def test_random_numbers_differ_per_environment_are_seeded_and_survive_the_terms_reset(task):
    first, again, other = (seeded(task, seed) for seed in (3, 3, 4))
    assert first == again and first != other
    thresholds, targets = np.array(first["threshold"]), np.array(first["target"])
    assert len(set(thresholds)) == len(set(targets)) == 12
    assert thresholds.min() >= -0.0075 and thresholds.max() <= -0.0025
    assert targets.min() >= TARGET - 0.3 and targets.max() <= TARGET
    assert 0 < sum(first["enabled"]) < 12


@EVENTS
def test_only_environments_that_are_reset_draw_again_and_nothing_drifts(task):
    before = (task.env.reset(), numbers(task))[1]
    for _ in range(20):
        task.env.reset(torch.tensor([1, 5], dtype=torch.int32))
    after = numbers(task)
    for name in ("threshold", "target"):
        moved = after[name] != before[name]
        assert np.flatnonzero(moved).tolist() == [1, 5], name
    assert (np.abs(after["threshold"] / THRESHOLD - 1) <= 0.5001).all()


@EVENTS
def test_each_environment_obeys_the_numbers_it_drew(task):
    task.env.reset(seed=5)
    fired_at, drawn, same = np.full(12, np.nan), numbers(task), np.ones(12, bool)
    assert 0 < drawn["enabled"].sum() < 12
    for step in range(40):
        before = task.pos()[0]
        *_, terminated, _, _ = task.step(PRESSED * step / 40)
        same &= ~terminated.numpy()  # an episode that ended drew again
        fired = (before < drawn["threshold"]) & (drawn["enabled"] == 1)
        assert (task.signal("fired") == fired)[same].all()
        target = np.where(task.signal("active") == 1, drawn["target"], 0)
        assert (task.commanded() == target)[same].all()
        fired_at = np.where(same & fired & np.isnan(fired_at), step, fired_at)
    assert len(set(fired_at[~np.isnan(fired_at)])) > 3
    assert (np.isnan(fired_at) == (drawn["enabled"] == 0)).all()


@EVENTS
def test_an_effect_reached_ends_the_episode_where_the_contract_is_enabled(task):
    task.env.reset(seed=5)
    enabled, target = task.signal("enabled").copy() == 1, task.signal("target").copy()
    ended = np.zeros(12, bool)
    for _ in range(TWO_SECONDS - 2):
        door = task.pos()[1]
        *_, terminated, timed_out, _ = task.step(PRESSED)
        newly = terminated.numpy() & ~ended
        assert not timed_out.any()
        assert (share(door, target)[newly] > 0.9).all()
        assert (share(door, target)[~ended & ~newly] < 0.95).all()
        ended |= newly
    assert (ended == enabled).all()


@EVENTS
def test_the_fire_rate_is_logged_for_the_environments_that_are_reset(task):
    task.env.reset(seed=5)
    enabled = task.signal("enabled").copy() == 1
    for _ in range(10):
        task.step(pressing(range(6), 12))
    ids = torch.tensor([0, 1, 2, 3, 4, 7], dtype=torch.int32)
    _, extras = task.env.reset(ids)
    expected = (enabled & (np.arange(12) < 6))[ids.numpy()].mean()
    assert 0 < expected < 1
    found = extras["log"]["Curriculum/fire_rate/press_opens_door"]
    assert found.shape == () and float(found) == pytest.approx(expected)
    _, extras = task.env.reset(ids)
    assert float(extras["log"]["Curriculum/fire_rate/press_opens_door"]) == 0.0


@on(("Isaac Lab events",), ("Isaac Lab events", "ovphysx"))
def test_effect_given_cause_stays_one_under_isaac_labs_randomisation_and_noise(task):
    window = round(2 / task.env.step_dt)
    rng, causes, effects, others = np.random.default_rng(4), 0, 0, []
    for _episode in range(2):
        task.env.reset()
        start = rng.integers(0, window // 2, 16)
        presses = rng.random(16) < 0.7
        doors, buttons = [], []
        for step in range(window // 2 + window):
            held = presses & (start <= step) & (step < start + 8)
            task.step(np.where(held, PRESSED, 0.0))
            button, door = task.pos()
            buttons.append(button)
            doors.append(share(door))
        pressed, covered = np.array(buttons) < THRESHOLD, np.array(doors)
        for env in range(16):
            if pressed[:, env].any():
                at = pressed[:, env].argmax()
                causes += 1
                effects += bool((covered[at : at + window, env] >= 0.95).any())
            else:
                others.append(covered[:, env].max())
    assert causes >= 16 and effects == causes
    assert len(others) >= 4 and max(others) < 0.95
    masses = task.asset.data.body_mass.torch
    assert len(masses[:, -1].unique()) > 8  # the randomisation took place


@on(None)
def test_an_event_before_the_action_manager_does_nothing(task):
    too_early = types.SimpleNamespace()
    mdp.randomize_contract_threshold(too_early, None, (0.0, 1.0))
    mdp.randomize_contract_enabled(too_early, None, 0.5)


@on(("contract events",))
def test_an_event_on_chosen_contracts_takes_every_operation_and_distribution(task):
    task.env.reset()
    kinds = itertools.product(("add", "scale", "abs"), ("uniform", "log_uniform", "gaussian"))
    for operation, distribution in kinds:
        torch.manual_seed(0)
        mdp.randomize_contract_threshold(
            task.env, slice(2, 5), (1.0, 2.0), operation, distribution, ["press_opens_door"]
        )
        torch.manual_seed(0)
        sample = getattr(isaac_math, f"sample_{distribution}")
        drawn = sample(1.0, 2.0, (3, 1), task.env.device).numpy()
        expected = {"add": THRESHOLD + drawn, "scale": THRESHOLD * drawn, "abs": drawn}[operation]
        assert task.action.term.threshold[2:5].numpy().tolist() == expected.tolist()
    with pytest.raises(ValueError, match="operation is 'mul'; there are add, scale and abs"):
        mdp.randomize_contract_target(task.env, None, (1.0, 2.0), "mul")
    with pytest.raises(ValueError, match="distribution is 'normal'; there are"):
        mdp.randomize_contract_target(task.env, None, (1.0, 2.0), "add", "normal")

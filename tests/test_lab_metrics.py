# SPDX-License-Identifier: Apache-2.0
"""Rates of cause and effect while training runs, against NumPy on whole episodes."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
import warp as wp
from causal_contracts.core.compile import compile_bundle
from causal_contracts.lab.logged_rates import KEYS
from causal_contracts.lab.metrics import CELLS, ContractMetrics
from causal_contracts.preview.causality import Cell, judge
from causal_contracts.preview.measured import Episode
from lab_device import DEVICE
from lab_tasks import BUTTON, DOOR, TARGET, THRESHOLD, PressCfg, PressTask, running
from rules import bundle
from syncs import counting

JOINTS = ("a", "b", "c")
RIVALS = bundle(
    "one: a < -0.5 => c := 1.0 rest 0.0, latching",
    "three: a > 0.5 => c := -1.0 rest 0.0, level",
    "two: b > 0.5 => c := 0.8, latching",
    "zero: a > 0.0 => b := 1.0 rest 0.0, latching (disabled)",
)
STEP_DT, WINDOW = 0.1, 0.5


def walk(rng: np.random.Generator, samples: int) -> np.ndarray:
    """One episode of one environment, float32, shape (samples, joints), in which much happens."""
    steps = rng.choice([0.0, 0.0, 0.0, 0.3, -0.3, 0.95], size=(samples, len(JOINTS)))
    path = np.clip(np.cumsum(steps, axis=0), -1, 1).astype(np.float32)
    if rng.random() < 0.1:
        path[rng.integers(samples), rng.integers(len(JOINTS))] = rng.choice([np.nan, np.inf])
    return path


def cells_of(path: np.ndarray, contracts=RIVALS) -> np.ndarray:
    """Counts of one episode by the definition, shape (num_contracts, 9)."""
    counts = np.zeros((len(contracts.contracts), len(CELLS) + 1), np.int64)
    episode = Episode(path[:, None, :], JOINTS, STEP_DT)
    for judgement in judge(contracts, episode, window=WINDOW):
        row = [c.id for c in contracts.contracts].index(judgement.contract.id)
        outcome = judgement.outcomes[0]
        counts[row, CELLS.index(outcome.cell)] += 1
        counts[row, -1] += outcome.cause is not None and outcome.cell is not Cell.NAN
    return counts


def run(metrics: ContractMetrics, episodes: list[list[np.ndarray]], dtype=torch.int32) -> list:
    """Feed the episodes of each environment back to back, in the order of an environment step.

    `dtype` is that of the ids that end, bool for a mask. Returns what is logged at each step.
    """
    cursor = [[0, 0] for _ in episodes]  # episode, sample

    def now() -> torch.Tensor:
        rows = [
            paths[episode][sample] if episode < len(paths) else np.zeros(len(JOINTS), np.float32)
            for paths, (episode, sample) in zip(episodes, cursor, strict=True)
        ]
        return torch.from_numpy(np.array(rows)).to(DEVICE)

    step, logged = 0, []
    while any(at[0] < len(paths) for at, paths in zip(cursor, episodes, strict=True)):
        metrics.watch(now(), step)
        for at in cursor:
            at[1] += 1
        ended = [
            env
            for env, (at, paths) in enumerate(zip(cursor, episodes, strict=True))
            if at[0] < len(paths) and at[1] == len(paths[at[0]]) - 1
        ]
        if dtype is wp.bool:
            mask = wp.array(np.isin(np.arange(len(episodes)), ended), dtype=wp.bool, device=DEVICE)
            metrics.end_episodes_by_mask(wp.from_torch(now()), mask)
        elif ended:
            metrics.end_episodes(now(), torch.tensor(ended, dtype=dtype))
        for env in ended:
            cursor[env] = [cursor[env][0] + 1, 0]
        logged.append({key: float(value) for key, value in metrics.values().items()})
        step += 1
    return logged


def new(num_envs: int, contracts=RIVALS) -> ContractMetrics:
    return ContractMetrics(
        compile_bundle(contracts, JOINTS), num_envs, DEVICE, step_dt=STEP_DT, window=WINDOW
    )


def ratio(some, all_of):
    return some / all_of if all_of else 0.0


def rates(counts: np.ndarray) -> dict[str, float]:
    """The logged rates from counts of shape (9,), by the words of the definition."""
    by = dict(zip([*CELLS, "pressed"], counts.tolist(), strict=True))
    caused = by[Cell.CAUSE_EFFECT] + by[Cell.CAUSE_NO_EFFECT]
    uncaused = by[Cell.NO_CAUSE_EFFECT] + by[Cell.NO_CAUSE_NO_EFFECT]
    return {
        "press_rate": ratio(by["pressed"], sum(by[cell] for cell in CELLS if cell is not Cell.NAN)),
        "effect_given_cause": ratio(by[Cell.CAUSE_EFFECT], caused),
        "effect_given_no_cause": ratio(by[Cell.NO_CAUSE_EFFECT], uncaused),
        "presses": caused,
        "nan_episodes": by[Cell.NAN],
    }


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64, wp.bool])
def test_every_episode_counts_as_the_definition_says(dtype):
    rng = np.random.default_rng(3)
    episodes = [[walk(rng, int(rng.integers(2, 25))) for _ in range(40)] for _ in range(9)]
    metrics = new(9)
    run(metrics, episodes, dtype)
    expected = sum(cells_of(path) for paths in episodes for path in paths)
    assert metrics.counts.numpy().tolist() == expected.tolist()
    # every cell was visited, and the disabled contract counts nowhere
    enabled = [name != "zero" for name in metrics.compiled.ids]
    assert (expected[enabled].sum(axis=0) > 0).all() and (expected[-1] == 0).all()


def test_the_first_log_speaks_of_every_episode_so_far():
    rng = np.random.default_rng(4)
    episodes = [[walk(rng, 20)] for _ in range(60)]
    metrics = new(60)
    run(metrics, episodes)
    expected = sum(cells_of(paths[0]) for paths in episodes)
    values = {key: float(value) for key, value in metrics.values().items()}
    for key, value in rates(expected.sum(axis=0)).items():
        assert values[key] == pytest.approx(value, abs=1e-6), key
    for row, name in enumerate(metrics.compiled.ids):
        for key in ("press_rate", "effect_given_cause"):
            assert values[f"{name}/{key}"] == pytest.approx(rates(expected[row])[key], abs=1e-6)


def test_masks_log_at_every_step_what_ids_log():
    rng = np.random.default_rng(5)
    episodes = [[walk(rng, int(rng.integers(2, 25))) for _ in range(20)] for _ in range(4)]
    by_ids, by_mask = run(new(4), episodes), run(new(4), episodes, wp.bool)
    first = next(step for step, values in enumerate(by_ids) if values)
    assert by_mask[first:] == by_ids[first:]
    # until an episode has ended, a mask logs zeros: the host does not know whether one has
    assert all(set(values.values()) == {0.0} for values in by_mask[:first])
    assert len({values["one/press_rate"] for values in by_ids[first:]}) > 10


def test_a_recorded_end_of_episodes_counts_those_that_the_mask_names_then():
    metrics = new(3)
    path = np.array([[0.0, 0.0, 0.0], [-1.0, 0.0, 0.0]], np.float32)
    positions, mask = wp.zeros((3, 3), dtype=wp.float32), wp.zeros(3, dtype=wp.bool)
    metrics.end_episodes_by_mask(positions, mask)
    with wp.ScopedCapture(DEVICE) as capture:
        metrics.end_episodes_by_mask(positions, mask)
    for step, ends in enumerate(([0, 0, 0], [1, 0, 1], [0, 1, 0], [1, 1, 1])):
        for sample in path:
            positions.assign(np.tile(sample, (3, 1)))
            metrics.watch(positions, 2 * step + int(sample[0]))
        mask.assign(np.array(ends, bool))
        wp.capture_launch(capture.graph)
    # the one that ends at the third round alone is longer than the window after its press
    assert metrics.counts[0].tolist() == [0, 1, 0, 0, 5, 0, 0, 0, 6]
    assert float(metrics.values()["one/press_rate"]) == 1.0


PRESS = bundle("one: a < -0.5 => c := 1.0 rest 0.0, latching")


def episode(*, pressed: bool, opened: bool) -> np.ndarray:
    path = np.zeros((10, 3), np.float32)
    path[2:, 0] = -pressed
    path[4:, 2] = opened
    return path


def test_rates_forget_episodes_older_than_two_for_each_environment():
    metrics = new(2, PRESS)
    broken, works = episode(pressed=True, opened=False), episode(pressed=True, opened=True)
    run(metrics, [[broken] * 3, [broken] * 3])
    assert metrics.values()["effect_given_cause"] == 0.0
    metrics = new(2, PRESS)
    run(metrics, [[broken] * 3 + [works] * 2, [broken] * 3 + [works] * 2])
    assert metrics.values()["effect_given_cause"] == 1.0
    assert metrics.counts[0, :2].tolist() == [4, 6]


def test_a_rate_without_anything_to_count_keeps_its_value_and_is_never_nan():
    metrics = new(1, PRESS)
    assert metrics.values() == {}
    idle, works = episode(pressed=False, opened=False), episode(pressed=True, opened=True)
    run(metrics, [[idle]])
    first = metrics.values()
    assert [float(first[key]) for key in KEYS] == [0.0, 0.0, 0.0, 0.0, 0.0]
    run(metrics, [[works]])
    assert float(metrics.values()["effect_given_cause"]) == 1.0
    run(metrics, [[idle, idle, idle]])
    later = metrics.values()
    assert float(later["presses"]) == 0.0 and float(later["effect_given_cause"]) == 1.0


def test_a_press_with_less_than_the_window_left_is_not_counted():
    late = np.zeros((10, 3), np.float32)
    late[5:, 0] = -1.0  # the last sample lies 0.4 s after the press, the window is 0.5 s
    late[7:, 2] = 1.0
    metrics = new(1, PRESS)
    run(metrics, [[late]])
    values = metrics.values()
    assert float(values["presses"]) == 0.0 and float(values["press_rate"]) == 1.0


@pytest.mark.parametrize(("after", "rate"), [(5, 1.0), (6, 0.0)])
def test_an_effect_at_the_end_of_the_window_counts_and_one_sample_later_does_not(after, rate):
    path = np.zeros((10, 3), np.float32)
    path[2:, 0] = -1.0
    path[2 + after :, 2] = 1.0  # samples are 0.1 s apart, the window is 0.5 s
    metrics = new(1, PRESS)
    run(metrics, [[path]])
    assert float(metrics.values()["presses"]) == 1.0
    assert float(metrics.values()["effect_given_cause"]) == rate


def test_an_environment_that_has_not_stepped_has_no_episode_to_count():
    metrics = new(3, PRESS)
    metrics.end_episodes(torch.zeros(3, 3), torch.arange(3))
    assert metrics.values() == {}
    metrics.watch(torch.zeros(3, 3), 0)
    metrics.end_episodes(torch.zeros(3, 3), torch.arange(2))
    metrics.end_episodes(torch.zeros(3, 3), torch.arange(2))
    metrics.end_episodes(torch.zeros(3, 3), torch.empty(0, dtype=torch.int32))
    assert metrics.counts.sum() == 2


def test_one_id_given_twice_ends_one_episode():
    metrics = new(2, PRESS)
    metrics.watch(torch.zeros(2, 3), 0)
    metrics.end_episodes(torch.zeros(2, 3), torch.tensor([1, 1, 7, -1]))
    assert metrics.counts.sum() == 1


@pytest.fixture(scope="module")
def env():
    cfg = PressCfg(couplings_window=0.5)
    with running(PressTask, cfg) as task:
        yield task


@pytest.fixture(autouse=True)
def fresh(request):
    if "env" in request.fixturenames:
        task = request.getfixturevalue("env")
        task.ends[:] = False
        task.reset()


def play(env, presses, steps=60):
    """Step, pressing at the given steps; positions before each step and after the last one."""
    seen = []
    for step in range(steps):
        seen.append(env.measured())
        env.ends[:] = step == steps - 1
        if step == steps - 1:
            env.checks = [lambda: seen.append(env.measured())]
        env.step(torch.tensor([[float(step >= at)] for at in presses]))
    env.checks = []
    env.ends[:] = False
    return np.array(seen)


def test_logged_rates_equal_arithmetic_on_the_recorded_positions(env):
    before = env.coupling_metrics["microwave"].counts
    seen = play(env, [5, 10, 10_000, 50])  # the last press comes too late to be counted
    button = seen[:, :, env.robot.joint_names.index(BUTTON)]
    door = seen[:, :, env.robot.joint_names.index(DOOR)]
    span = math.floor(0.5 / env.step_dt + 1e-6)
    effects = counted = pressed = stray = 0
    for e in range(env.num_envs):
        crossed = np.flatnonzero(button[:, e] < THRESHOLD)
        reached = np.flatnonzero(door[:, e].astype(float) >= 0.95 * float(TARGET))
        pressed += len(crossed) > 0
        stray += len(crossed) == 0 and len(reached) > 0
        if len(crossed) and crossed[0] + span <= len(seen) - 1:
            counted += 1
            effects += len(reached) > 0 and reached[0] <= crossed[0] + span
    assert (pressed, counted, stray) == (3, 2, 0)
    change = (env.coupling_metrics["microwave"].counts - before)[0].tolist()
    assert change[:2] == [effects, counted - effects]
    assert change[-1] == pressed and change[CELLS.index(Cell.LATE)] == 1


def test_the_log_is_a_new_dict_with_fresh_scalars_at_every_step(env):
    play(env, [5] * 4)
    kept = []
    for _ in range(3):
        env.step(torch.zeros(4, 1))
        log = env.extras["log"]
        assert all(value.shape == () and value.dtype == torch.float32 for value in log.values())
        kept.append((log, {key: float(value) for key, value in log.items()}))
        for key in list(log):  # as RSL-RL's logger does
            log[key] = log[key].unsqueeze(0)
    play(env, [10_000] * 4)
    assert len({id(log) for log, _ in kept}) == 3
    for log, values in kept:
        assert {key: float(value) for key, value in log.items()} == values
    assert set(env.extras["log"]) == {f"Contracts/{key}" for key in KEYS}


def test_what_the_task_logs_stays_in_the_log(env, monkeypatch):
    play(env, [5] * 4)
    mine = {"Task/lids": torch.tensor(3.0)}
    env.extras["log"] = mine
    env.step(torch.zeros(4, 1))
    assert env.extras["log"]["Task/lids"] == 3.0 and "Contracts/press_rate" in env.extras["log"]
    assert set(mine) == {"Task/lids"}


def test_a_nan_environment_is_counted_and_enters_no_rate(env):
    metrics = env.coupling_metrics["microwave"]
    before = metrics.counts
    clean = play(env, [5, 5, 10_000, 5], steps=50)
    env.checks = []
    broken, seen = torch.full((1, 2), float("nan")), []
    for step in range(50):
        if step == 20:
            env.robot.write_joint_position_to_sim_index(position=broken, env_ids=torch.tensor([1]))
        if step == 22:
            assert metrics.lost.tolist() == [False, True, False, False]
        env.ends[:] = step == 49
        if step == 49:
            env.checks = [lambda: seen.append(env.measured())]
        env.step(torch.tensor([[float(step >= at)] for at in [5, 5, 10_000, 5]]))
    env.checks = []
    # the other environments do what they do without it
    assert np.array_equal(seen[0][[0, 2, 3]], clean[-1][[0, 2, 3]])
    change = (metrics.counts - before)[0]
    assert change.tolist() == [5, 0, 0, 2, 0, 0, 0, 1, 5]
    assert all(math.isfinite(float(value)) for value in env.extras["log"].values())
    assert not metrics.lost.any()
    for _ in range(5):
        env.step(torch.zeros(4, 1))
    assert np.isfinite(env.measured()).all()


def test_metrics_never_make_the_host_wait(env):
    binding = env.coupling_bindings["microwave"]
    metrics = env.coupling_metrics["microwave"]
    positions, ids = binding.articulation.data.joint_pos.torch, torch.arange(4, dtype=torch.int32)
    metrics.watch(positions, -1)
    with counting() as counted:
        metrics.watch(positions, -2)
        metrics.end_episodes(positions, ids)
        metrics.values()
    assert counted.waits == 0 and counted.launches == 3


def test_rates_of_many_environments_wait_for_a_64th_of_their_episodes():
    metrics, at_rest = new(128), torch.zeros(128, len(JOINTS), device=DEVICE)
    metrics.watch(at_rest, 0)
    said = []
    for env in range(7):
        metrics.end_episodes(at_rest, torch.tensor([env]))
        said.append(metrics.values())
    assert all(said)
    values = [one["press_rate"] for one in said]
    renewed = [after is not before for before, after in pairwise(values)]
    assert renewed == [False, False, True, False, False, True]  # more than 128 / 64 more episodes


def test_metrics_record_their_launches_once(env, monkeypatch):
    binding = env.coupling_bindings["microwave"]
    metrics = env.coupling_metrics["microwave"]
    positions = binding.articulation.data.joint_pos.torch

    def episode(ids, step):
        metrics.watch(positions, step)
        metrics.end_episodes(positions, torch.tensor(ids, dtype=torch.int32))
        return metrics.values()

    episode([0], -1)
    before = metrics.counts[:, :8].sum()
    monkeypatch.setattr(wp, "launch", lambda *given, **named: pytest.fail("recorded anew"))
    episode([3, 1], -2)
    episode([2, 2, 7, -1], -3)
    monkeypatch.undo()
    assert metrics.counts[:, :8].sum() - before == 3  # episodes: of 3, 1 and, once, of 2


@pytest.mark.skipif(DEVICE != "cpu", reason="what waits on a GPU is counted another way")
def test_the_count_of_waits_sees_each_kind_of_wait():
    with counting() as counted:
        flags = torch.zeros(3, dtype=torch.bool)
        flags[0].item()
        bool(flags.any())
        flags.nonzero()
        wp.zeros(1, dtype=int, device="cpu").numpy()
        flags.cpu()
    assert counted.waits == 5

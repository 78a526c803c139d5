# SPDX-License-Identifier: Apache-2.0
"""A copy whose joints are not finite is ended, counted, reset and well again; no other notices."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
from causal_contracts.lab.metrics import CELLS
from causal_contracts.lab.nan_containment import finite
from causal_contracts.preview.causality import Cell
from train_tasks import sample_task

NUM_ENVS, STEPS, AT, SICK = 6, 30, 12, 2
OTHERS = [env for env in range(NUM_ENVS) if env != SICK]
NOTHING = None
POSITIONS_NAN = ("position", math.nan)
VELOCITY_INF = ("velocity", math.inf)


def injected(task, what: str, value: float) -> None:
    ids = torch.tensor([SICK], dtype=torch.int32)
    bad = torch.full((1, task.asset.num_joints), value)
    write = getattr(task.asset, f"write_joint_{what}_to_sim_index")
    write(**{what: bad, "env_ids": ids})


def ran(backend: str, sickness: tuple[str, float] | None):
    """Everything that was measured and returned, per step, and what was counted."""
    noise = torch.Generator("cpu").manual_seed(1)
    with sample_task("microwave", backend=backend, num_envs=NUM_ENVS) as task:
        steps, ended = [], []
        for step in range(STEPS):
            if step == AT and sickness:
                injected(task, *sickness)
            actions = torch.randn(NUM_ENVS, 1, generator=noise, device="cpu").to(task.device) * 0.5
            seen, reward, terminated, *_ = task.step(actions)
            data = task.asset.data
            steps.append(
                [
                    value.clone()
                    for value in (
                        data.joint_pos.torch,
                        data.joint_vel.torch,
                        seen["policy"],
                        reward,
                    )
                ]
            )
            ended += [(step, int(env)) for env in terminated.nonzero()[:, 0]]
        counts = task.coupling_metrics["asset"].counts[0].tolist()
        nan = (task.nan.episodes.tolist(), int(task.nan.unfinite().sum()))
        summed = (float(task.reward_sum), int(task.reward_count))
        return steps, ended, counts, nan, summed


@pytest.fixture(scope="module", params=["newton", "physx"])
def runs(request):
    return {s: ran(request.param, s) for s in (NOTHING, POSITIONS_NAN, VELOCITY_INF)}


SICKNESSES = pytest.mark.parametrize(
    "sickness", [POSITIONS_NAN, VELOCITY_INF], ids=["position", "velocity"]
)


@SICKNESSES
def test_other_environments_do_not_notice(runs, sickness):
    for well, sick in zip(runs[NOTHING][0], runs[sickness][0], strict=True):
        for expected, found in zip(well, sick, strict=True):
            assert torch.equal(expected[OTHERS], found[OTHERS])


@SICKNESSES
def test_it_ends_in_that_step_and_is_finite_from_then_on(runs, sickness):
    steps, ended, _, (_, still), _ = runs[sickness]
    assert ended == [(AT, SICK)]
    assert all(torch.isfinite(value).all() for step in steps for value in step)
    assert still == 0


@SICKNESSES
def test_it_is_counted_once_and_in_no_rate(runs, sickness):
    _, _, counts, (episodes, _), _ = runs[sickness]
    assert episodes == [int(env == SICK) for env in range(NUM_ENVS)]
    assert dict(zip(CELLS, counts, strict=False)) == {cell: int(cell is Cell.NAN) for cell in CELLS}
    assert counts[-1] == 0


@SICKNESSES
def test_its_reward_is_zero_and_enters_no_mean(runs, sickness):
    steps, _, _, _, (_, finite_rewards) = runs[sickness]
    assert steps[AT][3][SICK] == 0.0
    assert finite_rewards == NUM_ENVS * STEPS - 1
    assert runs[NOTHING][4][1] == NUM_ENVS * STEPS


def test_a_row_with_one_value_that_is_not_finite_is_all_zero():
    rows = torch.tensor([[1.0, 2.0], [math.nan, 2.0], [1.0, -math.inf], [math.inf, math.nan]])
    assert finite(rows).tolist() == [[1.0, 2.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]


def test_an_action_that_is_not_finite_is_no_action():
    with sample_task("microwave", num_envs=4) as task:
        task.step(torch.tensor([[math.nan], [math.inf], [0.5], [0.0]]))
        button = task.asset.joint_names.index("button_slide")
        assert task.targets[:, button].tolist() == pytest.approx([0.0, 0.0, -0.0, 0.0])
        task.step(torch.tensor([[math.nan], [-1.0], [-0.5], [-7.0]]))
        assert task.targets[:, button].tolist() == pytest.approx([0.0, -0.010, -0.005, -0.010])
        assert task.nan.episodes.tolist() == [0, 0, 0, 0]

# SPDX-License-Identifier: Apache-2.0
"""One episode of a policy or of the scripted hand to what it reached, judged from positions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import torch
from causal_contracts.core.articulation import Articulation
from causal_contracts.core.model import Bundle
from causal_contracts.preview.causality import REACHED, Cell, Judgement, judge
from causal_contracts.preview.measured import Episode
from isaaclab.envs import VecEnvObs

from ..metrics import CELLS
from ..tasks.contract_task import ContractTask
from .arm import Evaluation, Rates
from .scripted_hand import ScriptedHand
from .tally import rates

Act = Callable[[torch.Tensor], torch.Tensor]
"""Observations (num_envs, observations) to actions (num_envs, actions)."""
PAUSE = 1.0
"""Seconds without action after the reset."""


def evaluate_policy(
    task: ContractTask, bundle: Bundle, act: Act, *, seconds: float, window: float
) -> Evaluation:
    """Judge one episode of `act`, then reset, wait a second and see what closed.

    Args:
        task: an environment whose episodes are longer than `seconds` and the pause.
        bundle: the contracts.
        act: the policy.
        seconds: length of the episode.
        window: seconds that an effect may take.
    """
    positions, reward = _record(task, lambda obs, time: act(obs), seconds)
    return _evaluation(task, bundle, positions, reward, window)


def evaluate_scripted(
    task: ContractTask,
    articulation: Articulation,
    bundle: Bundle,
    *,
    seconds: float,
    window: float,
    seed: int,
) -> Evaluation:
    """The same judgement with a hand that presses every trigger in every environment."""
    hand = ScriptedHand(task, articulation, bundle, seconds=seconds, window=window, seed=seed)
    positions, reward = _record(task, lambda obs, time: hand.act(time), seconds)
    return _evaluation(task, bundle, positions, reward, window)


def _record(
    task: ContractTask, act: Callable[[torch.Tensor, float], torch.Tensor], seconds: float
) -> tuple[np.ndarray, float]:
    """Positions (num_samples, num_envs, num_joints), and the reward of the last step."""
    steps = round(seconds / task.step_dt)
    joint_pos = task.binding.joint_pos
    samples = torch.empty(
        (steps * task.cfg.decimation + 1, task.num_envs, task.asset.num_joints),
        device=task.device,
        dtype=torch.float32,
    )
    taken = 0

    def take(measured: torch.Tensor) -> None:
        nonlocal taken
        samples[taken] = measured
        taken += 1

    reward = torch.zeros(task.num_envs, device=task.device)
    with torch.inference_mode():
        observations, _ = task.reset()
        take(joint_pos())
        task.on_measured = take
        try:
            for step in range(steps):
                actions = act(_seen(observations), step * task.step_dt)
                observations, reward, *_ = task.step(actions)
        finally:
            task.on_measured = None
        finite = ~task.nan.lost
        mean = (reward[finite].sum() / finite.sum().clamp(min=1)).item()
    return samples.cpu().numpy(), mean


def _evaluation(
    task: ContractTask, bundle: Bundle, positions: np.ndarray, reward: float, window: float
) -> Evaluation:
    episode = Episode(positions, tuple(task.asset.joint_names), task.physics_dt)
    judgements = judge(bundle, episode, window=window)
    at_end = task.progress_of(torch.as_tensor(positions[-1], device=task.device)) >= REACHED
    closed = _closed_after_reset(task)
    ids = [judgement.contract.id for judgement in judgements]
    return Evaluation(
        num_envs=task.num_envs,
        seconds=(len(positions) - 1) * task.physics_dt,
        reached=dict(zip(ids, at_end.sum(dim=0).tolist(), strict=True)),
        rates={one.contract.id: _rates(one) for one in judgements},
        latencies={
            one.contract.id: tuple(
                sorted(row.latency for row in one.outcomes if row.latency is not None)
            )
            for one in judgements
        },
        reward=reward,
        closed_after_reset=dict(zip(ids, closed, strict=True)),
    )


def _closed_after_reset(task: ContractTask) -> list[int]:
    """Environments whose effect is at rest again, by contract."""
    with torch.inference_mode():
        task.reset()
        nothing = torch.zeros_like(task.actions)
        for _ in range(round(PAUSE / task.step_dt)):
            task.step(nothing)
        at_rest = task.progress_of(task.binding.joint_pos()).abs() <= 1.0 - REACHED
    return at_rest.sum(dim=0).tolist()


def _seen(observations: VecEnvObs) -> torch.Tensor:
    seen = observations["policy"]
    assert isinstance(seen, torch.Tensor)
    return seen


def _rates(judgement: Judgement) -> Rates:
    cells = Counter(outcome.cell for outcome in judgement.outcomes)
    pressed = sum(
        outcome.cause is not None and outcome.cell is not Cell.NAN for outcome in judgement.outcomes
    )
    return rates([*(cells[cell] for cell in CELLS), pressed])

# SPDX-License-Identifier: Apache-2.0
"""A running ContractTask to Iterations: one read of the device per update."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch
from causal_contracts.preview.causality import Cell

from ..metrics import CELLS
from ..tasks.contract_task import ContractTask
from .arm import Iteration, NanRecord, Rates
from .process_group import summed
from .world import ALONE, World

WIDTH = len(CELLS) + 1
"""Columns of the metrics' counts: the cells, and presses."""


def rates(counts: Sequence[int]) -> Rates:
    """One row of the metrics' counts, shape (9,); lost episodes are in no number."""
    by = dict(zip(CELLS, counts, strict=False))
    good, bad = by[Cell.CAUSE_EFFECT], by[Cell.CAUSE_NO_EFFECT]
    stray, none = by[Cell.NO_CAUSE_EFFECT], by[Cell.NO_CAUSE_NO_EFFECT]
    return Rates(
        episodes=sum(counts[: len(CELLS)]) - by[Cell.NAN],
        causes=counts[len(CELLS)],
        effect_given_cause=(good, good + bad),
        effect_given_no_cause=(stray, stray + none),
        released=by[Cell.RELEASED],
    )


class Tally:
    """Reads what a task has counted since the last reading, summed over all processes."""

    def __init__(
        self,
        task: ContractTask,
        *,
        on_iteration: Callable[[Iteration], None],
        world: World = ALONE,
    ) -> None:
        """Begin with a task that has not been stepped; every process makes the same calls."""
        self._task = task
        self._on_iteration = on_iteration
        self._world = world
        self._steps = 0
        self._metrics = task.coupling_metrics[task.binding.name]
        self._last = [0.0] * (self._metrics.counts.numel() + 3)
        self._clock = time.perf_counter()
        self.iterations: list[Iteration] = []

    def update(self, steps: int) -> None:
        """Note one iteration whose rollout took `steps` environment steps."""
        now = self._read()
        new = [here - before for here, before in zip(now, self._last, strict=True)]
        clock = time.perf_counter()
        self._steps += steps * self._task.num_envs * self._world.size
        *counts, reward, finite, lost = new
        rows = [counts[at : at + WIDTH] for at in range(0, len(counts), WIDTH)]
        iteration = Iteration(
            iteration=len(self.iterations) + 1,
            env_steps=self._steps,
            rates=rates([round(sum(column)) for column in zip(*rows, strict=True)]),
            reward=reward / finite if finite else 0.0,
            nan_environments=round(lost),
            seconds=clock - self._clock,
        )
        self._last, self._clock = now, clock
        self.iterations.append(iteration)
        if self._world.first:
            self._on_iteration(iteration)

    def contracts(self) -> dict[str, Rates]:
        """By contract id, since the start, of the enabled contracts."""
        counts = [round(number) for number in self._read()[:-3]]
        compiled = self._metrics.compiled
        return {
            name: rates(counts[at * WIDTH : (at + 1) * WIDTH])
            for at, name in enumerate(compiled.ids)
            if compiled.enabled[at]
        }

    def nan(self) -> NanRecord:
        """Environments that were lost, counted through all processes, and which are finite now."""
        nan, count = self._task.nan, self._task.num_envs
        everywhere = torch.zeros((2, self._world.size * count), dtype=torch.int64)
        mine = everywhere[:, self._world.rank * count :][:, :count]
        mine.copy_(torch.stack((nan.episodes, nan.unfinite().long())))
        episodes, lost = summed(everywhere.to(nan.episodes.device)).cpu()
        return NanRecord(
            episodes=int(episodes.sum()),
            environments=tuple(episodes.nonzero()[:, 0].tolist()),
            recovered=int(((episodes > 0) & (lost == 0)).sum()),
        )

    def _read(self) -> list[float]:
        task = self._task
        totals = (task.reward_sum, task.reward_count, task.nan.episodes.sum())
        parts = [self._metrics.counts.flatten(), *(total.reshape(1) for total in totals)]
        # float64 holds every count exactly up to 2**53
        return summed(torch.cat([part.double() for part in parts])).tolist()

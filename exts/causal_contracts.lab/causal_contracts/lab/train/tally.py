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

WIDTH = len(CELLS) + 1
"""Columns of the metrics' counts: the cells, and presses."""


def rates(counts: Sequence[int]) -> Rates:
    """One row of the metrics' counts, shape (8,); lost episodes are in no number."""
    by = dict(zip(CELLS, counts, strict=False))
    good, bad = by[Cell.CAUSE_EFFECT], by[Cell.CAUSE_NO_EFFECT]
    stray, none = by[Cell.NO_CAUSE_EFFECT], by[Cell.NO_CAUSE_NO_EFFECT]
    return Rates(
        episodes=sum(counts[: len(CELLS)]) - by[Cell.NAN],
        causes=counts[len(CELLS)],
        effect_given_cause=(good, good + bad),
        effect_given_no_cause=(stray, stray + none),
    )


class Tally:
    """Reads what a task has counted since the last reading, summed over all processes."""

    def __init__(
        self,
        task: ContractTask,
        *,
        on_iteration: Callable[[Iteration], None],
        reduce: Callable[[torch.Tensor], torch.Tensor] = lambda numbers: numbers,
        processes: int = 1,
    ) -> None:
        self._task = task
        self._on_iteration = on_iteration
        self._reduce = reduce
        self._processes = processes
        self._steps = 0
        self._metrics = task.coupling_metrics[task.binding.name]
        self._last = self._read()
        self._clock = time.perf_counter()
        self.iterations: list[Iteration] = []

    def update(self, steps: int) -> None:
        """Note one iteration whose rollout took `steps` environment steps."""
        now = self._read()
        new = [here - before for here, before in zip(now, self._last, strict=True)]
        clock = time.perf_counter()
        self._steps += steps * self._task.num_envs * self._processes
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
        """Environments of this process that were lost, and how many of them are finite now."""
        nan = self._task.nan
        ever = nan.episodes > 0
        recovered = ever & ~nan.unfinite()
        return NanRecord(
            episodes=int(nan.episodes.sum()),
            environments=tuple(ever.nonzero()[:, 0].tolist()),
            recovered=int(recovered.sum()),
        )

    def _read(self) -> list[float]:
        task = self._task
        totals = (task.reward_sum, task.reward_count, task.nan.episodes.sum())
        parts = [self._metrics.counts.flatten(), *(total.reshape(1) for total in totals)]
        # float64 holds every count exactly up to 2**53
        return self._reduce(torch.cat([part.double() for part in parts])).tolist()

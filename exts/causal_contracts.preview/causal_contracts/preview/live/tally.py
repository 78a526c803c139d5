# SPDX-License-Identifier: Apache-2.0
"""One sample after another to cause and effect: the judgement of `causality`, in bounded memory.

A trial of a clone runs from one reset to the next. All that a judgement needs of a trial are first
occurrences, so nothing of it is kept but their sample numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from causal_contracts.core.model import (
    Bundle,
    Contract,
    JointThreshold,
    Mode,
    Op,
    SetDriveTarget,
)

from ..causality import REACHED, judged
from ..report import Rates
from .verdicts import NONE, Totals, Trials, Verdicts, first_moves, verdicts_of


class Tally:
    """Judges every clone's present trial, and adds up those that are over."""

    def __init__(
        self, joint_names: Sequence[str], num_envs: int, dt: float, *, window: float, settle: float
    ) -> None:
        self.joint_names, self.num_envs, self.dt = tuple(joint_names), num_envs, dt
        self.contracts: tuple[Contract, ...] = ()
        self.span = math.floor(window / dt + 1e-6)
        self.settle = round(settle / dt)
        self.samples = np.zeros(num_envs, dtype=np.int64)
        """Samples of each clone's trial."""
        self.lost = np.zeros(num_envs, dtype=bool)
        """Clones in whose trial a position was not finite."""
        self._moved = np.full((num_envs, len(self.joint_names)), np.inf)
        """Sample at which a contract that is no more first moved a joint, inf where none did."""
        self._allocate()

    def rule(self, bundle: Bundle, touched: np.ndarray, step: int, *, forget: bool = False) -> None:
        """Judge this bundle from now on; contracts that changed start again, others go on.

        A clone in which something has moved is judged for them after its next reset alone.
        `touched` and `step` are as in `verdicts`. `forget` starts every contract again.
        """
        now = judged(bundle, self.joint_names)
        before, after = ([], []) if forget else _unchanged(self.contracts, now)
        start = (step - self.samples)[:, None]
        moved = (touched - start < self.samples[:, None]).any(axis=1)
        moved |= (self._began < NONE).any(axis=1) | self._edited.any(axis=1)
        old = self._state()
        totals, early = self._totals, self._early
        for row in {*range(len(self.contracts))}.difference(before):
            column = self._moved[:, self._effect[row]]
            began = self._began[:, row]
            np.copyto(column, np.minimum(column, began), where=began < NONE)
        self.contracts = now
        self._allocate()
        self._edited[:] = moved[:, None]
        for was, state in zip(old, self._state(), strict=True):
            state[:, after] = was[:, before]
        if self._early.size and early.size:
            self._early[..., after] = early[..., before]
        self._totals.take_over(after, totals, before)

    def add(self, joint_pos: np.ndarray) -> None:
        """Take one sample, float32, shape (num_envs, num_joints)."""
        self.lost |= ~np.isfinite(joint_pos).all(axis=1)
        now = self.samples[:, None]
        measured = joint_pos[:, self._trigger]
        fires = np.where(self._greater, measured > self._threshold, measured < self._threshold)
        np.copyto(self._began, now, where=fires & (self._began == NONE))
        lets_go = self._level & ~fires & (self._began != NONE)
        np.copyto(self._released, now, where=lets_go & (self._released == NONE))
        effect = joint_pos[:, self._effect].astype(np.float64)
        if self._early.size:
            self._settle_down(effect)
        reached = self._reaches(effect, self._rest)
        self.now_reached = reached
        np.copyto(self._first, now, where=reached & (self._first == NONE))
        timely = reached & (now <= self._began + self.span) & (self._began <= now)
        np.copyto(self._ended, now, where=timely & (self._ended == NONE))
        self.samples += 1

    def finish(self, mask: np.ndarray, touched: np.ndarray, step: int) -> None:
        """Count the trials of the masked clones and begin new ones."""
        self._totals.add(self.verdicts(touched, step), mask & (self.samples > 0))
        self.samples[mask] = 0
        self.lost[mask] = False
        self._edited[mask] = False
        self.now_reached[mask] = False
        self._moved[mask] = np.inf
        for first in (self._began, self._ended, self._first, self._released):
            first[mask] = NONE

    def verdicts(self, touched: np.ndarray, step: int) -> Verdicts:
        """Per contract and clone what the present trial shows.

        `touched` is the step at which the hand first touches each joint in the trial, inf where it
        does not, shape (num_envs, num_joints); `step` is the one that comes next.
        """
        since = touched - (step - self.samples)[:, None]
        by_hand_or_before = np.minimum(since, self._moved)
        began = np.where(self._began == NONE, np.inf, self._began)
        moved, others = first_moves(began, self._effect, len(self.joint_names))
        trials = Trials(
            samples=self.samples[:, None],
            lost=self.lost[:, None],
            edited=self._edited,
            began=self._began,
            ended=self._ended,
            first=self._first,
            released=self._released,
            rival=np.minimum(by_hand_or_before[:, self._effect], others),
            mover=np.minimum(by_hand_or_before, moved)[:, self._trigger],
        )
        return verdicts_of(trials, self.span, self.dt)

    def rates(self, verdicts: Verdicts | None = None) -> tuple[Rates, list[tuple[Contract, Rates]]]:
        """Over all contracts and for each: finished trials, and `verdicts` of those that run."""
        overall, rows = self._totals.rates(verdicts)
        return overall, list(zip(self.contracts, rows, strict=True))

    def _allocate(self) -> None:
        """State of `contracts`; each array has shape (num_envs, num_judged)."""
        triggers, effects = [], []
        for contract in self.contracts:
            assert isinstance(contract.trigger, JointThreshold)
            assert isinstance(contract.effect, SetDriveTarget)
            triggers.append(contract.trigger)
            effects.append(contract.effect)
        shape = (self.num_envs, len(triggers))
        columns = {name: column for column, name in enumerate(self.joint_names)}
        self._totals = Totals(len(triggers))
        self._trigger = np.array([columns[t.joint] for t in triggers], dtype=np.intp)
        self._effect = np.array([columns[e.joint] for e in effects], dtype=np.intp)
        self._greater = np.array([t.op == Op.GREATER for t in triggers], dtype=bool)
        self._threshold = np.array([t.threshold for t in triggers], dtype=np.float32)
        self._target = np.array([e.target for e in effects], dtype=np.float32).astype(np.float64)
        given = [np.nan if e.rest is None else e.rest for e in effects]
        self._measured = np.array([e.rest is None for e in effects], dtype=bool)
        self._rest = np.tile(np.array(given, dtype=np.float32).astype(np.float64), (shape[0], 1))
        self._level = np.array([c.mode == Mode.LEVEL for c in self.contracts], dtype=bool)
        self._began, self._ended, self._first, self._released = (
            np.full(shape, NONE, dtype=np.int64) for _ in range(4)
        )
        self._edited = np.zeros(shape, dtype=bool)
        self.now_reached = np.zeros(shape, dtype=bool)
        length = self.settle + 1 if self._measured.any() else 0
        self._early = np.zeros((length, *shape))
        """Effect positions until they have settled, where a contract states no rest."""

    def _state(self) -> tuple[np.ndarray, ...]:
        """What a trial has shown so far, each (num_envs, num_judged)."""
        first = (self._began, self._ended, self._first, self._released)
        return (*first, self._rest, self._edited)

    def _reaches(self, effect: np.ndarray, rest: np.ndarray) -> np.ndarray:
        way = self._target - rest
        # A target at rest is no way at all and is never covered.
        return ((effect - rest) * np.sign(way) >= REACHED * np.abs(way)) & (way != 0)

    def _settle_down(self, effect: np.ndarray) -> None:
        """Measure the rests that nobody states, and then judge the samples until then by them."""
        early = np.flatnonzero(self.samples <= self.settle)
        if not early.size:
            return
        self._early[self.samples[early], early] = effect[early]
        self._rest[np.ix_(early, self._measured)] = effect[np.ix_(early, self._measured)]
        for clone in np.flatnonzero(self.samples == self.settle):
            reached = self._reaches(self._early[:, clone], self._rest[clone])
            for row in np.flatnonzero(self._measured):
                samples = np.flatnonzero(reached[:, row])
                began = self._began[clone, row]
                timely = samples[(samples >= began) & (samples <= began + self.span)]
                self._first[clone, row] = samples[0] if samples.size else NONE
                self._ended[clone, row] = timely[0] if timely.size else NONE


def _unchanged(old: Sequence[Contract], new: Sequence[Contract]) -> tuple[list[int], list[int]]:
    """Rows of the contracts that are the same, in the old rule and in the new."""
    rows = {contract.id: row for row, contract in enumerate(old)}
    pairs = [
        (was, row)
        for row, contract in enumerate(new)
        if (was := rows.get(contract.id)) is not None and old[was] == contract
    ]
    return [was for was, _ in pairs], [row for _, row in pairs]

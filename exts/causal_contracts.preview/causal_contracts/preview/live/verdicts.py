# SPDX-License-Identifier: Apache-2.0
"""First occurrences of every clone and contract to verdicts, all at once, and counts of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..causality import Cell
from ..report import Cells, Rates
from ..summary import rates_of
from .messages import CELLS, EDITED

NONE = np.iinfo(np.int64).max // 4
"""Sample number of what has not happened."""
LATENCIES = 4096
"""Latencies kept of a contract."""
_CODE = {cell: code for code, cell in enumerate(CELLS)}
_EFFECT = _CODE[Cell.CAUSE_EFFECT]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one clone's trial shows for one contract."""

    cell: str
    spontaneous: bool = False
    latency: float | None = None
    """[s]"""


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What every trial shows; each array has shape (num_judged, num_envs)."""

    cells: np.ndarray
    """Index into `CELLS`, uint8."""
    spontaneous: np.ndarray
    """bool"""
    latency: np.ndarray
    """[s], float64, NaN where no effect counts."""

    def __getitem__(self, row: int) -> list[Verdict]:
        """The verdicts of one contract, clone by clone."""
        columns = (self.cells[row], self.spontaneous[row], self.latency[row])
        return [
            Verdict(CELLS[cell], alone, None if took != took else took)
            for cell, alone, took in zip(*(each.tolist() for each in columns), strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """The sample numbers that a judgement needs; (num_envs, num_judged) where nothing is said."""

    samples: np.ndarray
    """Samples of each clone's trial, int64, shape (num_envs, 1)."""
    lost: np.ndarray
    """Clones with a position that was not finite, bool, shape (num_envs, 1)."""
    edited: np.ndarray
    """bool"""
    began: np.ndarray
    """First cause, int64, `NONE` without."""
    ended: np.ndarray
    """Effect within the window of the cause, int64, `NONE` without."""
    first: np.ndarray
    """First effect, int64, `NONE` without."""
    released: np.ndarray
    """A level contract's trigger lets go, int64, `NONE` without."""
    rival: np.ndarray
    """Something else moves the effect joint, float64, inf without."""
    mover: np.ndarray
    """The hand or a contract moves the trigger, float64, inf without."""


def verdicts_of(trials: Trials, span: int, dt: float) -> Verdicts:
    """`causality.cell_of` for arrays, with what else a verdict says.

    Args:
        trials: what happened.
        span: samples of the window after a cause.
        dt: seconds between samples.
    """
    t = trials
    caused, early = t.began < t.samples, t.first < t.began
    nothing, over = t.ended == NONE, t.began + span
    # The first that holds decides.
    cases = (
        (t.edited, EDITED),
        (np.broadcast_to(t.lost, caused.shape), Cell.NAN),
        (early & (t.rival <= t.first), Cell.CONFOUNDED),
        (early, Cell.NO_CAUSE_EFFECT),
        (~caused & (t.rival < t.samples), Cell.CONFOUNDED),
        (~caused, Cell.NO_CAUSE_NO_EFFECT),
        (over > t.samples - 1, Cell.LATE),
        (t.released <= over, Cell.RELEASED),
        (t.rival <= np.where(nothing, over, t.ended), Cell.CONFOUNDED),
        (nothing, Cell.CAUSE_NO_EFFECT),
    )
    cells = np.full(caused.shape, _EFFECT, dtype=np.uint8)
    for holds, cell in reversed(cases):
        cells[holds] = _CODE[cell]
    alone = caused & ((t.began == 0) | (t.began < t.mover)) & ~t.edited
    latency = np.where(cells == _EFFECT, t.ended * dt - t.began * dt, np.nan)
    return Verdicts(cells.T, alone.T, latency.T)


def first_moves(
    began: np.ndarray, effect: np.ndarray, num_joints: int
) -> tuple[np.ndarray, np.ndarray]:
    """When contracts first move each joint, and when others than each contract move its own.

    Args:
        began: samples at which contracts fire, float64, inf without, (num_envs, num_judged).
        effect: column of the joint that each one moves, intp, (num_judged,).
        num_joints: number of columns.

    Returns:
        float64 arrays, (num_envs, num_joints) and (num_envs, num_judged), inf where nothing does.
    """
    joints = np.full((len(began), num_joints), np.inf)
    if not effect.size:
        return joints, began.copy()
    order = np.argsort(effect, kind="stable")
    moved, starts, group = np.unique(effect[order], return_index=True, return_inverse=True)
    ordered = began[:, order]
    soonest = np.minimum.reduceat(ordered, starts, axis=1)
    joints[:, moved] = soonest
    is_first = ordered == soonest[:, group]
    alone = np.add.reduceat(is_first, starts, axis=1, dtype=np.int64) == 1
    second = np.minimum.reduceat(np.where(is_first, np.inf, ordered), starts, axis=1)
    others = np.empty_like(began)
    others[:, order] = np.where(is_first & alone[:, group], second[:, group], soonest[:, group])
    return joints, others


class Totals:
    """Trials of contracts that are over, counted row by row."""

    def __init__(self, num_judged: int) -> None:
        self._cells = np.zeros((num_judged, len(CELLS)), dtype=np.int64)
        self._spontaneous = np.zeros(num_judged, dtype=np.int64)
        self.latencies: list[deque[float]] = [deque(maxlen=LATENCIES) for _ in range(num_judged)]

    def take_over(self, rows: Sequence[int], other: Totals, were: Sequence[int]) -> None:
        """Go on in `rows` with what another one counted in its rows `were`."""
        self._cells[rows] = other._cells[were]
        self._spontaneous[rows] = other._spontaneous[were]
        for row, was in zip(rows, were, strict=True):
            self.latencies[row] = other.latencies[was]

    def add(self, found: Verdicts, counted: np.ndarray) -> None:
        """Count the clones of the mask `counted`, as far as their trials count."""
        cells, spontaneous = _counts(found, counted)
        self._cells += cells
        self._spontaneous += spontaneous
        for row, seconds in _latencies(found, counted).items():
            self.latencies[row].extend(seconds)

    def rates(self, present: Verdicts | None) -> tuple[Rates, list[Rates]]:
        """Over all rows and for each, with the trials that still run."""
        cells, spontaneous, latencies = self._cells, self._spontaneous, self.latencies
        if present is not None:
            everyone = np.ones(present.cells.shape[1], dtype=bool)
            more, fires = _counts(present, everyone)
            cells, spontaneous = cells + more, spontaneous + fires
            latencies = [*latencies]
            for row, seconds in _latencies(present, everyone).items():
                latencies[row] = deque((*latencies[row], *seconds), LATENCIES)
        rows = [
            _rates(*one)
            for one in zip(cells.tolist(), spontaneous.tolist(), latencies, strict=True)
        ]
        newest: deque[float] = deque(maxlen=LATENCIES)
        for seconds in reversed(latencies):
            newest.extendleft(
                reversed(list(seconds)[max(0, len(seconds) + len(newest) - LATENCIES) :])
            )
            if len(newest) == LATENCIES:
                break
        return _rates(cells.sum(axis=0).tolist(), int(spontaneous.sum()), newest), rows


def _counts(found: Verdicts, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Clones in each cell, (num_judged, num_cells), and spontaneous fires, (num_judged,)."""
    cells = found.cells[:, counted]
    rows = np.arange(len(cells))[:, None] * len(CELLS)
    size = len(cells) * len(CELLS)
    cells = np.bincount((rows + cells).ravel(), minlength=size).reshape(-1, len(CELLS))
    cells[:, _CODE[EDITED]] = 0
    return cells, found.spontaneous[:, counted].sum(axis=1)


def _latencies(found: Verdicts, counted: np.ndarray) -> dict[int, list[float]]:
    """By row, in the order of the clones."""
    latency = found.latency[:, counted]
    known = latency == latency
    return {int(row): latency[row][known[row]].tolist() for row in np.flatnonzero(known.any(1))}


def _rates(cells: Sequence[int], spontaneous: int, latencies: Sequence[float]) -> Rates:
    """As in the report of a preview."""
    counted = {str(cell): cells[_CODE[cell]] for cell in Cell}
    return rates_of(Cells(**counted), list(latencies), spontaneous)

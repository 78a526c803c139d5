# SPDX-License-Identifier: Apache-2.0
"""Judging all clones and contracts at once says what judging them one by one says, bit for bit."""

from __future__ import annotations

from collections import Counter, deque

import numpy as np
import pytest
from causal_contracts.preview.causality import Cell, cell_of
from causal_contracts.preview.live.messages import CELLS, EDITED
from causal_contracts.preview.live.verdicts import (
    LATENCIES,
    NONE,
    Totals,
    Trials,
    Verdict,
    first_moves,
    verdicts_of,
)

SPAN, DT = 12, 1 / 120


def traces(seed, *, num_envs=37, num_judged=23):
    """Sample numbers as trials may show them, of every kind, none of them alike."""
    rng = np.random.default_rng(seed)
    shape = (num_envs, num_judged)

    def happens(share):
        when = rng.integers(0, 60, shape)
        return np.where(rng.random(shape) < share, when, NONE)

    began = happens(0.7)
    within = began + rng.integers(0, SPAN + 1, shape)
    rival, mover = (np.where(happens(0.3) == NONE, np.inf, happens(1.0) / 1.5) for _ in range(2))
    return Trials(
        samples=rng.integers(0, 70, (num_envs, 1)),
        lost=rng.random((num_envs, 1)) < 0.1,
        edited=rng.random(shape) < 0.1,
        began=np.where(rng.random(shape) < 0.1, 0, began),
        ended=np.where((rng.random(shape) < 0.6) & (began < NONE), within, NONE),
        first=happens(0.5),
        released=happens(0.3),
        rival=rival,
        mover=mover,
    )


def one_by_one(t, clone, row):
    """The same judgement with plain numbers."""
    if t.edited[clone, row]:
        return Verdict(EDITED)
    samples, began = int(t.samples[clone, 0]), int(t.began[clone, row])
    ended, first = int(t.ended[clone, row]), int(t.first[clone, row])
    cell = cell_of(
        not t.lost[clone, 0],
        began,
        None if ended == NONE else ended,
        first,
        float(t.rival[clone, row]),
        SPAN,
        samples,
        int(t.released[clone, row]),
    )
    took = ended * DT - began * DT if cell is Cell.CAUSE_EFFECT else None
    alone = began < samples and (began == 0 or began < t.mover[clone, row])
    return Verdict(str(cell), bool(alone), took)


@pytest.mark.parametrize("seed", range(4))
def test_every_trial_is_judged_as_alone(seed):
    trials = traces(seed)
    found = verdicts_of(trials, SPAN, DT)
    num_envs, num_judged = trials.began.shape
    expected = [
        [one_by_one(trials, clone, row) for clone in range(num_envs)] for row in range(num_judged)
    ]
    assert [found[row] for row in range(num_judged)] == expected
    assert {each.cell for row in expected for each in row} == set(CELLS)


def test_a_rival_is_the_first_of_the_other_contracts_on_a_joint():
    rng = np.random.default_rng(7)
    began = rng.integers(0, 6, (40, 11)).astype(float)
    began[rng.random(began.shape) < 0.3] = np.inf
    effect = rng.integers(0, 5, 11)
    effect[effect == 3] = 4
    joints, others = first_moves(began, effect, 6)
    for clone in range(40):
        for joint in range(6):
            movers = began[clone, effect == joint]
            assert joints[clone, joint] == min(movers, default=np.inf)
        for row in range(11):
            rivals = [began[clone, k] for k in range(11) if k != row and effect[k] == effect[row]]
            assert others[clone, row] == min(rivals, default=np.inf)


def test_no_contract_has_no_rival():
    joints, others = first_moves(np.zeros((3, 0)), np.zeros(0, dtype=np.intp), 2)
    assert others.shape == (3, 0) and np.isinf(joints).all()


def test_totals_count_the_masked_clones_in_their_order():
    totals = Totals(23)
    cells = [Counter() for _ in range(23)]
    latencies = [deque(maxlen=LATENCIES) for _ in range(23)]
    spontaneous = [0] * 23
    rng = np.random.default_rng(3)
    for seed in range(6):
        found = verdicts_of(traces(seed), SPAN, DT)
        mask = rng.random(37) < 0.5 if seed < 5 else np.ones(37, dtype=bool)
        if seed < 5:
            totals.add(found, mask)
        for row in range(23):
            for clone in np.flatnonzero(mask):
                verdict = found[row][clone]
                if verdict.cell == EDITED:
                    continue
                cells[row][verdict.cell] += 1
                spontaneous[row] += verdict.spontaneous
                if verdict.latency is not None:
                    latencies[row].append(verdict.latency)
    overall, rows = totals.rates(verdicts_of(traces(5), SPAN, DT))  # the sixth still runs
    for row, rates in enumerate(rows):
        for cell in Cell:
            assert getattr(rates.cells, cell) == cells[row][cell]
        assert rates.spontaneous_fires == spontaneous[row]
        assert (rates.latency is None) == (not latencies[row])
        if rates.latency is not None:
            assert rates.latency.min == round(min(latencies[row]), 6)
            assert rates.latency.median == round(float(np.median(latencies[row])), 6)
    assert overall.cells.cause_effect == sum(one["cause_effect"] for one in cells)
    assert overall.spontaneous_fires == sum(spontaneous)


def test_the_newest_latencies_are_kept_of_all_contracts_together():
    totals = Totals(3)
    for row in range(3):
        totals.latencies[row].extend([0.1 * (row + 1)] * 3000)
    overall, _ = totals.rates(None)
    assert overall.latency is not None
    assert (overall.latency.min, overall.latency.median) == (0.2, 0.3)  # 1096 of 0.2, 3000 of 0.3

# SPDX-License-Identifier: Apache-2.0
"""Four cells, latency and exclusions on trajectories whose answer is known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from causal_contracts.core.model import Bundle, Contract, JointThreshold, Mode, Op, SetDriveTarget
from causal_contracts.preview.causality import Cell, Judgement, judge
from causal_contracts.preview.measured import Episode
from causal_contracts.preview.wilson import wilson
from hypothesis import given
from hypothesis import strategies as st

DT = 0.1
STEPS = 61  # samples 0.0 .. 6.0 s
JOINTS = ("button", "door", "key", "lamp")


def contract(
    name="a",
    trigger="button",
    effect="door",
    *,
    op=Op.LESS,
    threshold=-0.005,
    target=1.0,
    rest=0.0,
    enabled=True,
):
    return Contract(
        name,
        JointThreshold(trigger, op, threshold, "m"),
        SetDriveTarget(effect, target, rest, "rad"),
        Mode.LATCHING,
        enabled,
    )


def still(num_envs=1):
    return np.zeros((STEPS, num_envs, len(JOINTS)), dtype=np.float32)


def press(positions, at, clone=0, joint="button", depth=-0.01):
    positions[round(at / DT) :, clone, JOINTS.index(joint)] = depth


def ramp(positions, start, rate, clone=0, joint="door", until=1.0):
    """The joint moves from 0 at `start` with `rate` per second, and stops at `until`."""
    time = np.arange(STEPS) * DT
    positions[:, clone, JOINTS.index(joint)] = np.clip(
        (time - start) * rate, min(0, until), max(0, until)
    )


def one(positions, *contracts, window=2.0, hand_at=None, settle=0.0) -> Judgement:
    episode = Episode(positions, JOINTS, DT, settle, hand_at)
    return judge(Bundle(contracts or (contract(),)), episode, window=window)[0]


def test_latency_is_the_time_from_the_crossing_to_95_percent_of_the_way():
    positions = still()
    press(positions, 1.0)
    ramp(positions, 1.0, rate=1.0)
    outcome = one(positions).outcomes[0]
    # 0.95 of the way at rate 1 takes 0.95 s: the first sample at or after it is 1.0 s later.
    assert outcome.cell is Cell.CAUSE_EFFECT
    assert outcome.cause == pytest.approx(1.0)
    assert outcome.latency == pytest.approx(1.0)


def test_94_percent_of_the_way_is_no_effect_and_95_is():
    positions = still(2)
    for clone, reached in ((0, 0.94), (1, 0.951)):
        press(positions, 1.0, clone)
        ramp(positions, 1.0, 2.0, clone, until=reached)
    cells = [outcome.cell for outcome in one(positions).outcomes]
    assert cells == [Cell.CAUSE_NO_EFFECT, Cell.CAUSE_EFFECT]


def test_an_effect_that_moves_downwards_counts_alike():
    positions = still()
    press(positions, 1.0)
    ramp(positions, 1.0, -1.0, until=-1.0)
    assert one(positions, contract(target=-1.0)).outcomes[0].cell is Cell.CAUSE_EFFECT


def test_an_effect_after_the_window_is_no_effect_of_that_cause():
    positions = still()
    press(positions, 1.0)
    ramp(positions, 3.0, rate=1.0)
    assert one(positions).outcomes[0].cell is Cell.CAUSE_NO_EFFECT
    assert one(positions, window=4.0).outcomes[0].cell is Cell.CAUSE_EFFECT


def test_the_last_sample_of_the_window_counts():
    positions = still()
    press(positions, 1.0)
    positions[30:, 0, 1] = 1.0
    assert one(positions).outcomes[0].latency == pytest.approx(2.0)
    positions[30, 0, 1] = 0.0
    assert one(positions).outcomes[0].cell is Cell.CAUSE_NO_EFFECT


def test_a_cause_with_less_than_the_window_left_is_listed_and_not_counted():
    positions = still(2)
    press(positions, 4.0, 0)
    press(positions, 4.1, 1)
    cells = [outcome.cell for outcome in one(positions).outcomes]
    assert cells == [Cell.CAUSE_NO_EFFECT, Cell.LATE]


def test_no_cause_is_judged_over_the_whole_episode():
    positions = still(2)
    ramp(positions, 5.0, 10.0, clone=1)
    cells = [outcome.cell for outcome in one(positions).outcomes]
    assert cells == [Cell.NO_CAUSE_NO_EFFECT, Cell.NO_CAUSE_EFFECT]


def test_an_effect_that_stands_before_its_cause_is_an_effect_without_cause():
    positions = still()
    ramp(positions, 0.5, 10.0)
    press(positions, 2.0)
    assert one(positions).outcomes[0].cell is Cell.NO_CAUSE_EFFECT


def test_the_threshold_itself_does_not_cause():
    positions = still()
    press(positions, 1.0, depth=np.float32(-0.005))
    assert one(positions).outcomes[0].cause is None
    press(positions, 1.0, depth=np.nextafter(np.float32(-0.005), np.float32(-1)))
    assert one(positions).outcomes[0].cause == pytest.approx(1.0)


def test_the_threshold_itself_does_not_cause_upwards_either():
    greater = contract(op=Op.GREATER, threshold=0.3)
    positions = still()
    press(positions, 1.0, depth=np.float32(0.3))
    assert one(positions, greater).outcomes[0].cause is None
    press(positions, 1.0, depth=np.nextafter(np.float32(0.3), np.float32(1)))
    assert one(positions, greater).outcomes[0].cause == pytest.approx(1.0)


def test_a_condition_true_at_the_first_sample_is_a_spontaneous_fire():
    positions = still()
    press(positions, 0.0)
    hand_at = np.zeros((1, len(JOINTS)))
    assert one(positions, hand_at=hand_at).outcomes[0].spontaneous


def test_a_cause_before_the_hand_touches_the_trigger_is_spontaneous():
    hand_at = np.full((2, len(JOINTS)), np.inf)
    hand_at[:, 0] = 1.0
    positions = still(2)
    press(positions, 0.5, 0)
    press(positions, 1.2, 1)
    assert [outcome.spontaneous for outcome in one(positions, hand_at=hand_at).outcomes] == [
        True,
        False,
    ]


def test_a_trigger_moved_by_another_contract_is_not_spontaneous():
    positions = still()
    press(positions, 1.0)
    ramp(positions, 1.0, 2.0)
    chained = contract("b", "door", "lamp", op=Op.GREATER, threshold=0.5)
    hand_at = np.full((1, len(JOINTS)), np.inf)
    hand_at[:, 0] = 0.9
    episode = Episode(positions, JOINTS, DT, 0.0, hand_at)
    first, second = judge(Bundle((contract(), chained)), episode)
    assert not first.outcomes[0].spontaneous and not second.outcomes[0].spontaneous
    assert second.outcomes[0].cause == pytest.approx(1.3)  # 2 (t - 1) > 0.5 first at 1.3 s


def test_a_nan_clone_is_contained():
    positions = still(2)
    for clone in range(2):
        press(positions, 1.0, clone)
        ramp(positions, 1.0, 2.0, clone)
    positions[40, 0, 3] = np.nan
    judgement = one(positions)
    assert [outcome.cell for outcome in judgement.outcomes] == [Cell.NAN, Cell.CAUSE_EFFECT]
    assert judgement.outcomes[0].latency is None


def test_an_effect_that_another_contract_may_have_caused_is_counted_for_neither_cell():
    positions = still(4)
    other = contract("b", trigger="key")
    press(positions, 1.0, 0, "key")  # only the other
    ramp(positions, 1.0, 2.0, 0)
    press(positions, 1.0, 1, "key")  # the other first
    press(positions, 2.5, 1)
    ramp(positions, 1.0, 2.0, 1)
    press(positions, 1.0, 2)  # this one first, the other after the effect
    press(positions, 2.5, 2, "key")
    ramp(positions, 1.0, 2.0, 2)
    cells = [outcome.cell for outcome in one(positions, contract(), other).outcomes]
    assert cells == [Cell.CONFOUNDED, Cell.CONFOUNDED, Cell.CAUSE_EFFECT, Cell.NO_CAUSE_NO_EFFECT]


def test_a_disabled_rival_confounds_nothing_and_is_not_judged():
    positions = still()
    press(positions, 1.0, 0, "key")
    bundle = Bundle((contract(), contract("b", trigger="key", enabled=False)))
    (judgement,) = judge(bundle, Episode(positions, JOINTS, DT))
    assert judgement.outcomes[0].cell is Cell.NO_CAUSE_NO_EFFECT


def test_an_effect_joint_that_the_hand_moved_says_nothing_without_a_cause():
    positions = still()
    ramp(positions, 1.0, 2.0)
    hand_at = np.full((1, len(JOINTS)), np.inf)
    hand_at[0, 1] = 1.0
    assert one(positions, hand_at=hand_at).outcomes[0].cell is Cell.CONFOUNDED


def test_without_a_rest_the_way_starts_at_the_settled_position():
    positions = still()
    positions[:, 0, 1] = 0.5
    press(positions, 1.0)
    positions[15:, 0, 1] = 0.96  # 92 % of the way from 0.5 to 1, 96 % of the way from 0
    assert one(positions, contract(rest=None), settle=0.5).outcomes[0].cell is Cell.CAUSE_NO_EFFECT
    positions[20:, 0, 1] = 0.98
    assert one(positions, contract(rest=None), settle=0.5).outcomes[0].effect == pytest.approx(2.0)


def test_a_target_at_rest_is_never_an_effect():
    positions = still()
    press(positions, 1.0)
    assert one(positions, contract(target=0.0)).outcomes[0].cell is Cell.CAUSE_NO_EFFECT


@pytest.mark.parametrize(
    "successes, total, expected",
    [
        (0, 0, None),
        (10, 10, (0.7225, 1.0)),  # published example values of the Wilson interval
        (0, 10, (0.0, 0.2775)),
        (5, 10, (0.2366, 0.7634)),
    ],
)
def test_wilson_interval(successes, total, expected):
    assert wilson(successes, total) == (expected and pytest.approx(expected, abs=1e-4))


@given(start=st.integers(0, 60), rate=st.floats(0.2, 5.0), window=st.integers(1, 30))
def test_cells_agree_with_arithmetic(start, rate, window):
    """A linear effect from the cause on is reached after ceil(0.95 / (rate dt)) samples."""
    positions = still()
    positions[start:, 0, 0] = -0.01
    samples = np.maximum(np.arange(STEPS) - start, 0)
    positions[:, 0, 1] = np.minimum(samples * rate * DT, 1.0)
    needed = math.ceil(0.95 / (rate * DT) - 1e-4)
    margin = abs(0.95 / (rate * DT) - round(0.95 / (rate * DT)))
    if margin < 1e-3:
        return  # decided by rounding, not by arithmetic
    expected = (
        Cell.LATE
        if start + window > STEPS - 1
        else Cell.CAUSE_EFFECT
        if needed <= window
        else Cell.CAUSE_NO_EFFECT
    )
    assert one(positions, window=window * DT).outcomes[0].cell is expected

# SPDX-License-Identifier: Apache-2.0
"""A worker process on real PhysX, driven as a panel does: presses, resets, swaps, native."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest
from causal_contracts.core.model import Bundle
from causal_contracts.preview.live.changes import amended, bundle_of, couplings_of, swap_to
from causal_contracts.preview.live.client import LiveClient, State
from causal_contracts.preview.live.messages import (
    ACTIVE,
    FIRED,
    LATCHED,
    REACHED,
    Native,
    Pattern,
    Pause,
    Play,
    Press,
    Release,
    Reset,
    SetPattern,
    Speed,
    Step,
    Swap,
    Watch,
)
from live_runs import BUTTON, CONTRACT, DATA, DOOR, column, running, start, steps, until

OPEN = math.radians(90)


@pytest.fixture(scope="module")
def worker():
    """One process for the module; each test starts clones in it anew."""
    client = LiveClient()
    client.prepare()
    yield client
    client.close()


@pytest.fixture
def live(worker):
    return running(worker)


def swap(client, **effect_or_trigger):
    """Swap with the first contract's trigger or effect changed."""
    bundle = bundle_of(client.rule.couplings)
    contract = bundle[CONTRACT]
    for role, changes in effect_or_trigger.items():
        contract = replace(contract, **{role: replace(getattr(contract, role), **changes)})
    client.send(Swap(couplings=couplings_of(Bundle((contract,), bundle.asset))))


def test_a_swap_of_a_part_changes_that_part_and_says_no_more(worker):
    """One of the stove's contracts: the rule and its latches are those of a swap of them all."""
    client = running(worker, asset=str(DATA / "stove" / "stove.usda"), num_envs=2)
    before = bundle_of(client.rule.couplings)
    first, *others = before.contracts
    assert len(others) == 3
    other = replace(first, effect=replace(first.effect, target=first.effect.target / 2))
    wanted = couplings_of(replace(before, contracts=(other, *others)))
    change = swap_to(wanted, client.rule.couplings)
    assert change.partly and [row["id"] for row in change.couplings["couplings"]] == [first.id]
    client.send(Press(clones=(1,)))
    steps(client, 60)
    client.send(change)
    until(client, lambda: len(client.changes) == 2)
    assert client.rule.couplings == wanted and client.changes[-1].change == change
    assert len(client.rule.ids) == 4
    steps(client, 60)
    column_of = client.frame.joint_pos[:, client.ready.joint_names.index(other.effect.joint)]
    still = others[0].effect
    also = client.frame.joint_pos[:, client.ready.joint_names.index(still.joint)]
    assert column_of[1] == pytest.approx(other.effect.target, abs=3e-4)
    assert also[1] == pytest.approx(still.target, abs=3e-4)


def test_the_least_that_makes_a_bundle_of_another_is_what_differs():
    one, two = ({"id": name, "mode": "level"} for name in ("a", "b"))
    running = {"version": 1, "asset": "x.usda", "couplings": [one, two]}
    other = {**two, "mode": "latching"}
    wanted = {**running, "couplings": [one, other]}
    assert swap_to(wanted, running) == Swap(
        couplings={**running, "couplings": [other]}, partly=True
    )
    assert amended(running, {"couplings": [other]}) == wanted
    for whole in ({**wanted, "couplings": [one]}, {**wanted, "asset": "y.usda"}):
        assert swap_to(whole, running) == Swap(couplings=whole)
    assert swap_to(wanted, None) == Swap(couplings=wanted)


def test_a_press_of_one_clone_opens_that_door_and_no_other(live):
    live.send(Press(clones=(2,)))
    steps(live, 120)
    assert column(live, DOOR)[2] == pytest.approx(OPEN, abs=0.05)
    assert np.abs(column(live, DOOR)[[0, 1, 3]]).max() < 1e-3
    assert [live.frame.flag(c, CONTRACT, FIRED) for c in range(4)] == [False, False, True, False]


def test_a_released_button_returns_and_the_latch_holds_the_door(live):
    live.send(Press(clones=(0,), seconds=0.3))
    live.send(Press(clones=(1,)))
    steps(live, 60)
    live.send(Release(clones=(1,)))
    steps(live, 120)
    assert np.abs(column(live, BUTTON)).max() < 1e-3
    assert live.frame.flags[:2, 0].tolist() == [LATCHED | ACTIVE | REACHED] * 2
    assert live.frame.flags[2:, 0].tolist() == [0, 0]


def test_a_reset_of_one_clone_resets_that_one_even_while_it_is_paused(live):
    live.send(Press(clones=(0,), seconds=0.3))
    live.send(Press(clones=(3,)))
    steps(live, 150)
    before = live.frame
    live.send(Reset(clones=(3,)))
    until(live, lambda: live.frame is not before)
    assert live.frame.step == before.step
    assert abs(column(live, DOOR)[3]) < 1e-9 and live.frame.flags[3, 0] == 0
    assert np.array_equal(live.frame.joint_pos[:3], before.joint_pos[:3])
    steps(live, 2)
    assert column(live, DOOR)[0] > 1.5
    steps(live, 60)
    assert np.abs(live.frame.joint_pos[3]).max() < 1e-3  # the hand has let go, too


def test_a_swap_moves_open_doors_to_another_target_and_keeps_their_latch(live):
    live.send(Press(clones=(1,), seconds=0.3))
    steps(live, 150)
    swap(live, effect={"target": math.radians(45)})
    steps(live, 150)
    assert column(live, DOOR)[1] == pytest.approx(math.radians(45), abs=0.05)
    assert live.frame.flag(1, CONTRACT, LATCHED)
    assert live.frame.episode_step == live.frame.step  # nothing was built or reset


def test_a_swapped_threshold_counts_from_the_next_step(live):
    live.send(Press(clones=(0,), joint=BUTTON, value=-0.003))
    steps(live, 60)
    assert live.frame.flags[0, 0] == 0
    swap(live, trigger={"threshold": -0.002})
    steps(live, 1)
    assert live.frame.flag(0, CONTRACT, FIRED)


def test_a_swap_is_running_within_a_tenth_of_a_second(live):
    live.send(Speed(times=1.0))
    live.send(Play())
    step = live.frame.step
    until(live, lambda: live.frame.step > step + 10)
    began = time.perf_counter()
    swap(live, trigger={"threshold": -0.004})
    took = []
    until(live, lambda: any(_changed(live, took, began)))
    live.send(Pause())
    assert took[0] < 0.1, took


def _changed(client, took, began):
    """Note when the new rule is known to run."""
    rule = bundle_of(client.rule.couplings)[CONTRACT]
    if rule.trigger.threshold == -0.004:
        took.append(time.perf_counter() - began)
        yield True


def test_native_switches_the_contract_off_and_on(live):
    live.send(Native(on=True))
    live.send(Press(clones=(0,)))
    steps(live, 90)
    assert abs(column(live, DOOR)[0]) < 1e-3 and column(live, BUTTON)[0] < -0.005
    live.send(Native(on=False))
    steps(live, 90)
    assert column(live, DOOR)[0] > 1.4


def test_the_pattern_loops_with_a_reset_and_another_seed(worker):
    pattern = Pattern(kind="fraction", seconds=3.2)
    running(worker, pattern=pattern, loop=True, num_envs=8)
    steps(worker, 385)
    first = worker.frame.flags[:, 0] > 0
    assert first.sum() == 4 and worker.frame.episode == 0
    steps(worker, 10)
    assert worker.frame.episode == 1 and not worker.frame.flags.any()
    steps(worker, 375)
    second = worker.frame.flags[:, 0] > 0
    assert second.sum() == 4 and not np.array_equal(first, second)


def test_hold_keeps_its_clones_pressed_and_sweep_presses_each_deeper(worker):
    running(worker, pattern=Pattern(kind="hold"))
    steps(worker, 240)
    assert (column(worker, BUTTON) < -0.005).sum() == 2
    worker.send(SetPattern(pattern=Pattern(kind="sweep")))
    steps(worker, 110)
    depth = column(worker, BUTTON)
    assert (np.diff(depth) < -1e-3).all()
    fired = (worker.frame.flags[:, 0] & FIRED) > 0
    assert np.array_equal(fired, depth < np.float32(-0.005)) and 0 < fired.sum() < 4


def test_watched_clones_have_a_trace_without_gaps(live):
    live.send(Watch(clones=(2, 0)))
    live.send(Press(clones=(2,)))
    live.send(Step(count=120))
    numbers, positions = [], []

    def take():
        if live.frame.trace_steps.size and live.frame.trace_steps[0] not in numbers:
            numbers.extend(live.frame.trace_steps.tolist())
            positions.append(live.frame.trace_pos)
        return live.frame.step == 120

    until(live, take)
    trace = np.concatenate(positions)
    assert numbers == list(range(120)) and trace.shape == (120, 2, 2)
    assert np.array_equal(trace[-1], live.frame.joint_pos[[2, 0]])
    assert np.abs(trace[0]).max() < 1e-9 and trace[-1, 0].all()


def test_what_cannot_be_done_is_said_and_the_run_goes_on(live):
    for command, words in (
        (Press(clones=(9,)), "no clone 9"),
        (Press(clones=(0,), joint="dor", value=1.0), "no joint 'dor'"),
        (Swap(couplings={"version": 1, "couplings": 3}), "couplings"),
        (SetPattern(pattern=Pattern(seconds=0.5)), "leave no time"),
    ):
        live.send(command)
        until(live, lambda words=words: words in live.error)
    steps(live, 5)
    assert live.state is State.RUNNING


def test_metrics_tell_cause_and_effect_and_the_speed(live):
    live.send(Press(clones=(0, 1), seconds=0.3))
    steps(live, 300)
    until(live, lambda: live.metrics.step == live.frame.step)
    rates = live.metrics.overall
    assert (rates.cells.cause_effect, rates.cells.no_cause_no_effect) == (2, 2)
    assert 0.2 < rates.latency.median < 0.8
    assert live.metrics.contracts[0].cells[:2] == ("cause_effect", "cause_effect")
    assert live.metrics.steps_per_second > 0


def test_an_edit_after_a_press_is_not_counted_before_the_next_reset(live):
    live.send(Press(clones=(0,), seconds=0.3))
    steps(live, 60)
    swap(live, trigger={"threshold": -0.004})
    steps(live, 30)
    until(live, lambda: live.metrics.step == live.frame.step)
    assert live.metrics.contracts[0].cells == ("edited", *["no_cause_no_effect"] * 3)
    live.send(Reset())
    steps(live, 1)
    until(live, lambda: live.metrics.step == live.frame.step)
    assert "edited" not in live.metrics.contracts[0].cells


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"asset": "/nowhere/oven.usda"}, "oven.usda"),
        ({"num_envs": 257}, "1 to 256"),
        ({"sim": "fysx"}, "no simulation is called 'fysx'"),
        ({"couplings": {"couplings": 3}}, "couplings"),
        ({"snapshot": "#usda 1.0\n"}, "microwave.usda"),
    ],
)
def test_what_cannot_be_built_gets_its_sentence_and_the_worker_waits(worker, wrong, words):
    worker.start(start(**wrong))
    end = time.monotonic() + 60
    while worker.state is not State.FAILED and time.monotonic() < end:
        worker.poll()
        time.sleep(0.01)
    assert words in worker.error and "Traceback" not in worker.error
    assert running(worker).state is State.RUNNING


def test_changes_are_told_with_the_step_at_which_they_took_effect(live):
    steps(live, 7)
    live.send(Press(clones=(0,)))
    until(live, lambda: live.changes)
    assert [(entry.step, entry.change) for entry in live.changes] == [(7, Press(clones=(0,)))]

# SPDX-License-Identifier: Apache-2.0
"""Arms of a gate made by hand: numbers to results, sound unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from causal_contracts.lab.train.arm import (
    ArmRequest,
    ArmResult,
    Evaluation,
    Iteration,
    NanRecord,
    Rates,
)
from causal_contracts.lab.train.facts import AssetFacts

ID = "press_opens_door"
REQUEST = ArmRequest(asset=Path("microwave.usda"), arm="contract", eval_envs=256)
FACTS = AssetFacts(
    articulation=".",
    joint_names=("button_slide", "door_hinge"),
    fingerprint="0" * 64,
    sentences=((ID, f"{ID}: button_slide < -0.005 m => door_hinge := 1.571 rad, latching"),),
    skipped=(),
)
SOUND = NanRecord(episodes=0, environments=(), recovered=0)


def rates(episodes=64, causes=32, after=None, without=0):
    """Of `episodes`, `causes` with a cause, all counted; `after` of these with an effect."""
    after = causes if after is None else after
    return Rates(episodes, causes, (after, causes), (without, episodes - causes))


def iteration(number, counted, reward, **changes):
    row = Iteration(number, 1536 * number, counted, reward, nan_environments=0, seconds=0.1)
    return replace(row, **changes)


def evaluation(envs=256, pressed=256, after=None, *, closed=None, ids=(ID,), reward=1.0):
    counted = rates(envs, pressed, after)
    effects = counted.effect_given_cause[0]
    return Evaluation(
        num_envs=envs,
        seconds=4.0,
        reached=dict.fromkeys(ids, effects),
        rates=dict.fromkeys(ids, counted),
        latencies={name: tuple(0.4 + i % 5 / 60 for i in range(effects)) for name in ids},
        reward=reward if effects else 0.0,
        closed_after_reset=dict.fromkeys(ids, envs if closed is None else closed),
    )


def contract_arm(length=20, *, ids=(ID,), **changes):
    """A policy that learns to press; every press has its effect."""
    rows = [
        iteration(n, rates(64, round(64 * n / length)), 0.9 * n / length)
        for n in range(1, length + 1)
    ]
    pressed = sum(row.rates.causes for row in rows)
    result = ArmResult(
        request=REQUEST,
        iterations=tuple(rows),
        contracts=dict.fromkeys(ids, rates(64 * length, pressed)),
        nan=SOUND,
        evaluation=evaluation(ids=ids),
        scripted=evaluation(ids=ids),
        policy=None,
        versions={"isaaclab": "3.0.0"},
        seconds=12.0,
    )
    return replace(result, **changes)


def native_arm(length=20, *, ids=(ID,), **changes):
    """A policy that presses now and then, and nothing follows."""
    rows = [iteration(n, rates(64, 3, after=0), 0.0) for n in range(1, length + 1)]
    result = ArmResult(
        request=replace(REQUEST, arm="native"),
        iterations=tuple(rows),
        contracts=dict.fromkeys(ids, rates(64 * length, 3 * length, after=0)),
        nan=SOUND,
        evaluation=evaluation(pressed=0, ids=ids),
        scripted=evaluation(after=0, ids=ids),
        policy=None,
        versions={"isaaclab": "3.0.0"},
        seconds=12.0,
    )
    return replace(result, **changes)

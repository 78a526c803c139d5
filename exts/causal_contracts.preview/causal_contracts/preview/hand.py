# SPDX-License-Identifier: Apache-2.0
"""A bundle and a seed to presses: which clones press which trigger, when and how far."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from causal_contracts.core.articulation import Articulation, Joint
from causal_contracts.core.issue import ContractError, error
from causal_contracts.core.model import Contract, JointThreshold, Mode, Op, SetDriveTarget, Unit
from causal_contracts.core.quantity import show

RAMP = 0.15
"""Seconds from rest to the pressed target."""
LAG = 0.5
"""Seconds that a trigger is given to follow its drive across the threshold."""
TAP = 0.5
"""Seconds that a trigger of latching contracts alone is held."""
MARGIN = {"rad": 0.1, "m": 0.005}
"""Least distance past the threshold where the joint has no limit there."""
_OPS = {str(op): op for op in Op}


@dataclass(frozen=True, slots=True)
class Press:
    """``target(t) = rest + (pressed - rest) * clip(min(t - start, end - t) / RAMP, 0, 1)``."""

    joint: str
    op: Op
    """The side of the threshold that is pressed."""
    column: int
    """Index of the joint in the clones' joint order."""
    rest: float
    """Drive target before and after [rad or m]."""
    pressed: float
    """Drive target while held [rad or m]."""
    hold: float
    """Seconds at `pressed`, between two ramps."""
    start: np.ndarray
    """When each clone begins [s], float64, shape (num_envs,), inf where it never presses."""
    unit: Unit | None = None
    depth: np.ndarray | None = None
    """Share of the way to `pressed` that each clone goes, shape (num_envs,); None: all of it."""

    @property
    def clones(self) -> tuple[int, ...]:
        """The clones that press, in order."""
        return tuple(int(clone) for clone in np.flatnonzero(np.isfinite(self.start)))

    def describe(self, given_drive: tuple[float, float] | None = None) -> str:
        """One line of what is done, and that the preview lends a drive where the asset has none."""
        start, end = show(self.rest, unit=self.unit), show(self.pressed, unit=self.unit)
        text = (
            f"{self.joint}: drive target {start} -> {end} "
            f"over {RAMP} s, held {self.hold:.4g} s, "
            f"in {len(self.clones)} of {len(self.start)} clones"
        )
        if given_drive is None:
            return text
        stiffness, damping = given_drive
        return (
            f"{text}; the asset gave no drive, so the preview lends one: "
            f"stiffness {stiffness:.4g}, damping {damping:.4g}"
        )


class Hand:
    """Writes the drive targets of pressed triggers; allocates nothing after construction."""

    def __init__(self, presses: Sequence[Press], num_envs: int, num_joints: int) -> None:
        self.presses = tuple(presses)
        self.num_joints = num_joints
        self._share = np.zeros(num_envs)
        self._left = np.zeros(num_envs)
        self._touched = np.zeros(num_envs, dtype=bool)

    @property
    def started_at(self) -> np.ndarray:
        """First touch of each joint [s], shape (num_envs, num_joints), inf where never."""
        first = np.full((len(self._share), self.num_joints), np.inf)
        for press in self.presses:
            first[:, press.column] = np.minimum(first[:, press.column], press.start)
        return first

    def write(self, time: float, targets_out: np.ndarray) -> None:
        """Writes targets at `time` [s] into float32 (num_envs, num_joints) where a press runs."""
        for press in self.presses:
            # share = clip(min(time - start, end - time) / RAMP, 0, 1), in place.
            np.subtract(time, press.start, out=self._share)
            np.subtract(2 * RAMP + press.hold, self._share, out=self._left)
            np.minimum(self._share, self._left, out=self._share)
            self._share /= RAMP
            np.clip(self._share, 0.0, 1.0, out=self._share)
            np.greater(self._share, 0.0, out=self._touched)
            if press.depth is not None:
                self._share *= press.depth
            self._share *= press.pressed - press.rest
            self._share += press.rest
            np.copyto(
                targets_out[:, press.column], self._share, where=self._touched, casting="same_kind"
            )


def plan_presses(
    contracts: Sequence[Contract],
    articulation: Articulation,
    joint_names: Sequence[str],
    rest: np.ndarray,
    *,
    num_envs: int,
    seconds: float,
    settle: float,
    window: float,
    fraction: float,
    seed: int,
) -> tuple[Press, ...]:
    """One press per pair of trigger joint and op that no contract moves by itself.

    `rest` holds the drive targets before any press [rad or m], shape (num_joints,).
    Each press has its own permutation of the clones, drawn from `seed` and the joint's name, so
    that adding a contract changes no other press.
    Raises `ContractError` where the episode is too short to press and wait for `window`.
    """
    latest = seconds - window - RAMP - LAG
    if latest < settle:
        least = settle + window + RAMP + LAG
        what = f"{seconds:g} s leave no time to settle {settle:g} s, press, and wait {window:g} s"
        raise ContractError(
            error("--seconds", what, f"give at least {least:.4g} s, or a shorter --window")
        )
    presses: list[Press] = []
    taken: dict[str, np.ndarray] = {}
    groups = _groups(contracts)
    for joint, op in hand_triggers(contracts, joint_names):
        group = [c.trigger for c in groups[joint, op]]
        rng = np.random.default_rng([seed, zlib.crc32(f"{joint} {op}".encode())])
        order = taken[joint][::-1] if joint in taken else rng.permutation(num_envs)
        chosen = order[: math.floor(fraction * num_envs + 0.5)]
        taken.setdefault(joint, order)
        start = np.full(num_envs, np.inf)
        start[chosen] = rng.uniform(settle, latest, size=len(chosen))
        for other in presses:
            # One joint cannot be pressed both ways at a time: the first press keeps the clone.
            if other.joint == joint:
                start[np.isfinite(other.start)] = np.inf
        column = list(joint_names).index(joint)
        known = next(iter(articulation.find(joint)), None)
        level = any(c.mode == Mode.LEVEL for c in groups[joint, op])
        presses.append(
            Press(
                joint,
                op,
                column,
                float(rest[column]),
                _pressed(
                    known,
                    op,
                    [t.threshold for t in group if isinstance(t, JointThreshold)],
                    float(rest[column]),
                ),
                window + LAG if level else TAP,
                start,
                known.unit if known else None,
            )
        )
    return tuple(presses)


def hand_triggers(
    contracts: Sequence[Contract], joint_names: Sequence[str]
) -> tuple[tuple[str, Op], ...]:
    """The pairs (trigger joint, op) that only a hand can bring about, sorted.

    A trigger that another contract drives past its threshold is left to that contract; of a ring
    of contracts that wait for each other the first is pressed.
    """
    waiting = sorted(
        {pair for c in contracts if (pair := _pair(c)) is not None and pair[0] in joint_names}
    )
    pressed: list[tuple[str, Op]] = []
    moved: list[Contract] = []
    known: set[str] = set()
    groups = _groups(contracts)
    movers = _movers(contracts)
    by_hand = [
        pair
        for pair in waiting
        if not any(_drives(c, pair, groups) for c in movers.get(pair[0], ()))
    ]
    while True:
        pressed += by_hand
        waiting = [pair for pair in waiting if pair not in by_hand]
        reached = set(pressed)
        while found := [c for c in contracts if c.id not in known and _pair(c) in reached]:
            moved += found
            known |= {c.id for c in found}
            reached |= {pair for pair in waiting if any(_drives(c, pair, groups) for c in moved)}
        waiting = [pair for pair in waiting if pair not in reached]
        if not waiting:
            return tuple(sorted(pressed))
        by_hand = waiting[:1]


def hand_joints(contracts: Sequence[Contract], joint_names: Sequence[str]) -> tuple[str, ...]:
    """The joints that the hand moves, so that clones can lend them a drive."""
    return tuple(sorted({joint for joint, _ in hand_triggers(contracts, joint_names)}))


def _pair(contract: Contract) -> tuple[str, Op] | None:
    trigger = contract.trigger
    if not isinstance(trigger, JointThreshold) or trigger.op not in _OPS:
        return None
    return trigger.joint, _OPS[trigger.op]


def _groups(contracts: Sequence[Contract]) -> dict[tuple[str, Op] | None, list[Contract]]:
    """The contracts of each pair of trigger joint and op, in their order."""
    groups: dict[tuple[str, Op] | None, list[Contract]] = {}
    for contract in contracts:
        groups.setdefault(_pair(contract), []).append(contract)
    return groups


def _movers(contracts: Sequence[Contract]) -> dict[str, list[Contract]]:
    """The contracts that move each joint, in their order."""
    movers: dict[str, list[Contract]] = {}
    for contract in contracts:
        if isinstance(contract.effect, SetDriveTarget):
            movers.setdefault(contract.effect.joint, []).append(contract)
    return movers


def _drives(
    contract: Contract,
    pair: tuple[str, Op],
    groups: Mapping[tuple[str, Op] | None, Sequence[Contract]],
) -> bool:
    """Whether the effect of `contract` crosses a threshold of the triggers `pair`."""
    if not isinstance(contract.effect, SetDriveTarget) or contract.effect.joint != pair[0]:
        return False
    target = contract.effect.target
    thresholds = [
        c.trigger.threshold for c in groups.get(pair, ()) if isinstance(c.trigger, JointThreshold)
    ]
    return all(target > limit if pair[1] is Op.GREATER else target < limit for limit in thresholds)


def _pressed(joint: Joint | None, op: Op, thresholds: Sequence[float], rest: float) -> float:
    """The limit beyond the thresholds where there is one, else a margin past the furthest."""
    sign = 1.0 if op is Op.GREATER else -1.0
    furthest = max(thresholds, key=lambda threshold: sign * threshold)
    limit = None if joint is None else joint.upper if op is Op.GREATER else joint.lower
    if limit is not None and math.isfinite(limit):
        return limit
    least = MARGIN.get(joint.unit or "rad", 0.1) if joint else 0.1
    return furthest + sign * max(least, 0.5 * abs(furthest - rest))

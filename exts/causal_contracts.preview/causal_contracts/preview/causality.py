# SPDX-License-Identifier: Apache-2.0
"""Measured positions and a bundle to four cells of cause and effect; no flag of the term."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from causal_contracts.core.model import Bundle, Contract, JointThreshold, Mode, Op, SetDriveTarget

REACHED = 0.95
"""Share of the way from rest to target that counts as the effect."""
_OPS, _MODES = frozenset(Op), frozenset(Mode)


class Cell(StrEnum):
    """Where one clone counts for one contract; only the first four enter a rate."""

    CAUSE_EFFECT = "cause_effect"
    CAUSE_NO_EFFECT = "cause_no_effect"
    NO_CAUSE_EFFECT = "no_cause_effect"
    NO_CAUSE_NO_EFFECT = "no_cause_no_effect"
    LATE = "late"
    """The cause came with less than the window left: nothing can be said."""
    RELEASED = "released"
    """A level contract's trigger let go before the window was over: nothing can be said."""
    CONFOUNDED = "confounded"
    """Another contract, or the hand, may have moved the effect joint: nothing can be said."""
    NAN = "nan"
    """A measured position of the clone was not finite."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one clone showed for one contract; times in seconds since the first sample."""

    clone: int
    cell: Cell
    cause: float | None = None
    """First sample whose measured trigger position satisfies the condition."""
    effect: float | None = None
    """First sample, within the window of the cause, at which the effect is reached."""
    spontaneous: bool = False
    """The condition became true though nobody had moved the trigger."""

    @property
    def latency(self) -> float | None:
        """Seconds from cause to effect, of a counted effect alone."""
        if self.cell is not Cell.CAUSE_EFFECT or self.cause is None or self.effect is None:
            return None
        return self.effect - self.cause


@dataclass(frozen=True, slots=True)
class Judgement:
    """One contract over all clones."""

    contract: Contract
    outcomes: tuple[Outcome, ...]

    def count(self, cell: Cell) -> int:
        """Number of clones in a cell."""
        return sum(outcome.cell is cell for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Episode:
    """What was measured, and who touched which joint."""

    positions: np.ndarray
    """Measured joint positions [rad or m], float32, shape (num_samples, num_envs, num_joints)."""
    joint_names: tuple[str, ...]
    dt: float
    """Seconds between samples."""
    settle: float = 0.0
    """Seconds before the first press; the settled position stands for a rest that is not given."""
    hand_at: np.ndarray | None = field(default=None)
    """First touch of the hand [s], shape (num_envs, num_joints), inf where never; None: nobody."""


def judge(bundle: Bundle, episode: Episode, *, window: float = 2.0) -> tuple[Judgement, ...]:
    """Judges every enabled, understood contract whose joints were measured.

    Cause: the trigger position satisfies the condition, compared in float32 as the term does.
    Effect: the effect joint covers `REACHED` of the way from rest to target within `window`
    seconds of the cause, or anywhere in the episode where there was no cause.
    An effect that stands before its cause counts as an effect without cause.

    A level contract owes its effect only while its trigger holds, so its cause is judged where it
    held through the whole window, from its first sample on. A shorter one is neither a failure nor
    a success: counting those alone in which the effect came in time would flatter the rate.
    """
    assert episode.positions.ndim == 3 and episode.positions.dtype == np.float32
    contracts = judged(bundle, episode.joint_names)
    conditions = {contract.id: _condition(contract, episode) for contract in contracts}
    causes = {name: _first(condition) for name, condition in conditions.items()}
    return tuple(
        Judgement(
            contract,
            tuple(
                _outcomes(
                    contract,
                    contracts,
                    causes,
                    _released(contract, conditions[contract.id]),
                    episode,
                    window,
                )
            ),
        )
        for contract in contracts
    )


def judged(bundle: Bundle, joint_names: Sequence[str]) -> tuple[Contract, ...]:
    """The enabled contracts of the language whose two joints are among `joint_names`."""
    joints = frozenset(joint_names)
    return tuple(c for c in bundle.contracts if c.enabled and _understood(c, joints))


def wilson(successes: int, total: int, *, z: float = 1.959964) -> tuple[float, float] | None:
    """Wilson score interval of a rate (95 % by default); None where nothing was counted.

    Source: E. B. Wilson, JASA 22 (1927), 209-212.
    """
    if total == 0:
        return None
    rate, spread = successes / total, z * z / total
    centre = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / total + spread / (4 * total))
    # Exact at the ends, where rounding would leave 0.9999999 or 1e-17.
    return (
        0.0 if successes == 0 else max(0.0, centre - half),
        1.0 if successes == total else min(1.0, centre + half),
    )


def holds(measured: np.ndarray, op: str, threshold: float) -> np.ndarray:
    """Where positions [rad or m], float32 of any shape, fulfil a condition; a NaN never does."""
    limit = np.float32(threshold)
    return measured > limit if op == Op.GREATER else measured < limit


def _understood(contract: Contract, joints: frozenset[str]) -> bool:
    return (
        isinstance(contract.trigger, JointThreshold)
        and isinstance(contract.effect, SetDriveTarget)
        and contract.trigger.op in _OPS
        and contract.mode in _MODES
        and contract.trigger.joint in joints
        and contract.effect.joint in joints
    )


def _condition(contract: Contract, episode: Episode) -> np.ndarray:
    """Whether the condition is true, shape (num_samples, num_envs); a NaN is never."""
    assert isinstance(contract.trigger, JointThreshold)
    measured = episode.positions[:, :, episode.joint_names.index(contract.trigger.joint)]
    return holds(measured, contract.trigger.op, contract.trigger.threshold)


def _reached(contract: Contract, episode: Episode) -> np.ndarray:
    """Whether the effect is reached, shape (num_samples, num_envs)."""
    assert isinstance(contract.effect, SetDriveTarget)
    measured = episode.positions[:, :, episode.joint_names.index(contract.effect.joint)]
    measured = measured.astype(np.float64)
    settled = measured[min(round(episode.settle / episode.dt), len(measured) - 1)]
    rest = settled if contract.effect.rest is None else np.float32(contract.effect.rest)
    way = np.float64(np.float32(contract.effect.target)) - rest
    # A target at rest is no way at all and is never covered.
    return ((measured - rest) * np.sign(way) >= REACHED * np.abs(way)) & (way != 0)


def _first(truth: np.ndarray) -> np.ndarray:
    """Index of the first True per clone, num_samples where there is none; shape (num_envs,)."""
    return np.where(truth.any(axis=0), truth.argmax(axis=0), len(truth))


def _released(contract: Contract, condition: np.ndarray) -> np.ndarray:
    """Sample at which a level contract's trigger first lets go; shape (num_envs,).

    `num_samples` where it does not, and for a latching contract, whose effect stays.
    """
    if contract.mode != Mode.LEVEL:
        return np.full(condition.shape[1], len(condition))
    fired = np.logical_or.accumulate(condition, axis=0)
    return _first(fired & ~condition)


def _outcomes(
    contract: Contract,
    contracts: Sequence[Contract],
    causes: dict[str, np.ndarray],
    released: np.ndarray,
    episode: Episode,
    window: float,
) -> list[Outcome]:
    samples, num_envs, _ = episode.positions.shape
    finite = np.isfinite(episode.positions).all(axis=(0, 2))
    reached = _reached(contract, episode)
    reached_first = _first(reached)
    cause = causes[contract.id]
    rival = _rival_moves(contract, contracts, causes, episode)
    mover = _trigger_moves(contract, contracts, causes, episode)
    # A window of n seconds covers the samples up to and including the one n seconds later.
    span = math.floor(window / episode.dt + 1e-6)
    rows = []
    for clone in range(num_envs):
        began = int(cause[clone])
        ended = _effect_sample(reached[:, clone], began, span, samples)
        rows.append(
            Outcome(
                clone,
                cell_of(
                    bool(finite[clone]),
                    began,
                    ended,
                    int(reached_first[clone]),
                    rival[clone],
                    span,
                    samples,
                    int(released[clone]),
                ),
                cause=began * episode.dt if began < samples else None,
                effect=ended * episode.dt if ended is not None else None,
                spontaneous=began < samples and (began == 0 or bool(began < mover[clone])),
            )
        )
    return rows


def _effect_sample(reached: np.ndarray, began: int, span: int, samples: int) -> int | None:
    start, stop = (began, began + span + 1) if began < samples else (0, samples)
    inside = reached[start:stop]
    return start + int(inside.argmax()) if inside.any() else None


def cell_of(
    finite: bool,
    began: int,
    ended: int | None,
    reached_first: int,
    rival: float,
    span: int,
    samples: int,
    released: int,
) -> Cell:
    """Where a clone counts after `samples` samples.

    `began` is the sample of the cause, `reached_first` that of the first effect and `released`
    that at which a level contract's trigger let go, each at least `samples` where there is none;
    `ended` is the effect within `span` samples of the cause, and `rival` the sample at which
    something else first moved the effect joint.
    """
    if not finite:
        return Cell.NAN
    caused = began < samples
    if reached_first < began:
        return Cell.CONFOUNDED if rival <= reached_first else Cell.NO_CAUSE_EFFECT
    if not caused:
        return Cell.CONFOUNDED if rival < samples else Cell.NO_CAUSE_NO_EFFECT
    if began + span > samples - 1:
        return Cell.LATE
    if released <= began + span:
        return Cell.RELEASED
    if rival <= (began + span if ended is None else ended):
        return Cell.CONFOUNDED
    return Cell.CAUSE_NO_EFFECT if ended is None else Cell.CAUSE_EFFECT


def _rival_moves(
    contract: Contract,
    contracts: Sequence[Contract],
    causes: dict[str, np.ndarray],
    episode: Episode,
) -> np.ndarray:
    """Sample at which something else first moved the effect joint, inf where nothing did."""
    assert isinstance(contract.effect, SetDriveTarget)
    others = [c for c in contracts if c.id != contract.id]
    return _moves(contract.effect.joint, others, causes, episode)


def _trigger_moves(
    contract: Contract,
    contracts: Sequence[Contract],
    causes: dict[str, np.ndarray],
    episode: Episode,
) -> np.ndarray:
    """Sample at which the hand or a contract first moved the trigger, inf where nothing did."""
    assert isinstance(contract.trigger, JointThreshold)
    return _moves(contract.trigger.joint, contracts, causes, episode)


def _moves(
    joint: str, contracts: Sequence[Contract], causes: dict[str, np.ndarray], episode: Episode
) -> np.ndarray:
    samples, num_envs, _ = episode.positions.shape
    first = np.full(num_envs, np.inf)
    if episode.hand_at is not None:
        first = np.minimum(first, episode.hand_at[:, episode.joint_names.index(joint)] / episode.dt)
    for contract in contracts:
        if isinstance(contract.effect, SetDriveTarget) and contract.effect.joint == joint:
            cause = causes[contract.id]
            first = np.minimum(first, np.where(cause < samples, cause, np.inf))
    return first

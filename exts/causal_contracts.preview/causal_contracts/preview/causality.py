# SPDX-License-Identifier: Apache-2.0
"""Measured positions and a bundle to four cells of cause and effect; no flag of the term."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from causal_contracts.core.model import Bundle, Contract, JointThreshold, Mode, Op, SetDriveTarget

from .measured import Episode, condition_held, effect_reached, first, moved, released

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
    conditions = {contract.id: condition_held(contract, episode) for contract in contracts}
    causes = {name: first(condition) for name, condition in conditions.items()}
    return tuple(
        Judgement(
            contract,
            tuple(
                _outcomes(
                    contract,
                    contracts,
                    causes,
                    released(contract, conditions[contract.id]),
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


def _understood(contract: Contract, joints: frozenset[str]) -> bool:
    return (
        isinstance(contract.trigger, JointThreshold)
        and isinstance(contract.effect, SetDriveTarget)
        and contract.trigger.op in _OPS
        and contract.mode in _MODES
        and contract.trigger.joint in joints
        and contract.effect.joint in joints
    )


def _outcomes(
    contract: Contract,
    contracts: Sequence[Contract],
    causes: dict[str, np.ndarray],
    let_go: np.ndarray,
    episode: Episode,
    window: float,
) -> list[Outcome]:
    samples, num_envs, _ = episode.positions.shape
    finite = np.isfinite(episode.positions).all(axis=(0, 2))
    reached = effect_reached(contract, episode, REACHED)
    reached_first = first(reached)
    cause = causes[contract.id]
    assert isinstance(contract.trigger, JointThreshold)
    assert isinstance(contract.effect, SetDriveTarget)
    others = [c for c in contracts if c.id != contract.id]
    rival = moved(contract.effect.joint, others, causes, episode)
    mover = moved(contract.trigger.joint, contracts, causes, episode)
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
                    int(let_go[clone]),
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

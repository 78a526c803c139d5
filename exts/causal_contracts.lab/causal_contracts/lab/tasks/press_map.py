# SPDX-License-Identifier: Apache-2.0
"""An articulation and its bundle to what a policy commands: trigger joints and their reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from causal_contracts.core.articulation import Articulation, Joint
from causal_contracts.core.issue import ContractError, error
from causal_contracts.core.model import Bundle, Contract, JointThreshold, Op, SetDriveTarget
from causal_contracts.preview.causality import judged
from causal_contracts.preview.hand import MARGIN

SHY = 0.1
"""Share of the way to the nearest threshold that a start may lie off the rest position."""


@dataclass(frozen=True, slots=True)
class PressJoint:
    """A commanded joint; its drive target is linear between these five, from action -1 to 1.

    Half an action is the nearest threshold, so that a press is equally far for every joint.
    """

    name: str
    stops: tuple[float, float, float, float, float]
    """Drive targets at actions -1, -0.5, 0, 0.5 and 1 [rad or m]; the middle one is hands off."""
    shy: float
    """Farthest start off the rest position, signed, never past a threshold [rad or m]."""


def press_joints(articulation: Articulation, bundle: Bundle) -> tuple[PressJoint, ...]:
    """The trigger joints that no contract drives, in name order, each with its reach.

    Raises:
        ContractError: no enabled contract can run, or every trigger is the effect of another.
    """
    runnable = judged(bundle, [joint.name for joint in articulation.movable])
    if not runnable:
        what = "no enabled contract has both its joints here"
        raise ContractError(error(_name(bundle), what, "see: causal-contracts check"))
    triggers = {c.trigger.joint for c in runnable if isinstance(c.trigger, JointThreshold)}
    effects = {c.effect.joint for c in runnable if isinstance(c.effect, SetDriveTarget)}
    free = sorted(triggers - effects)
    if not free:
        what = "every trigger joint is the effect of another contract"
        raise ContractError(error(_name(bundle), what, "add a contract whose trigger is free"))
    known = {joint.name: joint for joint in articulation.movable}
    return tuple(_press_joint(known[name], runnable) for name in free)


def _press_joint(joint: Joint, contracts: Sequence[Contract]) -> PressJoint:
    rest = joint.rest or 0.0
    triggers = [
        c.trigger
        for c in contracts
        if isinstance(c.trigger, JointThreshold) and c.trigger.joint == joint.name
    ]
    ups = [t.threshold for t in triggers if t.op == Op.GREATER]
    downs = [t.threshold for t in triggers if t.op == Op.LESS]
    start = rest if joint.position is None else joint.position
    nearest = min((t.threshold for t in triggers), key=lambda limit: abs(limit - start))
    low = _end(joint, joint.lower, rest, min(downs, default=rest), -1.0)
    high = _end(joint, joint.upper, rest, max(ups, default=rest), 1.0)
    stops = (low, _half(low, rest, downs), rest, _half(high, rest, ups), high)
    return PressJoint(joint.name, stops, shy=SHY * (nearest - start))


def _end(joint: Joint, limit: float, rest: float, furthest: float, sign: float) -> float:
    """The limit, or where there is none a margin past the furthest threshold; never short of rest.

    The margin is that of the preview's hand, so that both press equally far.
    """
    if not math.isfinite(limit):
        least = MARGIN.get(joint.unit or "rad", 0.1)
        limit = furthest + sign * max(least, 0.5 * abs(furthest - rest))
    return max(limit, rest) if sign > 0 else min(limit, rest)


def _half(end: float, rest: float, thresholds: Sequence[float]) -> float:
    """The nearest threshold on the way from rest to the end; the middle where there is none."""
    between = [t for t in thresholds if min(rest, end) < t < max(rest, end)]
    return min(between, key=lambda t: abs(t - rest), default=0.5 * (rest + end))


def _name(bundle: Bundle) -> str:
    return bundle.asset or "couplings"

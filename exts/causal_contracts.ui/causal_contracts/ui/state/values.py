# SPDX-License-Identifier: Apache-2.0
"""Joint positions in the unit that the panel shows: typed text to SI, SI to text."""

from __future__ import annotations

import math

from causal_contracts.core.articulation import Joint, JointType
from causal_contracts.core.model import Contract, Foreign
from causal_contracts.core.quantity import from_si, parse_quantity, to_si

SHORT = 1.0
"""Joints whose limits lie within this [m] are shown in millimetres."""


def shown_unit(joint: Joint | None) -> str:
    """Unit of every number of the joint on screen: deg, mm or m."""
    if joint is None or not joint.movable:
        return ""
    if joint.type is JointType.REVOLUTE:
        return "deg"
    return "mm" if max(abs(joint.lower), abs(joint.upper)) <= SHORT else "m"


def to_shown(value: float, joint: Joint) -> float:
    """The number on screen of a position [rad or m]."""
    return from_si(value, shown_unit(joint))


def from_shown(value: float, joint: Joint) -> float:
    """Position [rad or m] of a number on screen."""
    return to_si(value, shown_unit(joint))


def parse(text: str, joint: Joint) -> float:
    """Position [rad or m] that was typed: `5mm`, `90deg`, `1.57rad`, or a number as shown.

    Raises:
        ValueError: it is no finite number in a unit of the joint; says what would be.
    """
    typed = text.strip()
    bare = bool(typed) and (typed[-1].isdigit() or typed[-1] == ".")
    return parse_quantity(typed + shown_unit(joint) if bare else typed, joint)


def show(value: float | None, joint: Joint | None) -> str:
    """A position [rad or m] as text with its unit, e.g. `-5 mm` or `90 deg`."""
    if value is None:
        return "-"
    if joint is None or not joint.movable:
        return _plain(value)
    if not math.isfinite(value):
        return "free" if math.isinf(value) else "nan"
    return f"{_plain(to_shown(value, joint))} {shown_unit(joint)}"


def sentence(contract: Contract, joints: dict[str, Joint]) -> str:
    """The contract as the table shows it: `button_slide < -5 mm => door_hinge := 90 deg`."""
    trigger, effect = contract.trigger, contract.effect
    if isinstance(trigger, Foreign):
        condition = str(trigger)
    else:
        value = show(trigger.threshold, joints.get(trigger.joint))
        condition = f"{trigger.joint} {trigger.op} {value}"
    if isinstance(effect, Foreign):
        return f"{condition} => {effect}"
    return f"{condition} => {effect.joint} := {show(effect.target, joints.get(effect.joint))}"


def _plain(value: float) -> str:
    return f"{value:.5g}" if value else "0"

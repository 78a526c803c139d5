# SPDX-License-Identifier: Apache-2.0
"""Numbers with units: what people type and read, to and from radians and metres."""

from __future__ import annotations

import math
import re

from .articulation import Joint, JointType

SI_FACTOR = {"rad": 1.0, "deg": math.pi / 180.0, "m": 1.0, "cm": 1e-2, "mm": 1e-3}
"""SI units per unit. Degrees and stage distances exist only at the border."""

UNITS_OF = {JointType.REVOLUTE: ("deg", "rad"), JointType.PRISMATIC: ("m", "cm", "mm")}
"""Units in which a person may state a position of the joint; the first is the authored one."""

_QUANTITY = re.compile(
    r"\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>[A-Za-z\u00b0]*)\s*\Z"
)


def parse_quantity(text: str, joint: Joint) -> float:
    """The SI value of `text` for a position of `joint`; without a suffix in its authored unit.

    Raises:
        ValueError: `text` is no finite number, or its unit is not one of the joint's.
    """
    match = _QUANTITY.match(text)
    if match is None:
        raise ValueError(f"'{text}' is no number; write for example {example(joint)}")
    units = UNITS_OF[joint.type]
    unit = {"": units[0], "\u00b0": "deg"}.get(match["unit"], match["unit"])
    if unit not in units:
        raise ValueError(
            f"'{text}': {joint.name} is {joint.type}, so its unit is "
            f"{', '.join(units[:-1])} or {units[-1]}, not '{match['unit']}'"
        )
    value = to_si(float(match["number"]), unit)
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is not finite")
    return value


def example(joint: Joint) -> str:
    """What a position of this joint may look like on a command line."""
    return "90deg or 1.57rad" if joint.type is JointType.REVOLUTE else "5mm or 0.005"


def to_si(value: float, unit: str) -> float:
    """Value in radians or metres of `value` in `unit`."""
    return math.radians(value) if unit == "deg" else value * SI_FACTOR[unit]


def from_si(value: float, unit: str) -> float:
    """Value in `unit` of `value` in radians or metres, tidied where rounding alone spoilt it.

    The tidy value is taken only where it converts back to the very same float, so that
    90 degrees survive the way to radians and back.
    """
    raw = math.degrees(value) if unit == "deg" else value / SI_FACTOR[unit]
    for digits in (12, 15):
        tidy = float(f"{raw:.{digits}g}")
        if to_si(tidy, unit) == value:
            return tidy
    return raw


def show(value: float | None, joint: Joint | None = None, *, unit: str | None = None) -> str:
    """`value` [rad or m] as people read it: degrees, and millimetres below a decimetre."""
    si = unit or (joint.unit if joint else None)
    if value is None:
        return "-"
    if math.isinf(value):
        return "free"
    if si == "rad":
        return f"{_plain(math.degrees(value))} deg"
    if si == "m":
        return f"{_plain(value * 1e3)} mm" if abs(value) < 0.1 else f"{_plain(value)} m"
    return _plain(value)


def _plain(value: float) -> str:
    return f"{value:.4g}" if value else "0"

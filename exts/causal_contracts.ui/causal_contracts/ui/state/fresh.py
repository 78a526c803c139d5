# SPDX-License-Identifier: Apache-2.0
"""Two joints to the numbers, and a base to the id, that a new contract starts with."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from causal_contracts.core.articulation import Articulation, Joint, JointType
from causal_contracts.core.model import MAX_ID_LENGTH, Mode, Op
from causal_contracts.core.quantity import from_si
from causal_contracts.core.usd_bundle import absolute
from causal_contracts.core.usd_contract import PROPERTIES, AuthoredContract

from .values import from_shown, to_shown

TOKEN_OF_OP = {Op.GREATER: "greater", Op.LESS: "less"}
_STEP = {JointType.REVOLUTE: math.pi / 2, JointType.PRISMATIC: 0.1}
"""How far [rad or m] a joint without limits is taken to move."""


def fresh_condition(trigger: Joint) -> tuple[Op, float]:
    """An op and a threshold [rad or m]: half of the longer way that the joint can go."""
    start = trigger.position or 0.0
    end = _far_end(trigger, start)
    threshold = _round((start + end) / 2, trigger)
    return (Op.GREATER if end > start else Op.LESS), threshold


def fresh_target(effect: Joint) -> float:
    """A target [rad or m]: the end of the longer way from the rest target."""
    return _far_end(effect, effect.rest or 0.0)


def fresh_pair(joints: tuple[Joint, ...], chosen: Joint | None) -> tuple[Joint, Joint] | None:
    """Trigger and effect for a new contract; the chosen joint becomes the trigger."""
    driven = [one for one in joints if one.drive and one.drive.stiffness and not one.follows]
    for trigger in [chosen] if chosen else joints:
        rest = [one for one in (*driven, *joints) if one != trigger]
        if rest:
            return trigger, rest[0]
    return None


def fresh_id(base: str, taken: Collection[str]) -> str:
    """A valid id like `base` that is not taken."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", base)[: MAX_ID_LENGTH - 6] or "contract"
    if plain[0].isdigit() or plain in PROPERTIES:
        plain = f"_{plain}"
    if plain not in taken:
        return plain
    stem = re.sub(r"_\d+\Z", "", plain)
    return next(one for n in range(2, len(taken) + 3) if (one := f"{stem}_{n}") not in taken)


def inside(value: float, joint: Joint) -> float:
    """The threshold [rad or m] nearest to `value` that is a little inside the joint's limits."""
    margin = 0.05 * (joint.upper - joint.lower)
    margin = margin if math.isfinite(margin) else 0.0
    return _round(min(max(value, joint.lower + margin), joint.upper - margin), joint)


def _far_end(joint: Joint, start: float) -> float:
    ends = [
        end if math.isfinite(end) else start + way * _STEP[joint.type]
        for end, way in ((joint.upper, 1), (joint.lower, -1))
    ]
    return max(ends, key=lambda end: abs(end - start))


def _round(value: float, joint: Joint) -> float:
    """A short number on screen, where it stays within the limits."""
    tidy = from_shown(float(f"{to_shown(value, joint):.3g}"), joint)
    return tidy if joint.lower < tidy < joint.upper else value


def fresh_contract(
    contract_id: str, trigger: Joint, effect: Joint, found: Articulation
) -> AuthoredContract:
    """A contract in stage units that moves `effect` once `trigger` is half its way."""
    values = fresh_values("trigger", trigger) | fresh_values("effect", effect)
    return AuthoredContract(
        id=contract_id,
        host=found.host,
        enabled=True,
        mode=str(Mode.LATCHING),
        trigger_op=str(values["triggerOp"]),
        trigger_threshold=float(values["triggerThreshold"]),
        effect_target=float(values["effectTarget"]),
        trigger_joints=(absolute(trigger, found),),
        effect_joints=(absolute(effect, found),),
    )


def fresh_values(role: str, joint: Joint) -> dict[str, str | float]:
    """Values in stage units that fit the joint."""
    unit = joint.authored_unit or "m"
    if role == "effect":
        return {"effectTarget": from_si(fresh_target(joint), unit)}
    op, threshold = fresh_condition(joint)
    return {"triggerOp": TOKEN_OF_OP[op], "triggerThreshold": from_si(threshold, unit)}

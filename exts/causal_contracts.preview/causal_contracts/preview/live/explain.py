# SPDX-License-Identifier: Apache-2.0
"""A frame, a contract and a clone to one sentence: why it did or did not fire."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from causal_contracts.core.model import Contract, JointThreshold, Op, SetDriveTarget
from causal_contracts.core.quantity import show

from .messages import ACTIVE, FIRED, REACHED, Rule
from .view import LiveFrame


def explain(
    contract: Contract,
    clone: int,
    frame: LiveFrame,
    joint_names: Sequence[str],
    *,
    rule: Rule | None = None,
    native: bool = False,
) -> str:
    """Value, threshold and latch of one clone as the frame has them, in one or two sentences.

    `rule` adds why a contract does not run or cannot move its joint; `native`: contracts are off.
    """
    trigger, effect = contract.trigger, contract.effect
    if not isinstance(trigger, JointThreshold) or not isinstance(effect, SetDriveTarget):
        return _skipped(contract, rule)
    if trigger.joint not in joint_names or contract.id not in frame.ids:
        return _skipped(contract, rule)
    value = float(frame.joint_pos[clone, list(joint_names).index(trigger.joint)])
    unit = trigger.unit
    at, limit = show(value, unit=unit), show(trigger.threshold, unit=unit)
    if math.isnan(value):
        return f"{trigger.joint} is not a number, and that never fires."
    if native:
        return f"Contracts are off; {trigger.joint} is at {at}."
    if not contract.enabled:
        return f"Disabled, so it never fires; {trigger.joint} is at {at}."
    said = f"{trigger.joint} is at {at}"
    if frame.flag(clone, contract.id, FIRED):
        sentence = f"Fired: {said}, {_side(trigger.op)} {limit}."
    elif frame.flag(clone, contract.id, ACTIVE):
        sentence = f"Held by the latch: {said}, no longer {_side(trigger.op)} {limit}."
    else:
        to_go = abs(value - float(np.float32(trigger.threshold)))
        sentence = f"Not fired: {said}, {show(to_go, unit=unit)} from {limit}."
    if not frame.flag(clone, contract.id, ACTIVE):
        return sentence
    return f"{sentence} {_effect(contract, effect, clone, frame, joint_names, rule)}"


def _effect(
    contract: Contract,
    effect: SetDriveTarget,
    clone: int,
    frame: LiveFrame,
    joint_names: Sequence[str],
    rule: Rule | None,
) -> str:
    inert = next((r.why for r in rule.inert if r.contract == contract.id), None) if rule else None
    if inert is not None:
        return f"Inert: {inert}."
    if effect.joint not in joint_names:
        return ""
    value = float(frame.joint_pos[clone, list(joint_names).index(effect.joint)])
    at, target = show(value, unit=effect.unit), show(effect.target, unit=effect.unit)
    if frame.flag(clone, contract.id, REACHED):
        return f"{effect.joint} has reached {target}."
    return f"{effect.joint} is at {at} on its way to {target}."


def _skipped(contract: Contract, rule: Rule | None) -> str:
    why = next((r.why for r in rule.skipped if r.contract == contract.id), None) if rule else None
    return f"Not run: {why}." if why else "Not run."


def _side(op: Op | str) -> str:
    return "above" if op == Op.GREATER else "below"

# SPDX-License-Identifier: Apache-2.0
"""A couplings.json and a stage to the difference, contract by contract and field by field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from causal_contracts.core.articulation import Articulation, Joint
from causal_contracts.core.model import Bundle, Contract, SetDriveTarget
from causal_contracts.core.quantity import to_si
from causal_contracts.core.usd_apply import Change, Plan
from causal_contracts.core.usd_bundle import OP_OF_TOKEN, absolute
from causal_contracts.core.usd_contract import AuthoredContract

from .values import sentence, show


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that would be another."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ContractChange:
    """What would become of one contract."""

    id: str
    change: Change
    sentence: str
    """As the file says it; as the stage says it where it would be removed."""
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do, before anything is written."""

    path: Path
    bundle: Bundle | None = None
    changes: tuple[ContractChange, ...] = ()
    """In id order; REMOVED ones go only where the import replaces."""
    notes: tuple[str, ...] = ()
    """What the file says and a contract on a stage does not keep."""
    why_not: str | None = None
    """Why it cannot be imported; None where it can."""

    def count(self, change: Change) -> int:
        """How many contracts would be added, changed, removed or kept."""
        return sum(one.change is change for one in self.changes)


def differences(
    plan: Plan,
    bundle: Bundle,
    present: dict[str, AuthoredContract],
    said: dict[str, Contract],
    found: Articulation,
) -> tuple[ContractChange, ...]:
    """The changes of `plan` as people read them."""
    joints = {absolute(joint, found): joint for joint in found.joints}
    names = {joint.name: joint for joint in found.movable}
    wanted = {one.id: one for one in plan.wanted}
    told = {**said, **{one.id: one for one in bundle.contracts}}
    return tuple(
        ContractChange(
            one,
            change,
            f"{sentence(told[one], names)}, {told[one].mode}" if one in told else "cannot be read",
            _fields(present.get(one), wanted.get(one), joints) if change is Change.CHANGED else (),
        )
        for one, change in plan.changes.items()
    )


def rest_notes(bundle: Bundle, found: Articulation) -> tuple[str, ...]:
    """Rest targets of the file that are not the asset's own drive targets."""
    notes = []
    for one in bundle.contracts:
        effect = one.effect
        named = found.find(effect.joint) if isinstance(effect, SetDriveTarget) else []
        if not named or not isinstance(effect, SetDriveTarget) or effect.rest is None:
            continue
        joint = named[0]
        if joint.rest is not None and abs(joint.rest - effect.rest) > 1e-6:
            notes.append(
                f"{one.id}: the file rests {joint.name} at {show(effect.rest, joint)}, "
                f"the asset's drive at {show(joint.rest, joint)}, which stays."
            )
    return tuple(notes)


def _fields(
    before: AuthoredContract | None, after: AuthoredContract | None, joints: dict[str, Joint]
) -> tuple[FieldChange, ...]:
    if after is None:
        return ()
    old = _said(before, joints) if before else {}
    new = _said(after, joints)
    return tuple(
        FieldChange(name, old.get(name, "cannot be read"), value)
        for name, value in new.items()
        if old.get(name) != value
    )


def _said(one: AuthoredContract, joints: dict[str, Joint]) -> dict[str, str]:
    trigger = joints.get(next(iter(one.trigger_joints), ""))
    effect = joints.get(next(iter(one.effect_joints), ""))
    return {
        "enabled": "yes" if one.enabled else "no",
        "trigger joint": trigger.name if trigger else ", ".join(one.trigger_joints),
        "op": str(OP_OF_TOKEN.get(one.trigger_op, one.trigger_op)),
        "threshold": _exact(one.trigger_threshold, trigger),
        "effect joint": effect.name if effect else ", ".join(one.effect_joints),
        "target": _exact(one.effect_target, effect),
        "mode": one.mode,
    }


def _exact(value: float, joint: Joint | None) -> str:
    """Short where that says it all; else every digit, so that no difference is hidden."""
    if joint is None:
        return repr(value)
    unit = joint.authored_unit or "m"
    short = show(to_si(value, unit), joint)
    number, _, shown = short.partition(" ")
    back = to_si(float(number), shown) if shown else None
    return short if back == to_si(value, unit) else f"{value!r} {unit}"

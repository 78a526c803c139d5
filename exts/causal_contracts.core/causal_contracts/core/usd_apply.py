# SPDX-License-Identifier: Apache-2.0
"""Bundle to stage: radians to degrees and joint names to prim paths at this border only.

`read_bundle(apply_bundle(stage, b)) == b`, but for the last bit of an angle that no double in
degrees converts to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from pxr import Usd

from .articulation import Articulation, Joint
from .issue import ContractError, Issue, error, nearest
from .model import Bundle, Contract, Foreign, JointThreshold, Mode, Op, SetDriveTarget
from .quantity import from_si
from .usd_articulation import find_articulation
from .usd_author import all_or_nothing
from .usd_bundle import OP_OF_TOKEN, absolute, belongs, joint_fault
from .usd_contract import AuthoredContract, applied_ids, read_authored
from .usd_edit import Edit, id_issue, remove_contract, write_contract
from .usd_fault import told

_TOKEN_OF_OP = {op: token for token, op in OP_OF_TOKEN.items()}


class Change(StrEnum):
    """What applying a bundle does to one contract of the stage."""

    ADDED = "added"
    CHANGED = "changed"
    KEPT = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a bundle would do, before anything is written."""

    host: str
    """Path of the prim that carries the contracts."""
    wanted: tuple[AuthoredContract, ...]
    changes: dict[str, Change]
    """By contract id, in id order; REMOVED ones go only where the bundle replaces them."""


@told
def apply_bundle(
    stage: Usd.Stage, bundle: Bundle, articulation: str | None = None, *, replace: bool = False
) -> list[Edit]:
    """Author the contracts of `bundle` at the stage's edit target: all of them or none.

    Args:
        stage: the stage to edit.
        bundle: contracts in SI units.
        articulation: path of the articulation root or of the host prim, where there are several.
        replace: remove the contracts of this articulation that the bundle lacks.

    Returns:
        One edit per contract that was written or removed, with the layer.

    Raises:
        ContractError: a contract cannot stand on this stage; nothing was written.
    """
    plan = plan_bundle(stage, bundle, articulation)
    gone = [one for one, change in plan.changes.items() if change is Change.REMOVED and replace]
    with all_or_nothing(stage.GetPrimAtPath(plan.host)):
        return [
            *(
                write_contract(stage, one)
                for one in plan.wanted
                if plan.changes[one.id] is not Change.KEPT
            ),
            *(remove_contract(stage, plan.host, contract_id) for contract_id in gone),
        ]


@told
def plan_bundle(stage: Usd.Stage, bundle: Bundle, articulation: str | None = None) -> Plan:
    """What `apply_bundle` would change.

    Raises:
        ContractError: a contract cannot stand on this stage; holds every reason.
    """
    found = find_articulation(stage, articulation)
    wanted, issues = to_authored(bundle, found)
    prim = stage.GetPrimAtPath(found.host)
    readable = read_authored(prim)[0]
    others = {one.id for one in readable if not belongs(one, found)}
    issues += [
        error(
            f"{contract.id}.id",
            f"'{contract.id}' is a contract of another articulation on {found.host}",
            "choose another id, or another --articulation",
            contract.id,
        )
        for contract in bundle.contracts
        if contract.id in others
    ]
    if issues:
        raise ContractError(issues)
    present = dict.fromkeys(set(applied_ids(prim)) - others, None)
    present |= {one.id: one for one in readable if one.id in present}
    return Plan(found.host, tuple(wanted), compare(wanted, present))


def compare(
    wanted: Iterable[AuthoredContract], present: dict[str, AuthoredContract | None]
) -> dict[str, Change]:
    """What becomes of each contract id; None stands for one that cannot be read."""
    new = {one.id: one for one in wanted}
    changes = dict.fromkeys(present.keys() - new.keys(), Change.REMOVED)
    for contract_id, one in new.items():
        if contract_id not in present:
            changes[contract_id] = Change.ADDED
        else:
            same = present[contract_id] == one
            changes[contract_id] = Change.KEPT if same else Change.CHANGED
    return dict(sorted(changes.items()))


def to_authored(
    bundle: Bundle, articulation: Articulation
) -> tuple[list[AuthoredContract], list[Issue]]:
    """The contracts in stage units on absolute paths, and why some cannot be."""
    authored: list[AuthoredContract] = []
    issues: list[Issue] = []
    for before, contract in zip([None, *bundle.contracts], bundle.contracts, strict=False):
        if before is not None and before.id == contract.id:
            twice = error(
                f"{contract.id}.id",
                f"two contracts are called '{contract.id}'",
                "give each its own id",
                contract.id,
            )
            issues.append(twice)
        one = _to_authored(contract, articulation, issues)
        if one is not None:
            authored.append(one)
    return authored, issues


def _to_authored(
    contract: Contract, found: Articulation, issues: list[Issue]
) -> AuthoredContract | None:
    """Every reason why the contract cannot stand on the stage becomes an issue."""
    before = len(issues)
    fault = id_issue(contract.id, f"{contract.id[:60]!a}.id")
    if fault is not None:
        issues.append(fault)
    issues += _outside_the_language(contract)
    trigger = _resolve(contract, "trigger", found, issues)
    effect = _resolve(contract, "effect", found, issues)
    if len(issues) > before or trigger is None or effect is None:
        return None
    assert isinstance(contract.trigger, JointThreshold)
    assert isinstance(contract.trigger.op, Op)
    assert isinstance(contract.effect, SetDriveTarget)
    return AuthoredContract(
        id=contract.id,
        host=found.host,
        enabled=contract.enabled,
        mode=str(contract.mode),
        trigger_op=_TOKEN_OF_OP[contract.trigger.op],
        trigger_threshold=from_si(contract.trigger.threshold, trigger.authored_unit or "m"),
        effect_target=from_si(contract.effect.target, effect.authored_unit or "m"),
        trigger_joints=(absolute(trigger, found),),
        effect_joints=(absolute(effect, found),),
    )


def _outside_the_language(contract: Contract) -> list[Issue]:
    """What couplings.json keeps and a stage has no place for."""
    trigger, effect, cid = contract.trigger, contract.effect, contract.id
    found = [
        (f"{role}.type", f"a {role} of kind '{part.type}'")
        for role, part in (("trigger", trigger), ("effect", effect))
        if isinstance(part, Foreign)
    ]
    if isinstance(trigger, JointThreshold) and not isinstance(trigger.op, Op):
        found.append(("trigger.op", f"the op '{trigger.op}'"))
    if not isinstance(contract.mode, Mode):
        found.append(("mode", f"the mode '{contract.mode}'"))
    issues = [
        error(f"{cid}.{where}", f"{what} has no place on a stage", "keep it in couplings.json", cid)
        for where, what in found
    ]
    for where, value in (
        ("trigger.threshold", getattr(trigger, "threshold", 0.0)),
        ("effect.target", getattr(effect, "target", 0.0)),
    ):
        if not math.isfinite(value):
            what = f"{value} is not finite"
            issues.append(error(f"{cid}.{where}", what, "give a finite number", cid))
    return issues


def _resolve(
    contract: Contract, role: str, found: Articulation, issues: list[Issue]
) -> Joint | None:
    """The joint that a trigger or effect names; a repeated name is none."""
    part = contract.trigger if role == "trigger" else contract.effect
    if isinstance(part, Foreign):
        return None
    named = found.find(part.joint)
    if not named:
        fault = (
            f"no joint '{part.joint}' in this articulation",
            nearest(part.joint, [joint.name for joint in found.movable]),
        )
    elif part.unit is not None and part.unit != named[0].unit:
        fault = (
            f"{part.joint} is {named[0].type} and its unit {named[0].unit}, not {part.unit}",
            "convert the numbers, or name another joint",
        )
    else:
        fault = joint_fault((absolute(named[0], found),), found)
    if fault is None:
        return named[0]
    issues.append(error(f"{contract.id}.{role}.joint", *fault, contract=contract.id))
    return None

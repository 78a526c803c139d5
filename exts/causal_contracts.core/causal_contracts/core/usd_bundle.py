# SPDX-License-Identifier: Apache-2.0
"""Stage to Bundle and back: degrees to radians and prim paths to joint names at this border only.

`read_bundle(apply_bundle(stage, b)) == b`, but for the last bit of an angle that no double in
degrees converts to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pxr import Sdf, Usd

from .articulation import Articulation, Joint, JointType
from .issue import ContractError, Issue, error, errors_of, info, nearest
from .model import Bundle, Contract, Foreign, JointThreshold, Mode, Op, SetDriveTarget
from .quantity import from_si, to_si
from .usd_articulation import find_articulation, nesting_issues
from .usd_contract import AuthoredContract, read_authored
from .usd_edit import Edit, remove_contract, write_contract
from .usd_stage import StageOrPath, open_stage, stage_issues

_OP_OF_TOKEN = {"greater": Op.GREATER, "less": Op.LESS}
_TOKEN_OF_OP = {op: token for token, op in _OP_OF_TOKEN.items()}


def read_bundle(source: StageOrPath, articulation: str | None = None) -> Bundle:
    """The contracts of one articulation of a stage or USD file, in SI units.

    Args:
        source: a stage, or a path; a path is opened with every payload loaded.
        articulation: path of the articulation root or of the host prim, where there are several.

    Raises:
        ContractError: a contract cannot be read, or several articulations and none named.
    """
    reading = read_asset(source, articulation)
    faults = errors_of(reading.issues)
    if faults:
        raise ContractError(faults)
    return reading.bundle


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass over an asset found: the contracts that can be read, and every issue."""

    bundle: Bundle
    articulation: Articulation
    issues: tuple[Issue, ...]


def read_asset(source: StageOrPath, articulation: str | None = None) -> Reading:
    """Read what can be read; faults become issues instead of an error.

    Raises:
        ContractError: the file cannot be read, or no single articulation is meant.
    """
    stage = open_stage(source)
    found = find_articulation(stage, articulation)
    authored, issues = read_authored(stage.GetPrimAtPath(found.host))
    issues = [*stage_issues(stage), *nesting_issues(stage), *issues]
    contracts = []
    for one in authored:
        if not _belongs(one, found):
            continue
        faults = _faults(one, found)
        issues += faults
        if not errors_of(faults):
            contracts.append(_to_contract(one, found, issues))
    bundle = Bundle(tuple(contracts), found.asset, found.root)
    return Reading(bundle, found, tuple(issues))


class Change(StrEnum):
    """What applying a bundle does to one contract of the stage."""

    ADDED = "added"
    CHANGED = "changed"
    KEPT = "unchanged"
    REMOVED = "removed"


def apply_bundle(
    stage: Usd.Stage, bundle: Bundle, articulation: str | None = None, *, replace: bool = False
) -> list[Edit]:
    """Author the contracts of `bundle` at the stage's edit target: all of them or none.

    Args:
        stage: the stage to edit.
        bundle: contracts in SI units; a path, where given, decides between joints of one name.
        articulation: path of the articulation root or of the host prim, where there are several.
        replace: remove the contracts that the bundle lacks.

    Returns:
        One edit per contract that was written or removed, with the layer.

    Raises:
        ContractError: a contract cannot stand on this stage; nothing was written.
    """
    found = find_articulation(stage, articulation)
    wanted, issues = to_authored(bundle, found)
    if issues:
        raise ContractError(issues)
    prim = stage.GetPrimAtPath(found.host)
    changes = compare(wanted, read_authored(prim)[0])
    edits = [
        write_contract(stage, one)
        for one in wanted
        if changes[one.id] in (Change.ADDED, Change.CHANGED)
    ]
    if replace:
        edits += [
            remove_contract(stage, found.host, contract_id)
            for contract_id, change in changes.items()
            if change is Change.REMOVED
        ]
    return edits


def compare(
    wanted: Iterable[AuthoredContract], present: Iterable[AuthoredContract]
) -> dict[str, Change]:
    """What becomes of each contract id when `wanted` replaces `present`."""
    old = {one.id: one for one in present}
    new = {one.id: one for one in wanted}
    changes = dict.fromkeys(sorted(old.keys() - new.keys()), Change.REMOVED)
    for contract_id, one in new.items():
        was = old.get(contract_id)
        changes[contract_id] = (
            Change.ADDED if was is None else Change.KEPT if was == one else Change.CHANGED
        )
    return dict(sorted(changes.items()))


def to_authored(
    bundle: Bundle, articulation: Articulation
) -> tuple[list[AuthoredContract], list[Issue]]:
    """The contracts in stage units on absolute paths, and why some cannot be."""
    authored, issues = [], []
    for contract in bundle.contracts:
        try:
            authored.append(_to_authored(contract, articulation))
        except ContractError as fault:
            issues += fault.issues
    return authored, issues


def _belongs(one: AuthoredContract, found: Articulation) -> bool:
    """Whether the contract is this articulation's; one on no known joint is everybody's."""
    elsewhere = {_absolute(joint, found) for joint in found.outside if joint.movable}
    return not (
        one.trigger_joints
        and set(one.trigger_joints) <= elsewhere
        and set(one.effect_joints) <= elsewhere
    )


def _faults(one: AuthoredContract, found: Articulation) -> list[Issue]:
    issues = []
    for name, targets in (("triggerJoint", one.trigger_joints), ("effectJoint", one.effect_joints)):
        fault = _joint_fault(targets, found)
        if fault is not None:
            issues.append(error(one.address(name), *fault, contract=one.id))
    for name, value in (
        ("triggerThreshold", one.trigger_threshold),
        ("effectTarget", one.effect_target),
    ):
        if not math.isfinite(value):
            issues.append(
                error(one.address(name), f"{value} is not finite", "author a finite number", one.id)
            )
    return issues


def _joint_fault(targets: tuple[str, ...], found: Articulation) -> tuple[str, str] | None:
    """What is wrong with the targets of a joint relationship, and the way out."""
    if len(targets) != 1:
        return f"has {len(targets)} targets", "target exactly one joint"
    path = targets[0]
    joint = {_absolute(joint, found): joint for joint in found.joints}.get(path)
    names = [joint.name for joint in found.movable]
    if joint is None:
        other = {_absolute(joint, found) for joint in found.outside}
        if path in other:
            return f"{path} is no joint of this articulation", nearest(Sdf.Path(path).name, names)
        return f"no joint at {path}", nearest(Sdf.Path(path).name, names)
    if not joint.movable:
        return (
            f"{path} is a {joint.type} joint",
            "contracts read and drive revolute and prismatic joints",
        )
    if joint.path.startswith(".."):
        return f"{path} stands outside the host prim {found.host}", "move it below the host"
    if len(found.find(joint.name)) > 1:
        return (
            f"the articulation has {len(found.find(joint.name))} joints named '{joint.name}'",
            "rename them: engines and couplings.json know joints by leaf name",
        )
    return _unit_fault(joint, found)


def _unit_fault(joint: Joint, found: Articulation) -> tuple[str, str] | None:
    """Engines do not scale joint lengths, so any conversion would disagree with them."""
    if joint.type is JointType.PRISMATIC and abs(found.meters_per_unit - 1.0) > 1e-9:
        return (
            f"{joint.name} is prismatic on a stage of {found.meters_per_unit:g} metres per unit",
            "convert the asset to metersPerUnit = 1: engines take joint lengths as they stand",
        )
    return None


def _to_contract(one: AuthoredContract, found: Articulation, issues: list[Issue]) -> Contract:
    joints = {_absolute(joint, found): joint for joint in found.joints}
    trigger, effect = joints[one.trigger_joints[0]], joints[one.effect_joints[0]]
    if effect.drive is None:
        told = "its authored position" if effect.rest is not None else "nothing"
        issues.append(
            info(
                one.address("effectJoint"),
                f"{effect.name} has no drive; its rest target is {told}",
                contract=one.id,
            )
        )
    return Contract(
        id=one.id,
        trigger=JointThreshold(
            trigger.name,
            _OP_OF_TOKEN.get(one.trigger_op, one.trigger_op),
            to_si(one.trigger_threshold, trigger.authored_unit or "m"),
            trigger.unit,
            trigger.path,
        ),
        effect=SetDriveTarget(
            effect.name,
            to_si(one.effect_target, effect.authored_unit or "m"),
            effect.rest,
            effect.unit,
            effect.path,
        ),
        mode=Mode(one.mode) if one.mode in list(Mode) else one.mode,
        enabled=one.enabled,
    )


def _to_authored(contract: Contract, found: Articulation) -> AuthoredContract:
    """Raises ContractError with every reason why the contract cannot stand on the stage."""
    issues: list[Issue] = []
    for role, part in (("trigger", contract.trigger), ("effect", contract.effect)):
        if isinstance(part, Foreign):
            issues.append(
                error(
                    f"{contract.id}.{role}",
                    f"a {role} of kind '{part.type}' has no place on a stage",
                    "keep it in couplings.json",
                    contract.id,
                )
            )
    trigger = _resolve(contract.trigger, f"{contract.id}.trigger", found, issues, contract.id)
    effect = _resolve(contract.effect, f"{contract.id}.effect", found, issues, contract.id)
    if issues or trigger is None or effect is None:
        raise ContractError(issues)
    assert isinstance(contract.trigger, JointThreshold)
    assert isinstance(contract.effect, SetDriveTarget)
    op = contract.trigger.op
    return AuthoredContract(
        id=contract.id,
        host=found.host,
        enabled=contract.enabled,
        mode=str(contract.mode),
        trigger_op=_TOKEN_OF_OP.get(op, op) if isinstance(op, Op) else op,
        trigger_threshold=from_si(contract.trigger.threshold, trigger.authored_unit or "m"),
        effect_target=from_si(contract.effect.target, effect.authored_unit or "m"),
        trigger_joints=(_absolute(trigger, found),),
        effect_joints=(_absolute(effect, found),),
    )


def _resolve(
    part: JointThreshold | SetDriveTarget | Foreign,
    address: str,
    found: Articulation,
    issues: list[Issue],
    contract_id: str,
) -> Joint | None:
    """The joint that a trigger or effect names: by name, and by path where names repeat."""
    if isinstance(part, Foreign):
        return None
    named = [joint for joint in found.joints if joint.name == part.joint]
    if len(named) > 1 and part.path:
        named = [joint for joint in named if joint.path == part.path]
    fault = None
    if not named:
        fault = (
            f"no joint '{part.joint}' in this articulation",
            nearest(part.joint, [joint.name for joint in found.movable]),
        )
    elif len(named) > 1:
        fault = (f"{len(named)} joints are named '{part.joint}'", "rename them, or give a path")
    elif part.unit is not None and part.unit != named[0].unit:
        fault = (
            f"{part.joint} is {named[0].type} and its unit {named[0].unit}, not {part.unit}",
            "convert the numbers, or name another joint",
        )
    else:
        fault = _joint_fault((_absolute(named[0], found),), found)
    if fault is None:
        return named[0]
    issues.append(error(f"{address}.joint", *fault, contract=contract_id))
    return None


def _absolute(joint: Joint, found: Articulation) -> str:
    return str(Sdf.Path(joint.path).MakeAbsolutePath(found.host))


def on_host(contract: AuthoredContract, host: str) -> AuthoredContract:
    """The same contract on another host prim."""
    return replace(contract, host=host)

# SPDX-License-Identifier: Apache-2.0
"""Stage to Bundle: degrees to radians and prim paths to joint names at this border only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from pxr import Sdf, Usd

from .articulation import Articulation, Joint, JointType
from .issue import ContractError, Issue, error, errors_of, info, nearest
from .model import Bundle, Contract, JointThreshold, Mode, Op, SetDriveTarget
from .quantity import to_si
from .usd_articulation import find_articulation, nesting_issues
from .usd_contract import AuthoredContract, read_authored
from .usd_fault import told
from .usd_stage import StageOrPath, open_stage, stage_issues

OP_OF_TOKEN = {"greater": Op.GREATER, "less": Op.LESS}


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
    authored: tuple[AuthoredContract, ...] = ()
    """The articulation's contracts in stage units, those on no known joint included."""


@told
def read_asset(source: StageOrPath, articulation: str | None = None) -> Reading:
    """Read what can be read; faults become issues instead of an error.

    Raises:
        ContractError: the file cannot be read, or no single articulation is meant.
    """
    stage = open_stage(source)
    return read_found(stage, find_articulation(stage, articulation))


@told
def read_found(stage: Usd.Stage, found: Articulation) -> Reading:
    """Read the contracts of an articulation that was just found on `stage`.

    Raises:
        ContractError: USD cannot read one of the stage's files.
    """
    authored, issues = read_authored(stage.GetPrimAtPath(found.host))
    issues = [*stage_issues(stage), *nesting_issues(stage), *issues]
    authored = tuple(one for one in authored if belongs(one, found))
    contracts = []
    for one in authored:
        faults = _faults(one, found)
        issues += faults
        if not errors_of(faults):
            contracts.append(_to_contract(one, found, issues))
    bundle = Bundle(tuple(contracts), found.asset, found.root)
    return Reading(bundle, found, tuple(issues), authored)


def belongs(one: AuthoredContract, found: Articulation) -> bool:
    """Whether the contract is this articulation's; one on no known joint is everybody's."""
    elsewhere = {absolute(joint, found) for joint in found.outside if joint.movable}
    return not (
        one.trigger_joints
        and set(one.trigger_joints) <= elsewhere
        and set(one.effect_joints) <= elsewhere
    )


def _faults(one: AuthoredContract, found: Articulation) -> list[Issue]:
    issues = []
    for name, targets in (("triggerJoint", one.trigger_joints), ("effectJoint", one.effect_joints)):
        fault = joint_fault(targets, found)
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
    effects = [joint for joint in found.joints if absolute(joint, found) in one.effect_joints]
    if any(joint.rest is not None and not math.isfinite(joint.rest) for joint in effects):
        issues.append(
            error(
                one.address("effectJoint"),
                f"the drive target of {effects[0].name} is not finite, and it is the rest target",
                "author a finite physics:targetPosition",
                one.id,
            )
        )
    return issues


def joint_fault(targets: tuple[str, ...], found: Articulation) -> tuple[str, str] | None:
    """What is wrong with the targets of a joint relationship, and the way out."""
    if len(targets) != 1:
        return f"has {len(targets)} targets", "target exactly one joint"
    path = targets[0]
    joint = {absolute(joint, found): joint for joint in found.joints}.get(path)
    names = [joint.name for joint in found.movable]
    if joint is None:
        other = {absolute(joint, found) for joint in found.outside}
        if path in other:
            return f"{path} is no joint of this articulation", nearest(Sdf.Path(path).name, names)
        return f"no joint of this articulation at {path}", nearest(Sdf.Path(path).name, names)
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
            "author metersPerUnit = 1 where its lengths are metres, else convert the asset: "
            "engines take joint lengths as they stand",
        )
    return None


def _to_contract(one: AuthoredContract, found: Articulation, issues: list[Issue]) -> Contract:
    joints = {absolute(joint, found): joint for joint in found.joints}
    trigger, effect = joints[one.trigger_joints[0]], joints[one.effect_joints[0]]
    if effect.drive is None:
        told = "its authored position" if effect.rest is not None else "nothing"
        issues.append(
            info(
                one.address("effectJoint"),
                f"{effect.name} has no drive; its rest target is {told}",
                "add a drive with a target",
                one.id,
            )
        )
    return Contract(
        id=one.id,
        trigger=JointThreshold(
            trigger.name,
            OP_OF_TOKEN[one.trigger_op],
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
        mode=Mode(one.mode),
        enabled=one.enabled,
    )


def absolute(joint: Joint, found: Articulation) -> str:
    """Prim path of a joint on its stage."""
    return _absolute(joint.path, found.host)


@lru_cache(maxsize=4096)
def _absolute(path: str, host: str) -> str:
    """Kept, since a reading asks for every joint once a contract."""
    return str(Sdf.Path(path).MakeAbsolutePath(host))

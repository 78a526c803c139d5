# SPDX-License-Identifier: Apache-2.0
"""Stage to Bundle: degrees to radians and prim paths to joint names at this border only."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pxr import Sdf, Usd

from .articulation import Articulation, Joint, JointType
from .issue import ContractError, Issue, error, errors_of, info, nearest
from .model import Bundle, Contract, JointThreshold, Mode, Op, SetDriveTarget
from .quantity import to_si
from .usd_articulation import find_articulation, nesting_issues
from .usd_contract import AuthoredContract, applied_ids, read_applied, read_orphans
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
    kept: Kept | None = field(default=None, compare=False, repr=False)
    """What `reread` goes on with."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a reading found of one contract."""

    authored: AuthoredContract | None
    """None where it cannot be read, or is another articulation's."""
    contract: Contract | None
    said: tuple[Issue, ...]
    """How it is authored."""
    faults: tuple[Issue, ...]
    """What its joints and numbers are."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a reading knows beside the contracts that it read."""

    parts: dict[str, Part]
    joints: _Joints
    beside: tuple[Issue, ...]
    """Of the stage."""
    orphans: tuple[Issue, ...]


class _Joints:
    """The joints of an articulation by path, since each is asked for by many contracts."""

    def __init__(self, found: Articulation) -> None:
        self.found = found
        self.by_path = {absolute(joint, found): joint for joint in found.joints}
        self.outside = {absolute(joint, found): joint for joint in found.outside}
        self.elsewhere = {path for path, joint in self.outside.items() if joint.movable}
        self.count = Counter(joint.name for joint in found.joints)


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
    host, joints = stage.GetPrimAtPath(found.host), _Joints(found)
    parts = {one: _part(host, one, joints) for one in applied_ids(host)}
    beside = (*stage_issues(stage), *nesting_issues(stage))
    return _reading(Kept(parts, joints, beside, tuple(read_orphans(host))))


@told
def reread(stage: Usd.Stage, reading: Reading, changed: Collection[str]) -> Reading:
    """The same articulation where nothing but properties of these applied contracts changed.

    Raises:
        ContractError: USD cannot read one of the stage's files.
    """
    kept = reading.kept
    assert kept is not None and kept.parts.keys() >= {*changed}
    host = stage.GetPrimAtPath(kept.joints.found.host)
    parts = {one: _part(host, one, kept.joints) for one in changed}
    return _reading(replace(kept, parts={**kept.parts, **parts}))


def _reading(kept: Kept) -> Reading:
    found, parts = kept.joints.found, kept.parts.values()
    bundle = Bundle(
        tuple(one.contract for one in parts if one.contract is not None), found.asset, found.root
    )
    issues = (
        *kept.beside,
        *(issue for one in parts for issue in one.said),
        *kept.orphans,
        *(issue for one in parts for issue in one.faults),
    )
    authored = tuple(one.authored for one in parts if one.authored is not None)
    return Reading(bundle, found, issues, authored, kept)


def _part(host: Usd.Prim, contract_id: str, joints: _Joints) -> Part:
    one, said = read_applied(host, contract_id)
    if one is None or not _belongs(one, joints):
        return Part(None, None, tuple(said), ())
    faults = _faults(one, joints)
    contract = None if errors_of(faults) else _to_contract(one, joints, faults)
    return Part(one, contract, tuple(said), tuple(faults))


def belongs(one: AuthoredContract, found: Articulation) -> bool:
    """Whether the contract is this articulation's; one on no known joint is everybody's."""
    return _belongs(one, _Joints(found))


def _belongs(one: AuthoredContract, joints: _Joints) -> bool:
    return not (
        one.trigger_joints
        and joints.elsewhere.issuperset(one.trigger_joints)
        and joints.elsewhere.issuperset(one.effect_joints)
    )


def _faults(one: AuthoredContract, joints: _Joints) -> list[Issue]:
    issues = []
    for name, targets in (("triggerJoint", one.trigger_joints), ("effectJoint", one.effect_joints)):
        fault = _joint_fault(targets, joints)
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
    targets = [joints.by_path.get(path) for path in dict.fromkeys(one.effect_joints)]
    effects = [joint for joint in targets if joint is not None]
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
    return _joint_fault(targets, _Joints(found))


def _joint_fault(targets: tuple[str, ...], joints: _Joints) -> tuple[str, str] | None:
    if len(targets) != 1:
        return f"has {len(targets)} targets", "target exactly one joint"
    path = targets[0]
    found = joints.found
    joint = joints.by_path.get(path)
    if joint is None:
        names = [joint.name for joint in found.movable]
        if path in joints.outside:
            return f"{path} is no joint of this articulation", nearest(Sdf.Path(path).name, names)
        return f"no joint of this articulation at {path}", nearest(Sdf.Path(path).name, names)
    if not joint.movable:
        return (
            f"{path} is a {joint.type} joint",
            "contracts read and drive revolute and prismatic joints",
        )
    if joint.path.startswith(".."):
        return f"{path} stands outside the host prim {found.host}", "move it below the host"
    if joints.count[joint.name] > 1:
        return (
            f"the articulation has {joints.count[joint.name]} joints named '{joint.name}'",
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


def _to_contract(one: AuthoredContract, joints: _Joints, issues: list[Issue]) -> Contract:
    trigger = joints.by_path[one.trigger_joints[0]]
    effect = joints.by_path[one.effect_joints[0]]
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

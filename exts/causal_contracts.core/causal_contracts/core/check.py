# SPDX-License-Identifier: Apache-2.0
"""Bundle and Articulation to issues: what would keep a contract from acting, before it runs.

Pure: it reads no stage and no file. One function per question; each yields issues.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np

from .articulation import Articulation, Joint
from .issue import Issue, error, info, nearest, warning
from .model import Bundle, Contract, Foreign, JointThreshold, Mode, Op, SetDriveTarget
from .quantity import show

_POSE_TOLERANCE = 1e-3
"""A millimetre or a twentieth of a degree: what single precision and exporters leave behind."""


def check_bundle(bundle: Bundle, articulation: Articulation | None = None) -> list[Issue]:
    """Everything worth knowing about the contracts of a bundle, in id order.

    Args:
        bundle: the contracts.
        articulation: the joints that they are meant for; without it only the bundle itself is
            checked.
    """
    issues = [
        issue for contract in bundle.contracts for issue in check_contract(contract, articulation)
    ]
    return issues + check_together(bundle)


def check_contract(contract: Contract, articulation: Articulation | None) -> list[Issue]:
    """What is worth knowing about one contract, whatever the others are."""
    issues = [*_language(contract)]
    return issues if articulation is None else [*issues, *_against(contract, articulation)]


def check_together(bundle: Bundle) -> list[Issue]:
    """What is worth knowing about contracts that drive one joint, or each other."""
    return [*_shared_effects(bundle), *_cycles(bundle)]


def _language(contract: Contract) -> Iterator[Issue]:
    """What the language cannot express, and contracts that are switched off."""
    cid = contract.id
    for role, part in (("trigger", contract.trigger), ("effect", contract.effect)):
        if isinstance(part, Foreign):
            yield warning(
                f"{cid}.{role}.type",
                f"'{part.type}' is outside the language",
                "it will be skipped; express it as a joint threshold and a drive target",
                cid,
            )
    trigger = contract.trigger
    if isinstance(trigger, JointThreshold) and not isinstance(trigger.op, Op):
        yield warning(
            f"{cid}.trigger.op",
            f"'{trigger.op}' is outside the language",
            "it will be skipped; use > or <",
            cid,
        )
    if not isinstance(contract.mode, Mode):
        yield warning(
            f"{cid}.mode",
            f"'{contract.mode}' is outside the language",
            "it will be skipped; use latching or level",
            cid,
        )
    if not contract.enabled:
        yield info(
            f"{cid}.enabled",
            "is disabled: it is exported and never fires",
            "enable it to let it act",
            cid,
        )
    effect = contract.effect
    if (
        isinstance(trigger, JointThreshold)
        and isinstance(effect, SetDriveTarget)
        and trigger.joint == effect.joint
    ):
        yield error(
            f"{cid}.effect.joint",
            f"'{effect.joint}' is both trigger and effect",
            "choose another joint for one of them",
            cid,
        )


def _against(contract: Contract, articulation: Articulation) -> Iterator[Issue]:
    if isinstance(contract.trigger, JointThreshold):
        joint = yield from _resolve(contract, "trigger", contract.trigger, articulation)
        if joint is not None:
            yield from _trigger(contract, contract.trigger, joint)
    if isinstance(contract.effect, SetDriveTarget):
        joint = yield from _resolve(contract, "effect", contract.effect, articulation)
        if joint is not None:
            yield from _effect(contract, contract.effect, joint)


def _resolve(
    contract: Contract,
    role: str,
    part: JointThreshold | SetDriveTarget,
    articulation: Articulation,
) -> Generator[Issue, None, Joint | None]:
    """The one joint that is meant, after whatever is wrong with the name."""
    address, cid = f"{contract.id}.{role}.joint", contract.id
    found = articulation.find(part.joint)
    if not found:
        names = [joint.name for joint in articulation.movable]
        elsewhere = any(joint.name == part.joint for joint in articulation.outside)
        what = (
            "belongs to another articulation or to none"
            if elsewhere
            else "is no joint of this articulation"
        )
        yield error(address, f"'{part.joint}' {what}", nearest(part.joint, names), cid)
        return None
    if len(found) > 1:
        paths = ", ".join(joint.path for joint in found)
        yield error(
            address,
            f"'{part.joint}' is the name of {len(found)} joints: {paths}",
            "rename them: engines know joints by leaf name",
            cid,
        )
        return None
    joint = found[0]
    if not joint.movable:
        yield error(
            address,
            f"'{joint.name}' is a {joint.type} joint",
            "choose a revolute or prismatic joint",
            cid,
        )
        return None
    if part.unit is not None and part.unit != joint.unit:
        yield error(
            f"{contract.id}.{role}.unit",
            f"'{part.unit}' on {joint.name}, which is {joint.type}",
            f"state it in {joint.unit}",
            cid,
        )
        return None
    if joint.excluded:
        yield error(
            address,
            f"'{joint.name}' is excluded from the articulation or disabled",
            "clear physics:excludeFromArticulation and enable the joint",
            cid,
        )
    if joint.pose is not None and joint.position is not None:
        apart = abs(joint.pose - joint.position)
        if apart > _POSE_TOLERANCE:
            yield warning(
                address,
                f"'{joint.name}' is posed at {show(joint.pose, joint)}, and engines start it at "
                f"{show(joint.position, joint)}, its joint state",
                "author PhysicsJointStateAPI and the bodies' poses alike",
                cid,
            )
    if joint.scaled:
        yield warning(
            address,
            f"'{joint.name}' stands below a scale, which engines do not apply to joint positions",
            "bake the scale into the asset",
            cid,
        )
    return joint


def _trigger(contract: Contract, trigger: JointThreshold, joint: Joint) -> Iterator[Issue]:
    """Whether the condition can become true and can become false."""
    address, cid = f"{contract.id}.trigger.threshold", contract.id
    if not isinstance(trigger.op, Op):
        return
    with np.errstate(over="ignore"):
        threshold, lower, upper = map(np.float32, (trigger.threshold, joint.lower, joint.upper))
    span = f"{show(joint.lower, joint)} to {show(joint.upper, joint)}"
    here = f"{show(trigger.threshold, joint)} on {joint.name} ({span})"
    greater = trigger.op is Op.GREATER
    if threshold in (lower, upper):
        never = threshold == (upper if greater else lower)
        fate = "may never fire" if never else "may always fire"
        yield warning(
            address,
            f"{here} is at the limit: it {fate}",
            "move the threshold inside the limits",
            cid,
        )
    elif not lower < threshold < upper:
        never = threshold > upper if greater else threshold < lower
        fate = "can never fire" if never else "always fires"
        yield warning(
            address,
            f"{here} is outside the limits: it {fate}",
            "move the threshold inside the limits",
            cid,
        )
    if joint.position is not None:
        position = np.float32(joint.position)
        if position > threshold if greater else position < threshold:
            yield warning(
                address,
                f"{joint.name} starts at {show(joint.position, joint)}: "
                f"{trigger.op} {show(trigger.threshold, joint)} is true already",
                "turn the operator round, or move the threshold",
                cid,
            )


def _effect(contract: Contract, effect: SetDriveTarget, joint: Joint) -> Iterator[Issue]:
    """Whether the drive can carry the joint to the target."""
    address, cid = f"{contract.id}.effect.joint", contract.id
    if not joint.lower <= effect.target <= joint.upper:
        span = f"{show(joint.lower, joint)} to {show(joint.upper, joint)}"
        yield warning(
            f"{contract.id}.effect.target",
            f"{show(effect.target, joint)} is outside the limits of {joint.name} ({span})",
            "choose a target inside the limits",
            cid,
        )
    if effect.rest is not None and effect.rest == effect.target:
        yield warning(
            f"{contract.id}.effect.target",
            f"{show(effect.target, joint)} is the rest target too: nothing would move",
            "choose another target",
            cid,
        )
    if joint.follows is not None:
        yield error(
            address,
            f"'{joint.name}' follows {joint.follows} by a mimic, which overrides its drive",
            f"choose {joint.follows}, or remove the mimic",
            cid,
        )
    if joint.drive is None:
        yield error(
            address,
            f"'{joint.name}' has no drive: a target would do nothing",
            "add a drive (PhysicsDriveAPI) with a stiffness",
            cid,
        )
        return
    if joint.drive.stiffness == 0.0:
        yield warning(
            address,
            f"the drive of '{joint.name}' has zero stiffness: a target would do "
            "nothing, and Newton imports it as an effort drive",
            "give it a stiffness; gains set later in Isaac Lab may not help",
            cid,
        )
    if joint.drive.max_force == 0.0:
        yield error(
            address,
            f"the drive of '{joint.name}' has zero maximum force",
            "raise physics:maxForce",
            cid,
        )


def _shared_effects(bundle: Bundle) -> Iterator[Issue]:
    """Contracts that drive one joint: the last id that is active wins."""
    by_joint: dict[str, list[Contract]] = {}
    for contract in bundle.contracts:
        if contract.enabled and isinstance(contract.effect, SetDriveTarget):
            by_joint.setdefault(contract.effect.joint, []).append(contract)
    for joint, contracts in by_joint.items():
        targets = {_target(contract) for contract in contracts}
        if len(contracts) > 1 and len(targets) > 1:
            ids = ", ".join(contract.id for contract in contracts)
            yield warning(
                f"{contracts[-1].id}.effect.joint",
                f"{ids} set '{joint}' to different targets",
                f"when several are active, {contracts[-1].id} wins, being last by id",
                contracts[-1].id,
            )


def _target(contract: Contract) -> float | None:
    return contract.effect.target if isinstance(contract.effect, SetDriveTarget) else None


def _cycles(bundle: Bundle) -> Iterator[Issue]:
    """Effects that lead back to their own trigger through other contracts."""
    edges: dict[str, list[tuple[str, str]]] = {}
    for contract in bundle.contracts:
        trigger, effect = contract.trigger, contract.effect
        if (
            contract.enabled
            and isinstance(trigger, JointThreshold)
            and isinstance(effect, SetDriveTarget)
            and trigger.joint != effect.joint
        ):
            edges.setdefault(trigger.joint, []).append((effect.joint, contract.id))
    seen: set[frozenset[str]] = set()
    for start in edges:
        for ids in _loops(start, edges):
            if frozenset(ids) not in seen:
                seen.add(frozenset(ids))
                yield warning(
                    f"{ids[0]}.effect.joint",
                    f"{' -> '.join(ids)} form a cycle",
                    "they may hold each other active, or oscillate",
                    ids[0],
                )


def _loops(start: str, edges: dict[str, list[tuple[str, str]]]) -> Iterator[list[str]]:
    """Contract ids of the shortest way from `start` back to it, if there is one."""
    ways: list[tuple[str, list[str]]] = [(start, [])]
    visited: set[str] = set()
    while ways:
        joint, ids = ways.pop(0)
        for following, contract_id in edges.get(joint, ()):
            if following == start:
                yield [*ids, contract_id]
                return
            if following not in visited:
                visited.add(following)
                ways.append((following, [*ids, contract_id]))

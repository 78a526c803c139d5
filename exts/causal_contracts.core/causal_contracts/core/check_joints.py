# SPDX-License-Identifier: Apache-2.0
"""A contract and an Articulation to issues: joints that it lacks, limits, drives; reads no file."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np

from .articulation import Articulation, Joint
from .issue import Issue, error, nearest, warning
from .model import Contract, JointThreshold, Op, SetDriveTarget
from .quantity import show

_POSE_TOLERANCE = 1e-3
"""A millimetre or a twentieth of a degree: what single precision and exporters leave behind."""


def check_joints(contract: Contract, articulation: Articulation) -> Iterator[Issue]:
    """Whether the joints of a contract are there, and the condition and the effect can be."""
    if isinstance(contract.trigger, JointThreshold):
        joint = yield from _resolve(contract, "trigger", contract.trigger, articulation)
        if joint is not None:
            yield from _place(contract, "trigger", joint)
            yield from _trigger(contract, contract.trigger, joint)
    if isinstance(contract.effect, SetDriveTarget):
        joint = yield from _resolve(contract, "effect", contract.effect, articulation)
        if joint is not None:
            yield from _place(contract, "effect", joint)
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
            f"{cid}.{role}.unit",
            f"'{part.unit}' on {joint.name}, which is {joint.type}",
            f"state it in {joint.unit}",
            cid,
        )
        return None
    return joint


def _place(contract: Contract, role: str, joint: Joint) -> Iterator[Issue]:
    """Whether engines simulate the joint, and start it where the stage shows it."""
    address, cid = f"{contract.id}.{role}.joint", contract.id
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

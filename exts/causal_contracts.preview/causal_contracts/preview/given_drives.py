# SPDX-License-Identifier: Apache-2.0
"""A drive for each joint that the hand presses and that the asset left without a usable one."""

from __future__ import annotations

import math
from collections.abc import Iterable

from causal_contracts.core.issue import ContractError, Issue, error, nearest
from pxr import Gf, Usd, UsdGeom, UsdPhysics

RATE = 60.0
"""Natural frequency [rad/s]: the joint follows within 0.05 s and sags by at most 3 mm."""
MASS = 1.0
"""Mass [kg] of a part whose author gave none."""


def give_drives(
    stage: Usd.Stage, root: Usd.Prim, names: Iterable[str]
) -> dict[str, tuple[float, float]]:
    """Author a critically damped drive on each named joint that has no usable one.

    Returns (stiffness, damping) by joint name, [N/m, N s/m] or [N m/rad, N m s/rad] where the
    stage is in metres. Raises ContractError for names that no movable joint of the stage has.
    """
    joints = _movable_joints(stage, root)
    unknown = [_unknown(name, joints) for name in names if name not in joints]
    if unknown:
        raise ContractError(unknown)
    return {name: _give(joints[name]) for name in names if not has_usable_drive(joints[name])}


def has_usable_drive(joint: Usd.Prim) -> bool:
    """Whether a position drive with stiffness and force stands on the joint."""
    drive = UsdPhysics.DriveAPI.Get(joint, _kind(joint))
    if not drive:
        return False
    return drive.GetStiffnessAttr().Get() > 0 and drive.GetMaxForceAttr().Get() > 0


def _give(joint: Usd.Prim) -> tuple[float, float]:
    inertia = _inertia(joint)
    stiffness, damping = inertia * RATE**2, 2 * inertia * RATE
    # UsdPhysics states angular gains per degree.
    per_unit = math.radians(1) if _kind(joint) == "angular" else 1.0
    drive = UsdPhysics.DriveAPI.Apply(joint, _kind(joint))
    drive.CreateTypeAttr(UsdPhysics.Tokens.force)
    drive.CreateStiffnessAttr(stiffness * per_unit)
    drive.CreateDampingAttr(damping * per_unit)
    drive.CreateMaxForceAttr(math.inf)
    return stiffness, damping


def _inertia(joint: Usd.Prim) -> float:
    """Mass of the moved part [kg], or an upper bound of its inertia about the hinge."""
    schema = UsdPhysics.Joint(joint)
    bodies = schema.GetBody1Rel().GetTargets() or schema.GetBody0Rel().GetTargets()
    body = joint.GetStage().GetPrimAtPath(bodies[0]) if bodies else Usd.Prim()
    mass = UsdPhysics.MassAPI(body).GetMassAttr().Get() if body else None
    mass = mass or MASS
    if _kind(joint) == "linear":
        return mass
    cache = UsdGeom.BBoxCache(
        Usd.TimeCode.Default(), [UsdGeom.Tokens.default_, UsdGeom.Tokens.render]
    )
    bound = cache.ComputeWorldBound(body).ComputeAlignedRange() if body else Gf.Range3d()
    length = bound.GetSize().GetLength() if not bound.IsEmpty() else 1.0
    return mass * length**2 / 3


def _movable_joints(stage: Usd.Stage, root: Usd.Prim) -> dict[str, Usd.Prim]:
    """Revolute and prismatic joints by leaf name; those below the articulation's root win."""
    found = [
        p
        for p in stage.Traverse()
        if p.IsA("PhysicsRevoluteJoint") or p.IsA("PhysicsPrismaticJoint")
    ]
    inside = root.GetPath() if not root.IsA("PhysicsJoint") else root.GetPath().GetParentPath()
    found.sort(key=lambda prim: prim.GetPath().HasPrefix(inside))
    return {prim.GetName(): prim for prim in found}


def _kind(joint: Usd.Prim) -> str:
    return "angular" if joint.IsA("PhysicsRevoluteJoint") else "linear"


def _unknown(name: str, joints: dict[str, Usd.Prim]) -> Issue:
    return error(
        f"hand_joints[{name!r}]",
        "no movable joint of that name is in the asset",
        nearest(name, list(joints)),
    )

# SPDX-License-Identifier: Apache-2.0
"""A joint's drive on the stage: SI in, UsdPhysics units at the edit target out."""

from __future__ import annotations

import math

from causal_contracts.core.articulation import Joint, JointType
from causal_contracts.core.quantity import from_si
from pxr import Usd, UsdPhysics

from .layer_memory import Mine
from .refusal import Refusal


def drive_properties(joint: Joint) -> Mine:
    """Which properties of the joint prim a change of its drive touches."""
    prefix = f"drive:{dof_of(joint)}:physics:"
    return lambda name: name.startswith(prefix)


def dof_of(joint: Joint) -> str:
    """Instance name of the joint's drive."""
    return "angular" if joint.type is JointType.REVOLUTE else "linear"


def write_drive(stage: Usd.Stage, path: str, joint: Joint, **values: float) -> None:
    """Author values [SI] of a joint's drive at the edit target; applies it where it is missing.

    Raises:
        Refusal: a stronger layer says otherwise.
    """
    prim, dof = stage.GetPrimAtPath(path), dof_of(joint)
    drive = UsdPhysics.DriveAPI.Get(prim, dof)
    if not drive:
        drive = UsdPhysics.DriveAPI.Apply(prim, dof)
        drive.CreateTypeAttr("force")
    for name, value in values.items():
        per_degree = name in ("stiffness", "damping") and dof == "angular"
        if name == "targetPosition":
            stated = from_si(value, joint.authored_unit or "m")
        else:  # gains of a turning joint are per degree on the stage
            stated = value * math.pi / 180.0 if per_degree else value
        create = getattr(drive, f"Create{name[0].upper()}{name[1:]}Attr")
        create().Set(stated)
        said = prim.GetAttribute(f"drive:{dof}:physics:{name}").Get()
        if not math.isclose(said, stated, rel_tol=1e-6, abs_tol=1e-12):
            raise Refusal(
                f"A stronger layer says {said:g} for the drive's {name} of {joint.name}: "
                "make that layer the edit target"
            )


GAIN_UNITS = {
    JointType.REVOLUTE: ("N m/rad", "N m s/rad"),
    JointType.PRISMATIC: ("N/m", "N s/m"),
}
"""Units of stiffness and damping, in SI."""

_GAINS = {JointType.REVOLUTE: (60.0, 6.0), JointType.PRISMATIC: (1000.0, 50.0)}
"""Gains that move a household part of a few kilograms within a second."""


def suggested_gains(joint: Joint, others: tuple[Joint, ...]) -> tuple[float, float]:
    """Stiffness and damping [SI] for a drive: as a like joint of the asset has, else moderate."""
    for other in others:
        if other != joint and other.type is joint.type and other.drive and other.drive.stiffness:
            return other.drive.stiffness, other.drive.damping
    return _GAINS[joint.type]

# SPDX-License-Identifier: Apache-2.0
"""A joint prim to a `Joint`: degrees to radians here, once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

from .articulation import Drive, Joint, JointType

_FREE = 1e30  # exporters write the largest float where they mean no limit
_AXES = {"X": 0, "Y": 1, "Z": 2}
_MIMIC_APIS = ("PhysxMimicJointAPI", "NewtonMimicAPI")


def is_joint(prim: Usd.Prim) -> bool:
    """Whether the prim is a physics joint of any kind."""
    return prim.IsA("PhysicsJoint")


def joint_type(prim: Usd.Prim) -> JointType:
    """The kind of joint that the prim is."""
    for schema, kind in (
        ("PhysicsRevoluteJoint", JointType.REVOLUTE),
        ("PhysicsPrismaticJoint", JointType.PRISMATIC),
        ("PhysicsSphericalJoint", JointType.SPHERICAL),
        ("PhysicsDistanceJoint", JointType.DISTANCE),
        ("PhysicsFixedJoint", JointType.FIXED),
    ):
        if prim.IsA(schema):
            return kind
    return JointType.OTHER


def read_joint(prim: Usd.Prim, host: Sdf.Path, xforms: UsdGeom.XformCache) -> Joint:
    """The facts of one joint prim."""
    kind = joint_type(prim)
    lower, upper = _limits(prim, kind)
    enabled = _value(prim, "physics:jointEnabled", True)
    excluded = _value(prim, "physics:excludeFromArticulation", False)
    return Joint(
        name=prim.GetName(),
        path=str(prim.GetPath().MakeRelativePath(host)),
        type=kind,
        lower=lower,
        upper=upper,
        position=_start(prim, kind, lower, upper),
        drive=_drive(prim, kind),
        follows=_leader(prim),
        excluded=bool(excluded) or not enabled,
        scaled=_is_scaled(xforms.GetLocalToWorldTransform(prim.GetParent())),
        pose=_pose(prim, kind, xforms),
    )


def applied_schemas(prim: Usd.Prim) -> list[str]:
    """Applied API schemas, those of unknown plugins included."""
    return [str(name) for name in prim.GetPrimTypeInfo().GetAppliedAPISchemas()]


def body_targets(prim: Usd.Prim) -> list[Sdf.Path]:
    """The prims that the joint connects, a body or something below one; the world is absent."""
    joint = UsdPhysics.Joint(prim)
    return [path for rel in (joint.GetBody0Rel(), joint.GetBody1Rel()) for path in rel.GetTargets()]


def _si(value: float, kind: JointType) -> float:
    """Stage unit to SI: degrees to radians, stage distance as it is."""
    if abs(value) >= _FREE:
        return math.copysign(math.inf, value)
    return math.radians(value) if kind is JointType.REVOLUTE else value


def _limits(prim: Usd.Prim, kind: JointType) -> tuple[float, float]:
    lower = _number(prim, "physics:lowerLimit", -math.inf)
    upper = _number(prim, "physics:upperLimit", math.inf)
    return _si(lower, kind), _si(upper, kind)


def _drive(prim: Usd.Prim, kind: JointType) -> Drive | None:
    dof = "angular" if kind is JointType.REVOLUTE else "linear"
    if f"PhysicsDriveAPI:{dof}" not in applied_schemas(prim):
        return None
    name = f"drive:{dof}:physics"
    per_unit = 180.0 / math.pi if kind is JointType.REVOLUTE else 1.0  # gains are per degree
    force = _number(prim, f"{name}:maxForce", math.inf)
    return Drive(
        target=_si(_number(prim, f"{name}:targetPosition", 0.0), kind),
        stiffness=_number(prim, f"{name}:stiffness", 0.0) * per_unit,
        damping=_number(prim, f"{name}:damping", 0.0) * per_unit,
        max_force=force if force < _FREE else math.inf,
    )


def _leader(prim: Usd.Prim) -> str | None:
    apis = {name.split(":")[0] for name in applied_schemas(prim)} & set(_MIMIC_APIS)
    if not _value(prim, "newton:mimicEnabled", True):
        apis.discard("NewtonMimicAPI")
    if not apis:
        return None
    for rel in prim.GetRelationships():
        if "mimicjoint" in rel.GetName().lower() and rel.GetTargets():
            return rel.GetTargets()[0].name
    return "another joint"


def _start(prim: Usd.Prim, kind: JointType, lower: float, upper: float) -> float | None:
    """PhysX and Newton start a joint at its state attribute, whatever the bodies' poses show."""
    if kind not in (JointType.REVOLUTE, JointType.PRISMATIC):
        return None
    dof = "angular" if kind is JointType.REVOLUTE else "linear"
    stated = _number(prim, f"state:{dof}:physics:position", 0.0)
    if not math.isfinite(stated) or f"PhysicsJointStateAPI:{dof}" not in applied_schemas(prim):
        stated = 0.0
    start = _si(stated, kind)
    return min(max(start, lower), upper) if lower <= upper else start


def _pose(prim: Usd.Prim, kind: JointType, xforms: UsdGeom.XformCache) -> float | None:
    """Position of the second joint frame in the first, along or about the joint's axis."""
    if kind not in (JointType.REVOLUTE, JointType.PRISMATIC):
        return None
    frames = [_frame(prim, side, xforms) for side in (0, 1)]
    if frames[0] is None or frames[1] is None:
        return None
    relative = frames[1] * frames[0].GetInverse()
    axis = _AXES.get(str(_value(prim, "physics:axis", "X")), 0)
    if kind is JointType.PRISMATIC:
        return _tidy(relative.ExtractTranslation()[axis])
    turn = relative.ExtractRotationQuat()
    angle = 2.0 * math.atan2(turn.GetImaginary()[axis], turn.GetReal())
    return _tidy(_within(math.remainder(angle, math.tau), *_limits(prim, kind)))


def _within(angle: float, lower: float, upper: float) -> float:
    """The turn nearest to none that the limits allow: a pose does not tell 200 from -160 deg."""
    turns = (angle, angle + math.tau, angle - math.tau)
    return next((one for one in turns if lower - 1e-4 <= one <= upper + 1e-4), angle)


def _frame(prim: Usd.Prim, side: int, xforms: UsdGeom.XformCache) -> Gf.Matrix4d | None:
    joint = UsdPhysics.Joint(prim)
    targets = (joint.GetBody1Rel() if side else joint.GetBody0Rel()).GetTargets()
    body = Gf.Matrix4d(1.0)
    if targets:
        target = prim.GetStage().GetPrimAtPath(targets[0])
        if not target:
            return None
        body = xforms.GetLocalToWorldTransform(target)
    place = Gf.Vec3d(_value(prim, f"physics:localPos{side}", Gf.Vec3f(0.0)))
    turn = Gf.Quatd(_value(prim, f"physics:localRot{side}", Gf.Quatf(1.0)))
    frame = Gf.Matrix4d(1.0).SetRotate(turn) * body.RemoveScaleShear()
    return frame.SetTranslateOnly(body.Transform(place))


def _tidy(value: float) -> float | None:
    """Frames are authored in single precision; what that leaves behind is no position."""
    if not math.isfinite(value):
        return None
    return 0.0 if abs(value) < 1e-6 else float(f"{value:.7g}")


def _is_scaled(world: Gf.Matrix4d) -> bool:
    return any(abs(world.GetRow3(row).GetLength() - 1.0) > 1e-4 for row in range(3))


def _number(prim: Usd.Prim, name: str, default: float) -> float:
    """A value that USD keeps in single precision, as the decimal that its author wrote."""
    return shortest(_value(prim, name, default))


def shortest(value: float) -> float:
    """The shortest decimal that is the same number in single precision."""
    with np.errstate(over="ignore"):
        return float(str(np.float32(value)))


def _value(prim: Usd.Prim, name: str, default: Any) -> Any:
    """The value, or the default where there is none of that kind, as engines read it."""
    attribute = prim.GetAttribute(name)
    value: Any = attribute.Get() if attribute else None
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return type(default)(value)
    return value if isinstance(value, type(default)) else default

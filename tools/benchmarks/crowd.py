# SPDX-License-Identifier: Apache-2.0
"""Numbers of joints and contracts to an asset that has so many, for timing the panel."""

from __future__ import annotations

from pathlib import Path

from causal_contracts.core.usd_author import write_authored
from causal_contracts.core.usd_contract import AuthoredContract
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

PITCH = 0.1
"""Distance of the bodies [m]."""
SLIDE = (-0.01, 0.0)
"""Limits of the sliders, which are the triggers [m]."""
TURN = (0.0, 120.0)
"""Limits of the hinges, which are the effects [deg]."""


def write_crowd(path: Path, *, joints: int = 64, contracts: int = 500) -> Path:
    """Write a board of buttons and lids, half of the `joints` each, and return the path.

    Contract k reads button k and moves lid k + k // buttons, both counted around, so that no two
    contracts are alike. Every fifth one is level, every seventh disabled.

    Raises:
        ValueError: fewer than two joints, or more contracts than pairs of button and lid.
    """
    half = joints // 2
    if half < 1 or contracts > half * half:
        raise ValueError(f"{joints} joints carry 0 to {half * half} contracts, not {contracts}")
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    top = UsdGeom.Xform.Define(stage, "/Crowd").GetPrim()
    stage.SetDefaultPrim(top)
    UsdPhysics.ArticulationRootAPI.Apply(top)
    _body(stage, "board", Gf.Vec3d(0, 0, 0), 10.0)
    base = UsdPhysics.FixedJoint.Define(stage, "/Crowd/base")
    base.CreateBody1Rel().SetTargets(["/Crowd/board"])
    for index in range(half):
        _joint(stage, f"button_{index:03}", index, 0.0, UsdPhysics.PrismaticJoint, SLIDE)
        _joint(stage, f"lid_{index:03}", index, 1.0, UsdPhysics.RevoluteJoint, TURN)
    for index in range(contracts):
        write_authored(top, _contract(index, half))
    stage.GetRootLayer().Save()
    return path


def _contract(index: int, half: int) -> AuthoredContract:
    lid = (index + index // half) % half
    return AuthoredContract(
        id=f"rule_{index:03}",
        host="/Crowd",
        enabled=index % 7 != 6,
        mode="level" if index % 5 == 4 else "latching",
        trigger_op="less",
        trigger_threshold=-0.001 - 0.008 * (index % half) / half,
        effect_target=10.0 + 100.0 * lid / half,
        trigger_joints=(f"/Crowd/button_{index % half:03}",),
        effect_joints=(f"/Crowd/lid_{lid:03}",),
    )


def _body(stage: Usd.Stage, name: str, at: Gf.Vec3d, mass: float) -> Sdf.Path:
    body = UsdGeom.Cube.Define(stage, f"/Crowd/{name}")
    body.CreateSizeAttr(0.05)
    body.AddTranslateOp().Set(at)
    UsdPhysics.RigidBodyAPI.Apply(body.GetPrim())
    UsdPhysics.MassAPI.Apply(body.GetPrim()).CreateMassAttr(mass)
    return body.GetPath()


def _joint(
    stage: Usd.Stage,
    name: str,
    index: int,
    row: float,
    kind: type[UsdPhysics.PrismaticJoint] | type[UsdPhysics.RevoluteJoint],
    limits: tuple[float, float],
) -> None:
    at = Gf.Vec3d((index + 1) * PITCH, row, 0)
    body = _body(stage, f"{name}_body", at, 0.1)
    joint = kind.Define(stage, f"/Crowd/{name}")
    joint.CreateBody0Rel().SetTargets(["/Crowd/board"])
    joint.CreateBody1Rel().SetTargets([body])
    joint.CreateLocalPos0Attr(Gf.Vec3f(at))
    joint.CreateAxisAttr("Y" if kind is UsdPhysics.PrismaticJoint else "X")
    joint.CreateLowerLimitAttr(limits[0])
    joint.CreateUpperLimitAttr(limits[1])
    drive = UsdPhysics.DriveAPI.Apply(
        joint.GetPrim(), "linear" if kind is UsdPhysics.PrismaticJoint else "angular"
    )
    drive.CreateStiffnessAttr(100.0)
    drive.CreateDampingAttr(5.0)
    drive.CreateTargetPositionAttr(0.0)

# SPDX-License-Identifier: Apache-2.0
"""Authors two boxes joined by a hinge that lie loose on a static floor: contacts in every step."""

from __future__ import annotations

from pathlib import Path

from pxr import Gf, Usd, UsdGeom, UsdPhysics

HALF = 0.1
"""Half of a box's edge [m]."""


def build_hinged_pair(path: Path) -> Path:
    """Write the asset, with joint `hinge` and a weak drive on it, and return its path."""
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    root = UsdGeom.Xform.Define(stage, "/Pair")
    stage.SetDefaultPrim(root.GetPrim())
    UsdPhysics.ArticulationRootAPI.Apply(root.GetPrim())
    _box(stage, "left", Gf.Vec3d(-0.12, 0, HALF), Gf.Vec3f(HALF), mass=1.0)
    _box(stage, "right", Gf.Vec3d(0.12, 0, HALF), Gf.Vec3f(HALF), mass=1.0)
    _box(stage, "floor", Gf.Vec3d(0, 0, -0.05), Gf.Vec3f(2, 2, 0.05), mass=None)
    hinge = UsdPhysics.RevoluteJoint.Define(stage, "/Pair/hinge")
    hinge.CreateBody0Rel().SetTargets(["/Pair/left"])
    hinge.CreateBody1Rel().SetTargets(["/Pair/right"])
    hinge.CreateAxisAttr("Y")
    hinge.CreateLocalPos0Attr(Gf.Vec3f(0.12, 0, HALF))
    hinge.CreateLocalPos1Attr(Gf.Vec3f(-0.12, 0, HALF))
    hinge.CreateLowerLimitAttr(-60)
    hinge.CreateUpperLimitAttr(60)
    drive = UsdPhysics.DriveAPI.Apply(hinge.GetPrim(), "angular")
    drive.CreateStiffnessAttr(1.0)
    drive.CreateDampingAttr(0.05)
    stage.GetRootLayer().Save()
    return path


def _box(stage: Usd.Stage, name: str, at: Gf.Vec3d, half: Gf.Vec3f, mass: float | None) -> None:
    link = UsdGeom.Xform.Define(stage, f"/Pair/{name}")
    link.AddTranslateOp().Set(at)
    shape = UsdGeom.Cube.Define(stage, f"/Pair/{name}/shape")
    shape.CreateSizeAttr(2.0)
    shape.AddScaleOp().Set(half)
    UsdPhysics.CollisionAPI.Apply(shape.GetPrim())
    if mass is not None:
        UsdPhysics.RigidBodyAPI.Apply(link.GetPrim())
        UsdPhysics.MassAPI.Apply(link.GetPrim()).CreateMassAttr(mass)

# SPDX-License-Identifier: Apache-2.0
"""Authors small articulated boxes for tests: a button that slides in, a lid that turns."""

from __future__ import annotations

from pathlib import Path

from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics, UsdUtils

BUTTON = (-0.01, 0.0)
"""Limits of `button_slide` [m]."""
LID = (0.0, 120.0)
"""Limits of `lid_hinge` [deg]."""


def build_box(
    path: Path | str,
    *,
    copies: int = 1,
    up_axis: str = "Z",
    button_drive: tuple[float, float] | None = (400.0, 8.0),
    lid_drive: tuple[float, float] | None = (0.5, 0.1),
    lid_rest: float = 0.0,
    lid_state: float | None = None,
    stopper: bool = False,
    default_prim: bool = True,
    instanceable: bool = False,
) -> Path:
    """Write a fixed-base box with `button_slide` and `lid_hinge` and return its path.

    Drives are (stiffness, damping) in stage units: N/m for the button, N m/deg for the lid, whose
    drive target `lid_rest` and joint state `lid_state` are in degrees. A stopper is a static block
    that the lid meets at 53 deg. With `copies` > 1 the default prim /Kitchen holds Box, Box1, ...
    A path that ends in .usdz is packed from a .usdc of the same name.
    """
    path = Path(path)
    layer = path.with_suffix(".usdc") if path.suffix == ".usdz" else path
    stage = Usd.Stage.CreateNew(str(layer))
    UsdGeom.SetStageUpAxis(stage, up_axis)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    parent = Sdf.Path("/Kitchen" if copies > 1 else "/")
    if copies > 1:
        UsdGeom.Xform.Define(stage, parent)
    for index in range(copies):
        root = parent.AppendChild(f"Box{index or ''}")
        _bodies(stage, root, float(index), stopper)
        slide, hinge = _joints(stage, root, float(index))
        if button_drive:
            _drive(slide, "linear", button_drive, 0.0)
        if lid_drive:
            _drive(hinge, "angular", lid_drive, lid_rest)
        if lid_state is not None:
            hinge.AddAppliedSchema("PhysicsJointStateAPI:angular")
            name, kind = "state:angular:physics:position", Sdf.ValueTypeNames.Float
            hinge.CreateAttribute(name, kind, custom=False).Set(lid_state)
    if default_prim:
        top = "/Kitchen" if copies > 1 else "/Box"
        stage.SetDefaultPrim(stage.GetPrimAtPath(top))
    if instanceable:
        _wrap_in_instance(stage)
    stage.GetRootLayer().Save()
    if path.suffix == ".usdz":
        assert UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(layer)), str(path))
        layer.unlink()
    return path


def _upright(stage: Usd.Stage, x: float, y: float, z: float) -> Gf.Vec3f:
    """A vector with z up in the stage's own axes."""
    return Gf.Vec3f(x, y, z) if UsdGeom.GetStageUpAxis(stage) == "Z" else Gf.Vec3f(x, z, -y)


def _bodies(stage: Usd.Stage, root: Sdf.Path, offset: float, stopper: bool) -> None:
    box = UsdGeom.Xform.Define(stage, root)
    box.AddTranslateOp().Set(Gf.Vec3d(offset, 0, 0))
    UsdPhysics.ArticulationRootAPI.Apply(box.GetPrim())
    _body(stage, root, "body", (0, 0, 0.15), (0.2, 0.2, 0.15), 5.0)
    _body(stage, root, "button", (0, -0.215, 0.1), (0.02, 0.01, 0.02), 0.05)
    _body(stage, root, "lid", (0, 0, 0.315), (0.2, 0.2, 0.01), 0.8)
    if stopper:
        _body(stage, root, "stopper", (0, 0.1, 0.65), (0.1, 0.1, 0.05), None)


def _body(
    stage: Usd.Stage, root: Sdf.Path, name: str, at: tuple, half: tuple, mass: float | None
) -> None:
    link = UsdGeom.Xform.Define(stage, root.AppendChild(name))
    link.AddTranslateOp().Set(Gf.Vec3d(_upright(stage, *at)))
    shape = UsdGeom.Cube.Define(stage, link.GetPath().AppendChild("shape"))
    shape.CreateSizeAttr(2.0)
    shape.AddScaleOp().Set(Gf.Vec3f(*(abs(value) for value in _upright(stage, *half))))
    UsdPhysics.CollisionAPI.Apply(shape.GetPrim())
    if mass is not None:
        UsdPhysics.RigidBodyAPI.Apply(link.GetPrim())
        UsdPhysics.MassAPI.Apply(link.GetPrim()).CreateMassAttr(mass)


def _joints(stage: Usd.Stage, root: Sdf.Path, offset: float) -> tuple[Usd.Prim, Usd.Prim]:
    """Fix the body to the world; pressing is negative, opening is positive."""
    body, half_turn = root.AppendChild("body"), Gf.Quatf(0, 0, 0, 1)
    base = UsdPhysics.FixedJoint.Define(stage, root.AppendChild("base"))
    base.CreateBody1Rel().SetTargets([body])
    base.CreateLocalPos0Attr(Gf.Vec3f(offset, 0, 0) + _upright(stage, 0, 0, 0.15))

    slide = UsdPhysics.PrismaticJoint.Define(stage, root.AppendChild("button_slide"))
    slide.CreateBody1Rel().SetTargets([root.AppendChild("button")])
    slide.CreateLocalPos0Attr(_upright(stage, 0, -0.215, -0.05))
    slide.CreateAxisAttr("Y" if UsdGeom.GetStageUpAxis(stage) == "Z" else "Z")
    slide.CreateLowerLimitAttr(BUTTON[0])
    slide.CreateUpperLimitAttr(BUTTON[1])

    hinge = UsdPhysics.RevoluteJoint.Define(stage, root.AppendChild("lid_hinge"))
    hinge.CreateBody1Rel().SetTargets([root.AppendChild("lid")])
    hinge.CreateLocalPos0Attr(_upright(stage, 0, 0.2, 0.165))
    hinge.CreateLocalPos1Attr(_upright(stage, 0, 0.2, 0))
    hinge.CreateAxisAttr("X")
    hinge.CreateLowerLimitAttr(LID[0])
    hinge.CreateUpperLimitAttr(LID[1])

    for joint in (slide, hinge):
        joint.CreateBody0Rel().SetTargets([body])
        turned = joint is hinge or UsdGeom.GetStageUpAxis(stage) == "Z"
        rotation = half_turn if turned else Gf.Quatf(1)
        joint.CreateLocalRot0Attr(rotation)
        joint.CreateLocalRot1Attr(rotation)
    return slide.GetPrim(), hinge.GetPrim()


def _drive(joint: Usd.Prim, kind: str, gains: tuple[float, float], target: float) -> None:
    drive = UsdPhysics.DriveAPI.Apply(joint, kind)
    drive.CreateTypeAttr("force")
    drive.CreateStiffnessAttr(gains[0])
    drive.CreateDampingAttr(gains[1])
    drive.CreateTargetPositionAttr(target)


def _wrap_in_instance(stage: Usd.Stage) -> None:
    """Move the default prim into a class; its name becomes a parent of an instance of that."""
    layer, name = stage.GetRootLayer(), stage.GetDefaultPrim().GetName()
    Sdf.CopySpec(layer, f"/{name}", layer, "/Prototype")
    layer.GetPrimAtPath("/Prototype").specifier = Sdf.SpecifierClass
    stage.RemovePrim(f"/{name}")
    outer = UsdGeom.Xform.Define(stage, f"/{name}")
    inner = stage.DefinePrim(f"/{name}/Inner", "Xform")
    inner.GetReferences().AddInternalReference("/Prototype")
    inner.SetInstanceable(True)
    stage.SetDefaultPrim(outer.GetPrim())

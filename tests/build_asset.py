# SPDX-License-Identifier: Apache-2.0
"""Authors small articulated boxes for tests: a button that slides in, a lid that turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    lid_rest: float | None = 0.0,
    default_prim: bool = True,
    instanceable: bool = False,
    colliders: bool = True,
) -> Path:
    """Write a fixed-base box with `button_slide` and `lid_hinge` and return its path.

    Drives are (stiffness, damping) in stage units: N/m for the button, N m/deg for the lid.
    With `copies` > 1 the default prim /Kitchen holds that many boxes, Box, Box1, ...
    A path that ends in .usdz is packed from a .usdc of the same name.
    """
    path = Path(path)
    options: dict[str, Any] = {
        "up": UsdGeom.Tokens.y if up_axis == "Y" else UsdGeom.Tokens.z,
        "button_drive": button_drive,
        "lid_drive": lid_drive,
        "lid_rest": lid_rest,
        "colliders": colliders,
    }
    layer = path.with_suffix(".usdc") if path.suffix == ".usdz" else path
    stage = Usd.Stage.CreateNew(str(layer))
    UsdGeom.SetStageUpAxis(stage, options["up"])
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    parent = Sdf.Path("/Kitchen") if copies > 1 else Sdf.Path.absoluteRootPath
    if copies > 1:
        UsdGeom.Xform.Define(stage, parent)
    for index in range(copies):
        name = "Box" if index == 0 else f"Box{index}"
        _box(stage, parent.AppendChild(name), offset=1.0 * index, **options)
    if default_prim:
        stage.SetDefaultPrim(stage.GetPrimAtPath(Sdf.Path("/Kitchen" if copies > 1 else "/Box")))
    if instanceable:
        _wrap_in_instance(stage)
    stage.GetRootLayer().Save()
    if path.suffix == ".usdz":
        assert UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(layer)), str(path))
        layer.unlink()
    return path


def _box(
    stage: Usd.Stage, root: Sdf.Path, offset: float, up: str, colliders: bool, **drives: Any
) -> None:
    xform = UsdGeom.Xform.Define(stage, root)
    UsdPhysics.ArticulationRootAPI.Apply(xform.GetPrim())
    if offset:
        xform.AddTranslateOp().Set(Gf.Vec3d(offset, 0, 0))
    raise_to = (
        (lambda x, y, z: (x, z, -y)) if up == UsdGeom.Tokens.y else (lambda x, y, z: (x, y, z))
    )
    body = _body(
        stage, root, "body", raise_to(0, 0, 0.15), raise_to(0.2, 0.2, 0.15), 5.0, colliders
    )
    button = _body(
        stage, root, "button", raise_to(0, -0.215, 0.1), raise_to(0.02, 0.01, 0.02), 0.05, False
    )
    lid = _body(stage, root, "lid", raise_to(0, 0, 0.315), raise_to(0.2, 0.2, 0.01), 0.8, colliders)
    fixed = UsdPhysics.FixedJoint.Define(stage, root.AppendChild("base"))
    fixed.CreateBody1Rel().SetTargets([body])
    fixed.CreateLocalPos0Attr(Gf.Vec3f(offset, 0, 0) + Gf.Vec3f(*raise_to(0, 0, 0.15)))

    half_turn = Gf.Quatf(0, 0, 0, 1)
    slide = UsdPhysics.PrismaticJoint.Define(stage, root.AppendChild("button_slide"))
    _connect(slide, body, button, raise_to(0, -0.215, -0.05), (0, 0, 0))
    slide.CreateAxisAttr("Z" if up == UsdGeom.Tokens.y else "Y")
    if up == UsdGeom.Tokens.z:
        _turn_frames(slide, half_turn)
    slide.CreateLowerLimitAttr(BUTTON[0])
    slide.CreateUpperLimitAttr(BUTTON[1])
    if drives["button_drive"]:
        _drive(slide.GetPrim(), "linear", drives["button_drive"], 0.0)

    hinge = UsdPhysics.RevoluteJoint.Define(stage, root.AppendChild("lid_hinge"))
    _connect(hinge, body, lid, raise_to(0, 0.2, 0.165), raise_to(0, 0.2, 0))
    hinge.CreateAxisAttr("X")
    _turn_frames(hinge, half_turn)
    hinge.CreateLowerLimitAttr(LID[0])
    hinge.CreateUpperLimitAttr(LID[1])
    if drives["lid_drive"]:
        _drive(hinge.GetPrim(), "angular", drives["lid_drive"], drives["lid_rest"])


def _turn_frames(joint: UsdPhysics.Joint, rotation: Gf.Quatf) -> None:
    """Turn both joint frames, so that pressing is negative and opening positive."""
    joint.GetLocalRot0Attr().Set(rotation)
    joint.GetLocalRot1Attr().Set(rotation)


def _body(
    stage: Usd.Stage, root: Sdf.Path, name: str, at: tuple, half: tuple, mass: float, collides: bool
) -> Sdf.Path:
    link = UsdGeom.Xform.Define(stage, root.AppendChild(name))
    link.AddTranslateOp().Set(Gf.Vec3d(*at))
    UsdPhysics.RigidBodyAPI.Apply(link.GetPrim())
    UsdPhysics.MassAPI.Apply(link.GetPrim()).CreateMassAttr(mass)
    shape = UsdGeom.Cube.Define(stage, link.GetPath().AppendChild("shape"))
    shape.CreateSizeAttr(2.0)
    shape.CreateExtentAttr([(-1, -1, -1), (1, 1, 1)])
    shape.AddScaleOp().Set(Gf.Vec3f(*(abs(value) for value in half)))
    if collides:
        UsdPhysics.CollisionAPI.Apply(shape.GetPrim())
    return link.GetPath()


def _connect(
    joint: UsdPhysics.Joint, body0: Sdf.Path, body1: Sdf.Path, at0: tuple, at1: tuple
) -> None:
    joint.CreateBody0Rel().SetTargets([body0])
    joint.CreateBody1Rel().SetTargets([body1])
    joint.CreateLocalPos0Attr(Gf.Vec3f(*at0))
    joint.CreateLocalPos1Attr(Gf.Vec3f(*at1))
    joint.CreateLocalRot0Attr(Gf.Quatf(1))
    joint.CreateLocalRot1Attr(Gf.Quatf(1))


def _drive(joint: Usd.Prim, kind: str, gains: tuple[float, float], rest: float | None) -> None:
    drive = UsdPhysics.DriveAPI.Apply(joint, kind)
    drive.CreateTypeAttr("force")
    drive.CreateStiffnessAttr(gains[0])
    drive.CreateDampingAttr(gains[1])
    if rest is not None:
        drive.CreateTargetPositionAttr(rest)


def _wrap_in_instance(stage: Usd.Stage) -> None:
    """Move the default prim into a class and make it an instance of that."""
    layer, name = stage.GetRootLayer(), stage.GetDefaultPrim().GetName()
    Sdf.CopySpec(layer, f"/{name}", layer, "/Prototype")
    layer.GetPrimAtPath("/Prototype").specifier = Sdf.SpecifierClass
    edit = Sdf.BatchNamespaceEdit()
    edit.Add(f"/{name}", Sdf.Path.emptyPath)
    assert layer.Apply(edit)
    outer = UsdGeom.Xform.Define(stage, f"/{name}")
    inner = stage.DefinePrim(f"/{name}/Inner", "Xform")
    inner.GetReferences().AddInternalReference("/Prototype")
    inner.SetInstanceable(True)
    stage.SetDefaultPrim(outer.GetPrim())

# SPDX-License-Identifier: Apache-2.0
"""Links, joints, drives and contracts of one asset to a USD stage in UsdPhysics units."""

import math

import numpy as np
from drives import Drive
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics, Vt
from shapes import Mesh

Vec = tuple[float, float, float]
AXES: dict[Vec, str] = {(1, 0, 0): "X", (0, 1, 0): "Y", (0, 0, 1): "Z"}
HALF_TURN = {"X": Gf.Quatf(0, 0, 0, 1), "Y": Gf.Quatf(0, 1, 0, 0), "Z": Gf.Quatf(0, 1, 0, 0)}
"""Half turns that reverse the named axis, for joints that open towards the negative side."""


class Link:
    """One rigid body; shapes and positions are given in the asset's frame."""

    def __init__(self, asset: "Asset", name: str, at: Vec) -> None:
        self.asset, self.at = asset, np.array(at, dtype=float)
        self.prim = UsdGeom.Xform.Define(asset.stage, asset.path.AppendChild(name)).GetPrim()
        _place(UsdGeom.Xformable(self.prim), self.at)
        UsdPhysics.RigidBodyAPI.Apply(self.prim)

    def mass(self, mass: float, centre: Vec, size: Vec) -> "Link":
        """Mass properties of a solid box: mass [kg], centre and size [m]."""
        x, y, z = (side**2 for side in size)
        api = UsdPhysics.MassAPI.Apply(self.prim)
        api.CreateMassAttr(mass)
        api.CreateCenterOfMassAttr(_vec3f(np.array(centre) - self.at))
        api.CreateDiagonalInertiaAttr(_vec3f(np.array((y + z, x + z, x + y)) * mass / 12))
        api.CreatePrincipalAxesAttr(Gf.Quatf(1))
        return self

    def show(self, name: str, mesh: Mesh, color: str) -> None:
        """Visual mesh around its own middle; color is #rrggbb as it shall look on a screen.

        A shape that the asset has drawn before is referenced, not written again.
        """
        shape = UsdGeom.Mesh.Define(self.asset.stage, self.prim.GetPath().AppendChild(name))
        middle = np.round((mesh.points.min(axis=0) + mesh.points.max(axis=0)) / 2, 5)
        # To 0.1 mm; 1e-7 settles ties alike for twins on either side, + 0.0 clears -0.
        points = np.round(mesh.points - middle + 1e-7, 4).astype(np.float32) + 0.0
        normals = np.round(mesh.normals + 1e-7, 2).astype(np.float32) + 0.0
        first = self.asset.drawn.setdefault((points.tobytes(), mesh.indices), shape.GetPath())
        if first == shape.GetPath():
            _write_mesh(shape, points, normals, mesh)
        else:
            shape.GetPrim().GetReferences().AddInternalReference(first)
        _place(shape, middle - self.at)
        shape.CreateDisplayColorAttr([_linear(color)])

    def collide(self, name: str, centre: Vec, size: Vec) -> None:
        """Box collider, not drawn."""
        box = UsdGeom.Cube.Define(self.asset.stage, self.prim.GetPath().AppendChild(name))
        box.CreateSizeAttr(1.0)
        box.CreateExtentAttr([Gf.Vec3f(-0.5), Gf.Vec3f(0.5)])
        box.CreatePurposeAttr(UsdGeom.Tokens.guide)
        _place(box, np.array(centre) - self.at)
        UsdGeom.XformCommonAPI(box).SetScale(Gf.Vec3f(*size))
        UsdPhysics.CollisionAPI.Apply(box.GetPrim())


class Asset:
    """One articulation with a fixed base, written under its default prim."""

    def __init__(self, name: str, summary: str) -> None:
        self.stage, self.path = Usd.Stage.CreateInMemory(), Sdf.Path("/" + name)
        self.drawn: dict[tuple[bytes, tuple[int, ...]], Sdf.Path] = {}
        layer = self.stage.GetRootLayer()
        origin = "Made by the Causal Contracts project. SPDX-License-Identifier: Apache-2.0"
        layer.documentation = f"{summary}\n{origin}"
        UsdGeom.SetStageMetersPerUnit(self.stage, 1.0)
        UsdGeom.SetStageUpAxis(self.stage, UsdGeom.Tokens.z)
        UsdPhysics.SetStageKilogramsPerUnit(self.stage, 1.0)
        self.prim = UsdGeom.Xform.Define(self.stage, self.path).GetPrim()
        self.stage.SetDefaultPrim(self.prim)
        UsdPhysics.ArticulationRootAPI.Apply(self.prim)
        # Raw names: the two engines' schemas are not registered in every USD.
        self.prim.AddAppliedSchema("PhysxArticulationAPI")
        self.prim.AddAppliedSchema("NewtonArticulationRootAPI")
        _write(self.prim, "physxArticulation:enabledSelfCollisions", Sdf.ValueTypeNames.Bool, False)
        _write(self.prim, "newton:selfCollisionEnabled", Sdf.ValueTypeNames.Bool, False)

    def base(self, name: str) -> Link:
        """The link that stands still, at the asset's origin."""
        link = Link(self, name, (0, 0, 0))
        joint = UsdPhysics.FixedJoint.Define(self.stage, self.path.AppendChild("root_joint"))
        # body0 is the asset's own prim, no body: the frame follows wherever the asset is placed.
        self._attach(joint, self.prim, link.prim, (0, 0, 0), (0, 0, 0), Gf.Quatf(1))
        return link

    def link(self, name: str, at: Vec) -> Link:
        """A moving link with its frame, and that of its joint, at `at`."""
        return Link(self, name, at)

    def revolute(
        self,
        name: str,
        base: Link,
        link: Link,
        axis: Vec,
        upper: float,
        gains: Drive,
        *,
        torque: float,
    ) -> None:
        """Hinge from 0 to upper [deg]; torque [N m] limits the drive."""
        joint = UsdPhysics.RevoluteJoint.Define(self.stage, self.path.AppendChild(name))
        joint.CreateLowerLimitAttr(0.0)
        joint.CreateUpperLimitAttr(upper)
        self._axis(joint, base, link, axis)
        per_degree = math.pi / 180  # UsdPhysics counts angular gains per degree
        self._drive(joint.GetPrim(), "angular", gains, per_degree, torque)

    def prismatic(
        self,
        name: str,
        base: Link,
        link: Link,
        axis: Vec,
        limits: tuple[float, float],
        gains: Drive,
        *,
        force: float,
    ) -> None:
        """Slide within limits [m]; force [N] limits the drive."""
        joint = UsdPhysics.PrismaticJoint.Define(self.stage, self.path.AppendChild(name))
        joint.CreateLowerLimitAttr(limits[0])
        joint.CreateUpperLimitAttr(limits[1])
        self._axis(joint, base, link, axis)
        self._drive(joint.GetPrim(), "linear", gains, 1.0, force)

    def contract(
        self,
        name: str,
        trigger: str,
        op: str,
        threshold: float,
        effect: str,
        target: float,
        mode: str,
    ) -> None:
        """One contract, all seven properties, units as UsdPhysics; needs no registered schema."""
        prefix, types = f"causalContract:{name}:", Sdf.ValueTypeNames
        self.prim.AddAppliedSchema(f"CausalContractAPI:{name}")
        uniform = {
            "enabled": (types.Bool, True),
            "mode": (types.Token, mode),
            "triggerOp": (types.Token, op),
            "triggerThreshold": (types.Double, threshold),
            "effectTarget": (types.Double, target),
        }
        for key, (kind, value) in uniform.items():
            self.prim.CreateAttribute(prefix + key, kind, False, Sdf.VariabilityUniform).Set(value)
        for key, joint in (("triggerJoint", trigger), ("effectJoint", effect)):
            relationship = self.prim.CreateRelationship(prefix + key, custom=False)
            relationship.SetTargets([self.path.AppendChild(joint)])

    def text(self) -> str:
        """The layer as usda text; the same on every run."""
        names = [prim.GetName() for prim in self.stage.Traverse()]
        assert len(names) == len(set(names)), "leaf names must be unique within an asset"
        return self.stage.GetRootLayer().ExportToString()

    def _axis(self, joint: UsdPhysics.Joint, base: Link, link: Link, axis: Vec) -> None:
        negative = min(axis) < 0
        name = AXES[tuple(abs(v) for v in axis)]  # type: ignore[index]
        joint.GetPrim().GetAttribute("physics:axis").Set(name)
        turn = HALF_TURN[name] if negative else Gf.Quatf(1)
        self._attach(joint, base.prim, link.prim, tuple(link.at - base.at), (0, 0, 0), turn)

    def _attach(
        self,
        joint: UsdPhysics.Joint,
        body0: Usd.Prim,
        body1: Usd.Prim,
        at0: Vec,
        at1: Vec,
        turn: Gf.Quatf,
    ) -> None:
        joint.CreateBody0Rel().SetTargets([body0.GetPath()])
        joint.CreateBody1Rel().SetTargets([body1.GetPath()])
        joint.CreateLocalPos0Attr(_vec3f(at0))
        joint.CreateLocalRot0Attr(turn)
        joint.CreateLocalPos1Attr(_vec3f(at1))
        joint.CreateLocalRot1Attr(turn)

    def _drive(self, joint: Usd.Prim, dof: str, gains: Drive, scale: float, limit: float) -> None:
        api = UsdPhysics.DriveAPI.Apply(joint, dof)
        api.CreateTypeAttr(UsdPhysics.Tokens.force)
        api.CreateTargetPositionAttr(0.0)
        api.CreateStiffnessAttr(_short(gains.stiffness * scale))
        api.CreateDampingAttr(_short(gains.damping * scale))
        api.CreateMaxForceAttr(limit)
        if gains.armature > 0:
            joint.AddAppliedSchema("PhysxJointAPI")
            joint.AddAppliedSchema("NewtonJointAPI")
            for name in ("physxJoint:armature", "newton:armature"):
                _write(joint, name, Sdf.ValueTypeNames.Float, _short(gains.armature))


def _write_mesh(shape: UsdGeom.Mesh, points: np.ndarray, normals: np.ndarray, mesh: Mesh) -> None:
    shape.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    shape.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(normals))
    shape.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    shape.CreateFaceVertexCountsAttr(mesh.counts)
    shape.CreateFaceVertexIndicesAttr(mesh.indices)
    shape.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    shape.CreateExtentAttr([_vec3f(points.min(axis=0)), _vec3f(points.max(axis=0))])


def _place(shape: UsdGeom.Xformable, at: np.ndarray) -> None:
    UsdGeom.XformCommonAPI(shape).SetTranslate(Gf.Vec3d(*(round(float(v), 6) + 0.0 for v in at)))


def _write(prim: Usd.Prim, name: str, kind: Sdf.ValueTypeName, value: bool | float) -> None:
    prim.CreateAttribute(name, kind, custom=False).Set(value)


def _short(value: float) -> float:
    """Four digits: enough for a gain, and easy to read."""
    return float(f"{value:.4g}")


def _vec3f(values: "Vec | np.ndarray") -> Gf.Vec3f:
    return Gf.Vec3f(*(round(float(v), 9) + 0.0 for v in values))


def _linear(color: str) -> Gf.Vec3f:
    """#rrggbb (sRGB) to linear light, which displayColor holds."""
    levels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels)
    return Gf.Vec3f(*(round(v, 4) for v in linear))

# SPDX-License-Identifier: Apache-2.0
"""Boxes with one contract, whole and broken: one entry per finding of the checker, never on disk.

Each breaks a healthy box in one way and says which finding that must give, and where.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from build_asset import build_box
from causal_contracts.core.usd_author import write_authored
from causal_contracts.core.usd_contract import AuthoredContract
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

CONTRACT = AuthoredContract(
    id="press",
    host="/Box",
    enabled=True,
    mode="latching",
    trigger_op="less",
    trigger_threshold=-0.005,
    effect_target=90.0,
    trigger_joints=("/Box/button_slide",),
    effect_joints=("/Box/lid_hinge",),
)
"""The button pressed past 5 mm opens the lid to 90 degrees."""


def healthy_box(path: Path, **options) -> Usd.Stage:
    """The stage of a box with `CONTRACT` on it; options go to `build_box`."""
    stage = Usd.Stage.Open(str(build_box(path, **options)))
    write_authored(stage.GetPrimAtPath("/Box"), CONTRACT)
    stage.GetRootLayer().Save()
    return stage


@dataclass(frozen=True)
class Broken:
    """One way to break the box, and the finding that it must give."""

    name: str
    damage: Callable[[Usd.Stage], object]
    severity: str
    address: str
    says: str


def put(stage: Usd.Stage, prop: str, value: object, kind: Sdf.ValueTypeName | None = None) -> None:
    """Author a value, or the targets of a relationship, by property path."""
    path = Sdf.Path(prop)
    prim = stage.GetPrimAtPath(path.GetPrimPath())
    if isinstance(value, list):
        prim.CreateRelationship(path.name, custom=False).SetTargets(value)
        return
    if kind is not None:
        prim.RemoveProperty(path.name)
        prim.CreateAttribute(path.name, kind, custom=False)
    prim.GetAttribute(path.name).Set(value)


def contract(name: str) -> str:
    """Path of a property of the contract."""
    return f"/Box.causalContract:press:{name}"


def another(stage: Usd.Stage, **changes) -> None:
    """A second contract on the box."""
    from dataclasses import replace

    write_authored(stage.GetPrimAtPath("/Box"), replace(CONTRACT, id="second", **changes))


def property_set(prop: str, value: object, kind: Sdf.ValueTypeName | None = None):
    """The damage of one authored property."""
    return lambda stage: put(stage, prop, value, kind)


def _sampled(stage: Usd.Stage) -> None:
    stage.GetPropertyAtPath(contract("effectTarget")).Set(1.0, 1.0)


def _orphans(stage: Usd.Stage) -> None:
    stage.GetPrimAtPath("/Box").RemoveAppliedSchema("CausalContractAPI:press")


def _unauthored(stage: Usd.Stage) -> None:
    stage.GetPrimAtPath("/Box").RemoveProperty("causalContract:press:mode")


def _bad_id(stage: Usd.Stage) -> None:
    stage.GetPrimAtPath("/Box").AddAppliedSchema("CausalContractAPI:a:b")


def _fixed(stage: Usd.Stage) -> None:
    put(stage, contract("effectJoint"), ["/Box/base"])


def _renamed_joint(stage: Usd.Stage) -> None:
    put(stage, contract("effectJoint"), ["/Box/lid_hing"])


def _loose_joint(stage: Usd.Stage) -> None:
    for name in ("x", "y"):
        body = UsdGeom.Xform.Define(stage, f"/Box/loose_{name}")
        UsdPhysics.RigidBodyAPI.Apply(body.GetPrim())
    hinge = UsdPhysics.RevoluteJoint.Define(stage, "/Box/loose")
    hinge.CreateBody0Rel().SetTargets(["/Box/loose_x"])
    hinge.CreateBody1Rel().SetTargets(["/Box/loose_y"])
    put(stage, contract("triggerJoint"), ["/Box/loose"])
    stage.GetPrimAtPath("/Box").RemoveAppliedSchema("PhysicsArticulationRootAPI")
    UsdPhysics.ArticulationRootAPI.Apply(stage.GetPrimAtPath("/Box/base"))


def _duplicate_names(stage: Usd.Stage) -> None:
    UsdGeom.Scope.Define(stage, "/Box/more")
    layer = stage.GetRootLayer()
    Sdf.CopySpec(layer, "/Box/lid_hinge", layer, "/Box/more/lid_hinge")


def unapply(prim: Usd.Prim, api: str) -> None:
    """Drop an applied schema without the trace that `RemoveAppliedSchema` leaves."""
    spec = prim.GetStage().GetRootLayer().GetPrimAtPath(prim.GetPath())
    names = spec.GetInfo("apiSchemas")
    names.prependedItems = [name for name in names.prependedItems if name != api]
    spec.SetInfo("apiSchemas", names)


def _no_drive(stage: Usd.Stage) -> None:
    stage.GetPrimAtPath("/Box/lid_hinge").RemoveAppliedSchema("PhysicsDriveAPI:angular")


def _mimic(stage: Usd.Stage) -> None:
    stage.GetPrimAtPath("/Box/lid_hinge").AddAppliedSchema("PhysxMimicJointAPI:rotX")
    leader = "/Box/lid_hinge.physxMimicJoint:rotX:referenceJoint"
    put(stage, leader, ["/Box/button_slide"])


def _scaled(stage: Usd.Stage) -> None:
    UsdGeom.Xformable(stage.GetPrimAtPath("/Box")).AddScaleOp().Set(Gf.Vec3f(2, 2, 2))


def _posed(stage: Usd.Stage) -> None:
    lid = UsdGeom.Xformable(stage.GetPrimAtPath("/Box/lid"))
    lid.AddRotateXOp().Set(-30.0)


def _started(stage: Usd.Stage) -> None:
    button = stage.GetPrimAtPath("/Box/button_slide")
    button.AddAppliedSchema("PhysicsJointStateAPI:linear")
    button.CreateAttribute("state:linear:physics:position", Sdf.ValueTypeNames.Float).Set(-0.008)


def _centimetres(stage: Usd.Stage) -> None:
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)


def _nested(stage: Usd.Stage) -> None:
    UsdPhysics.ArticulationRootAPI.Apply(stage.GetPrimAtPath("/Box/base"))


def _stray(stage: Usd.Stage) -> None:
    prim = stage.GetPrimAtPath("/Box/lid")
    prim.AddAppliedSchema("CausalContractAPI:stray")


def _stray_beside(stage: Usd.Stage) -> None:
    UsdGeom.Xform.Define(stage, "/Beside").GetPrim().AddAppliedSchema("CausalContractAPI:stray")


def _variant(stage: Usd.Stage, author: Callable[[], object]) -> None:
    """`author` writes into an unselected variant of the box."""
    variants = stage.GetPrimAtPath("/Box").GetVariantSets().AddVariantSet("kind")
    for name in ("broken", "plain"):
        variants.AddVariant(name)
    variants.SetVariantSelection("broken")
    with variants.GetVariantEditContext():
        author()
    variants.SetVariantSelection("plain")


def _broken_variant(stage: Usd.Stage) -> None:
    _variant(stage, lambda: another(stage, effect_joints=("/Box/gone",)))


def _payload(stage: Usd.Stage) -> None:
    stage.DefinePrim("/Box/more").GetPayloads().AddPayload("./gone.usda")


LID, BUTTON = "/Box/lid_hinge.", "/Box/button_slide."
DRIVE = LID + "drive:angular:physics:"
T = Sdf.ValueTypeNames

BROKEN = [
    Broken("missing joint", _renamed_joint, "error", contract("effectJoint"), "lid_hinge"),
    Broken("no target", property_set(contract("triggerJoint"), []), "error",
           contract("triggerJoint"), "0 targets"),
    Broken("two targets", property_set(contract("triggerJoint"), ["/Box/base", "/Box/lid_hinge"]),
           "error", contract("triggerJoint"), "2 targets"),
    Broken("fixed joint", _fixed, "error", contract("effectJoint"), "fixed"),
    Broken("ambiguous joint", _duplicate_names, "error", contract("effectJoint"), "2 joints"),
    Broken("joint outside", _loose_joint, "error", contract("triggerJoint"), "no joint of this"),
    Broken("excluded joint", property_set(LID + "physics:excludeFromArticulation", True), "error",
           "/Box: press.effect.joint", "excluded"),
    Broken("disabled joint", property_set(BUTTON + "physics:jointEnabled", False), "error",
           "/Box: press.trigger.joint", "disabled"),
    Broken("one joint twice", property_set(contract("triggerJoint"), ["/Box/lid_hinge"]), "error",
           "/Box: press.effect.joint", "both trigger and effect"),
    Broken("no drive", _no_drive, "error", "/Box: press.effect.joint", "no drive"),
    Broken("no stiffness", property_set(DRIVE + "stiffness", 0.0), "warning",
           "/Box: press.effect.joint", "zero stiffness"),
    Broken("no force", property_set(DRIVE + "maxForce", 0.0, T.Float), "error",
           "/Box: press.effect.joint", "zero maximum force"),
    Broken("mimic follower", _mimic, "error", "/Box: press.effect.joint", "button_slide"),
    Broken("never fires", property_set(contract("triggerThreshold"), -0.02), "warning",
           "/Box: press.trigger.threshold", "can never fire"),
    Broken("always fires", property_set(contract("triggerThreshold"), 0.02), "warning",
           "/Box: press.trigger.threshold", "always fires"),
    Broken("may never fire", property_set(contract("triggerThreshold"), -0.01), "warning",
           "/Box: press.trigger.threshold", "may never fire"),
    Broken("may always fire", property_set(contract("triggerThreshold"), 0.0), "warning",
           "/Box: press.trigger.threshold", "may always fire"),
    Broken("true at the pose", property_set(contract("triggerOp"), "greater"), "warning",
           "/Box: press.trigger.threshold", "true already"),
    Broken("true at the state", _started, "warning", "/Box: press.trigger.threshold",
           "starts at -8 mm"),
    Broken("posed elsewhere", _posed, "warning", "/Box: press.effect.joint",
           "is posed at 30 deg, and engines start it at 0 deg"),
    Broken("target outside", property_set(contract("effectTarget"), 150.0), "warning",
           "/Box: press.effect.target", "outside the limits"),
    Broken("target is rest", property_set(contract("effectTarget"), 0.0), "warning",
           "/Box: press.effect.target", "rest target too"),
    Broken("rest not finite", property_set(DRIVE + "targetPosition", float("inf")), "error",
           contract("effectJoint"), "not finite"),
    Broken("two on one joint", lambda stage: another(stage, effect_target=45.0), "warning",
           "/Box: second.effect.joint", "different targets"),
    Broken("cycle", lambda stage: another(stage, trigger_joints=CONTRACT.effect_joints,
           effect_joints=CONTRACT.trigger_joints, trigger_op="greater", trigger_threshold=45.0),
           "warning", "/Box: press.effect.joint", "form a cycle"),
    Broken("disabled", property_set(contract("enabled"), False), "info",
           "/Box: press.enabled", "disabled"),
    Broken("scaled", _scaled, "warning", "/Box: press.trigger.joint", "scale"),
    Broken("centimetres", _centimetres, "error", contract("triggerJoint"), "0.01 metres per unit"),
    Broken("orphan properties", _orphans, "error", contract("effectJoint"), "7 properties"),
    Broken("invalid id", _bad_id, "error", "/Box", "'a:b' is no contract id"),
    Broken("not authored", _unauthored, "warning", contract("mode"), "not authored"),
    Broken("wrong token", property_set(contract("triggerOp"), ">"), "error",
           contract("triggerOp"), "'>'"),
    Broken("wrong mode", property_set(contract("mode"), "pulse"), "error",
           contract("mode"), "'pulse'"),
    Broken("float for double", property_set(contract("effectTarget"), 90.0, T.Float), "warning",
           contract("effectTarget"), "type float"),
    Broken("string for double", property_set(contract("effectTarget"), "90", T.String), "error",
           contract("effectTarget"), "type string"),
    Broken("time samples", _sampled, "error", contract("effectTarget"), "time samples"),
    Broken("not finite", property_set(contract("effectTarget"), float("nan")), "error",
           contract("effectTarget"), "not finite"),
    Broken("nested roots", _nested, "error", "/Box/base", "inside that of /Box"),
    Broken("stray contract below", _stray, "error", "/Box/lid", "read from /Box"),
    Broken("stray contract beside", _stray_beside, "error", "/Beside", "read from /Box"),
    Broken("broken variant", _broken_variant, "error",
           "{kind=broken} /Box.causalContract:second:effectJoint", "no joint of this"),
    Broken("payload gone", _payload, "warning", "/Box/more", "does not compose"),
]  # fmt: skip

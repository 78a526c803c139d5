# SPDX-License-Identifier: Apache-2.0
"""Stage to articulations: which joints, their facts in SI units, their pose, and who hosts."""

from __future__ import annotations

import math

import pytest
from broken_assets import CONTRACT, healthy_box, put, unapply
from build_asset import build_box
from causal_contracts.core import ContractError, find_articulations
from causal_contracts.core.articulation import JointType
from causal_contracts.core.usd_articulation import find_articulation, root_path
from causal_contracts.core.usd_author import write_authored
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

T = Sdf.ValueTypeNames


def two_bodies(up: str = "Z") -> Usd.Stage:
    """/Asset with the bodies a and b and nothing that holds them."""
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, up)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    asset = UsdGeom.Xform.Define(stage, "/Asset")
    UsdPhysics.ArticulationRootAPI.Apply(asset.GetPrim())
    stage.SetDefaultPrim(asset.GetPrim())
    for name in "ab":
        body = UsdGeom.Xform.Define(stage, f"/Asset/{name}")
        UsdPhysics.RigidBodyAPI.Apply(body.GetPrim())
    return stage


def place(stage: Usd.Stage, body: str, matrix: Gf.Matrix4d) -> None:
    UsdGeom.Xformable(stage.GetPrimAtPath(body)).MakeMatrixXform().Set(matrix)


def turned(axis: Gf.Vec3d, degrees: float, at: tuple = (0, 0, 0)) -> Gf.Matrix4d:
    return Gf.Matrix4d().SetRotate(Gf.Rotation(axis, degrees)).SetTranslateOnly(Gf.Vec3d(*at))


def joint(stage: Usd.Stage, kind=UsdPhysics.RevoluteJoint, *, world: bool = False, **attrs):
    """A joint from a, or the world, to b; `attrs` are physics attributes."""
    made = kind.Define(stage, "/Asset/joint")
    if not world:
        made.CreateBody0Rel().SetTargets(["/Asset/a"])
    made.CreateBody1Rel().SetTargets(["/Asset/b"])
    for name, value in attrs.items():
        made.GetPrim().GetAttribute(f"physics:{name}").Set(value)
    return made


def only_joint(stage: Usd.Stage):
    (found,) = find_articulations(stage)
    (one,) = found.joints
    return one


AXES = {"X": Gf.Vec3d(1, 0, 0), "Y": Gf.Vec3d(0, 1, 0), "Z": Gf.Vec3d(0, 0, 1)}


@pytest.mark.parametrize("axis", "XYZ")
@pytest.mark.parametrize("degrees", [-120.0, -0.5, 0.0, 30.0, 179.0])
@pytest.mark.parametrize("up", "YZ")
def test_a_hinge_authored_open_stands_at_that_angle(axis, degrees, up):
    stage = two_bodies(up)
    base = turned(Gf.Vec3d(1, 2, 3), 70, (0.5, -1, 2))
    place(stage, "/Asset/a", base)
    place(stage, "/Asset/b", turned(AXES[axis], degrees) * base)
    joint(stage, axis=axis)
    assert only_joint(stage).pose == pytest.approx(math.radians(degrees), abs=2e-6)


@pytest.mark.parametrize("axis", "XYZ")
def test_turned_joint_frames_turn_the_sign(axis):
    stage = two_bodies()
    place(stage, "/Asset/b", turned(AXES[axis], 30))
    other = AXES["Y" if axis == "X" else "X"]
    half_turn = Gf.Quatf(Gf.Rotation(other, 180).GetQuat())
    joint(stage, axis=axis, localRot0=half_turn, localRot1=half_turn)
    assert only_joint(stage).pose == pytest.approx(-math.pi / 6, abs=2e-6)


def test_a_frame_on_one_side_only_offsets_the_angle():
    stage = two_bodies()
    quarter = Gf.Quatf(Gf.Rotation(AXES["Z"], 90).GetQuat())
    joint(stage, axis="Z", localRot0=quarter)
    assert only_joint(stage).pose == pytest.approx(-math.pi / 2, abs=2e-6)


@pytest.mark.parametrize("world", [False, True])
def test_a_slide_stands_at_its_offset_along_the_axis_of_the_first_body(world):
    stage = two_bodies()
    base = Gf.Matrix4d(1.0) if world else turned(AXES["Z"], 90, (1, 1, 1))
    if not world:
        place(stage, "/Asset/a", base)
    place(stage, "/Asset/b", Gf.Matrix4d().SetTranslate(Gf.Vec3d(0.3, -0.02, 0.1)) * base)
    kind = UsdPhysics.PrismaticJoint
    joint(stage, kind, world=world, axis="Y", localPos0=Gf.Vec3f(0.3, 0, 0.1))
    assert only_joint(stage).pose == pytest.approx(-0.02, abs=1e-6)


def test_a_scaled_root_scales_the_authored_offset_and_is_told():
    stage = two_bodies()
    UsdGeom.Xformable(stage.GetPrimAtPath("/Asset")).AddScaleOp().Set(Gf.Vec3f(2, 2, 2))
    place(stage, "/Asset/b", Gf.Matrix4d().SetTranslate(Gf.Vec3d(0.1, 0, 0)))
    joint(stage, UsdPhysics.PrismaticJoint, axis="X", upperLimit=0.2)
    one = only_joint(stage)
    assert (one.pose, one.upper, one.scaled) == (pytest.approx(0.2), 0.2, True)


def test_the_limits_tell_200_degrees_from_minus_160():
    stage = two_bodies()
    place(stage, "/Asset/b", turned(AXES["X"], 200))
    hinge = joint(stage, axis="X", lowerLimit=0.0, upperLimit=300.0)
    assert only_joint(stage).pose == pytest.approx(math.radians(200), abs=2e-6)
    hinge.GetLowerLimitAttr().Set(-300.0)
    hinge.GetUpperLimitAttr().Set(0.0)
    assert only_joint(stage).pose == pytest.approx(math.radians(-160), abs=2e-6)


@pytest.mark.parametrize(
    ("state", "limits", "start"),
    [
        (None, (-180, 180), 0),
        (None, (10, 90), 10),
        (45, (0, 90), 45),
        (120, (0, 90), 90),
        (45, (1, -1), 45),
        (math.inf, (0, 90), 0),
    ],
)
def test_engines_start_a_joint_at_its_state_whatever_the_pose(state, limits, start):
    stage = two_bodies()
    place(stage, "/Asset/b", turned(AXES["X"], 30))
    hinge = joint(stage, lowerLimit=limits[0], upperLimit=limits[1]).GetPrim()
    if state is not None:
        hinge.CreateAttribute("state:angular:physics:position", T.Float).Set(state)
        hinge.AddAppliedSchema("PhysicsJointStateAPI:angular")
    assert only_joint(stage).position == math.radians(start)


def test_a_missing_body_leaves_the_pose_untold():
    stage = two_bodies()
    joint(stage).GetBody0Rel().SetTargets(["/Asset/gone"])
    assert only_joint(stage).pose is None


def test_single_precision_comes_out_as_the_decimal_that_was_written():
    stage = two_bodies()
    made = joint(stage, UsdPhysics.PrismaticJoint, lowerLimit=-0.1, upperLimit=0.3)
    drive = UsdPhysics.DriveAPI.Apply(made.GetPrim(), "linear")
    drive.CreateTargetPositionAttr(0.007)
    drive.CreateStiffnessAttr(0.7)
    one = only_joint(stage)
    assert (one.lower, one.upper) == (-0.1, 0.3)
    assert (one.drive.target, one.drive.stiffness) == (0.007, 0.7)
    assert math.isinf(one.drive.max_force)


def test_angles_are_radians_and_gains_per_radian():
    stage = two_bodies()
    made = joint(stage, lowerLimit=-90.0, upperLimit=120.0)
    drive = UsdPhysics.DriveAPI.Apply(made.GetPrim(), "angular")
    drive.CreateTargetPositionAttr(30.0)
    drive.CreateStiffnessAttr(10.0)
    one = only_joint(stage)
    assert (one.lower, one.upper) == (-math.pi / 2, math.radians(120))
    assert one.drive.target == math.radians(30)
    assert one.drive.stiffness == pytest.approx(572.957795)
    assert (one.unit, one.authored_unit, one.type) == ("rad", "deg", JointType.REVOLUTE)


@pytest.mark.parametrize("largest", [math.inf, 3.4028234663852886e38, 1e30])
def test_no_limit_is_infinite_however_it_was_written(largest):
    stage = two_bodies()
    joint(stage, lowerLimit=-largest, upperLimit=largest)
    one = only_joint(stage)
    assert (one.lower, one.upper) == (-math.inf, math.inf)


def test_a_value_of_a_wrong_type_reads_as_engines_read_it():
    stage = two_bodies()
    joint(stage)
    typed = Sdf.AttributeSpec(
        stage.GetRootLayer().GetPrimAtPath("/Asset/joint"), "physics:lowerLimit", T.String
    )
    typed.default = "none"
    assert only_joint(stage).lower == -math.inf


def test_a_joint_may_name_a_shape_below_its_body():
    stage = two_bodies()
    UsdGeom.Cube.Define(stage, "/Asset/a/geometry/shape")
    joint(stage).GetBody0Rel().SetTargets(["/Asset/a/geometry/shape"])
    unapply(stage.GetPrimAtPath("/Asset"), "PhysicsArticulationRootAPI")
    base = UsdPhysics.FixedJoint.Define(stage, "/Asset/base")
    base.CreateBody1Rel().SetTargets(["/Asset/a"])
    UsdPhysics.ArticulationRootAPI.Apply(base.GetPrim())
    (found,) = find_articulations(stage)
    assert [one.name for one in found.joints] == ["joint", "base"]


def test_a_disabled_newton_mimic_leads_nobody():
    stage = two_bodies()
    made = joint(stage).GetPrim()
    made.AddAppliedSchema("NewtonMimicAPI")
    made.CreateRelationship("newton:mimicJoint").SetTargets(["/Asset/leader"])
    assert only_joint(stage).follows == "leader"
    made.CreateAttribute("newton:mimicEnabled", T.Bool).Set(False)
    assert only_joint(stage).follows is None


@pytest.mark.parametrize("where", ["/Box", "/Box/base", "/Box/body"])
def test_the_root_may_stand_on_the_default_prim_a_joint_or_a_body(tmp_path, where):
    stage = healthy_box(tmp_path / "box.usda")
    unapply(stage.GetPrimAtPath("/Box"), "PhysicsArticulationRootAPI")
    UsdPhysics.ArticulationRootAPI.Apply(stage.GetPrimAtPath(where))
    (found,) = find_articulations(stage)
    assert found.host == "/Box"
    assert root_path(found) == where
    assert {one.name for one in found.movable} == {"button_slide", "lid_hinge"}


def test_joints_are_in_stage_order_and_fixed_ones_cannot_be_named(tmp_path):
    (found,) = find_articulations(build_box(tmp_path / "box.usda"))
    assert [one.name for one in found.joints] == ["base", "button_slide", "lid_hinge"]
    assert [one.path for one in found.movable] == ["button_slide", "lid_hinge"]


def test_several_articulations_are_listed_and_one_is_taken_by_its_path(tmp_path):
    path = build_box(tmp_path / "two.usda", copies=2)
    with pytest.raises(ContractError, match=r"2 articulations: /Kitchen/Box, /Kitchen/Box1"):
        find_articulation(path)
    with pytest.raises(ContractError, match="name one of /Kitchen/Box, /Kitchen/Box1"):
        find_articulation(path, "/Kitchen")
    assert root_path(find_articulation(path, "/Kitchen/Box1")) == "/Kitchen/Box1"


def test_the_referencing_prim_hosts_in_a_scene(tmp_path):
    build_box(tmp_path / "box.usda")
    scene = Usd.Stage.CreateInMemory()
    for name in ("A", "B"):
        prim = UsdGeom.Xform.Define(scene, f"/World/{name}").GetPrim()
        prim.GetReferences().AddReference(str(tmp_path / "box.usda"))
    assert [one.host for one in find_articulations(scene)] == ["/World/A", "/World/B"]


def test_where_contracts_stand_already_is_the_host(tmp_path):
    stage = Usd.Stage.Open(str(build_box(tmp_path / "two.usda", copies=2)))
    write_authored(stage.GetPrimAtPath("/Kitchen/Box1"), CONTRACT)
    hosts = [one.host for one in find_articulations(stage)]
    assert hosts == ["/Kitchen", "/Kitchen/Box1"]


def test_without_a_default_prim_the_top_prim_hosts(tmp_path):
    path = build_box(tmp_path / "two.usda", copies=2, default_prim=False)
    assert {one.host for one in find_articulations(path)} == {"/Kitchen"}


def test_an_articulation_that_is_switched_off_is_none(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    root = stage.GetPrimAtPath("/Box")
    root.CreateAttribute("physxArticulation:articulationEnabled", T.Bool).Set(False)
    assert find_articulations(stage) == []


def test_joints_of_an_instance_are_found_below_its_root(tmp_path):
    (found,) = find_articulations(build_box(tmp_path / "box.usda", instanceable=True))
    assert found.host == "/Box/Inner"
    assert [one.pose for one in found.movable] == [0.0, 0.0]


def test_the_physics_parser_of_usd_finds_the_same_joints(tmp_path):
    parse = getattr(UsdPhysics, "LoadUsdPhysicsFromRange", None)
    if parse is None:
        pytest.skip("this USD has no LoadUsdPhysicsFromRange")
    stage = healthy_box(tmp_path / "box.usda")
    put(stage, "/Box/lid_hinge.physics:body1", ["/Box/lid/shape"])
    with pytest.warns(DeprecationWarning) if Usd.GetVersion() >= (0, 26, 8) else _nothing():
        (_, descs) = parse(stage, ["/"])[UsdPhysics.ObjectType.Articulation]
    (found,) = find_articulations(stage)
    names = {path.name for path in descs[0].articulatedJoints}
    assert names == {one.name for one in found.joints}


def _nothing():
    from contextlib import nullcontext

    return nullcontext()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.usda", None, "is no file"),
        ("box.txt", b"", "is no USD file"),
        ("bad.usda", b"#usda 1.0\ndef Xform", "cannot be read"),
        ("bad.usdc", b"PXR-USDC" + b"\0" * 20, "cannot be read"),
        ("bad.usdz", b"PK", "cannot be read"),
        ("empty.usd", b"", "cannot be read"),
        ("x" * 300 + ".usda", None, "is no file"),
        ("empty.usda", b"#usda 1.0\n", "has no articulation"),
    ],
)
def test_a_file_that_is_no_asset_is_named_with_the_reason(tmp_path, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContractError) as caught:
        find_articulation(path)
    (issue,) = caught.value.issues
    assert name in issue.address
    assert says in issue.what
    assert issue.fix

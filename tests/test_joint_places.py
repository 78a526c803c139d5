# SPDX-License-Identifier: Apache-2.0
"""Where joints are in the world, against arithmetic and against the kinematics of the preview."""

from pathlib import Path

import numpy as np
import pytest
from causal_contracts.core.usd_bundle import absolute
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.live.poses import Poser
from causal_contracts.preview.live.usd_skeleton import read_skeleton
from causal_contracts.ui.scene.arrow_shape import arrow, head
from causal_contracts.ui.scene.joint_places import joint_places, stage_up
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

DATA = Path(__file__).resolve().parents[1] / "data"
ASSETS = ["microwave", "coffee_maker", "car", "stove"]


def matrix(frame):
    w, x, y, z = frame.rotation
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), frame.position[0]],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x), frame.position[1]],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y), frame.position[2]],
            [0, 0, 0, 1],
        ]
    )


@pytest.mark.parametrize("name", ASSETS)
def test_every_joint_stands_where_its_moved_body_has_it(name):
    path = DATA / name / f"{name}.usda"
    facts, _, _ = read_contracts(path)
    skeleton, joints = read_skeleton(path, facts), facts.movable
    rest = np.array([[joint.pose or 0.0 for joint in joints]], dtype=np.float32)
    bodies = Poser(skeleton, [joint.name for joint in joints]).bodies(rest)[0]
    places = joint_places(Usd.Stage.Open(str(path)), [absolute(one, facts) for one in joints])
    assert len(places) == len(joints) > 1
    for joint in joints:
        index = next(i for i, one in enumerate(skeleton.bodies) if one.joint == joint.name)
        frame = bodies[index] @ np.linalg.inv(matrix(skeleton.bodies[index].after))
        place = places[absolute(joint, facts)]
        assert place.point == pytest.approx(frame[:3, 3], abs=1e-5)
        along = abs(np.dot(place.axis, frame[:3, :3] @ skeleton.bodies[index].axis))
        assert along == pytest.approx(1.0, abs=1e-5)


@pytest.fixture
def stage():
    """A joint between the world and a body that is shifted, turned and scaled."""
    made = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(made, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(made, 0.01)
    body = UsdGeom.Cube.Define(made, "/Asset/Body")
    api = UsdGeom.XformCommonAPI(body)
    api.SetTranslate((1.0, 2.0, 3.0))
    api.SetRotate((0.0, 0.0, 90.0))
    api.SetScale((2.0, 2.0, 2.0))
    joint = UsdPhysics.RevoluteJoint.Define(made, "/Asset/hinge")
    joint.CreateAxisAttr("X")
    joint.CreateBody1Rel().SetTargets([Sdf.Path("/Asset/Body")])
    joint.CreateLocalPos1Attr((0.5, 0.25, 0.0))
    joint.CreateLocalPos0Attr((7.0, 8.0, 9.0))
    return made


def test_a_joint_follows_the_shift_turn_and_scale_of_its_body(stage):
    place = joint_places(stage, ["/Asset/hinge"])["/Asset/hinge"]
    # twice (0.5, 0.25) turned by a quarter is (-0.5, 1), in the stage's own distance
    assert place.point == pytest.approx((0.5, 3.0, 3.0))
    assert place.axis == pytest.approx((0.0, 1.0, 0.0))
    UsdGeom.XformCommonAPI(UsdGeom.Xform.Define(stage, "/Asset")).SetTranslate((10.0, 0.0, 0.0))
    assert joint_places(stage, ["/Asset/hinge"])["/Asset/hinge"].point[0] == pytest.approx(10.5)
    assert [*stage_up(stage)] == [0, 1, 0]


def test_without_a_moved_body_the_other_end_counts_and_a_missing_one_is_nowhere(stage):
    joint = UsdPhysics.Joint(stage.GetPrimAtPath("/Asset/hinge"))
    joint.GetBody1Rel().SetTargets([])
    assert joint_places(stage, ["/Asset/hinge"])["/Asset/hinge"].point == (7.0, 8.0, 9.0)
    joint.GetBody0Rel().SetTargets([Sdf.Path("/Asset/Body")])
    place = joint_places(stage, ["/Asset/hinge"])["/Asset/hinge"]
    assert place.point == pytest.approx((1 - 16, 2 + 14, 3 + 18))
    joint.GetBody1Rel().SetTargets([Sdf.Path("/Asset/gone")])
    assert joint_places(stage, ["/Asset/hinge", "/Asset/none"]) == {}
    turn = Gf.Quatf(Gf.Rotation(Gf.Vec3d(0, 1, 0), -90).GetQuat())
    joint.GetBody1Rel().SetTargets([])
    joint.CreateLocalRot0Attr(turn)
    place = joint_places(stage, ["/Asset/hinge"])["/Asset/hinge"]
    # about y by -90 deg, x becomes z, which the body's turn about z leaves alone
    assert place.axis == pytest.approx((0.0, 0.0, 1.0), abs=1e-6)


def test_an_arrow_arches_up_from_joint_to_joint_and_ends_in_a_cone():
    start, end, up = np.zeros(3), np.array([4.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    first, second = arrow(start, end, up), arrow(start, end, up, rank=1)
    assert first.curve[0] == pytest.approx(start) and first.curve[-1] == pytest.approx(end)
    assert first.top == pytest.approx((2.0, 0.0, 0.28 * 4.0))
    assert second.top[2] == pytest.approx((0.28 + 0.18) * 4.0)
    step = first.curve[-1] - first.curve[-2]
    assert step / np.linalg.norm(step) == pytest.approx(first.heading, abs=0.1)
    points, counts, indices = head(first.heading)
    assert len(indices) == sum(counts) and max(indices) == len(points) - 1
    assert [*points[0]] == [0, 0, 0]
    behind = points[1:] @ first.heading
    assert behind == pytest.approx(np.full(len(behind), behind[0])) and behind[0] < 0

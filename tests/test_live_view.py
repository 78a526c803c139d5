# SPDX-License-Identifier: Apache-2.0
"""What a panel draws: poses equal to those of PhysX, boxes around shapes, and sentences."""

from __future__ import annotations

import warnings
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import warp as wp
from build_asset import build_box
from causal_contracts.core.model import Contract, JointThreshold, Mode, SetDriveTarget
from causal_contracts.preview.clones import ClonesRequest
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.live.explain import explain
from causal_contracts.preview.live.messages import ACTIVE, FIRED, LATCHED, REACHED, Rule
from causal_contracts.preview.live.poses import EDGES, Poser
from causal_contracts.preview.live.usd_skeleton import MAX_BOXES, read_skeleton
from causal_contracts.preview.live.view import LiveFrame, Look
from causal_contracts.preview.physx_clones import PhysXClones
from causal_contracts.preview.report import Reason
from live_runs import DATA

ASSETS = ["microwave", "coffee_maker", "car", "stove"]


def asset(name):
    return DATA / name / f"{name}.usda"


def quaternion_matrix(q):
    x, y, z, w = np.moveaxis(q, -1, 0)
    return np.stack(
        [
            np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], -1),
            np.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], -1),
            np.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], -1),
        ],
        -2,
    )


@pytest.mark.parametrize("name", [*ASSETS, "box"])
def test_bodies_stand_where_physx_has_them(name, tmp_path):
    from ovphysx.types import TensorType

    path = build_box(tmp_path / "box.usda") if name == "box" else asset(name)
    facts, _, _ = read_contracts(path)
    skeleton = read_skeleton(path, facts)
    with closing(PhysXClones(ClonesRequest(path, facts.root, num_envs=2))) as clones:
        shape = (2, len(clones.joint_names))
        targets = wp.zeros(shape, dtype=wp.float32, device="cpu")
        targets.numpy()[1] = 0.6
        for _ in range(60):
            clones.write_targets(targets)
            clones.step()
        q = clones.joint_pos().numpy().copy()
        pattern = "/World/envs/env_*/Asset" + clones._scene.articulation
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            binding = clones._physx.create_tensor_binding(
                pattern=pattern, tensor_type=TensorType.ARTICULATION_LINK_POSE
            )
        links = np.zeros(binding.shape, dtype=np.float32)
        binding.read(links)
        names = list(binding.body_names)
        binding.destroy()
        joint_names = clones.joint_names
    poses = Poser(skeleton, joint_names).bodies(q)
    assert {body.name for body in skeleton.bodies} == set(names)
    assert np.abs(q[1]).max() > 0.05
    base = names.index(skeleton.bodies[0].name)
    links[..., :3] -= links[:, [base], :3]
    for index, body in enumerate(skeleton.bodies):
        link = links[:, names.index(body.name)]
        place = poses[:, index, :3, 3] - poses[:, 0, :3, 3]
        assert place == pytest.approx(link[:, :3], abs=2e-4), body.name
        assert poses[:, index, :3, :3] == pytest.approx(quaternion_matrix(link[:, 3:]), abs=2e-3)


@pytest.mark.parametrize("name", ASSETS)
def test_every_body_has_a_box_inside_the_bounds_of_the_asset(name):
    from pxr import Usd, UsdGeom

    facts, _, _ = read_contracts(asset(name))
    skeleton = read_skeleton(asset(name), facts)
    assert {box.body for box in skeleton.boxes} == set(range(len(skeleton.bodies)))
    assert len(skeleton.boxes) <= MAX_BOXES
    joints = [joint.name for joint in facts.movable]
    rest = np.array([[joint.pose or 0.0 for joint in facts.movable]], dtype=np.float32)
    corners = Poser(skeleton, joints).corners(rest)[0].reshape(-1, 3)
    stage = Usd.Stage.Open(str(asset(name)))
    bounds = UsdGeom.BBoxCache(Usd.TimeCode.Default(), ["default", "render", "guide"])
    box = bounds.ComputeWorldBound(stage.GetDefaultPrim()).ComputeAlignedRange()
    assert (corners > np.array(box.GetMin()) - 1e-3).all()
    assert (corners < np.array(box.GetMax()) + 1e-3).all()
    size = np.array(box.GetSize())
    assert (np.ptp(corners, axis=0) > 0.9 * size).all()


def test_a_box_has_twelve_edges():
    assert len(set(EDGES)) == 12


OPENS = Contract(
    "opens",
    JointThreshold("button", "<", -0.005, "m"),
    SetDriveTarget("door", 1.5707963, 0.0, "rad"),
    Mode.LATCHING,
)


def said(button, flags, *, door=0.2, contract=OPENS, **more):
    pos = np.array([[door, button]], dtype=np.float32)
    frame = LiveFrame(
        1, 0.1, 0, 1, True, pos, pos, np.array([[flags]], np.uint8), ("opens",), (), pos, pos
    )
    return explain(contract, 0, frame, ("door", "button"), **more), frame


def test_a_sentence_tells_value_threshold_and_latch():
    assert said(-0.002, 0)[0] == "Not fired: button is at -2 mm, 3 mm from -5 mm."
    assert said(-0.008, FIRED | ACTIVE | LATCHED)[0] == (
        "Fired: button is at -8 mm, below -5 mm. door is at 11.46 deg on its way to 90 deg."
    )
    assert said(0.0, ACTIVE | LATCHED | REACHED)[0] == (
        "Held by the latch: button is at 0 mm, no longer below -5 mm. door has reached 90 deg."
    )
    assert "never fires" in said(np.nan, 0)[0]
    assert "Contracts are off" in said(-0.008, 0, native=True)[0]
    assert "Disabled" in said(-0.008, 0, contract=replace(OPENS, enabled=False))[0]
    inert = Rule(
        couplings={},
        ids=("opens",),
        skipped=(),
        inert=(Reason(contract="opens", why="door has no drive"),),
        hand={},
    )
    assert said(-0.008, FIRED | ACTIVE, rule=inert)[0].endswith("Inert: door has no drive.")
    skipped = Rule(
        couplings={}, ids=(), skipped=(Reason(contract="off", why="x"),), inert=(), hand={}
    )
    assert said(0.0, 0, contract=replace(OPENS, id="off"), rule=skipped)[0] == "Not run: x."


@pytest.mark.parametrize(
    ("button", "flags", "inert", "look"),
    [
        (0.0, 0, False, Look.IDLE),
        (-0.008, FIRED | ACTIVE, False, Look.FIRED),
        (0.0, LATCHED | ACTIVE, False, Look.LATCHED),
        (0.0, LATCHED | ACTIVE | REACHED, False, Look.REACHED),
        (0.0, LATCHED | ACTIVE, True, Look.INERT),
        (np.nan, LATCHED | ACTIVE, True, Look.NAN),
        (0.0, REACHED, False, Look.IDLE),
    ],
)
def test_a_cell_shows_one_of_six_looks(button, flags, inert, look):
    assert said(button, flags)[1].look(0, "opens", inert=inert) is look

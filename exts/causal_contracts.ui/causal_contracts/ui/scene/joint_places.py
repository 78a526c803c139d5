# SPDX-License-Identifier: Apache-2.0
"""Joint prims to where they are in the world of their stage; pxr alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from pxr import Gf, Usd, UsdGeom, UsdPhysics

_AXES = {"X": 0, "Y": 1, "Z": 2}


class JointPlace(NamedTuple):
    """Of a joint, in the world."""

    point: tuple[float, float, float]
    """[stage distance]"""
    axis: tuple[float, float, float]
    """Of unit length: about it, or along it, the joint moves."""


def joint_place(prim: Usd.Prim, xforms: UsdGeom.XformCache) -> JointPlace | None:
    """The joint's frame on the body that it moves, else on the other one, else in the world.

    None where the joint names a body that is not on the stage.
    """
    joint = UsdPhysics.Joint(prim)
    sides = (
        (joint.GetBody1Rel(), joint.GetLocalPos1Attr(), joint.GetLocalRot1Attr()),
        (joint.GetBody0Rel(), joint.GetLocalPos0Attr(), joint.GetLocalRot0Attr()),
    )
    body_rel, place, turn = next((side for side in sides if side[0].GetTargets()), sides[1])
    body = Gf.Matrix4d(1.0)
    if targets := body_rel.GetTargets():
        target = prim.GetStage().GetPrimAtPath(targets[0])
        if not target:
            return None
        body = xforms.GetLocalToWorldTransform(target)
    local = Gf.Vec3d(place.Get() or Gf.Vec3f(0.0))
    frame = Gf.Matrix4d(1.0).SetRotate(Gf.Quatd(turn.Get() or Gf.Quatf(1.0)))
    axis = _AXES.get(str(prim.GetAttribute("physics:axis").Get() or "X"), 0)
    # A scale of the body moves its frame and never turns it.
    world = (frame * body.RemoveScaleShear()).GetRow3(axis).GetNormalized()
    return JointPlace(_three(body.Transform(local)), _three(world))


def joint_places(stage: Usd.Stage, paths: Iterable[str]) -> dict[str, JointPlace]:
    """Of the joints at these prim paths, as far as they are on the stage."""
    xforms = UsdGeom.XformCache()
    found = ((path, stage.GetPrimAtPath(path)) for path in paths)
    places = ((path, joint_place(prim, xforms)) for path, prim in found if prim)
    return {path: place for path, place in places if place is not None}


def stage_up(stage: Usd.Stage) -> np.ndarray:
    """The direction that is up on the stage, (3,)."""
    return np.eye(3)[1 if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.y else 2]


def _three(values: Any) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])

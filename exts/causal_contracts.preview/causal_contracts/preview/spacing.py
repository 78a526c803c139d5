# SPDX-License-Identifier: Apache-2.0
"""A stage to the distance at which clones cannot touch: on CPU they share one collision space."""

from __future__ import annotations

import math

from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

MARGIN = 0.1
"""Free space between clones, as a part of their reach."""


def clone_spacing(stage: Usd.Stage) -> float:
    """Twice the farthest reach of any part with every joint open, and a margin, rounded up."""
    purposes = [
        UsdGeom.Tokens.default_,
        UsdGeom.Tokens.render,
        UsdGeom.Tokens.proxy,
        UsdGeom.Tokens.guide,
    ]
    cache = UsdGeom.BBoxCache(Usd.TimeCode.Default(), purposes)
    whole = Gf.Range3d()
    for prim in stage.TraverseAll():
        # An infinite ground plane states a finite extent and would drive the clones apart.
        if prim.IsA("Boundable") and not prim.IsA("Plane"):
            whole.UnionWith(cache.ComputeWorldBound(prim).ComputeAlignedRange())
    half = whole.GetSize().GetLength() / 2 if not whole.IsEmpty() else 1.0
    reach = (half + max(_travel(stage, cache), default=0.0)) * (1 + MARGIN)
    digits = 10.0 ** (math.floor(math.log10(2 * reach)) - 1)
    return round(math.ceil(2 * reach / digits) * digits, 9)


def _travel(stage: Usd.Stage, cache: UsdGeom.BBoxCache) -> list[float]:
    """Per moved part, how far its joint and those before it can carry it [stage distance]."""
    own: dict[Sdf.Path, tuple[Sdf.Path | None, float]] = {}
    for prim in stage.TraverseAll():
        if prim.IsA("PhysicsJoint") and (
            bodies := UsdPhysics.Joint(prim).GetBody1Rel().GetTargets()
        ):
            base = UsdPhysics.Joint(prim).GetBody0Rel().GetTargets()
            own[bodies[0]] = (base[0] if base else None, _joint_travel(prim, bodies[0], cache))
    return [_along(body, own) for body in own]


def _joint_travel(joint: Usd.Prim, body: Sdf.Path, cache: UsdGeom.BBoxCache) -> float:
    if joint.IsA("PhysicsFixedJoint"):
        return 0.0
    if joint.IsA("PhysicsPrismaticJoint"):
        slide = UsdPhysics.PrismaticJoint(joint)
        span = max(abs(slide.GetLowerLimitAttr().Get()), abs(slide.GetUpperLimitAttr().Get()))
        if math.isfinite(span):
            return span
    link = joint.GetStage().GetPrimAtPath(body)
    bound = cache.ComputeWorldBound(link).ComputeAlignedRange() if link else Gf.Range3d()
    return 0.0 if bound.IsEmpty() else bound.GetSize().GetLength()


def _along(body: Sdf.Path, own: dict[Sdf.Path, tuple[Sdf.Path | None, float]]) -> float:
    total, seen = 0.0, set()
    at: Sdf.Path | None = body
    while at is not None and at in own and at not in seen:
        seen.add(at)
        at, step = own[at]
        total += step
    return total

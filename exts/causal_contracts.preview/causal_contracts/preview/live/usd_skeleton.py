# SPDX-License-Identifier: Apache-2.0
"""An asset and its articulation to a `Skeleton`: joint frames and boxes read once from USD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from causal_contracts.core.articulation import Articulation, JointType
from causal_contracts.core.usd_stage import open_stage
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

from ..spacing import clone_spacing
from .skeleton import Body, Box, Frame3, Skeleton

MAX_BOXES = 96
"""Boxes of an asset; a grid of 256 clones draws them all."""
GREY = (0.5, 0.5, 0.5)
AXES = {"X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0), "Z": (0.0, 0.0, 1.0)}
WORLD = Sdf.Path.emptyPath


class _Edge(NamedTuple):
    """One joint, with its frame in the space of either body (empty path: the world)."""

    name: str
    kind: Literal["fixed", "revolute", "prismatic"]
    axis: tuple[float, float, float]
    ends: tuple[Sdf.Path, Sdf.Path]
    frames: tuple[Gf.Matrix4d, Gf.Matrix4d]

    def turned(self) -> _Edge:
        """The same joint seen from its other end."""
        axis = (-self.axis[0], -self.axis[1], -self.axis[2])
        (near, far), (first, second) = self.ends, self.frames
        return _Edge(self.name, self.kind, axis, (far, near), (second, first))


def read_skeleton(asset: Path, articulation: Articulation) -> Skeleton:
    """The bodies that the joints of `articulation` carry, parents first, and their boxes.

    A floating base stands where it was authored, since no joint position says where it went.
    """
    stage = open_stage(str(asset))
    cache = UsdGeom.XformCache()
    edges = [
        edge
        for joint in articulation.joints
        if not joint.excluded
        and (prim := stage.GetPrimAtPath(_absolute(articulation, joint.path)))
        and (edge := _edge(prim, joint.type, cache)) is not None
    ]
    paths, bodies = _tree(edges, stage, cache)
    return Skeleton(
        bodies=tuple(bodies),
        boxes=tuple(_largest(_boxes(stage, paths, cache))),
        up_axis="Y" if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.y else "Z",
        spacing=clone_spacing(stage),
    )


def _absolute(articulation: Articulation, path: str) -> Sdf.Path:
    return Sdf.Path(path).MakeAbsolutePath(Sdf.Path(articulation.host))


def _edge(prim: Usd.Prim, kind: JointType, cache: UsdGeom.XformCache) -> _Edge | None:
    joint = UsdPhysics.Joint(prim)
    names: dict[JointType, Literal["fixed", "revolute", "prismatic"]] = {
        JointType.FIXED: "fixed",
        JointType.REVOLUTE: "revolute",
        JointType.PRISMATIC: "prismatic",
    }
    if kind not in names:
        return None  # more than one axis: the bodies beyond stay out of the view
    first = _end(
        prim, joint.GetBody0Rel(), joint.GetLocalPos0Attr(), joint.GetLocalRot0Attr(), cache
    )
    second = _end(
        prim, joint.GetBody1Rel(), joint.GetLocalPos1Attr(), joint.GetLocalRot1Attr(), cache
    )
    axis = AXES.get(str(prim.GetAttribute("physics:axis").Get() or "X"), AXES["X"])
    ends, frames = (first[0], second[0]), (first[1], second[1])
    return _Edge(prim.GetName(), names[kind], axis, ends, frames)


def _end(
    joint: Usd.Prim,
    relationship: Usd.Relationship,
    position: Usd.Attribute,
    rotation: Usd.Attribute,
    cache: UsdGeom.XformCache,
) -> tuple[Sdf.Path, Gf.Matrix4d]:
    """The body at one end, and the joint's frame in its space."""
    targets = relationship.GetTargets()
    target = joint.GetStage().GetPrimAtPath(targets[0]) if targets else Usd.Prim()
    place = cache.GetLocalToWorldTransform(target) if target else Gf.Matrix4d(1.0)
    turn = Gf.Matrix4d(1.0).SetRotate(Gf.Quatd(rotation.Get() or Gf.Quatf(1.0)))
    frame = turn * place.RemoveScaleShear()
    frame.SetTranslateOnly(place.Transform(Gf.Vec3d(position.Get() or (0.0, 0.0, 0.0))))
    body = _body(target)
    if not body:
        return WORLD, frame
    return body.GetPath(), frame * _rigid(body, cache).GetInverse()


def _body(prim: Usd.Prim) -> Usd.Prim:
    """The rigid body that is `prim` or above it; an invalid prim where none is."""
    while prim and not prim.HasAPI("PhysicsRigidBodyAPI"):
        prim = prim.GetParent()
    return prim


def _rigid(prim: Usd.Prim, cache: UsdGeom.XformCache) -> Gf.Matrix4d:
    return cache.GetLocalToWorldTransform(prim).RemoveScaleShear()


def _tree(
    edges: list[_Edge], stage: Usd.Stage, cache: UsdGeom.XformCache
) -> tuple[list[Sdf.Path], list[Body]]:
    """The bodies in breadth-first order from the world, else from the first joint's base."""
    paths: list[Sdf.Path] = []
    bodies: list[Body] = []
    if edges and not any(WORLD in edge.ends for edge in edges):
        moved = {edge.ends[1] for edge in edges}
        base = next((e.ends[0] for e in edges if e.ends[0] not in moved), edges[0].ends[0])
        place = _frame(_rigid(stage.GetPrimAtPath(base), cache))
        paths.append(base)
        bodies.append(Body(name=base.name, parent=-1, before=place, after=Frame3()))
    reached = {*paths} or {WORLD}
    left = list(edges)
    while found := next((e for e in left if len({*e.ends} & reached) == 1), None):
        left.remove(found)
        edge = found if found.ends[0] in reached else found.turned()
        parent, child = edge.ends
        bodies.append(
            Body(
                name=child.name,
                parent=paths.index(parent) if parent in paths else -1,
                before=_frame(edge.frames[0]),
                after=_frame(edge.frames[1].GetInverse()),
                kind=edge.kind,
                joint="" if edge.kind == "fixed" else edge.name,
                axis=edge.axis,
            )
        )
        paths.append(child)
        reached.add(child)
    return paths, bodies


def _boxes(
    stage: Usd.Stage, paths: list[Sdf.Path], cache: UsdGeom.XformCache
) -> Iterator[tuple[float, Box]]:
    """Each visible shape's box with its volume; of a body without any, its colliders' boxes."""
    shown = [UsdGeom.Tokens.default_, UsdGeom.Tokens.render]
    drawn = UsdGeom.BBoxCache(Usd.TimeCode.Default(), shown)
    every = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [*shown, UsdGeom.Tokens.guide])
    for index, path in enumerate(paths):
        body = stage.GetPrimAtPath(path)
        shapes = list(_shapes(body))
        place = _rigid(body, cache).GetInverse()
        found = [*_sized(shapes, index, place, drawn, cache)]
        yield from found or _sized(shapes, index, place, every, cache)


def _shapes(body: Usd.Prim) -> Iterator[Usd.Prim]:
    """Gprims of a body, without those of bodies below it."""
    walk = iter(Usd.PrimRange(body, Usd.TraverseInstanceProxies()))
    for prim in walk:
        if prim != body and prim.HasAPI("PhysicsRigidBodyAPI"):
            walk.PruneChildren()
        elif prim.IsA("Gprim"):
            yield prim


def _sized(
    shapes: list[Usd.Prim],
    body: int,
    place: Gf.Matrix4d,
    bounds: UsdGeom.BBoxCache,
    cache: UsdGeom.XformCache,
) -> Iterator[tuple[float, Box]]:
    for shape in shapes:
        box = bounds.ComputeUntransformedBound(shape).GetRange()
        if box.IsEmpty() or UsdGeom.Imageable(shape).ComputeVisibility() == "invisible":
            continue
        matrix = cache.GetLocalToWorldTransform(shape) * place
        scale = [matrix.GetRow3(row).GetLength() for row in range(3)]
        rigid = matrix.RemoveScaleShear()
        rigid.SetTranslateOnly(matrix.Transform(box.GetMidpoint()))
        half = [0.5 * side * by for side, by in zip(_three(box.GetSize()), scale, strict=True)]
        yield (
            half[0] * half[1] + half[1] * half[2] + half[2] * half[0],
            Box(body=body, place=_frame(rigid), half=_three(half), color=_color(shape)),
        )


def _largest(found: Iterable[tuple[float, Box]]) -> list[Box]:
    """At most `MAX_BOXES`, by surface, in body order; each body keeps its largest."""
    ranked = sorted(found, key=lambda pair: -pair[0])
    firsts = {box.body: box for _, box in reversed(ranked)}
    others = [box for _, box in ranked if box is not firsts[box.body]]
    kept = [*firsts.values(), *others][: max(MAX_BOXES, len(firsts))]
    return sorted(kept, key=lambda box: box.body)


def _color(shape: Usd.Prim) -> tuple[float, float, float]:
    colors = UsdGeom.Gprim(shape).GetDisplayColorAttr().Get()
    return _three(colors[0]) if colors else GREY


def _frame(matrix: Gf.Matrix4d) -> Frame3:
    turn = matrix.ExtractRotationQuat().GetNormalized()
    return Frame3(
        _three(matrix.ExtractTranslation()), (float(turn.GetReal()), *_three(turn.GetImaginary()))
    )


def _three(values: Any) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])

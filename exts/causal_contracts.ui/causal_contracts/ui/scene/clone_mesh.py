# SPDX-License-Identifier: Apache-2.0
"""Joint positions and a camera to the faces to paint, in order; NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from causal_contracts.preview.live.poses import Poser
from causal_contracts.preview.live.skeleton import Skeleton

from .box_choice import worth_drawing
from .camera import OrbitCamera
from .clone_ground import CloneGround
from .paint_order import Boxes, Planes, painted

MAX_DRAWN = 640
"""Boxes drawn at a time over all clones, unless the clones have more bodies than that."""
MAX_BODIES = 4096
"""Boxes drawn at a time where clones have many bodies: the largest of each are left."""
MOST_OF_ONE = 32
"""Boxes drawn of one clone; each pair of them is compared where it moves."""
MOVED = 1e-5
"""Radians or metres; less does not show."""
MIN_PIXELS = 1.5
"""A box whose half diagonal is shorter on the picture is left out."""
_LIGHT = np.array([0.35, 0.25, 0.9])
"""Where the light comes from, along the camera's right, its back and up."""
_SHADE = (0.5, 0.5)
# corner index = 4 x + 2 y + z; per axis the face on the low side, then on the high side
_FACES = np.array(
    [
        [[0, 1, 3, 2], [4, 6, 7, 5]],
        [[0, 4, 5, 1], [2, 3, 7, 6]],
        [[0, 2, 6, 4], [1, 5, 7, 3]],
    ]
)


class Faces(NamedTuple):
    """Quads to paint in this order."""

    points: np.ndarray
    """Corners in the world, (num_faces, 4, 3)."""
    colors: np.ndarray
    """Red, green and blue, 0 to 1, (num_faces, 3)."""


class Hit(NamedTuple):
    """What a ray meets first."""

    clone: int
    box: int
    distance: float


class _Posed(NamedTuple):
    """Boxes of the clones in the picture, in each clone's own frame."""

    clones: np.ndarray
    boxes: Boxes
    still: Planes
    """Between boxes that stand the same in every clone."""
    moving: Planes
    joint_pos: np.ndarray


class CloneMesh(CloneGround):
    """The boxes of all clones on their ground.

    Args:
        skeleton: bodies, boxes, spacing.
        joint_names: columns of the joint positions.
        num_envs: clones.
    """

    def __init__(self, skeleton: Skeleton, joint_names: Sequence[str], num_envs: int) -> None:
        self._poser = Poser(skeleton, joint_names)
        self._chosen = worth_drawing(skeleton)
        boxes = [skeleton.boxes[index] for index in self._chosen.which]
        self._body = np.array([box.body for box in boxes], dtype=np.intp)
        self._bodies = len(np.unique(self._body))
        self._half = self._chosen.half
        self._diagonal = np.linalg.norm(self._half, axis=1)
        self._colors = _shown(np.array([box.color for box in boxes]).reshape(-1, 3))
        self._joint_pos = np.zeros((num_envs, len(joint_names)), dtype=np.float32)
        rest = self._boxes(np.arange(1), len(boxes)).corners()[0]
        super().__init__(skeleton, rest, _moving(skeleton, joint_names)[self._body], num_envs)
        self._posed: _Posed | None = None
        self._still: dict[int, Planes] = {}

    @property
    def shown_boxes(self) -> int:
        """Boxes of a clone that can be seen at all."""
        return len(self._chosen.which)

    def move(self, joint_pos: np.ndarray) -> None:
        """Take joint positions [rad or m], (num_envs, num_joints); NaN stands at 0."""
        self._joint_pos = np.where(np.isfinite(joint_pos), joint_pos, np.float32(0.0))

    def corners(self, clones: np.ndarray | None = None) -> np.ndarray:
        """Corners of the boxes in the world, (num_clones, num_boxes, 8, 3), largest boxes first."""
        chosen = np.arange(self.num_envs) if clones is None else clones
        return (
            self._boxes(chosen, self.shown_boxes).corners() + self.offsets[chosen][:, None, None, :]
        )

    def drawn_boxes(self, camera: OrbitCamera) -> int:
        """Boxes of each clone that are drawn: fewer where many clones are in the picture."""
        return self._level(len(self._in_view(camera)))

    def faces(self, camera: OrbitCamera, height: float) -> Faces:
        """Faces that look at the camera, in a picture `height` pixels high, farthest first."""
        clones = self._in_view(camera)
        count = self._level(len(clones))
        if not len(clones) or not count:
            return Faces(np.zeros((0, 4, 3)), np.zeros((0, 3)))
        eye = camera.eye - self.offsets[clones]
        posed = self._pose(clones, count)
        boxes = posed.boxes
        centre, axes = boxes.centre, boxes.axes
        away = eye[:, None] - centre
        along = (axes @ away[..., None])[..., 0]
        seen = np.abs(along) > self._half[:count]
        distance = np.linalg.norm(away, axis=-1)
        size = self._diagonal[:count] * camera.focal * height / 2
        seen &= (size > MIN_PIXELS * distance)[..., None]
        order = _painted((posed.still, posed.moving), eye, distance)
        rows = np.arange(len(clones))[:, None]
        # flat faces of a clone in painting order, clones from the farthest to the nearest
        far_first = np.argsort(-np.linalg.norm(eye, axis=1), kind="stable")
        keep = seen[rows, order][far_first]
        n, b, axis = np.nonzero(keep)
        clone = far_first[n]
        box = order[clone, b]
        high = along[clone, box, axis] > 0
        points = boxes.corners()[clone[:, None], box[:, None], _FACES[axis, high.astype(np.intp)]]
        # a face that reaches behind the eye cannot be drawn
        before = ((eye[clone][:, None] - points) @ camera.axes[2] > camera.near).all(axis=1)
        clone, box, axis, high, points = (one[before] for one in (clone, box, axis, high, points))
        normal = axes[clone, box, axis] * np.where(high, 1.0, -1.0)[:, None]
        colors = self._colors[box] * self._shade(normal, camera)[:, None]
        return Faces(points + self.offsets[clones[clone]][:, None], colors)

    def hit(self, eye: np.ndarray, ray: np.ndarray) -> Hit | None:
        """The first of the boxes drawn last that a ray meets, by the slabs of each box."""
        if self._posed is None or not self.shown_boxes:
            return None
        clones, boxes = self._posed.clones, self._posed.boxes
        away = (eye - self.offsets[clones])[:, None] - boxes.centre
        start = (boxes.axes @ away[..., None])[..., 0]
        speed = boxes.axes @ ray
        speed = np.where(np.abs(speed) < 1e-12, 1e-12, speed)
        near, far = (-start - boxes.half) / speed, (-start + boxes.half) / speed
        enter = np.minimum(near, far).max(axis=-1)
        leave = np.maximum(near, far).min(axis=-1)
        met = np.where((enter <= leave) & (leave > 0), np.maximum(enter, 0.0), np.inf)
        clone, box = np.unravel_index(int(met.argmin()), met.shape)
        if not math.isfinite(met[clone, box]):
            return None
        return Hit(int(clones[clone]), int(self._chosen.which[box]), float(met[clone, box]))

    def clone_at(self, eye: np.ndarray, ray: np.ndarray) -> int | None:
        """The clone whose box, else whose square of the ground, a ray meets first."""
        hit = self.hit(eye, ray)
        if hit is not None:
            return hit.clone
        falls = float(ray @ self.up)
        if falls > -1e-9:
            return None
        point = eye + ray * ((self.floor - float(eye @ self.up)) / falls)
        apart = np.abs((self.offsets - point) @ self.ground.T).max(axis=1)
        nearest = int(apart.argmin())
        return nearest if apart[nearest] <= self.spacing / 2 else None

    # -- parts

    def _boxes(self, clones: np.ndarray, count: int) -> Boxes:
        """The boxes most worth drawing, in each clone's own frame."""
        pose = self._poser.bodies(self._joint_pos[clones])[:, self._body[:count]]
        turn = pose[..., :3, :3]
        centre = (turn @ self._chosen.centre[:count, :, None])[..., 0] + pose[..., :3, 3]
        return Boxes(centre, self._chosen.axes[:count] @ turn.swapaxes(-1, -2), self._half[:count])

    def _pose(self, clones: np.ndarray, count: int) -> _Posed:
        """Kept for the clones that did not move while the same ones are in the picture."""
        kept, joint_pos = self._posed, self._joint_pos[clones]
        if kept is None or len(kept.boxes.half) != count or not np.array_equal(kept.clones, clones):
            boxes = self._boxes(clones, count)
            self._posed = _Posed(clones, boxes, *self._compare(boxes, count), joint_pos)
            return self._posed
        moved = np.nonzero((np.abs(joint_pos - kept.joint_pos) > MOVED).any(axis=1))[0]
        if len(moved):
            fresh = self._boxes(clones[moved], count)
            kept.moving.put(moved, Planes(fresh, kept.moving.pairs))
            kept.boxes.centre[moved], kept.boxes.axes[moved] = fresh.centre, fresh.axes
            kept.joint_pos[moved] = joint_pos[moved]
        return kept

    def _level(self, clones: int) -> int:
        """Boxes a clone, the more the fewer clones are in the picture."""
        clones = max(clones, 1)
        one_a_body = min(self._bodies, MAX_BODIES // clones)
        return min(
            max(MAX_DRAWN // clones, 1, one_a_body), max(MOST_OF_ONE, one_a_body), self.shown_boxes
        )

    def _in_view(self, camera: OrbitCamera) -> np.ndarray:
        """Clones that may be in the picture."""
        if not len(self._rest):
            return np.zeros(0, dtype=np.intp)
        reach = 0.75 * self.spacing
        x, y, depth = np.moveaxis(camera.project(self.offsets + self._middle()), -1, 0)
        room = reach * camera.focal / np.maximum(depth, 1e-9)
        before = depth + reach > camera.near
        return np.nonzero(before & (np.abs(x) < 1 + room) & (np.abs(y) < 1 + room))[0]

    def _compare(self, boxes: Boxes, count: int) -> tuple[Planes, Planes]:
        """Planes between boxes: of those that never move once, of the others at each move."""
        pairs = np.stack(np.triu_indices(count, 1), axis=1)
        moving = self._moves[pairs].any(axis=1)
        if count not in self._still:
            one = Boxes(boxes.centre[:1], boxes.axes[:1], boxes.half)
            self._still[count] = Planes(one, pairs[~moving])
        return self._still[count], Planes(boxes, pairs[moving])

    def _shade(self, normal: np.ndarray, camera: OrbitCamera) -> np.ndarray:
        right, _, back = camera.axes
        light = _LIGHT[0] * right + _LIGHT[1] * back + _LIGHT[2] * self.up
        lit = np.clip(normal @ (light / np.linalg.norm(light)), 0.0, 1.0)
        return _SHADE[0] + _SHADE[1] * lit


def _painted(planes: tuple[Planes, ...], eye: np.ndarray, distance: np.ndarray) -> np.ndarray:
    num_envs, count = distance.shape
    behind = np.zeros((num_envs, count, count), dtype=bool)
    for between in planes:
        near = between.second_is_near(eye)
        first, second = between.pairs.T
        behind[:, first, second] = near
        behind[:, second, first] = ~near
    return painted(behind, distance)


def _moving(skeleton: Skeleton, joint_names: Sequence[str]) -> np.ndarray:
    """Which bodies some joint position moves."""
    moves = np.zeros(len(skeleton.bodies), dtype=bool)
    for index, body in enumerate(skeleton.bodies):
        carried = body.parent >= 0 and moves[body.parent]
        moves[index] = carried or body.joint in joint_names
    return moves


def _shown(linear: np.ndarray) -> np.ndarray:
    """Linear light to what a screen takes; the darkest are lifted, so that shading shows."""
    return 0.08 + 0.92 * np.clip(linear, 0.0, 1.0) ** (1 / 2.2)

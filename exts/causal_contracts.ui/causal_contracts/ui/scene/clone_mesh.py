# SPDX-License-Identifier: Apache-2.0
"""Joint positions to where the boxes of all clones are, and which a ray meets; NumPy alone."""

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
from .posed_boxes import PosedBoxes, place

MAX_DRAWN = 640
"""Boxes drawn at a time over all clones, unless the clones have more bodies than that."""
MAX_BODIES = 4096
"""Boxes drawn at a time where clones have many bodies: the largest of each are left."""
MOST_OF_ONE = 32
"""Boxes drawn of one clone; each pair of them is compared where it moves."""


class Hit(NamedTuple):
    """What a ray meets first."""

    clone: int
    box: int
    distance: float


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
        self.diagonal = np.linalg.norm(self._chosen.half, axis=1)
        """Half of each box's [stage distance], (num_boxes,)."""
        self.colors = _shown(np.array([box.color for box in boxes]).reshape(-1, 3))
        """Red, green and blue, 0 to 1, (num_boxes, 3)."""
        self.joint_pos = np.zeros((num_envs, len(joint_names)), dtype=np.float32)
        """As `move` took it, NaN at 0."""
        self._moved = _moving(skeleton, joint_names)[self._body]
        self._posed: tuple[np.ndarray, PosedBoxes] | None = None
        rest = place(self._poser, self._chosen, self._body, self.joint_pos[:1]).corners()[0]
        super().__init__(skeleton, rest, self._moved, num_envs)
        self.reach = 0.75 * self.spacing
        """How far from its middle a clone may go, as far as is looked at [stage distance]."""
        slides = (np.linalg.norm(one.axis) for one in skeleton.bodies if one.kind == "prismatic")
        self.arm = float(max(2 * self.reach, *slides, 1e-9))
        """How far a box may go where a joint moves by 1 [stage distance]."""

    @property
    def shown_boxes(self) -> int:
        """Boxes of a clone that can be seen at all."""
        return len(self._chosen.which)

    def move(self, joint_pos: np.ndarray) -> None:
        """Take joint positions [rad or m], (num_envs, num_joints); NaN stands at 0."""
        self.joint_pos = np.where(np.isfinite(joint_pos), joint_pos, np.float32(0.0))

    def posed(self, which: np.ndarray, clones: np.ndarray) -> PosedBoxes:
        """These boxes of these clones as they are; `hit` meets them from now on."""
        made = PosedBoxes(
            self._poser, self._chosen, self._body, self._moved, which, self.joint_pos[clones]
        )
        self._posed = clones, made
        return made

    def corners(self, clones: np.ndarray | None = None) -> np.ndarray:
        """Corners of the boxes in the world, (num_clones, num_boxes, 8, 3), largest boxes first."""
        chosen = np.arange(self.num_envs) if clones is None else clones
        boxes = place(self._poser, self._chosen, self._body, self.joint_pos[chosen])
        return boxes.corners() + self.offsets[chosen][:, None, None, :]

    def drawn_boxes(self, camera: OrbitCamera) -> int:
        """Boxes of each clone that are drawn: fewer where many clones are in the picture."""
        return self.level(len(self.in_view(camera)))

    def level(self, clones: int) -> int:
        """Boxes a clone, the more the fewer clones are in the picture."""
        clones = max(clones, 1)
        one_a_body = min(self._bodies, MAX_BODIES // clones)
        return min(
            max(MAX_DRAWN // clones, 1, one_a_body), max(MOST_OF_ONE, one_a_body), self.shown_boxes
        )

    def in_view(self, camera: OrbitCamera) -> np.ndarray:
        """Clones that may be in the picture."""
        if not len(self._rest):
            return np.zeros(0, dtype=np.intp)
        x, y, depth = np.moveaxis(camera.project(self.offsets + self._middle()), -1, 0)
        room = self.reach * camera.focal / np.maximum(depth, 1e-9)
        before = depth + self.reach > camera.near
        return np.nonzero(before & (np.abs(x) < 1 + room) & (np.abs(y) < 1 + room))[0]

    def hit(self, eye: np.ndarray, ray: np.ndarray) -> Hit | None:
        """The first of the boxes drawn last that a ray meets, by the slabs of each box."""
        if self._posed is None or not len(self._posed[1].which):
            return None
        (clones, posed), boxes = self._posed, self._posed[1].boxes
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
        index = int(self._chosen.which[posed.which[box]])
        return Hit(int(clones[clone]), index, float(met[clone, box]))

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

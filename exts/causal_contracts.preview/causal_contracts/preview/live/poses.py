# SPDX-License-Identifier: Apache-2.0
"""A skeleton and joint positions to poses of bodies and corners of boxes; NumPy alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .skeleton import Body, Frame3, Skeleton

_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
EDGES = tuple(
    (first, second)
    for first in range(8)
    for second in range(first)
    if (first ^ second) in (1, 2, 4)
)
"""Pairs of the eight corners that an edge joins."""


class Poser:
    """Forward kinematics of all clones at once; exact for what the joint positions say."""

    def __init__(self, skeleton: Skeleton, joint_names: Sequence[str]) -> None:
        self.skeleton = skeleton
        names = list(joint_names)
        self._columns = np.array(
            [names.index(body.joint) if body.joint in names else -1 for body in skeleton.bodies],
            dtype=np.intp,
        )
        self._turns = np.array([body.kind == "revolute" for body in skeleton.bodies], dtype=bool)
        self._parts = np.array([_parts(body) for body in skeleton.bodies]).reshape(-1, 3, 4, 4)
        self._plans: dict[bytes, _Plan] = {}
        self._body_of_box = np.array([box.body for box in skeleton.boxes], dtype=np.intp)
        places = [_matrix(box.place) for box in skeleton.boxes]
        halves = [_CORNERS * np.array(box.half) for box in skeleton.boxes]
        self._corners = np.array(
            [
                half @ place[:3, :3].T + place[:3, 3]
                for half, place in zip(halves, places, strict=True)
            ]
        ).reshape(-1, 8, 3)

    def bodies(self, joint_pos: np.ndarray, which: np.ndarray | None = None) -> np.ndarray:
        """Pose of bodies in their clone's asset frame, float64, (num_envs, num_which, 4, 4).

        `joint_pos` [rad or m] has shape (num_envs, num_joints); `which` are indices of bodies, all
        where None. A pose takes a column (x, y, z, 1) from the body to the asset; lengths are
        stage distances. What carries none of the asked bodies is not computed.
        """
        asked = np.arange(len(self.skeleton.bodies)) if which is None else which
        plan = self._plan(asked)
        columns, turns = self._columns[plan.needed], self._turns[plan.needed]
        moved = columns >= 0
        values = np.zeros((len(joint_pos), len(columns)))
        values[:, moved] = joint_pos[:, columns[moved]]
        # Rodrigues' formula for what turns
        second = np.where(turns, 1 - np.cos(values), 0.0)[..., None, None]
        first = np.where(turns, np.sin(values), values)[..., None, None]
        parts = self._parts[plan.needed]
        poses = parts[:, 0] + first * parts[:, 1] + second * parts[:, 2]
        for carried, parents in plan.levels:
            poses[:, carried] = poses[:, parents] @ poses[:, carried]
        return poses[:, plan.asked]

    def corners(self, joint_pos: np.ndarray) -> np.ndarray:
        """Corners of every box in its clone's asset frame, (num_envs, num_boxes, 8, 3)."""
        poses = self.bodies(joint_pos)[:, self._body_of_box]
        turned = np.einsum("nbij,bcj->nbci", poses[..., :3, :3], self._corners)
        return turned + poses[..., None, :3, 3]

    def _plan(self, asked: np.ndarray) -> _Plan:
        key = asked.tobytes()
        if key not in self._plans:
            self._plans[key] = _plan([body.parent for body in self.skeleton.bodies], asked.tolist())
        return self._plans[key]


class _Plan(NamedTuple):
    """In what order poses follow from one another."""

    needed: np.ndarray
    """The asked bodies, and those that carry them."""
    levels: tuple[tuple[np.ndarray, np.ndarray], ...]
    """Bodies and what carries them, as indices of `needed`; the nearest to the ground first."""
    asked: np.ndarray
    """Indices of `needed`."""


def _plan(parents: list[int], asked: list[int]) -> _Plan:
    needed: set[int] = set()
    for body in asked:
        while body >= 0 and body not in needed:
            needed.add(body)
            body = parents[body]
    order = sorted(needed)
    at = {body: index for index, body in enumerate(order)}
    depth: dict[int, int] = {}
    for body in order:
        depth[body] = 0 if parents[body] < 0 else depth[parents[body]] + 1
    levels = [
        [body for body in order if depth[body] == level]
        for level in range(1, max(depth.values(), default=0) + 1)
    ]
    return _Plan(
        np.array(order, dtype=np.intp),
        tuple(
            (
                np.array([at[body] for body in level]),
                np.array([at[parents[body]] for body in level]),
            )
            for level in levels
        ),
        np.array([at[body] for body in asked], dtype=np.intp),
    )


def _parts(body: Body) -> np.ndarray:
    """Matrices (3, 4, 4) of which the second and third grow with the motion."""
    x, y, z = body.axis
    still, first, second = np.eye(4), np.zeros((4, 4)), np.zeros((4, 4))
    if body.kind == "revolute":
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        first[:3, :3], second[:3, :3] = cross, cross @ cross
    else:
        first[:3, 3] = body.axis
    before, after = _matrix(body.before), _matrix(body.after)
    return np.array([before @ part @ after for part in (still, first, second)])


def _matrix(frame: Frame3) -> np.ndarray:
    w, x, y, z = frame.rotation
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, 3] = frame.position
    return matrix

# SPDX-License-Identifier: Apache-2.0
"""A skeleton and joint positions to poses of bodies and corners of boxes; NumPy alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .skeleton import Frame3, Skeleton

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
        self._columns = [
            list(joint_names).index(body.joint) if body.joint in joint_names else None
            for body in skeleton.bodies
        ]
        self._before = [_matrix(body.before) for body in skeleton.bodies]
        self._after = [_matrix(body.after) for body in skeleton.bodies]
        self._body_of_box = np.array([box.body for box in skeleton.boxes], dtype=np.intp)
        places = [_matrix(box.place) for box in skeleton.boxes]
        halves = [_CORNERS * np.array(box.half) for box in skeleton.boxes]
        self._corners = np.array(
            [
                half @ place[:3, :3].T + place[:3, 3]
                for half, place in zip(halves, places, strict=True)
            ]
        ).reshape(-1, 8, 3)

    def bodies(self, joint_pos: np.ndarray) -> np.ndarray:
        """Pose of every body in its clone's asset frame, float64, (num_envs, num_bodies, 4, 4).

        `joint_pos` [rad or m] has shape (num_envs, num_joints). A pose takes a column (x, y, z, 1)
        from the body to the asset; lengths are stage distances.
        """
        num_envs = len(joint_pos)
        poses = np.empty((num_envs, len(self.skeleton.bodies), 4, 4))
        for index, body in enumerate(self.skeleton.bodies):
            local = self._before[index]
            column = self._columns[index]
            if column is not None:
                values = joint_pos[:, column].astype(np.float64)
                move = _turn if body.kind == "revolute" else _slide
                local = local @ move(np.array(body.axis), values)
            local = local @ self._after[index]
            poses[:, index] = local if body.parent < 0 else poses[:, body.parent] @ local
        return poses

    def corners(self, joint_pos: np.ndarray) -> np.ndarray:
        """Corners of every box in its clone's asset frame, (num_envs, num_boxes, 8, 3)."""
        poses = self.bodies(joint_pos)[:, self._body_of_box]
        turned = np.einsum("nbij,bcj->nbci", poses[..., :3, :3], self._corners)
        return turned + poses[..., None, :3, 3]


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


def _slide(axis: np.ndarray, values: np.ndarray) -> np.ndarray:
    matrix = np.tile(np.eye(4), (len(values), 1, 1))
    matrix[:, :3, 3] = values[:, None] * axis
    return matrix


def _turn(axis: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Rodrigues' formula."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    matrix = np.tile(np.eye(4), (len(values), 1, 1))
    matrix[:, :3, :3] += np.sin(values)[:, None, None] * cross
    matrix[:, :3, :3] += (1 - np.cos(values))[:, None, None] * (cross @ cross)
    return matrix

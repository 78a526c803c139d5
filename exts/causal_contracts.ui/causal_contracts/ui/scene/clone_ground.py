# SPDX-License-Identifier: Apache-2.0
"""Boxes at rest to places for all clones: a grid on the ground, the moving side in front."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from causal_contracts.preview.live.skeleton import Skeleton

from .camera import OrbitCamera

CLOSER = 0.62
"""Of the spacing in physics, which leaves room on all sides for what opens to one."""


class CloneGround:
    """Where each clone stands.

    Args:
        skeleton: its up axis, and the spacing in physics.
        rest: corners of the boxes of one clone at rest, (num_boxes, 8, 3).
        moves: which of those boxes some joint moves, (num_boxes,).
        num_envs: clones.
    """

    def __init__(
        self, skeleton: Skeleton, rest: np.ndarray, moves: np.ndarray, num_envs: int
    ) -> None:
        self.skeleton, self.num_envs = skeleton, num_envs
        camera = OrbitCamera(skeleton.up_axis)
        self.up, self.ground = camera.up, camera.ground
        self._rest, self._moves = rest, moves
        self.front = self._front()
        self.spacing = self._spacing()
        """From clone to clone [stage distance]."""
        self.offsets = self._grid()
        self.floor = float((rest @ self.up).min(initial=0.0)) if len(rest) else 0.0

    def bounds(self, clones: Sequence[int] | None = None) -> np.ndarray:
        """Points that a picture of these clones should hold, (num_points, 3)."""
        chosen = np.arange(self.num_envs) if clones is None else np.array(clones, dtype=np.intp)
        if not len(chosen) or not len(self._rest):
            return np.array([self.ground[0] + self.ground[1], -self.ground[0] - self.ground[1]])
        offsets = self.offsets[chosen]
        own = (self._rest.reshape(1, -1, 3) + offsets[:, None]).reshape(-1, 3)
        half = 0.5 * self.spacing * np.array([self.ground[0], self.ground[1]])
        tiles = [offsets + a * half[0] + b * half[1] for a in (-1, 1) for b in (-1, 1)]
        low, high = own.min(axis=0), own.max(axis=0)
        box = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
        return np.concatenate([low + box * (high - low), np.concatenate(tiles)])

    def tiles(self, part: float = 0.96) -> np.ndarray:
        """Squares of the ground under the clones, (num_envs, 4, 3)."""
        side = 0.5 * part * self.spacing * self.ground
        around = np.array(
            [-side[0] - side[1], side[0] - side[1], side[0] + side[1], side[1] - side[0]]
        )
        return self.offsets[:, None] + around + self.floor * self.up

    def tops(self) -> np.ndarray:
        """Where the sign of each clone stands: over the middle of it, (num_envs, 3)."""
        if not len(self._rest):
            return self.offsets
        points = self._rest.reshape(-1, 3)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        high = (self._rest @ self.up).max()
        raised = middle + (high - middle @ self.up + 0.12 * self._height()) * self.up
        return self.offsets + raised

    def _middle(self) -> np.ndarray:
        points = self._rest.reshape(-1, 3)
        return (points.min(axis=0) + points.max(axis=0)) / 2

    def _height(self) -> float:
        return float(np.ptp(self._rest @ self.up))

    def _spacing(self) -> float:
        points = self._rest.reshape(-1, 3) @ self.ground.T
        wide = float(np.ptp(points, axis=0).max()) if len(points) else 0.0
        return max(CLOSER * self.skeleton.spacing, 1.15 * wide)

    def _front(self) -> np.ndarray:
        """The side of the asset on which its moving parts are, as a direction of the ground."""
        if not self._moves.any():
            return self.ground[0]
        moved = self._rest[self._moves].mean(axis=(0, 1)) - self._middle()
        along = (self.ground @ moved) / np.maximum(
            np.ptp(self._rest.reshape(-1, 3) @ self.ground.T, axis=0), 1e-9
        )
        chosen = int(np.abs(along).argmax())
        return self.ground[chosen] * (-1.0 if along[chosen] < 0 else 1.0)

    def _grid(self) -> np.ndarray:
        """Rows from the back to the front and from left to right, as the clones' cells."""
        columns = math.ceil(math.sqrt(self.num_envs))
        rows = math.ceil(self.num_envs / columns)
        clone = np.arange(self.num_envs)
        across = clone % columns - (columns - 1) / 2
        nearer = clone // columns - (rows - 1) / 2
        right = np.cross(self.up, self.front)
        return self.spacing * (across[:, None] * right + nearer[:, None] * self.front)

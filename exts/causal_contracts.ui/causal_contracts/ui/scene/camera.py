# SPDX-License-Identifier: Apache-2.0
"""Drags and wheel turns to a camera that orbits a point; matrices and rays come out."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

VIEW_ANGLE = math.radians(28.0)
"""Vertical; narrow, so that clones at the rim are not drawn leaning."""
PITCH = (math.radians(3.0), math.radians(89.0))
"""Never below the ground, never quite overhead, where up would have no direction."""
TURN = 0.008
"""Radians a pixel."""
ZOOM = 0.88
"""Of the distance, for one notch of the wheel."""
_MARGIN = 0.94


class OrbitCamera:
    """Looks at `target` from `distance` [stage distance], at `yaw` and `pitch` [rad]."""

    def __init__(self, up_axis: Literal["Y", "Z"] = "Z") -> None:
        # A right-handed (ground, ground, up), so that yaw turns the same way in both.
        order = (0, 1, 2) if up_axis == "Z" else (2, 0, 1)
        self.ground = np.eye(3)[[*order[:2]]]
        self.up = np.eye(3)[order[2]]
        self.target = np.zeros(3)
        self.distance = 5.0
        self.yaw, self.pitch = 0.0, math.radians(32.0)
        self.aspect = 1.0
        self._sizes = (1e-3, 1e6)

    @property
    def axes(self) -> np.ndarray:
        """Right, up and back of the picture as rows, in the world."""
        level = math.cos(self.yaw) * self.ground[0] + math.sin(self.yaw) * self.ground[1]
        back = math.cos(self.pitch) * level + math.sin(self.pitch) * self.up
        right = math.cos(self.yaw) * self.ground[1] - math.sin(self.yaw) * self.ground[0]
        up = math.cos(self.pitch) * self.up - math.sin(self.pitch) * level
        return np.array([right, up, back])

    @property
    def eye(self) -> np.ndarray:
        """Where the camera stands."""
        return self.target + self.distance * self.axes[2]

    @property
    def near(self) -> float:
        """Distance in front of the eye from which on things are drawn."""
        return 0.02 * self.distance

    @property
    def view(self) -> np.ndarray:
        """World to camera, (4, 4), for columns."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.axes
        matrix[:3, 3] = -self.axes @ self.eye
        return matrix

    @property
    def projection(self) -> np.ndarray:
        """Camera to clip space, (4, 4), for columns."""
        focal, near, far = self.focal, self.near, 1000.0 * self.distance
        matrix = np.zeros((4, 4))
        matrix[0, 0], matrix[1, 1] = focal / self.aspect, focal
        matrix[2, 2:] = (far + near) / (near - far), 2 * far * near / (near - far)
        matrix[3, 2] = -1.0
        return matrix

    @property
    def focal(self) -> float:
        """Half a picture's height over the distance at which it is that high."""
        return 1.0 / math.tan(VIEW_ANGLE / 2)

    def project(self, points: np.ndarray) -> np.ndarray:
        """World points (..., 3) to the picture, -1 to 1 right and up, and depth: (..., 3)."""
        seen = (points - self.eye) @ self.axes.T
        depth = -seen[..., 2]
        scale = self.focal / np.maximum(depth, self.near)
        return np.stack([seen[..., 0] * scale / self.aspect, seen[..., 1] * scale, depth], -1)

    def ray(self, x: float, y: float) -> np.ndarray:
        """Unit direction from the eye through a point of the picture, -1 to 1 right and up."""
        across = np.array([x * self.aspect / self.focal, y / self.focal, -1.0]) @ self.axes
        return across / np.linalg.norm(across)

    def orbit(self, dx: float, dy: float) -> None:
        """Turn with a drag [pixels]."""
        self.yaw = math.remainder(self.yaw - TURN * dx, math.tau)
        self.pitch = min(max(self.pitch + TURN * dy, PITCH[0]), PITCH[1])

    def pan(self, dx: float, dy: float, height: float) -> None:
        """Shift with a drag [pixels] in a picture `height` pixels high; the ground follows."""
        scale = 2.0 * self.distance / (self.focal * max(height, 1.0))
        right, up, _ = self.axes
        self.target = self.target + scale * (dy * up - dx * right)

    def zoom(self, notches: float) -> None:
        """Come nearer, or go where negative; not through the clones, nor out of sight of them."""
        nearest, farthest = self._sizes
        self.distance = min(max(self.distance * ZOOM**notches, nearest), farthest)

    def turn(self, yaw: float, pitch: float) -> None:
        """Look from a direction [rad]."""
        self.yaw = math.remainder(yaw, math.tau)
        self.pitch = min(max(pitch, PITCH[0]), PITCH[1])

    def frame(self, points: np.ndarray) -> None:
        """Show all of the points (num_points, 3), as large as the picture allows."""
        self.target = (points.min(axis=0) + points.max(axis=0)) / 2
        size = float(np.linalg.norm(np.ptp(points, axis=0))) or 1.0
        self._sizes = (0.05 * size / max(len(points) ** 0.5 / 4, 1.0), 6.0 * size)
        for _ in range(6):
            right, up, depth = ((points - self.target) @ self.axes.T).T
            wide = np.abs(right) * self.focal / (self.aspect * _MARGIN)
            self.distance = float(
                (depth + np.maximum(wide, np.abs(up) * self.focal / _MARGIN)).max()
            )
            shown = self.project(points)
            middle = (shown.min(axis=0) + shown.max(axis=0))[:2] / 2
            shift = middle * (self.aspect, 1.0) * self.distance / self.focal
            self.target = self.target + shift @ self.axes[:2]

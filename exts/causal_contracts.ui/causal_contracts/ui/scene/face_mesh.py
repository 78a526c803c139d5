# SPDX-License-Identifier: Apache-2.0
"""Faces in the order of painting to one item of the scene, since each item costs every frame."""

from __future__ import annotations

import numpy as np
from omni.ui import scene as sc

from .camera import OrbitCamera
from .looks import packed


class FaceMesh:
    """Quads over one another; made inside a scene."""

    def __init__(self) -> None:
        point = [[0.0, 0.0, 0.0]] * 3
        self.item = sc.PolygonMesh(point, [[1.0] * 4] * 3, [3], [0, 1, 2], visible=False)

    def hide(self) -> None:
        """Show none."""
        self.item.visible = False

    def paint(self, points: np.ndarray, colors: np.ndarray, camera: OrbitCamera) -> None:
        """Show the faces, each over the ones before it.

        Args:
            points: corners in the world, shape (num_faces, 4, 3).
            colors: one a face, as `packed` takes them.
            camera: the one that looks at them.
        """
        self.item.visible = len(points) > 0
        if not len(points):
            return
        points = camera.layered(points)
        count = len(points)
        self.item.positions = points.reshape(-1, 3).tolist()
        self.item.colors = packed(colors).repeat(4).tolist()
        if len(self.item.vertex_counts) != count:
            self.item.vertex_counts = [4] * count
            self.item.vertex_indices = list(range(4 * count))

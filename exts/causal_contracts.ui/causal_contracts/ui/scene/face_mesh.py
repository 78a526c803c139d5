# SPDX-License-Identifier: Apache-2.0
"""Faces in the order of painting to one item of the scene, since each item costs every frame."""

from __future__ import annotations

from omni.ui import scene as sc

from .clone_picture import Point


class FaceMesh:
    """Quads over one another; made inside a scene."""

    def __init__(self) -> None:
        point = [[0.0, 0.0, 0.0]] * 3
        self.item = sc.PolygonMesh(point, [[1.0] * 4] * 3, [3], [0, 1, 2], visible=False)

    def hide(self) -> None:
        """Show none."""
        self.item.visible = False

    def paint(self, points: list[Point], colors: list[int]) -> None:
        """Show the faces, the nearer over the farther ones.

        Args:
            points: four corners a face, in the world.
            colors: one a corner, as `packed` gives them.
        """
        count = len(points) // 4
        self.item.visible = count > 0
        if not count:
            return
        self.item.positions = points
        self.item.colors = colors
        if len(self.item.vertex_counts) != count:
            self.item.vertex_counts = [4] * count
            self.item.vertex_indices = list(range(4 * count))

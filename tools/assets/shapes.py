# SPDX-License-Identifier: Apache-2.0
"""Dimensions in metres to triangle-and-quad meshes with smooth normals and rounded edges."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mesh:
    """One surface: face i has `counts[i]` corners in `indices`, counter-clockwise from outside."""

    points: np.ndarray
    """Corner positions [m], float64, shape (num_points, 3)."""
    normals: np.ndarray
    """Unit normals per point, float64, shape (num_points, 3)."""
    counts: tuple[int, ...]
    indices: tuple[int, ...]

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> "Mesh":
        """This mesh shifted by (x, y, z) [m]."""
        return Mesh(self.points + np.array((x, y, z)), self.normals, self.counts, self.indices)

    def turned(self, columns: np.ndarray) -> "Mesh":
        """This mesh in a frame whose x, y, z axes are the columns of a rotation matrix."""
        return Mesh(self.points @ columns.T, self.normals @ columns.T, self.counts, self.indices)

    def __add__(self, other: "Mesh") -> "Mesh":
        shifted = tuple(index + len(self.points) for index in other.indices)
        return Mesh(
            np.concatenate((self.points, other.points)),
            np.concatenate((self.normals, other.normals)),
            self.counts + other.counts,
            self.indices + shifted,
        )


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows (or one vector) scaled to length one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def axes(x: tuple[float, ...], z: tuple[float, ...]) -> np.ndarray:
    """Rotation whose columns are x, z cross x and z, after z is made square to x."""
    x_axis = unit(np.array(x, dtype=float))
    y_axis = unit(np.cross(np.array(z, dtype=float), x_axis))
    return np.stack((x_axis, y_axis, np.cross(x_axis, y_axis)), axis=1)


FACING_X = axes((0, 1, 0), (1, 0, 0))
"""Turns an outline drawn in (x, y) into one in (y, z) whose front looks along +x."""
FACING_BACK = axes((0, -1, 0), (-1, 0, 0))
"""Turns an outline drawn in (x, y) into one in (-y, z) whose front looks along -x."""
FACING_Y = axes((-1, 0, 0), (0, 1, 0))
"""Turns an outline drawn in (x, y) into one in (-x, z) whose front looks along +y."""


def polygon(
    corners: list[tuple[float, float]], radii: float | list[float], steps: int = 3
) -> np.ndarray:
    """Counter-clockwise convex polygon, corners rounded, shape (num_corners * (steps + 1), 2)."""
    corner = np.array(corners, dtype=float)
    radius = np.broadcast_to(np.asarray(radii, dtype=float), len(corner))
    back = unit(np.roll(corner, 1, axis=0) - corner)
    ahead = unit(np.roll(corner, -1, axis=0) - corner)
    rows = []
    for point, to_back, to_ahead, size in zip(corner, back, ahead, radius, strict=True):
        half = np.arccos(np.clip(to_back @ to_ahead, -1, 1)) / 2
        centre = point + unit(to_back + to_ahead) * size / np.sin(half)
        start, sweep = -np.array((-to_back[1], to_back[0])), np.pi - 2 * half
        start = -start if start @ (point - centre) < 0 else start
        for angle in np.linspace(0, sweep, steps + 1):
            turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
            rows.append(centre + turn @ start * size)
    return np.array(rows)


def rectangle(width: float, height: float, radius: float, steps: int = 3) -> np.ndarray:
    """Rounded rectangle around the origin."""
    x, y = width / 2, height / 2
    return polygon([(-x, -y), (x, -y), (x, y), (-x, y)], radius, steps)


def circle(radius: float, segments: int = 32) -> np.ndarray:
    """Circle around the origin, counter-clockwise."""
    angle = np.arange(segments) * 2 * np.pi / segments
    return radius * np.stack((np.cos(angle), np.sin(angle)), axis=1)


def level(outline: np.ndarray, z: float) -> np.ndarray:
    """Outline in the plane z, shape (n, 3)."""
    return np.column_stack((outline, np.full(len(outline), z)))


def station(outline: np.ndarray, x: float) -> np.ndarray:
    """Outline drawn in (y, z), in the plane x, shape (n, 3)."""
    return np.column_stack((np.full(len(outline), x), outline))


def outward(outline: np.ndarray) -> np.ndarray:
    """Unit normals of a closed counter-clockwise outline, shape as given."""
    along = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    return unit(np.stack((along[:, 1], -along[:, 0]), axis=1))


def _strips(rows: int, columns: int, *, closed: bool) -> list[tuple[int, ...]]:
    """Quads between neighbouring rows of a (rows x columns) grid of points."""
    faces = []
    for row in range(rows - 1):
        for column in range(columns if closed else columns - 1):
            right, low, high = (column + 1) % columns, row * columns, (row + 1) * columns
            faces.append((low + column, low + right, high + right, high + column))
    return faces


def _mesh(points: np.ndarray, normals: np.ndarray, faces: list[tuple[int, ...]]) -> Mesh:
    return Mesh(
        points, unit(normals), tuple(map(len, faces)), tuple(i for face in faces for i in face)
    )


def prism(outline: np.ndarray, height: float, bevel: float, steps: int = 1) -> Mesh:
    """Outline in (x, y) raised from z = 0 to height; rims rounded with radius bevel, sharp if 0."""
    if bevel == 0:
        return loft([level(outline, z) for z in (0.0, height)])
    bevel = min(bevel, 0.45 * height)
    across, angles = outward(outline), np.linspace(0, np.pi / 2, steps + 1)
    rows = [(-a, bevel - bevel * np.sin(a)) for a in angles[::-1]]
    rows += [(a, height - bevel + bevel * np.sin(a)) for a in angles]
    points, normals = [], []
    for angle, z in rows:
        inset = outline - across * bevel * (1 - np.cos(angle))
        points.append(np.column_stack((inset, np.full(len(outline), z))))
        normals.append(
            np.column_stack((across * np.cos(angle), np.full(len(outline), np.sin(angle))))
        )
    count = len(outline)
    faces = _strips(len(rows), count, closed=True)
    top = (len(rows) - 1) * count
    faces += [tuple(range(count))[::-1], tuple(range(top, top + count))]
    return _mesh(np.concatenate(points), np.concatenate(normals), faces)


def rounded_box(x: float, y: float, z: float, radius: float, steps: int = 2) -> Mesh:
    """Box of size x, y, z around the origin, every edge rounded."""
    return prism(rectangle(x, y, radius, steps), z, 0.8 * radius, steps).moved(z=-z / 2)


def rounded_cylinder(radius: float, height: float, bevel: float, segments: int = 28) -> Mesh:
    """Cylinder along z from 0 to height with rounded rims."""
    return prism(circle(radius, segments), height, bevel)


def loft(
    rings: list[np.ndarray], *, caps: tuple[bool, bool] = (True, True), inside_out: bool = False
) -> Mesh:
    """Skin and flat caps over closed rings, each (n, 3), counter-clockwise seen from the last."""
    grid = np.stack(rings)
    along = np.gradient(grid, axis=0)
    around = np.roll(grid, -1, axis=1) - np.roll(grid, 1, axis=1)
    skin = _mesh(
        grid.reshape(-1, 3),
        np.cross(around, along).reshape(-1, 3),
        _strips(*grid.shape[:2], closed=True),
    )
    for ring, wanted, reverse in ((grid[0], caps[0], True), (grid[-1], caps[1], False)):
        if wanted:
            skin += _cap(ring, reverse=reverse)
    return inverted(skin) if inside_out else skin


def _cap(ring: np.ndarray, *, reverse: bool) -> Mesh:
    """Flat face over one ring, its normal by Newell's sum."""
    normal = unit(np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)) * (-1 if reverse else 1)
    face = tuple(range(len(ring)))
    return _mesh(ring, np.tile(normal, (len(ring), 1)), [face[::-1] if reverse else face])


def inverted(mesh: Mesh) -> Mesh:
    """The same surface seen from its other side."""
    faces, start = [], 0
    for count in mesh.counts:
        faces.append(mesh.indices[start : start + count][::-1])
        start += count
    return _mesh(mesh.points, -mesh.normals, faces)


def lathe(profile: list[tuple[float, float]], segments: int = 32) -> Mesh:
    """(radius, z) profile, drawn upwards outside, turned around z; a doubled point is a crease."""
    line = np.array(profile, dtype=float)
    along = np.gradient(line, axis=0)
    for row in range(len(line)):  # at a crease the slope is that of the one side it still has
        if row + 1 < len(line) and np.allclose(line[row], line[row + 1]):
            along[row] = line[row] - line[row - 1]
        if row and np.allclose(line[row], line[row - 1]):
            along[row] = line[row + 1] - line[row]
    turn = circle(1.0, segments)
    points = [np.column_stack((turn * r, np.full(segments, z))) for r, z in line]
    normals = [np.column_stack((turn * dz, np.full(segments, -dr))) for dr, dz in along]
    return _mesh(
        np.concatenate(points), np.concatenate(normals), _strips(len(line), segments, closed=True)
    )


def torus(radius: float, tube_radius: float, segments: int = 28, sides: int = 6) -> Mesh:
    """Ring around z: radius to the middle of its tube."""
    ring = circle(tube_radius, sides)
    return lathe([(radius + x, z) for x, z in [*ring, ring[0]]], segments)


def tube(
    path: list[tuple[float, float, float]], radius: float, side: tuple[float, float, float]
) -> Mesh:
    """Round bar along a path that lies in the plane square to `side`."""
    line, across = np.array(path, dtype=float), np.array(side, dtype=float)
    along = unit(np.gradient(line, axis=0))
    ring = circle(radius, 8)
    rings = [
        point + ring[:, :1] * across + ring[:, 1:] * np.cross(ahead, across)
        for point, ahead in zip(line, along, strict=True)
    ]
    return loft(rings)


def frame(outer: np.ndarray, inner: np.ndarray, depth: float, bevel: float) -> Mesh:
    """Flat ring between two outlines of equal length, from z = -depth to 0, outer rim rounded."""
    inset = outer - outward(outer) * bevel
    body = loft(
        [
            level(outer, -depth),
            level(outer, -bevel),
            level(outer - outward(outer) * bevel * 0.3, -bevel * 0.3),
            level(inset, 0),
        ],
        caps=(False, False),
    )
    front = loft([level(inset, 0), level(inner, 0)], caps=(False, False))
    return body + front + loft([level(inner, 0), level(inner, -depth)], caps=(False, False))

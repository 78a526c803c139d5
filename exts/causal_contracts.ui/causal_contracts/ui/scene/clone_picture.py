# SPDX-License-Identifier: Apache-2.0
"""Joint positions and a camera to faces clone by clone: only what moved is computed anew."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

import numpy as np

from .camera import OrbitCamera
from .clone_mesh import CloneMesh
from .posed_boxes import PosedBoxes

BOXES_A_TURN = 384
"""Boxes of clones that moved which one turn takes in; the other clones wait for the next ones."""
MIN_PIXELS = 1.5
"""A box whose half diagonal is shorter on the picture is left out."""
MOVED_PIXELS = 0.1
"""While the clones play, a smaller move does not show."""
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

Point = tuple[float, float, float]


class _View(NamedTuple):
    """What the camera sees, until it turns."""

    camera: OrbitCamera
    height: float
    clones: np.ndarray
    """In the picture: a row each."""
    far_first: np.ndarray
    """Rows, the farthest clone first, (num_rows,)."""
    rank: np.ndarray
    """Of each row therein, (num_rows,)."""
    eye: np.ndarray
    """In the frame of each of them, (num_rows, 3)."""
    depth: float
    """Of the layer that is painted last, half of that of the first."""
    slack: float
    """A joint that moved less [rad or m] is not painted anew while the clones play."""


class ClonePicture:
    """The faces of the clones in the picture.

    `mesh.move` says where the clones are; `turn` takes in some of those that moved, those first
    that wait longest, so that with n clones of b boxes in the picture none waits for more than
    n / max(1, BOXES_A_TURN // b) turns.
    """

    def __init__(self, mesh: CloneMesh) -> None:
        self.mesh = mesh
        self.boxes = 0
        """Boxes drawn of each clone, as far as they are large enough."""
        self._view: _View | None = None
        self._posed: PosedBoxes | None = None
        self._shown = np.zeros_like(mesh.joint_pos)
        self._since = np.zeros(mesh.num_envs, dtype=np.int64)
        self._turns = 0
        self._rows_of = np.zeros(0, dtype=np.intp)
        self._far_first: list[int] = []
        self._points: list[list[Point]] = []
        self._colors: list[list[int]] = []
        self.painted = np.zeros(0, dtype=np.intp)
        """The clones that were painted by the last call."""

    @property
    def points(self) -> list[Point]:
        """Four corners a face, in the world, one face over the other."""
        return list(chain.from_iterable(self._points[row] for row in self._far_first))

    @property
    def colors(self) -> list[int]:
        """One a corner, as omni.ui takes them in fastest."""
        return list(chain.from_iterable(self._colors[row] for row in self._far_first))

    def look(self, camera: OrbitCamera, height: float) -> None:
        """Paint all that this camera sees in a picture `height` pixels high."""
        mesh = self.mesh
        clones = mesh.in_view(camera)
        away = camera.eye - mesh.offsets[clones]
        distance = np.linalg.norm(away, axis=1)
        far_first = np.argsort(-distance, kind="stable")
        rank = np.argsort(far_first)
        depth = 1.2 * max(float((away @ camera.axes[2]).max(initial=0.0)), camera.distance)
        nearest = max(float(distance.min(initial=np.inf)) - 2 * mesh.reach, camera.near)
        unit = camera.focal * height / 2 / nearest
        slack = MOVED_PIXELS / (unit * mesh.arm)
        self._view = _View(camera, height, clones, far_first, rank, away, depth, slack)
        self.boxes = mesh.level(len(clones)) if len(clones) else 0
        which = np.nonzero(mesh.diagonal[: self.boxes] * unit > MIN_PIXELS)[0]
        self._points = [[] for _ in clones]
        self._colors = [[] for _ in clones]
        self._pose(which)
        self._far_first = far_first.tolist()
        self._paint(np.arange(len(clones)))

    def turn(self, *, at_once: bool = True) -> bool:
        """Take in clones that moved, all of them or no more than a turn may; whether any did."""
        self._turns += 1
        self.painted = np.zeros(0, dtype=np.intp)
        view, posed = self._view, self._posed
        if view is None or posed is None or not len(posed.which):
            return False
        clones = view.clones
        moved = np.abs(self.mesh.joint_pos[clones] - self._shown[clones])
        late = (moved > (0.0 if at_once else view.slack)).any(axis=1)
        self._since[clones[~late]] = self._turns
        rows = np.nonzero(late)[0]
        most = len(rows) if at_once else max(1, BOXES_A_TURN // len(posed.which))
        if len(rows) > most:
            rows = rows[np.argsort(self._since[clones[rows]], kind="stable")[:most]]
        if not len(rows):
            return False
        self._shown[clones[rows]] = self.mesh.joint_pos[clones[rows]]
        self._since[clones[rows]] = self._turns
        if posed.take(rows, self._shown[clones[rows]]):
            self._paint(rows)
        return True

    def depth_of(self, layer: np.ndarray | int) -> np.ndarray:
        """Where a layer stands, each nearer than the one before; layer 0 is the ground's."""
        view, posed = self._view, self._posed
        assert view is not None and posed is not None, "asked for before `look`"
        layers = 1 + 3 * len(view.clones) * len(posed.which)
        return view.depth * (2.0 - np.asarray(layer) / layers)

    def ground(self) -> tuple[np.ndarray, list[Point]]:
        """The clones whose square of the ground can be drawn, and the squares' corners."""
        view = self._view
        assert view is not None, "asked for before `look`"
        out = self.mesh.tiles() - view.camera.eye
        depth = -out @ view.camera.axes[2]
        before = (depth > view.camera.near).all(axis=1)
        points = view.camera.eye + out[before] * (self.depth_of(0) / depth[before])[..., None]
        return np.nonzero(before)[0], list(map(tuple, points.reshape(-1, 3).tolist()))

    # -- parts

    def _pose(self, which: np.ndarray) -> None:
        """Kept where the same boxes of the same clones are in the picture as before."""
        view, posed, mesh = self._view, self._posed, self.mesh
        assert view is not None
        clones = view.clones
        same = posed is not None and np.array_equal(posed.which, which)
        if same and np.array_equal(self._rows_of, clones):
            return
        self._rows_of = clones
        self._shown[clones] = mesh.joint_pos[clones]
        self._posed = mesh.posed(which, clones)

    def _paint(self, rows: np.ndarray) -> None:
        """Faces of these rows, a layer each: what is as near as another is sorted by chance."""
        view, posed = self._view, self._posed
        assert view is not None and posed is not None
        self.painted = view.clones[rows]
        if not len(posed.which):
            return
        boxes, eye, camera = posed.boxes, view.eye[rows], view.camera
        away = eye[:, None] - boxes.centre[rows]
        axes = boxes.axes[rows]
        along = (axes @ away[..., None])[..., 0]
        distance = np.linalg.norm(away, axis=-1)
        size = self.mesh.diagonal[posed.which] * camera.focal * view.height / 2
        seen = np.abs(along) > boxes.half
        seen &= (size > MIN_PIXELS * distance)[..., None]
        order = posed.order(rows, eye, distance)
        n, place, axis = np.nonzero(seen[np.arange(len(rows))[:, None], order])
        box = order[n, place]
        high = along[n, box, axis] > 0
        corners = boxes.corners(rows)
        points = corners[n[:, None], box[:, None], _FACES[axis, high.astype(np.intp)]]
        # a face that reaches behind the eye cannot be drawn
        out = points - eye[n][:, None]
        depth = -out @ camera.axes[2]
        before = (depth > camera.near).all(axis=1)
        n, place, axis, box, high = (one[before] for one in (n, place, axis, box, high))
        before_box = view.rank[rows[n]] * len(posed.which) + place
        wanted = self.depth_of(1 + 3 * before_box + axis)
        # Moved along the rays to the eye a face looks the same, and is sorted by its layer.
        points = camera.eye + out[before] * (wanted[:, None] / depth[before])[..., None]
        normal = axes[n, box, axis] * np.where(high, 1.0, -1.0)[:, None]
        colors = self.mesh.colors[posed.which][box] * self._shade(normal, camera)[:, None]
        self._keep(rows, np.bincount(n, minlength=len(rows)), points, packed(colors))

    def _keep(
        self, rows: np.ndarray, counts: np.ndarray, points: np.ndarray, colors: np.ndarray
    ) -> None:
        # Tuples of numbers cost the collector of garbage nothing, lists do.
        corners = list(zip(*points.reshape(-1, 3).T.tolist(), strict=True))
        inks = colors.repeat(4).tolist()
        ends = np.cumsum(4 * counts).tolist()
        start = 0
        for row, end in zip(rows.tolist(), ends, strict=True):
            self._points[row], self._colors[row] = corners[start:end], inks[start:end]
            start = end

    def _shade(self, normal: np.ndarray, camera: OrbitCamera) -> np.ndarray:
        right, _, back = camera.axes
        light = _LIGHT[0] * right + _LIGHT[1] * back + _LIGHT[2] * self.mesh.up
        lit = np.clip(normal @ (light / np.linalg.norm(light)), 0.0, 1.0)
        return _SHADE[0] + _SHADE[1] * lit


def packed(colors: np.ndarray) -> np.ndarray:
    """Opaque colours (..., 3), 0 to 1, as integers of omni.ui, which it takes in fastest."""
    parts = (np.clip(colors, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint32)
    return parts[..., 0] | parts[..., 1] << 8 | parts[..., 2] << 16 | np.uint32(0xFF000000)

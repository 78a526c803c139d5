# SPDX-License-Identifier: Apache-2.0
"""Boxes and an eye to the order in which to paint them, the farthest first: no z-buffer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_SIGNS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)


class Boxes(NamedTuple):
    """Boxes of several clones, each clone in a frame of its own."""

    centre: np.ndarray
    """(num_clones, num_boxes, 3)."""
    axes: np.ndarray
    """Of unit length, as rows, (num_clones, num_boxes, 3, 3)."""
    half: np.ndarray
    """Half of the sides, (num_boxes, 3)."""

    def corners(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """The eight corners of each, of all clones or some, (num_clones, num_boxes, 8, 3).

        The index of a corner is 4 x + 2 y + z.
        """
        return self.centre[rows, :, None] + _SIGNS @ (self.half[..., None] * self.axes[rows])


class Planes:
    """For each pair of boxes a plane between them, from the axes of the two.

    Args:
        boxes: of all clones.
        pairs: indices (num_pairs, 2) of the boxes to compare.
    """

    def __init__(self, boxes: Boxes, pairs: np.ndarray) -> None:
        self.pairs = pairs
        shape = len(boxes.centre), len(pairs)
        self.normal, self.level = np.empty((*shape, 3)), np.empty(shape)
        self.put(boxes, *(one.ravel() for one in np.indices(shape)))

    def put(self, boxes: Boxes, clones: np.ndarray, pairs: np.ndarray) -> None:
        """Compare anew these pairs, each in the clone at the same place of `clones`."""
        if not len(pairs):
            return
        first, second = self.pairs[pairs].T
        # One after the other along long rows: NumPy is slow at many products of small matrices.
        one = np.ascontiguousarray(boxes.axes[clones, first].transpose(1, 2, 0))
        two = np.ascontiguousarray(boxes.axes[clones, second].transpose(1, 2, 0))
        start, end = boxes.centre[clones, first].T, boxes.centre[clones, second].T
        axes = np.concatenate([one, two])
        along = _dot(axes, end - start)
        reach, other = _reaches(one, two, boxes.half[first].T, boxes.half[second].T)
        gap = np.abs(along) - reach - other
        best, each = gap.argmax(axis=0), np.arange(len(pairs))
        side = np.where(along[best, each] < 0, -1.0, 1.0)
        normal = axes[best, :, each] * side[:, None]
        level = (normal.T * start).sum(axis=0)
        self.normal[clones, pairs] = normal
        self.level[clones, pairs] = level + (reach + gap / 2)[best, each]

    def second_is_near(self, eye: np.ndarray, clones: np.ndarray) -> np.ndarray:
        """Whether the eye (num_clones, 3) is on the second box's side, (num_clones, num_pairs).

        Args:
            eye: in the frames of these clones.
            clones: which; not asked where boxes stand the same in every clone.
        """
        if len(self.normal) == 1:
            return eye @ self.normal[0].T > self.level
        return (self.normal[clones] @ eye[..., None])[..., 0] > self.level[clones]


def painted(behind: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """The boxes of each clone from the first to paint to the last, (num_envs, num_boxes).

    Args:
        behind: [n, i, j]: box i of clone n must be painted before box j.
        distance: from the eye, for boxes of which neither must come first.
    """
    before = behind.sum(axis=1)
    order = before.argsort(axis=1)
    # As of each two one is before the other, different numbers before each are their places.
    ring = (np.take_along_axis(before, order, 1) != np.arange(distance.shape[1])).any(axis=1)
    if ring.any():
        order[ring] = _cut(behind[ring], distance[ring])
    return order


def _cut(behind: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """The same where boxes enclose one another in a ring: the fewest left behind come first."""
    num_envs, num_boxes = distance.shape
    clones = np.arange(num_envs)
    waiting = behind.sum(axis=1).astype(np.float64)
    waiting -= 0.5 * distance / max(float(distance.max(initial=0.0)), 1e-30)
    order = np.empty((num_envs, num_boxes), dtype=np.intp)
    for place in range(num_boxes):
        chosen = waiting.argmin(axis=1)
        order[:, place] = chosen
        waiting -= behind[clones, chosen]
        waiting[clones, chosen] = np.inf
    return order


def _dot(axes: np.ndarray, way: np.ndarray) -> np.ndarray:
    """How far `way` (3, ...) goes along each of the axes (num_axes, 3, ...)."""
    along = axes[:, 0] * way[0]
    along += axes[:, 1] * way[1]
    along += axes[:, 2] * way[2]
    return along


def _reaches(
    one: np.ndarray, two: np.ndarray, half: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far both boxes of a pair reach from their centres along the six axes of the two.

    Args:
        one: axes of the first box as rows, (3, 3, num_pairs).
        two: those of the second.
        half: half of the first's sides, (3, num_pairs).
        other: those of the second.
    """
    first, second = np.zeros((6, half.shape[1])), np.zeros((6, half.shape[1]))
    first[:3], second[3:] = half, other
    for i in range(3):
        turn = np.abs(_dot(two, one[i]))
        first[3:] += half[i] * turn
        second[i] = (other * turn).sum(axis=0)
    return first, second

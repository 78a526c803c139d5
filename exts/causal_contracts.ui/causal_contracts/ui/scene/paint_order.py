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

    def corners(self) -> np.ndarray:
        """The eight corners of each, (num_clones, num_boxes, 8, 3); index 4 x + 2 y + z."""
        return self.centre[:, :, None] + _SIGNS @ (self.half[..., None] * self.axes)


class Planes:
    """For each pair of boxes a plane between them, from the axes of the two.

    Args:
        boxes: of all clones.
        pairs: indices (num_pairs, 2) of the boxes to compare.
    """

    def __init__(self, boxes: Boxes, pairs: np.ndarray) -> None:
        self.pairs = pairs
        first, second = pairs[:, 0], pairs[:, 1]
        apart = boxes.centre[:, second] - boxes.centre[:, first]
        axes = np.concatenate([boxes.axes[:, first], boxes.axes[:, second]], axis=2)
        along = (axes @ apart[..., None])[..., 0]
        reach, other = _reaches(boxes, first, second)
        gap = np.abs(along) - reach - other
        best = gap.argmax(axis=2)
        chosen = (*np.indices(best.shape, sparse=True), best)
        side = np.where(along[chosen] < 0, -1.0, 1.0)
        self.normal = axes[chosen] * side[..., None]
        middle = (self.normal * boxes.centre[:, first]).sum(axis=-1)
        self.level = middle + reach[chosen] + gap[chosen] / 2

    def put(self, clones: np.ndarray, fresh: Planes) -> None:
        """Replace those of some clones."""
        self.normal[clones], self.level[clones] = fresh.normal, fresh.level

    def second_is_near(self, eye: np.ndarray) -> np.ndarray:
        """Whether the eye (num_envs, 3) is on the second box's side, (num_envs, num_pairs)."""
        if len(self.normal) == 1:  # boxes that stand the same in every clone
            return eye @ self.normal[0].T > self.level
        return (self.normal @ eye[..., None])[..., 0] > self.level


def painted(behind: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """The boxes of each clone from the first to paint to the last, (num_envs, num_boxes).

    Args:
        behind: [n, i, j]: box i of clone n must be painted before box j.
        distance: from the eye, for boxes of which neither must come first.
    """
    num_envs, num_boxes = distance.shape
    clones = np.arange(num_envs)
    # Fewest left behind, then farthest: where boxes enclose one another in a ring, one is cut.
    waiting = behind.sum(axis=1).astype(np.float64)
    waiting -= 0.5 * distance / max(float(distance.max(initial=0.0)), 1e-30)
    order = np.empty((num_envs, num_boxes), dtype=np.intp)
    for place in range(num_boxes):
        chosen = waiting.argmin(axis=1)
        order[:, place] = chosen
        waiting -= behind[clones, chosen]
        waiting[clones, chosen] = np.inf
    return order


def _reaches(boxes: Boxes, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far both boxes of a pair reach from their centres along the six axes of the two."""
    turn = np.abs(boxes.axes[:, first] @ boxes.axes[:, second].swapaxes(-1, -2))
    half, other = boxes.half[first], boxes.half[second]
    along_second = (half[:, None] @ turn)[..., 0, :]
    along_first = (turn @ other[..., None])[..., 0]
    own = np.broadcast_to(half, along_second.shape), np.broadcast_to(other, along_first.shape)
    return (
        np.concatenate([own[0], along_second], axis=-1),
        np.concatenate([along_first, own[1]], axis=-1),
    )

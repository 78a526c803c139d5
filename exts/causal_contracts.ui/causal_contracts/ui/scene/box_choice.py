# SPDX-License-Identifier: Apache-2.0
"""A skeleton to what of its boxes can be seen, in the order in which it is worth drawing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from causal_contracts.preview.live.poses import Poser
from causal_contracts.preview.live.skeleton import Skeleton

_TOUCH = 1e-4
"""Of a box's longest side; what ends where another ends is not beyond it by rounding."""


class Choice(NamedTuple):
    """Boxes, the largest of each body first, then the others by surface."""

    which: np.ndarray
    """In `skeleton.boxes`, (num_boxes,)."""
    centre: np.ndarray
    """In the body's frame, (num_boxes, 3)."""
    axes: np.ndarray
    """Of unit length, as rows, in the body's frame, (num_boxes, 3, 3)."""
    half: np.ndarray
    """Half of the sides, (num_boxes, 3)."""


def worth_drawing(skeleton: Skeleton) -> Choice:
    """The boxes without what lies inside another box of the same body, which nobody sees.

    Boxes that do not overlap can be painted one over the other without faults.
    """
    centre, axes, half = _places(skeleton)
    body = np.array([box.body for box in skeleton.boxes], dtype=np.intp)
    by_volume = np.argsort(-half.prod(axis=1), kind="stable")
    hidden = np.zeros(len(body), dtype=bool)
    for place, outer in enumerate(by_volume):
        if not hidden[outer]:
            for inner in by_volume[place + 1 :]:
                if body[inner] == body[outer] and not hidden[inner]:
                    hidden[inner] = _cut(centre, axes, half, outer, inner)
    surface = half[:, 0] * half[:, 1] + half[:, 1] * half[:, 2] + half[:, 2] * half[:, 0]
    seen = [int(index) for index in np.argsort(-surface, kind="stable") if not hidden[index]]
    first = {int(body[index]): index for index in reversed(seen)}
    order = [index for index in seen if first[int(body[index])] == index]
    order += [index for index in seen if first[int(body[index])] != index]
    which = np.array(order, dtype=np.intp)
    return Choice(which, centre[which], axes[which], half[which])


def box_axes(corners: np.ndarray) -> np.ndarray:
    """Unit axes of boxes as rows, (..., 3, 3), from corners (..., 8, 3); a flat one's are 0."""
    along = np.stack([corners[..., one, :] - corners[..., 0, :] for one in (4, 2, 1)], axis=-2)
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    return along / np.maximum(length, 1e-30)


def _places(skeleton: Skeleton) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres, axes and halves of all boxes, in their bodies' frames."""
    rest = np.zeros((1, 0), dtype=np.float32)
    poser = Poser(skeleton, ())
    corners = poser.corners(rest)[0]
    pose = poser.bodies(rest)[0][[box.body for box in skeleton.boxes]]
    turn = pose[:, :3, :3]
    apart = corners.mean(axis=1) - pose[:, :3, 3]
    centre = (turn.swapaxes(-1, -2) @ apart[..., None])[..., 0]
    half = np.array([box.half for box in skeleton.boxes]).reshape(-1, 3)
    return centre, box_axes(corners) @ turn, half


def _cut(centre: np.ndarray, axes: np.ndarray, half: np.ndarray, outer: int, inner: int) -> bool:
    """Cut off the part of `inner` that is inside `outer`; returns whether that is all of it."""
    across = axes[inner] @ axes[outer].T
    middle = axes[outer] @ (centre[inner] - centre[outer])
    reach = np.abs(across).T @ half[inner]
    room = half[outer] + _TOUCH * half[outer].max()
    below, above = middle - reach < -room, middle + reach > room
    beyond = np.nonzero(below | above)[0]
    if not len(beyond):
        return True
    axis = int(beyond[0])
    own = int(np.abs(across[:, axis]).argmax())
    parallel = abs(across[own, axis]) > 1 - 1e-6
    apart = abs(middle[axis]) > half[outer][axis] + reach[axis]
    if len(beyond) > 1 or (below[axis] and above[axis]) or not parallel or apart:
        return False
    side = -1.0 if below[axis] else 1.0
    left = side * middle[axis] + reach[axis] - half[outer][axis]
    shift = side * (half[outer][axis] + left / 2) - middle[axis]
    centre[inner] += shift * axes[outer][axis]
    half[inner, own] = left / 2
    return False

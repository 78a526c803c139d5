# SPDX-License-Identifier: Apache-2.0
"""Joint positions to the boxes of the clones in a picture, and the order in which to paint them."""

from __future__ import annotations

import numpy as np
from causal_contracts.preview.live.poses import Poser

from .box_choice import Choice
from .paint_order import Boxes, Planes, painted


class PosedBoxes:
    """Boxes in each clone's own frame, and planes between them; a row is a clone in the picture.

    Args:
        poser: of the skeleton.
        choice: boxes of a clone; the ones drawn are `which` of them.
        body: of each box of `choice`.
        moves: whether some joint moves it, likewise.
        which: indices of `choice`.
        joint_pos: of the clones in the picture [rad or m], (num_rows, num_joints).
    """

    def __init__(
        self,
        poser: Poser,
        choice: Choice,
        body: np.ndarray,
        moves: np.ndarray,
        which: np.ndarray,
        joint_pos: np.ndarray,
    ) -> None:
        self.which = which
        self._poser, self._body = poser, body[which]
        self._choice = Choice(*(one[which] for one in choice))
        self.boxes = self._place(joint_pos)
        pairs = np.stack(np.triu_indices(len(which), 1), axis=1)
        between = moves[which][pairs].any(axis=1)
        one = Boxes(self.boxes.centre[:1], self.boxes.axes[:1], self.boxes.half)
        self._still = Planes(one, pairs[~between])
        """Between boxes that stand the same in every clone."""
        self._moving = Planes(self.boxes, pairs[between])

    def take(self, rows: np.ndarray, joint_pos: np.ndarray) -> int:
        """Move some clones; returns how many of their boxes stand elsewhere now."""
        fresh, boxes = self._place(joint_pos), self.boxes
        moved = (fresh.centre != boxes.centre[rows]).any(axis=-1)
        moved |= (fresh.axes != boxes.axes[rows]).any(axis=(-1, -2))
        boxes.centre[rows], boxes.axes[rows] = fresh.centre, fresh.axes
        first, second = self._moving.pairs.T
        clone, pair = np.nonzero(moved[:, first] | moved[:, second])
        self._moving.put(boxes, rows[clone], pair)
        return int(moved.sum())

    def order(self, rows: np.ndarray, eye: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Boxes of some clones from the first to paint to the last, (num_clones, num_boxes).

        Args:
            rows: the clones.
            eye: in each clone's frame, (num_clones, 3).
            distance: of the boxes from it, (num_clones, num_boxes).
        """
        num, count = distance.shape
        behind = np.zeros((num, count, count), dtype=bool)
        for between in (self._still, self._moving):
            near = between.second_is_near(eye, rows)
            first, second = between.pairs.T
            behind[:, first, second] = near
            behind[:, second, first] = ~near
        return painted(behind, distance)

    def _place(self, joint_pos: np.ndarray) -> Boxes:
        return place(self._poser, self._choice, self._body, joint_pos)


def place(poser: Poser, choice: Choice, body: np.ndarray, joint_pos: np.ndarray) -> Boxes:
    """Boxes at joint positions (num_clones, num_joints), each clone in its own frame."""
    pose = poser.bodies(joint_pos, body)
    turn = pose[..., :3, :3]
    centre = (turn @ choice.centre[..., None])[..., 0] + pose[..., :3, 3]
    return Boxes(centre, choice.axes @ turn.swapaxes(-1, -2), choice.half)

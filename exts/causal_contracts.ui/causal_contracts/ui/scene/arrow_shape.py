# SPDX-License-Identifier: Apache-2.0
"""Two places in the world to the points of an arrow that arches from one to the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LIFT = 0.28
"""Height of the arch, as a part of its length."""
MORE = 0.18
"""More for each further arrow between the same joints."""
STEPS = 16
HEAD = (34.0, 12.0)
"""Length and radius of the head, in units of the screen's space."""
_SIDES = 8


class Arrow(NamedTuple):
    """Where to draw it, in the world."""

    curve: np.ndarray
    """From the trigger to the effect joint, (STEPS + 1, 3)."""
    top: np.ndarray
    """For the label, (3,)."""
    heading: np.ndarray
    """Unit direction at the end, (3,)."""


def arrow(start: np.ndarray, end: np.ndarray, up: np.ndarray, rank: int = 0) -> Arrow:
    """An arch from `start` to `end`, lifted along `up`; `rank` counts those beside it."""
    length = float(np.linalg.norm(end - start))
    height = (LIFT + MORE * rank) * length
    along = np.linspace(0.0, 1.0, STEPS + 1)[:, None]
    raised = (start + end) / 2 + 2 * height * up  # of a parabola, whose top is half as high
    curve = (1 - along) ** 2 * start + 2 * along * (1 - along) * raised + along**2 * end
    heading = end - raised
    size = float(np.linalg.norm(heading))
    return Arrow(curve, curve[STEPS // 2], heading / size if size > 0 else -up)


def head(heading: np.ndarray) -> tuple[np.ndarray, list[int], list[int]]:
    """A cone with its tip at the origin: points (num_points, 3), counts and indices of faces."""
    side = np.cross(heading, np.eye(3)[int(np.abs(heading).argmin())])
    side /= np.linalg.norm(side)
    other = np.cross(heading, side)
    turn = np.linspace(0.0, 2 * np.pi, _SIDES + 1)[:-1, None]
    rim = HEAD[1] * (np.cos(turn) * side + np.sin(turn) * other) - HEAD[0] * heading
    points = np.concatenate([np.zeros((1, 3)), rim])
    sides = [[0, 1 + one, 1 + (one + 1) % _SIDES] for one in range(_SIDES)]
    base = [*range(_SIDES, 0, -1)]
    return points, [3] * _SIDES + [_SIDES], [corner for face in sides for corner in face] + base

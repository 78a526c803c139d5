# SPDX-License-Identifier: Apache-2.0
"""A letter to a badge as polygons, for one mesh over all clones; NumPy alone."""

from __future__ import annotations

import math

import numpy as np

_LEFT, _RIGHT, _TOP, _LOW, _BOTTOM = -0.15, 0.17, 0.27, -0.01, -0.27
_THICK = 0.085


def _stroke(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    """A line between two points with ends as wide as it is thick, (4, 2)."""
    start, end = np.array([x0, y0]), np.array([x1, y1])
    along = (end - start) / np.linalg.norm(end - start) * _THICK / 2
    aside = np.array([-along[1], along[0]])
    start, end = start - along, end + along
    return np.array([start - aside, end - aside, end + aside, start + aside])


_STEM = _stroke(_LEFT, _BOTTOM, _LEFT, _TOP)
_ROOF = _stroke(_LEFT, _TOP, _RIGHT, _TOP)
STROKES = {
    "F": np.array([_STEM, _ROOF, _stroke(_LEFT, _LOW, 0.11, _LOW)]),
    "I": np.array(
        [
            _stroke(0.0, _BOTTOM, 0.0, _TOP),
            _stroke(-0.1, _TOP, 0.1, _TOP),
            _stroke(-0.1, _BOTTOM, 0.1, _BOTTOM),
        ]
    ),
    "L": np.array([_STEM, _stroke(_LEFT, _BOTTOM, _RIGHT, _BOTTOM)]),
    "R": np.array(
        [
            _STEM,
            _stroke(_LEFT, _TOP, 0.1, _TOP),
            _stroke(0.16, 0.21, 0.16, 0.05),
            _stroke(_LEFT, _LOW, 0.1, _LOW),
            _stroke(0.02, _LOW, 0.16, _BOTTOM),
        ]
    ),
    "x": np.array([_stroke(-0.16, -0.17, 0.16, 0.17), _stroke(-0.16, 0.17, 0.16, -0.17)]),
}
"""Quads of each letter, right and up from the middle of a badge of 1 across, (num, 4, 2)."""
ROUND = np.array([[math.cos(turn), math.sin(turn)] for turn in np.linspace(0, math.tau, 17)[:-1]])
"""The rim of a disc, right and up, of radius 1."""

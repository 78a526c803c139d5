# SPDX-License-Identifier: Apache-2.0
"""Colours of what is painted pixel by pixel; the same as those of the panel's style sheet."""

from __future__ import annotations

import numpy as np

from .cells import Cell

INPUT, PANEL, SELECTED, DARK = "#1F2124", "#323434", "#424A4B", "#141616"
TEXT, DIM, OFF = "#D8D8D8", "#9E9E9E", "#6E7272"
ACCENT, PRIMARY, FIRED, ACTIVE, ERROR = "#76B900", "#3D5A1E", "#E0A030", "#4A9EDA", "#D05050"

FILLS = {
    Cell.IDLE: SELECTED,
    Cell.FIRED: FIRED,
    Cell.LATCHED: ACTIVE,
    Cell.REACHED: ACCENT,
    Cell.INERT: ERROR,
    Cell.NAN: DARK,
    Cell.OFF: INPUT,
}
"""What a cell of the grid is filled with."""
LETTERS = {Cell.FIRED: "F", Cell.LATCHED: "L", Cell.REACHED: "R", Cell.INERT: "I"}
"""What it says besides; NaN is a cross, off a frame, idle nothing."""
LINES = ("#E8E8E8", "#E69F00", "#56B4E9", "#CC79A7", "#F0E442", "#2FBF8F")
"""Of the watched clones' traces: after Okabe and Ito, which most people can tell apart."""


def rgb(ink: str) -> np.ndarray:
    """uint8, shape (3,)."""
    return np.array([int(ink[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.uint8)

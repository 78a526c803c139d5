# SPDX-License-Identifier: Apache-2.0
"""Letters and digits to tiny masks, which fit into a cell of ten pixels."""

from __future__ import annotations

import numpy as np

_LETTERS = {
    "F": "##### #.... #.... ####. #.... #.... #....",
    "I": "##### ..#.. ..#.. ..#.. ..#.. ..#.. #####",
    "L": "#.... #.... #.... #.... #.... #.... #####",
    "R": "####. #...# #...# ####. #.#.. #..#. #...#",
}
_DIGITS = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# .#. .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
}


def letter(name: str, scale: int = 1) -> np.ndarray:
    """A letter of the grid as a mask, bool, shape (7 * scale, 5 * scale)."""
    return _mask(_LETTERS[name], scale)


def number(value: int, scale: int = 1) -> np.ndarray:
    """A number as a mask, bool, shape (5 * scale, (4 * digits - 1) * scale)."""
    parts = [_mask(_DIGITS[digit], 1) for digit in str(value)]
    gap = np.zeros((5, 1), dtype=bool)
    row = [part for one in parts for part in (gap, one)][1:]
    return np.kron(np.hstack(row), np.ones((scale, scale), dtype=bool))


def _mask(rows: str, scale: int) -> np.ndarray:
    mask = np.array([[dot == "#" for dot in row] for row in rows.split()])
    return np.kron(mask, np.ones((scale, scale), dtype=bool))

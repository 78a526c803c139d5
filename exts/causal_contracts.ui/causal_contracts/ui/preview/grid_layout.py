# SPDX-License-Identifier: Apache-2.0
"""A number of clones and a width to rows and columns of cells, and a point to a clone."""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST, SMALLEST = 44, 9
"""Sides of a cell with its gap, in pixels."""


@dataclass(frozen=True, slots=True)
class GridLayout:
    """Cells row by row, clone 0 at the upper left."""

    num_envs: int
    columns: int
    pitch: int
    """Side of a cell with its gap."""

    @property
    def rows(self) -> int:
        """The last one may be short."""
        return -(-self.num_envs // self.columns)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.columns * self.pitch, self.rows * self.pitch

    def clone_at(self, x: float, y: float) -> int | None:
        """The clone under a point; None where there is none."""
        if x < 0 or y < 0:
            return None
        return self.clone_in(int(y // self.pitch), int(x // self.pitch))

    def clone_in(self, row: int | None, column: int | None) -> int | None:
        """The clone of a row and a column; None where there is none."""
        if row is None or column is None or not 0 <= column < self.columns or row < 0:
            return None
        clone = row * self.columns + column
        return clone if clone < self.num_envs else None

    def middle_of(self, clone: int) -> tuple[float, float]:
        """The middle of a clone's cell."""
        row, column = divmod(clone, self.columns)
        return (column + 0.5) * self.pitch, (row + 0.5) * self.pitch


def layout_of(num_envs: int, width: float) -> GridLayout:
    """As square as it gets, in at most this width."""
    columns = math.isqrt(num_envs - 1) + 1
    pitch = int(width // max(columns, 4))
    return GridLayout(num_envs, columns, min(max(pitch, SMALLEST), LARGEST))

# SPDX-License-Identifier: Apache-2.0
"""Codes of the clones to one picture of the grid, painted anew only where they differ."""

from __future__ import annotations

import numpy as np

from .cells import Cell
from .glyphs import letter, number
from .grid_layout import GridLayout
from .inks import DARK, DIM, ERROR, FILLS, LETTERS, LINES, OFF, TEXT, rgb

NUMBERED = 20
"""From this pitch on a cell has room for the clone's number."""


class GridImage:
    """RGBA pixels of a grid.

    Args:
        layout: where the cells are.
        scale: pixels of the screen per unit of the layout.
    """

    def __init__(self, layout: GridLayout, scale: int = 1) -> None:
        self.layout, self.scale = layout, scale
        side = layout.pitch * scale
        self.pixels = np.zeros((layout.rows * side, layout.columns * side, 4), dtype=np.uint8)
        """uint8, shape (height, width, 4); clear where there is no cell."""
        cells = self.pixels.reshape(layout.rows, side, layout.columns, side, 4)
        self._cells = cells.transpose(0, 2, 1, 3, 4)
        self._gap = scale * (1 if layout.pitch < 14 else 3)
        self._side = side - self._gap
        self._tiles = np.stack([self._tile(code) for code in Cell])
        self._numbers = [self._number(clone) for clone in range(layout.num_envs)]
        self._shown: tuple[bytes, tuple[int, ...], frozenset[int]] | None = None

    def paint(self, codes: np.ndarray, watched: tuple[int, ...], held: frozenset[int]) -> bool:
        """Show these codes, traced and pressed clones; returns whether a pixel changed.

        Args:
            codes: a `Cell` each, uint8, shape (num_envs,).
            watched: clones with a trace, in the order of the traces' colours.
            held: clones that are pressed by hand.
        """
        now = (codes.tobytes(), watched, held)
        if now == self._shown:
            return False
        clones = np.arange(self.layout.num_envs)
        if self._shown is not None and now[1:] == self._shown[1:]:
            clones = np.flatnonzero(codes != np.frombuffer(self._shown[0], dtype=np.uint8))
        self._shown = now
        rows, columns = np.divmod(clones, self.layout.columns)
        self._cells[rows, columns] = self._tiles[codes[clones]]
        for clone in clones if self.layout.pitch >= NUMBERED else ():
            self._mark_number(int(clone), Cell(codes[clone]))
        for at, clone in enumerate(watched):
            if clone < self.layout.num_envs:
                self._mark_watched(clone, at)
        for clone in held:
            self._mark_held(clone)
        return True

    def _cell(self, clone: int) -> np.ndarray:
        """Pixels of a clone's cell, without its gap."""
        row, column = divmod(clone, self.layout.columns)
        return self._cells[row, column, : self._side, : self._side]

    def _tile(self, code: Cell) -> np.ndarray:
        side, scale = self._side, self.scale
        pitch = side + self._gap
        tile = np.zeros((pitch, pitch, 4), dtype=np.uint8)
        cell = tile[:side, :side]
        cell[..., :3], cell[..., 3] = rgb(FILLS[code]), 255
        if code in (Cell.OFF, Cell.NAN):
            _frame(cell, rgb(OFF if code is Cell.OFF else ERROR), scale)
        if code is Cell.NAN:
            across = np.abs(np.subtract.outer(np.arange(side), np.arange(side)))
            inside = slice(2 * scale, side - 2 * scale)
            cross = np.minimum(across, across[:, ::-1])[inside, inside] < scale
            cell[inside, inside][cross, :3] = rgb(ERROR)
        if code in LETTERS:
            self._mark_letter(cell, LETTERS[code])
        if self.layout.pitch >= 14:
            for y in (0, -1):
                for x in (0, -1):
                    cell[y, x, 3] = 0
        return tile

    def _mark_letter(self, cell: np.ndarray, name: str) -> None:
        numbered = self.layout.pitch >= NUMBERED
        mask = letter(name, self.scale * (2 if self.layout.pitch >= 26 else 1))
        height, width = mask.shape
        bar = self._bar()
        y, x = (self._side - bar - height) // 2, (self._side - width + 1) // 2
        if numbered:
            y, x = self._side - bar - height - self.scale, self._side - width - 2 * self.scale
        cell[y : y + height, x : x + width][mask, :3] = rgb(DARK)

    def _number(self, clone: int) -> np.ndarray:
        return number(clone, self.scale)

    def _mark_number(self, clone: int, code: Cell) -> None:
        mask, at = self._numbers[clone], 2 * self.scale
        lit = code in LETTERS
        cell = self._cell(clone)[at : at + mask.shape[0], at : at + mask.shape[1]]
        cell[mask, :3] = rgb(DARK if lit else DIM)

    def _bar(self) -> int:
        return self.scale * (2 if self.layout.pitch < NUMBERED else 3)

    def _mark_watched(self, clone: int, at: int) -> None:
        """A line in the colour of its trace along the lower edge."""
        cell, bar = self._cell(clone), self._bar()
        cell[-bar:, :, :3] = rgb(LINES[at % len(LINES)])

    def _mark_held(self, clone: int) -> None:
        _frame(
            self._cell(clone), rgb(TEXT), self.scale * (1 if self.layout.pitch < NUMBERED else 2)
        )


def _frame(cell: np.ndarray, ink: np.ndarray, thick: int) -> None:
    for edge in (cell[:thick], cell[-thick:], cell[:, :thick], cell[:, -thick:]):
        edge[..., :3] = ink

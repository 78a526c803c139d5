# SPDX-License-Identifier: Apache-2.0
"""Positions against time to the picture of one plot: lines, a level, and the region that fires."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .inks import INPUT, LINES, PRIMARY, SELECTED, rgb
from .trace_buffer import SECONDS

PAD = 3
"""Rows between the limits and the edge."""
_INKS = [rgb(ink).astype(np.float32) for ink in LINES]


@dataclass(frozen=True, slots=True)
class Plot:
    """What a plot shows besides the lines; positions in any one unit."""

    low: float
    high: float
    """Positions at the lower and the upper edge."""
    level: float | None = None
    """A threshold or a target, drawn dashed."""
    ink: str = PRIMARY
    """Of the level."""
    op: str | None = None
    """`>` or `<`: the side of the level that fires is filled."""


def plot_range(
    lower: float, upper: float, level: float | None, values: np.ndarray
) -> tuple[float, float]:
    """What the plot's axis spans: the joint's limits where it has some, else what was seen."""
    limited = np.isfinite(lower) and np.isfinite(upper)
    seen = values[:0] if limited else values[np.isfinite(values)]
    marks = [level] if level is not None and np.isfinite(level) else []
    low = [lower] if np.isfinite(lower) else [*marks, *([float(seen.min())] if seen.size else [])]
    high = [upper] if np.isfinite(upper) else [*marks, *([float(seen.max())] if seen.size else [])]
    low, high = min([*low, *marks], default=0.0), max([*high, *marks], default=1.0)
    return (low, high) if high - low > 1e-9 else (low - 0.5e-3, high + 0.5e-3)


def row_of(plot: Plot, value: np.ndarray | float, height: int) -> np.ndarray:
    """Where a position stands, in rows from the top."""
    part = (plot.high - np.asarray(value, dtype=np.float64)) / (plot.high - plot.low)
    return PAD + part * (height - 1 - 2 * PAD)


class PlotImage:
    """RGBA pixels of a plot. It moves by whole columns, and only new columns are painted.

    Args:
        width: in pixels.
        height: in pixels.
        scale: thickness of a line in pixels.
    """

    def __init__(self, width: int, height: int, scale: int = 1) -> None:
        self.width, self.height, self.scale = width, height, scale
        self.pixels = np.full((height, width, 4), 255, dtype=np.uint8)
        """uint8, shape (height, width, 4)."""
        self.column = SECONDS / width
        """Seconds of a column."""
        self._rows = np.arange(height, dtype=np.float32)[:, None]
        self._first = self._done = 0
        self._key: tuple[object, ...] | None = None

    def paint(self, plot: Plot, times: np.ndarray, values: np.ndarray, newest: float) -> bool:
        """Show the last seconds before `newest`; returns whether a pixel changed.

        Args:
            plot: axis, level and region.
            times: seconds, increasing, shape (num_samples,).
            values: positions, shape (num_samples, num_lines); NaN leaves a gap.
            newest: seconds; the last of `times` at most.
        """
        last = int(np.ceil(newest / self.column - 1e-9))
        first = max(last - self.width, 0)
        key = (plot, values.shape[1])
        begun = key == self._key and 0 <= first - self._first < self.width and last >= self._done
        if begun and last == self._done:
            return False
        fresh = 0
        if begun:
            moved = first - self._first
            if moved:
                self.pixels[:, :-moved] = self.pixels[:, moved:].copy()
            # The newest column was painted before all of its samples were there.
            fresh = max(min(self._done - 1 - first, self.width - moved), 0)
        else:
            self.pixels[..., :3] = self._ground(plot, first + np.arange(self.width)) + 0.5
        self._key, self._first, self._done = key, first, last
        # Right of `last` no line has come yet, which while a run is young is most of the picture.
        if fresh < last - first:
            self._columns(plot, times, values, slice(fresh, last - first))
        return True

    def again(self) -> None:
        """Paint all of it the next time."""
        self._key = None

    def _columns(self, plot: Plot, times: np.ndarray, values: np.ndarray, at: slice) -> None:
        """Paint these columns with their lines."""
        numbers = self._first + np.arange(at.start, at.stop)
        picture = self._ground(plot, numbers)
        if len(times) > 1:
            edges = np.append(numbers, numbers[-1] + 1) * self.column
            near = slice(max(0, int(np.searchsorted(times, edges[0])) - 1), None)
            covered = self._covered(plot, edges, times[near], values[near])
            for line, part in enumerate(covered):
                picture += part[..., None] * (_INKS[line % len(_INKS)] - picture)
        self.pixels[:, at, :3] = picture + 0.5

    def _ground(self, plot: Plot, numbers: np.ndarray) -> np.ndarray:
        """Background, region that fires, a tick a second, the level."""
        scale, height = self.scale, self.height
        picture = np.empty((height, len(numbers), 3), dtype=np.float32)
        picture[:] = rgb(INPUT)
        ticks = np.floor(numbers * self.column) != np.floor((numbers - 1) * self.column)
        picture[:, ticks] += (rgb(SELECTED) - picture[0, 0]) * 0.35
        if plot.level is None:
            return picture
        row = float(row_of(plot, plot.level, height))
        if plot.op is not None:
            edge = round(min(max(row, 0), height))
            region = picture[:edge] if plot.op == ">" else picture[edge:]
            region += (rgb(PRIMARY) - region) * 0.45
        top = min(max(round(row - scale / 2), 0), height - scale)
        picture[top : top + scale, (numbers // (3 * scale)) % 2 == 0] = rgb(plot.ink)
        return picture

    def _covered(
        self, plot: Plot, edges: np.ndarray, times: np.ndarray, values: np.ndarray
    ) -> np.ndarray:
        """Share of each pixel that lines cover, float32, (num_lines, height, num_columns)."""
        at = np.array(
            [np.interp(edges, times, line, left=np.nan, right=np.nan) for line in values.T]
        ).reshape(-1, len(edges))
        # A column that the line has only begun is drawn as far as it goes.
        last = int(np.searchsorted(edges, times[-1], side="right"))
        if 0 < last < len(edges) and edges[last - 1] <= times[-1]:
            at[:, last] = values[-1]
        rows = row_of(plot, at, self.height)
        rows = np.clip(rows, -1.0, self.height + 1.0).astype(np.float32)
        first, second = rows[:, None, :-1], rows[:, None, 1:]
        top, bottom = np.minimum(first, second), np.maximum(first, second)
        away = np.maximum(top - self._rows, self._rows - bottom)
        # fmax takes NaN, which is where there is no line, for 0.
        return np.minimum(np.fmax(0.7 + 0.5 * self.scale - away, 0.0), 1.0)

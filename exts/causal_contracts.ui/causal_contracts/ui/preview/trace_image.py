# SPDX-License-Identifier: Apache-2.0
"""Positions against time to the picture of one plot: lines, a level, and the region that fires."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .inks import INPUT, LINES, PRIMARY, SELECTED, rgb
from .trace_buffer import SECONDS

PAD = 3
"""Rows between the limits and the edge."""


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


def window(newest: float, width: int) -> tuple[float, float]:
    """First and last time of a plot of `width` columns, which moves by whole columns."""
    column = SECONDS / width
    end = max(np.ceil(newest / column) * column, SECONDS)
    return end - SECONDS, end


def plot_range(
    lower: float, upper: float, level: float | None, values: np.ndarray
) -> tuple[float, float]:
    """What the plot's axis spans: the joint's limits where it has some, else what was seen."""
    seen = values[np.isfinite(values)]
    marks = [level] if level is not None and np.isfinite(level) else []
    low = [lower] if np.isfinite(lower) else [*marks, *([float(seen.min())] if seen.size else [])]
    high = [upper] if np.isfinite(upper) else [*marks, *([float(seen.max())] if seen.size else [])]
    low, high = min([*low, *marks], default=0.0), max([*high, *marks], default=1.0)
    return (low, high) if high - low > 1e-9 else (low - 0.5e-3, high + 0.5e-3)


def paint(
    plot: Plot,
    size: tuple[int, int],
    times: np.ndarray,
    values: np.ndarray,
    *,
    until: float,
    scale: int = 1,
) -> np.ndarray:
    """RGBA pixels, uint8, shape (height, width, 4).

    Args:
        plot: axis, level and region.
        size: width and height in pixels.
        times: seconds, increasing, shape (num_samples,).
        values: positions, shape (num_samples, num_lines); NaN leaves a gap.
        until: time at the right edge; see `window`.
        scale: thickness of a line in pixels.
    """
    width, height = size
    picture = _ground(plot, size, until, scale)
    if len(times) > 1:
        edges = until - SECONDS + np.arange(width + 1) * (SECONDS / width)
        near = slice(max(0, int(np.searchsorted(times, edges[0])) - 1), None)
        for line in range(values.shape[1]):
            covered = _covered(plot, height, edges, times[near], values[near, line], scale)
            ink = rgb(LINES[line % len(LINES)]).astype(np.float32)
            picture += covered[..., None] * (ink - picture)
    pixels = np.full((height, width, 4), 255, dtype=np.uint8)
    pixels[..., :3] = picture + 0.5
    return pixels


def row_of(plot: Plot, value: np.ndarray | float, height: int) -> np.ndarray:
    """Where a position stands, in rows from the top."""
    part = (plot.high - np.asarray(value, dtype=np.float64)) / (plot.high - plot.low)
    return PAD + part * (height - 1 - 2 * PAD)


def _ground(plot: Plot, size: tuple[int, int], until: float, scale: int) -> np.ndarray:
    """Background, region that fires, a tick a second, the level."""
    width, height = size
    picture = np.empty((height, width, 3), dtype=np.float32)
    picture[:] = rgb(INPUT)
    column = SECONDS / width
    at = until - SECONDS + np.arange(width) * column
    picture[:, np.floor(at) != np.floor(at - column)] += (rgb(SELECTED) - picture[0, 0]) * 0.35
    if plot.level is None:
        return picture
    row = float(row_of(plot, plot.level, height))
    if plot.op is not None:
        edge = round(min(max(row, 0), height))
        region = picture[:edge] if plot.op == ">" else picture[edge:]
        region += (rgb(PRIMARY) - region) * 0.45
    top = min(max(round(row - scale / 2), 0), height - scale)
    dashes = (np.arange(width) // (3 * scale)) % 2 == 0
    picture[top : top + scale, dashes] = rgb(plot.ink)
    return picture


def _covered(
    plot: Plot,
    height: int,
    edges: np.ndarray,
    times: np.ndarray,
    values: np.ndarray,
    scale: int,
) -> np.ndarray:
    """Share of each pixel that the line covers, float32, shape (height, width)."""
    rows = row_of(plot, np.interp(edges, times, values, left=np.nan, right=np.nan), height)
    rows = np.clip(rows, -1.0, height + 1.0).astype(np.float32)
    top, bottom = np.minimum(rows[:-1], rows[1:]), np.maximum(rows[:-1], rows[1:])
    at = np.arange(height, dtype=np.float32)[:, None]
    away = np.maximum(top - at, at - bottom)
    covered = np.clip(0.5 + 0.5 * scale + 0.2 - away, 0.0, 1.0)
    return np.nan_to_num(covered, copy=False)

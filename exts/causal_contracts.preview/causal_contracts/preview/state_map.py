# SPDX-License-Identifier: Apache-2.0
"""The states of one contract to a map of clones over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import ink
from .loop import Recording
from .report import ContractRow, PreviewReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IDLE, FIRED, HELD = 0, 1, 2
COLORS = {IDLE: "#3A3F42", FIRED: ink.FIRED, HELD: ink.ACTIVE}
THICK = {IDLE: (3, 4), FIRED: (0, 6), HELD: (2, 5)}
"""First and last of the `SUB` lines of a clone that a state fills: thin, thick and half bars."""
SUB = 7
STRIPE = (4, 2)
"""Columns of a held state lit and dark, where clones are too many for bars of their own."""
MAX_LABELLED = 16
COLUMNS = 480


def draw_states(
    axes: Axes,
    row: ContractRow,
    report: PreviewReport,
    recording: Recording,
    *,
    pixels: float,
    legend: bool,
) -> None:
    """Pressed clones on top in the order of their presses; press and effect marked by glyphs.

    `pixels` is the height of the map.
    """
    ink.frame(axes, report)
    order = sorted(
        row.clones, key=lambda clone: (clone.pressed is None, clone.pressed or 0.0, clone.clone)
    )
    clones = [clone.clone for clone in order]
    states = _states(row, recording)[:, clones]
    stride = max(1, len(states) // COLUMNS)
    shaped = pixels >= SUB * len(clones)
    image = _image(states[::stride].T, shaped=shaped)
    axes.imshow(
        image,
        aspect="auto",
        interpolation="nearest",
        extent=(0, report.seconds, len(clones), 0),
        zorder=1,
    )
    size = float(np.clip(260 / len(clones), 7, 26))
    places = {clone.clone: number + 0.5 for number, clone in enumerate(order)}
    pressed = [(c.pressed, places[c.clone]) for c in order if c.pressed is not None]
    reached = [(c.effect, places[c.clone]) for c in order if c.effect is not None]
    for points, marker, color in ((pressed, ">", ink.TEXT), (reached, "D", ink.ACCENT)):
        if points:
            axes.scatter(
                *zip(*points, strict=True),
                s=size,
                marker=marker,
                color=color,
                linewidths=0.4,
                edgecolors=ink.INPUT,
                zorder=4,
            )
    _hatch_nan(axes, recording, clones, report)
    _label_clones(axes, clones, len(pressed))
    if legend:
        _legend(axes, shaped=shaped, with_nan=bool(report.nan_clones))


def _states(row: ContractRow, recording: Recording) -> np.ndarray:
    """State per sample and clone, int8, shape (num_samples, num_envs)."""
    shape = recording.positions.shape[:2]
    if row.id not in recording.ids:
        return np.full(shape, IDLE, dtype=np.int8)
    column = recording.ids.index(row.id)
    held = np.where(recording.active[:, :, column], HELD, IDLE)
    return np.where(recording.fired[:, :, column], FIRED, held).astype(np.int8)


def _image(states: np.ndarray, *, shaped: bool) -> np.ndarray:
    """RGB image of (num_clones, num_columns) states: bars by thickness, else held ones striped."""
    from matplotlib.colors import to_rgb

    lines = SUB if shaped else 1
    palette = np.array([to_rgb(COLORS[state]) for state in (IDLE, FIRED, HELD)])
    image = np.empty((len(states), lines, states.shape[1], 3))
    image[:] = to_rgb(ink.INPUT)
    for line in range(lines):
        for state, (first, last) in THICK.items():
            if not shaped or first <= line < last:
                image[:, line][states == state] = palette[state]
    if not shaped:
        image[:, 0][states == IDLE] = to_rgb(ink.INPUT)
        dark = np.arange(states.shape[1]) % sum(STRIPE) >= STRIPE[0]
        image[:, 0][(states == HELD) & dark] = to_rgb(ink.INPUT)
    return image.reshape(-1, states.shape[1], 3)


def _hatch_nan(axes: Axes, recording: Recording, clones: list[int], report: PreviewReport) -> None:
    from matplotlib.patches import Rectangle

    for number, clone in enumerate(clones):
        if clone not in report.nan_clones:
            continue
        lost = (
            int(np.argmax(~np.isfinite(recording.positions[:, clone]).all(axis=1))) * recording.dt
        )
        axes.add_patch(
            Rectangle(
                (lost, number),
                report.seconds - lost,
                1,
                facecolor=ink.INPUT,
                edgecolor=ink.ERROR,
                hatch="xxxx",
                linewidth=0.0,
                zorder=5,
            )
        )


def _label_clones(axes: Axes, clones: list[int], pressed: int) -> None:
    """Clone numbers where they fit, and a bracket each for pressed and not pressed clones."""
    if len(clones) <= MAX_LABELLED:
        axes.set_yticks(np.arange(len(clones)) + 0.5, [str(clone) for clone in clones])
        axes.tick_params(axis="y", length=0, labelsize=7.5)
    else:
        axes.set_yticks([])
    blended = axes.get_yaxis_transform()
    inset = 0.01 * len(clones)
    for start, stop, name, color in (
        (0, pressed, "pressed", ink.TEXT),
        (pressed, len(clones), "not pressed", ink.DIM),
    ):
        if start == stop:
            continue
        axes.plot(
            [-0.055, -0.055],
            [start + inset, stop - inset],
            color=color,
            linewidth=2,
            transform=blended,
            clip_on=False,
        )
        text = f"{stop - start}\n{name}" if (stop - start) * 4 > len(clones) else str(stop - start)
        axes.text(
            -0.075,
            (start + stop) / 2,
            text,
            transform=blended,
            rotation=90,
            ha="right",
            va="center",
            fontsize=8,
            color=color,
            multialignment="center",
        )
    axes.set_ylim(len(clones), 0)


def _legend(axes: Axes, *, shaped: bool, with_nan: bool) -> None:
    """Glyph and word for each state, above the map at its right end."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def glyph(marker: str, color: str, size: float = 5, edge: float = 1) -> Line2D:
        return Line2D(
            [], [], linestyle="", marker=marker, color=color, markersize=size, markeredgewidth=edge
        )

    held = (
        glyph("_", ink.ACTIVE, 8, 3)
        if shaped
        else Patch(facecolor=ink.ACTIVE, edgecolor=ink.INPUT, hatch="||||", linewidth=0)
    )
    entries = {
        "press": glyph(">", ink.TEXT),
        "fired": Patch(facecolor=ink.FIRED, linewidth=0),
        "held by the latch": held,
        "effect reached": glyph("D", ink.ACCENT, 4.5),
    }
    if with_nan:
        entries["NaN"] = glyph("x", ink.ERROR)
    axes.legend(
        list(entries.values()),
        list(entries),
        loc="lower right",
        bbox_to_anchor=(1.015, 0.99),
        ncols=len(entries),
        frameon=False,
        fontsize=8.5,
        labelcolor=ink.DIM,
        handletextpad=0.4,
        handlelength=1.2,
        columnspacing=1.1,
        borderpad=0.2,
    )

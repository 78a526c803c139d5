# SPDX-License-Identifier: Apache-2.0
"""The palette of the panel, the words for numbers, and a page to write them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from causal_contracts.core.quantity import show

from .report import ContractRow, PreviewReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL, HEADER, INPUT, SELECTED = "#323434", "#2D2F2F", "#1F2124", "#424A4B"
TEXT, DIM = "#D8D8D8", "#9E9E9E"
ACCENT, FIRED, ACTIVE, ERROR = "#76B900", "#E0A030", "#4A9EDA", "#D05050"


class Timed(Protocol):
    """A report with a time axis."""

    @property
    def seconds(self) -> float:
        """Length of the episode [s]."""
        ...

    @property
    def settle(self) -> float:
        """Seconds before the first press."""
        ...


def rate(value: float | None) -> str:
    """A rate with two digits, never rounded up to 1.00 or down to 0.00."""
    if value is None:
        return "-"
    text = f"{value:.2f}"
    if text in ("0.00", "1.00") and value not in (0.0, 1.0):
        return f"{value:.4f}"
    return text


def verdict(report: PreviewReport) -> tuple[str, str]:
    """Colour and words of the verdict."""
    if not report.verdict.ok:
        return (
            ERROR,
            "[!!] contracts off, yet it moved"
            if report.arm == "native"
            else "[!!] not as the contracts say",
        )
    return (
        ACCENT,
        "[ok] nothing moves without contracts"
        if report.arm == "native"
        else "[ok] as the contracts say",
    )


def summary(row: ContractRow) -> list[tuple[str, str]]:
    """Rates, latency and what was not counted, two and two, each with its colour."""
    caused, uncaused = row.effect_given_cause_n, row.effect_given_no_cause_n
    latency = "-"
    if row.latency is not None:
        latency = f"{row.latency.median:.3f} s ({row.latency.min:.3f} to {row.latency.max:.3f})"
    left = [
        f"{count} {name}"
        for count, name in (
            (row.cells.late, "late"),
            (row.cells.released, "released"),
            (row.cells.confounded, "confounded"),
            (row.cells.nan, "NaN"),
        )
        if count
    ]
    return [
        (f"P(effect | cause) {rate(row.effect_given_cause)}  of {caused}", TEXT),
        (
            f"P(effect | no cause) {rate(row.effect_given_no_cause)}  of {uncaused}",
            TEXT,
        ),
        (f"latency {latency}", TEXT),
        (f"not counted: {', '.join(left)}", FIRED) if left else ("every clone counted", DIM),
    ]


def rule(row: ContractRow) -> str:
    """The sentence of a contract in the units that people read."""
    condition = f"{row.trigger} {row.op} {show(row.threshold, unit=row.trigger_unit)}"
    return f"{condition} => {row.effect} := {show(row.target, unit=row.effect_unit)}, {row.mode}"


def cut(text: str, length: int) -> str:
    """`text`, shortened to `length` characters."""
    return text if len(text) <= length else f"{text[: length - 3]}..."


class Page:
    """A figure that is measured in inches from its lower left corner."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.width, self.height = (float(side) for side in figure.get_size_inches())

    def write(self, x: float, y: float, text: str, size: float, color: str, **style: Any) -> None:
        """One line of text whose left middle stands at (x, y)."""
        place = x / self.width, y / self.height
        self.figure.text(
            *place, text, fontsize=size, color=color, va="center", parse_math=False, **style
        )

    def box(
        self, x: float, y: float, width: float, height: float, color: str, edge: str = "none"
    ) -> None:
        """One filled box from its lower left corner."""
        from matplotlib.patches import Rectangle

        box = Rectangle(
            (x / self.width, y / self.height),
            width / self.width,
            height / self.height,
            facecolor=color,
            edgecolor=edge,
            linewidth=1.0,
            transform=self.figure.transFigure,
            zorder=0,
        )
        self.figure.add_artist(box)

    def plot(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes from their lower left corner."""
        return self.figure.add_axes(
            (x / self.width, y / self.height, width / self.width, height / self.height)
        )


def frame(axes: Axes, report: Timed) -> None:
    """Background, time axis and the settling phase."""
    axes.set_facecolor(INPUT)
    for spine in axes.spines.values():
        spine.set_color(SELECTED)
    axes.tick_params(colors=DIM, labelsize=8.5, length=3, width=0.8, pad=2.5)
    axes.set_xlim(0, report.seconds)
    axes.axvspan(0, report.settle, color=TEXT, alpha=0.07, linewidth=0, zorder=3)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
    # ASCII minus signs, as everywhere on screen.
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")

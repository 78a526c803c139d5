# SPDX-License-Identifier: Apache-2.0
"""What `tools/imagine` measured to one PNG: rollouts, errors, and the policies in reality."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import torch
from causal_contracts.preview import ink

from .open_loop import ARMS, GROUPS, OpenLoop

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT, DPI = 15.0, 8.85, 110
COLORS = dict(zip(ARMS, (ink.ERROR, ink.FIRED, ink.ACCENT), strict=True))
POLICY_COLORS = (ink.ACCENT, ink.FIRED, ink.ERROR)
LEFT, GAP, PANEL = 0.75, 0.42, 3.18
"""Left edge, gap and width of the four panels [in]."""


def draw(result: dict[str, Any], loop: OpenLoop) -> bytes:
    """The PNG of one run."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=ink.PANEL)
    canvas = FigureCanvasAgg(figure)
    page = ink.Page(figure)
    _header(page, result)
    page.write(LEFT, 7.62, "Imagined from a recorded state", 12, ink.TEXT)
    about = "the window of median error without the contract; a line per network"
    page.write(LEFT, 7.4, about, 8.5, ink.DIM)
    _legend(page, 7.62)
    for number, group in enumerate(GROUPS):
        axes = page.plot(LEFT + number * (PANEL + GAP), 4.65, PANEL, 2.3)
        _rollouts(axes, loop, group, result, first=number == 0)
    steps = f"Error of the effect joint after {result['horizon']} imagined decisions, log scale"
    page.write(LEFT, 3.92, steps, 12, ink.TEXT)
    _errors(page.plot(LEFT, 0.75, 6.8, 2.85), result)
    page.write(8.3, 3.92, "PPO on imagined rollouts alone", 12, ink.TEXT)
    _rewards(page.plot(8.3, 0.75, 2.75, 2.85), result)
    page.write(11.75, 3.92, "... and in the real environment", 12, ink.TEXT)
    _reality(page.plot(11.75, 0.75, 2.9, 2.85), result)
    buffer = io.BytesIO()
    canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


def _header(page: ink.Page, result: dict[str, Any]) -> None:
    top = page.height
    page.box(0, top - 0.86, WIDTH, 0.86, ink.HEADER)
    page.write(0.3, top - 0.32, f"{result['asset']} in imagination", 17, ink.TEXT, weight="bold")
    facts = (
        f"{result['contract']}    {result['num_envs']} environments x {result['decisions']} "
        f"decisions of {result['seconds_per_decision']:.3g} s, {result['members']} networks, "
        f"seed {result['seed']}"
    )
    page.write(0.3, top - 0.63, facts, 10, ink.DIM)


def _legend(page: ink.Page, y: float) -> None:
    x = 4.6
    for name, color in (("real", ink.TEXT), *COLORS.items()):
        page.box(x, y - 0.04, 0.3, 0.08, color)
        page.write(x + 0.4, y, name, 10, ink.TEXT)
        x += 0.75 + 0.07 * len(name)
    page.box(x, y - 0.07, 0.3, 0.14, ink.SELECTED)
    page.write(x + 0.4, y, "trigger past its threshold", 10, ink.TEXT)


def _rollouts(
    axes: Axes, loop: OpenLoop, group: str, result: dict[str, Any], *, first: bool
) -> None:
    """The window whose error without the contract is the median of its group."""
    dt, horizon = result["seconds_per_decision"], result["horizon"]
    _style(axes)
    axes.set_title(group, color=ink.TEXT, fontsize=10.5, loc="left", pad=6)
    axes.set_xlim(0, horizon * dt)
    low, high = sorted((result["rest"], result["target"]))
    axes.set_ylim(low - 0.28 * (high - low), high + 0.38 * (high - low))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
    if first:
        axes.set_ylabel(f"effect joint [{result['unit']}]", color=ink.DIM, fontsize=9)
    for value in (low, high):
        axes.axhline(value, color=ink.SELECTED, linewidth=1, zorder=1)
    rows = (loop.windows.group == GROUPS.index(group)).nonzero()[:, 0]
    if not len(rows):
        return
    off = (loop.imagined[ARMS[0]][-1] - loop.real[-1]).abs().mean(0)[rows]
    row = int(rows[off.argsort()[len(rows) // 2]])
    time = (torch.arange(horizon) + 1) * dt
    for start, fires in zip(time - dt, loop.pressed[:, row].tolist(), strict=True):
        if fires:
            axes.axvspan(float(start), float(start) + dt, color=ink.SELECTED, linewidth=0)
    for arm in ARMS:
        for member in loop.imagined[arm][:, :, row].T.cpu():
            axes.plot(time, member, color=COLORS[arm], linewidth=1.3, alpha=0.75)
    axes.plot(time, loop.real[:, row].cpu(), color=ink.TEXT, linewidth=2, dashes=(3, 2))


def _errors(axes: Axes, result: dict[str, Any]) -> None:
    """Two bars per arm and group: solid where the joint was just moved, pale from anywhere."""
    _style(axes)
    axes.set_yscale("log")
    axes.set_ylim(1e-4, 12)
    axes.set_xlim(-0.52, len(GROUPS) - 0.48)
    for number, group in enumerate(GROUPS):
        for place, arm in enumerate(ARMS):
            errors = [result["open_loop"][s]["error"][arm][group] for s in ("moved", "any")]
            for pale, error in enumerate(errors):
                x = number + (place - 1) * 0.3 + (pale - 0.5) * 0.13
                if error is not None:
                    axes.bar(x, error, 0.125, color=COLORS[arm], alpha=1 - 0.6 * pale)
            if errors[0] is not None:
                x, y = number + (place - 1) * 0.3, 1.15 * max(e for e in errors if e is not None)
                axes.text(x, y, f"{errors[0]:.2g}", color=ink.TEXT, fontsize=8.5, ha="center")
    counts = result["open_loop"]["moved"]["windows"]
    labels = [f"{group}\n{counts[group]} windows" for group in GROUPS]
    axes.set_xticks(range(len(GROUPS)), labels, fontsize=9.5, color=ink.TEXT)
    axes.set_yticks([1e-4, 1e-3, 1e-2, 1e-1, 1], ["0.0001", "0.001", "0.01", "0.1", "1"])
    axes.minorticks_off()
    axes.set_ylabel(f"mean error [{result['unit']}]", color=ink.DIM, fontsize=9)
    axes.text(
        0.01,
        0.955,
        "solid: starts as the joint was just moved by hand; pale: starts anywhere",
        transform=axes.transAxes,
        color=ink.DIM,
        fontsize=8.5,
        va="center",
    )


def _rewards(axes: Axes, result: dict[str, Any]) -> None:
    _style(axes)
    for (name, found), color in zip(result["policies"].items(), POLICY_COLORS, strict=True):
        rewards = found["rewards"]
        axes.plot(
            range(1, len(rewards) + 1), rewards, color=color, linewidth=2, linestyle=_stroke(color)
        )
        axes.plot([], [], color=color, linewidth=3, label=name)
    axes.set_ylim(-0.12, 1.42)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_ylabel("reward a decision", color=ink.DIM, fontsize=9)
    axes.set_xlabel("iteration", color=ink.DIM, fontsize=9)
    legend = axes.legend(loc="upper left", fontsize=8.5, frameon=False, borderaxespad=0.2)
    for text in legend.get_texts():
        text.set_color(ink.TEXT)


def _reality(axes: Axes, result: dict[str, Any]) -> None:
    _style(axes)
    dt, target = result["seconds_per_decision"], result["target"]
    for (name, found), color in zip(result["policies"].items(), POLICY_COLORS, strict=True):
        del name
        time = [(i + 1) * dt for i in range(len(found["trace"]))]
        axes.plot(time, found["trace"], color=color, linewidth=2, linestyle=_stroke(color))
    low, high = sorted((result["rest"], target))
    axes.set_ylim(low - 0.12 * (high - low), high + 0.42 * (high - low))
    axes.axhline(target, color=ink.SELECTED, linewidth=1, zorder=1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
    axes.set_ylabel(f"effect joint, mean [{result['unit']}]", color=ink.DIM, fontsize=9)
    pairs = zip(result["policies"].values(), POLICY_COLORS, strict=True)
    for number, (found, color) in enumerate(pairs):
        axes.text(
            0.04,
            0.945 - 0.062 * number,
            f"{found['opened']} of {found['of']} effects, {found['pressed']} pressed",
            transform=axes.transAxes,
            color=color,
            fontsize=9,
            va="center",
        )


def _stroke(color: str) -> str:
    """Dashes for the last arm, which may lie on the first."""
    return "--" if color == POLICY_COLORS[-1] else "-"


def _style(axes: Axes) -> None:
    axes.set_facecolor(ink.INPUT)
    for spine in axes.spines.values():
        spine.set_color(ink.SELECTED)
    axes.tick_params(colors=ink.DIM, labelsize=8.5, length=3, width=0.8, pad=2.5)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")

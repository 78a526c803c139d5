# SPDX-License-Identifier: Apache-2.0
"""The numbers of the report as people read them: degrees, millimetres, seconds."""

from __future__ import annotations

import math

from causal_contracts.core.quantity import show
from causal_contracts.preview import ink

from .report import Apart, ContractRow, Measured, Sim2SimReport, Spread

SAME, APART = "[ok] the engines agree", "[!!] the engines do not agree, or a contract fails"


def joint_error(value: float, unit: str | None) -> str:
    """A small difference of positions [rad or m] with two digits behind the point."""
    number, name = {
        "rad": (math.degrees(value), " deg"),
        "m": (value * 1e3, " mm"),
    }.get(unit or "", (value, ""))
    return f"{round(number, 2) + 0.0:.2f}{name}"


def seconds(value: float) -> str:
    """A time to the millisecond."""
    return f"{value:.3f} s"


def rates(measured: Measured) -> tuple[str, str]:
    """Both rates with the number of clones behind them."""
    cells = measured.cells
    caused = cells.cause_effect + cells.cause_no_effect
    uncaused = cells.no_cause_effect + cells.no_cause_no_effect
    return (
        f"{ink.rate(measured.effect_given_cause)} of {caused}",
        f"{ink.rate(measured.effect_given_no_cause)} of {uncaused}",
    )


def median(spread: Spread | None, unit: str | None) -> str:
    """The median; `unit` is "s", "rad" or "m"."""
    return "-" if spread is None else _show(spread.median, unit)


def span(spread: Spread | None, unit: str | None) -> str:
    """The least and the most; "" where they read the same."""
    if spread is None:
        return ""
    low, high = _show(spread.min, unit), _show(spread.max, unit)
    return "" if low == high else f"{low.split()[0]} to {high}"


def whole(spread: Spread | None, unit: str | None) -> str:
    """Both in one line."""
    rest = span(spread, unit)
    return median(spread, unit) + (f" ({rest})" if rest else "")


def most(spread: Spread | None, unit: str | None) -> str:
    """The largest difference."""
    return "-" if spread is None else _show(spread.max, unit)


def clones_apart(apart: Apart) -> str:
    """How many clones are counted differently."""
    return f"{len(apart.cells)} clone" + ("" if len(apart.cells) == 1 else "s")


def rule(row: ContractRow) -> str:
    """The sentence of a contract in the units that people read."""
    condition = f"{row.trigger} {row.op} {show(row.threshold, unit=row.trigger_unit)}"
    return f"{condition} => {row.effect} := {show(row.target, unit=row.effect_unit)}, {row.mode}"


def verdict(report: Sim2SimReport) -> str:
    """The last line."""
    return SAME if report.verdict.ok else APART


def _show(value: float, unit: str | None) -> str:
    return seconds(value) if unit == "s" else joint_error(value, unit)

# SPDX-License-Identifier: Apache-2.0
"""Metrics and choices to the words on screen."""

from __future__ import annotations

from causal_contracts.preview.live.messages import ContractRates, Metrics
from causal_contracts.preview.report import Rates

from .engines import ENGINES


def title(num_envs: int, sim: str) -> str:
    """E.g. `Preview  16 clones on PhysX`."""
    return f"Preview   {num_envs} clone{'s' if num_envs != 1 else ''} on {ENGINES[sim].name}"


def speed(times: float | None) -> str:
    """A choice of the speed."""
    return f"{times:g}x" if times else "max"


def waited(seconds: float) -> str:
    """How long something has taken, e.g. `12 s` or `1:05 min`."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02d} min"


def per_second(metrics: Metrics | None) -> str:
    """How fast the worker steps."""
    return f"{metrics.steps_per_second:.0f} steps/s" if metrics is not None else ""


def rates_of(metrics: Metrics | None, contract: str | None) -> ContractRates | None:
    """The contract's rates; None where it is not judged."""
    found = (one for one in (metrics.contracts if metrics else ()) if one.id == contract)
    return next(found, None)


def four(rates: Rates | None) -> tuple[str, str, str, str]:
    """Counts: cause and effect, cause alone, effect alone, neither."""
    if rates is None:
        return "-", "-", "-", "-"
    cells = rates.cells
    counts = (cells.cause_effect, cells.cause_no_effect)
    others = (cells.no_cause_effect, cells.no_cause_no_effect)
    one, two, three, neither = (str(n) for n in (*counts, *others))
    return one, two, three, neither


def given_cause(rates: Rates | None) -> str:
    """P(effect | cause) with its interval."""
    if rates is None:
        return "-"
    return _rate(rates.effect_given_cause, rates.effect_given_cause_interval)


def given_no_cause(rates: Rates | None) -> str:
    """P(effect | no cause) with its interval."""
    if rates is None:
        return "-"
    return _rate(rates.effect_given_no_cause, rates.effect_given_no_cause_interval)


def latency(rates: Rates | None) -> str:
    """Cause to effect: the median, and from the fastest to the slowest."""
    if rates is None or rates.latency is None:
        return "-"
    one = rates.latency
    return f"{one.median:.2f} s ({one.min:.2f} to {one.max:.2f})"


def faults(metrics: Metrics | None, row: ContractRates | None) -> str:
    """What should be nought: spontaneous fires and clones that are not finite."""
    if metrics is None:
        return "-"
    fires = row.rates.spontaneous_fires if row else 0
    return f"{fires} spontaneous, {len(metrics.nan_clones)} NaN"


def uncounted(rates: Rates | None) -> str:
    """Trials that the four cells leave out; 0 where there is none."""
    if rates is None:
        return "-"
    late, other = rates.cells.late, rates.cells.confounded
    parts = [f"{late} not over yet" if late else "", f"{other} confounded" if other else ""]
    return ", ".join(part for part in parts if part) or "0"


def _rate(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None or interval is None:
        return "-"
    return f"{value:.2f} [{interval[0]:.2f}, {interval[1]:.2f}]"

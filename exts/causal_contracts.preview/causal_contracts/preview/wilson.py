# SPDX-License-Identifier: Apache-2.0
"""Successes and a number of trials to a confidence interval."""

from __future__ import annotations

import math


def wilson(successes: int, total: int, *, z: float = 1.959964) -> tuple[float, float] | None:
    """Wilson score interval of a rate (95 % by default); None where nothing was counted.

    Source: E. B. Wilson, JASA 22 (1927), 209-212.
    """
    if total == 0:
        return None
    rate, spread = successes / total, z * z / total
    centre = (rate + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(rate * (1 - rate) / total + spread / (4 * total))
    # Exact at the ends, where rounding would leave 0.9999999 or 1e-17.
    return (
        0.0 if successes == 0 else max(0.0, centre - half),
        1.0 if successes == total else min(1.0, centre + half),
    )

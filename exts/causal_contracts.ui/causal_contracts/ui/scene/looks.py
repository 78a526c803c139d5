# SPDX-License-Identifier: Apache-2.0
"""What a clone is at, to a colour, a letter and a word."""

from __future__ import annotations

from typing import NamedTuple

from causal_contracts.preview.live.view import Look

from ..panel import style


class Sign(NamedTuple):
    """How a look is shown; the glyph tells it to whom colours do not."""

    color: int
    """As omni.ui has it: ABGR."""
    glyph: str
    word: str


SIGNS = {
    Look.IDLE: Sign(style.OFF, "", "idle"),
    Look.FIRED: Sign(style.FIRED, "F", "fired"),
    Look.LATCHED: Sign(style.ACTIVE, "L", "held by the latch"),
    Look.REACHED: Sign(style.ACCENT, "R", "reached"),
    Look.INERT: Sign(style.ERROR, "I", "inert: no drive can move the effect joint"),
    Look.NAN: Sign(style.TEXT, "x", "NaN: a position is not a number"),
}
"""The letters of the clones' cells."""


def rgb(color: int) -> tuple[float, float, float]:
    """Red, green and blue, 0 to 1, of a colour of omni.ui."""
    red, green, blue = (color >> shift & 255 for shift in (0, 8, 16))
    return red / 255, green / 255, blue / 255

# SPDX-License-Identifier: Apache-2.0
"""A row of buttons over the clones to angles from which to look at them."""

from __future__ import annotations

import math
from collections.abc import Callable

import omni.ui as ui

from ..panel import style
from ..panel.controls import button

HOME = (math.radians(24.0), math.radians(34.0))
"""From the front, a little to the side and from above [rad]."""
VIEWS = {
    "Home": HOME,
    "Front": (0.0, math.radians(8.0)),
    "Side": (math.radians(90.0), math.radians(8.0)),
    "Top": (0.0, math.radians(89.0)),
}
"""Yaw from the front of the clones, and pitch [rad]."""


def view_buttons(
    look_from: Callable[[float, float], object], frame_all: Callable[[], object]
) -> None:
    """Draw the row; a view calls `look_from(yaw, pitch)` [rad], Frame keeps the angles."""
    with ui.HStack(height=style.ROW, spacing=style.GAP):
        for text, angles in VIEWS.items():
            button(
                text,
                lambda angles=angles: look_from(*angles),
                identifier=f"view:{text}",
                says=f"Look at all clones: {text.lower()} view.",
            )
        button(
            "Frame",
            frame_all,
            identifier="view:Frame",
            says="Show all clones, from where you look. Key F over the picture.",
        )
        ui.Spacer()

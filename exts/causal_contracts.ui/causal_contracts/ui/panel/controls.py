# SPDX-License-Identifier: Apache-2.0
"""Small parts that every section is made of: buttons that say why they cannot, headers, dots."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from . import style
from .above import on_press
from .tips import tip


def button(
    text: str,
    clicked: Callable[[], object],
    *,
    identifier: str,
    says: str,
    why_not: str | None = None,
    lit: bool = False,
    boxed: bool = False,
    width: float | ui.Length = 0,
) -> ui.Button:
    """A button; where `why_not` says why it cannot be used it is grey, and says that.

    It stays clickable then: the edit is refused, and the panel shows the sentence. A `boxed` one
    stands on a box as dark as other buttons are.
    """
    made = ui.Button(
        text,
        clicked_fn=clicked,
        name="off" if why_not else "on" if lit else "boxed" if boxed else "",
        identifier=identifier,
        height=style.ROW,
        width=width or 8 * len(text) + 20,
    )
    tip(made, why_not or says)
    return made


def icon_button(
    draw: Callable[[], object],
    clicked: Callable[[], object],
    *,
    identifier: str,
    says: str,
    why_not: str | None = None,
    width: float = style.ROW,
) -> None:
    """A button with a drawing in place of a text, which omni.ui's own has no room for."""
    with ui.ZStack(width=width, height=style.ROW, identifier=identifier) as made:
        ui.Rectangle(name="header" if why_not else "combo")
        draw()
    tip(made, why_not or says)
    on_press(made, lambda x, y, pressed, _: clicked() if pressed == 0 else None)


def header(title: str, right: str = "", says: str | None = None) -> None:
    """The bar above a section, with a remark at its right."""
    with ui.ZStack(height=style.ROW) as bar:
        ui.Rectangle(name="header")
        with ui.HStack():
            ui.Spacer(width=2 * style.GAP)
            ui.Label(title, width=0)
            ui.Spacer()
            ui.Label(right, name="dim", width=0)
            ui.Spacer(width=2 * style.GAP)
    tip(bar, says)


def dot(kind: str, glyph: str, says: str | None = None, *, width: float = 18) -> None:
    """A coloured dot with a letter in it, for whom colours do not tell enough."""
    with ui.VStack(width=width):
        ui.Spacer()
        with ui.ZStack(height=16, width=16) as stack:
            ui.Circle(
                radius=8,
                size_policy=ui.CircleSizePolicy.FIXED,
                style={"background_color": style.STATE_COLORS[kind]},
            )
            ui.Label(glyph, name="glyph", alignment=ui.Alignment.CENTER)
        ui.Spacer()
    tip(stack, says)

# SPDX-License-Identifier: Apache-2.0
"""A widget and what it says to a tip under the pointer, which lies over no menu and no list.

omni.ui draws a tip once, when the pointer first stands on its widget, keeps it, and shows it above
all else, also where a menu or list lies over that widget.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakSet

import omni.ui as ui

from . import style

TIP_WIDTH = 280


class _Tip:
    """What draws a widget's tip; the widget alone keeps it."""

    def __init__(self, widget: ui.Widget, draws: Callable[[], object]) -> None:
        self.widget, self._draws = widget, draws

    def arm(self) -> None:
        """Draw it when the pointer stands on the widget."""
        self.widget.set_tooltip_fn(self._draw)

    def hush(self) -> None:
        """Take it away, and draw none."""
        self.widget.set_tooltip_fn(None)

    def _draw(self) -> None:
        if _silent:
            # Nothing was drawn, and would never be unless it is armed again.
            _hushed.append(self)
        else:
            _drawn.add(self)
            self._draws()


_drawn: WeakSet[_Tip] = WeakSet()
_hushed: list[_Tip] = []
"""To be armed again when nothing lies over the panel."""
_silent = False


def set_tip(widget: ui.Widget, draws: Callable[[], object] | None) -> None:
    """Let `draws` fill the widget's tip, in place of what it said before."""
    _hushed[:] = [one for one in _hushed if one.widget is not widget]
    if draws is None:
        widget.set_tooltip_fn(None)
    else:
        _Tip(widget, draws).arm()


def tip(widget: ui.Widget, text: str | None) -> None:
    """Let the widget say a sentence, wrapped, under the pointer; nothing where there is none."""
    set_tip(widget, (lambda: _sentence(text)) if text else None)


def tip_above(widget: ui.Widget, text: str | None) -> None:
    """As `tip`, for a line of a menu or list, which alone speaks while that is open."""
    if not text:
        return
    widget.set_style({"Tooltip": style.STYLE["Tooltip"]})  # a menu has none of the panel's style
    widget.set_tooltip_fn(lambda: _sentence(text))


def hush() -> None:
    """Something lies over the panel: no tip of what is beneath is shown."""
    global _silent
    _silent = True
    _hushed.extend(_drawn)
    _drawn.clear()
    for one in _hushed:
        one.hush()


def speak() -> None:
    """Nothing lies over the panel any longer."""
    global _silent
    _silent = False
    waiting, _hushed[:] = list(_hushed), []
    for one in waiting:
        one.arm()


def _sentence(text: str) -> None:
    # Omniverse's own tooltips are one line, which the window would cut off.
    ui.Label(text, word_wrap=True, width=TIP_WIDTH)

# SPDX-License-Identifier: Apache-2.0
"""Menus and lists that lie over the panel: a press on them is none on what lies beneath, no tip.

omni.ui tells every widget under the pointer of a press, also where a popup covers it.
"""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from .tips import hush, speak

Pressed = Callable[[float, float, int, int], object]
"""Hears of x, y, the button and the modifiers."""
_menus: list[ui.Menu] = []
"""The menu that was opened last."""
_lists: list[ui.Window] = []


def menu_shown() -> bool:
    """Whether a menu is open: it takes the next press."""
    return any(menu.shown for menu in _menus)


def covers_menu(menu: ui.Menu) -> None:
    """This menu opens."""
    _menus[:] = [menu]
    menu.set_shown_changed_fn(_changed)
    hush()


def uncovers_menu(menu: ui.Menu) -> None:
    """This menu is gone."""
    _menus[:] = [one for one in _menus if one is not menu]
    _changed()


def covers(window: ui.Window) -> None:
    """This list opens over the panel."""
    _lists.append(window)
    window.set_visibility_changed_fn(_changed)
    hush()


def uncovers(window: ui.Window) -> None:
    """This list is gone."""
    _lists[:] = [one for one in _lists if one is not window]
    _changed()


def covered(x: float, y: float) -> bool:
    """Whether a press there is for a menu, or for a list that lies there."""
    return menu_shown() or any(one.visible and _within(one, x, y) for one in _lists)


def _changed(_shown: bool = False) -> None:
    """One of them opened or is gone, perhaps by a press beside it."""
    if not menu_shown() and not any(one.visible for one in _lists):
        speak()


def on_press(widget: ui.Widget, does: Pressed) -> None:
    """Let `does(x, y, button, modifier)` hear of presses on the widget, and of none above it."""
    widget.set_mouse_pressed_fn(_unless_covered(does))


def on_double_click(widget: ui.Widget, does: Pressed) -> None:
    """As `on_press`, of the second press of two."""
    widget.set_mouse_double_clicked_fn(_unless_covered(does))


def _unless_covered(does: Pressed) -> Pressed:
    def pressed(x: float, y: float, button: int, modifier: int) -> None:
        if not covered(x, y):
            does(x, y, button, modifier)

    return pressed


def _within(window: ui.Window, x: float, y: float) -> bool:
    across, down = x - window.position_x, y - window.position_y
    return 0 <= across < window.width and 0 <= down < window.height

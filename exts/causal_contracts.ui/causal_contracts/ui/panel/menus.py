# SPDX-License-Identifier: Apache-2.0
"""Items to a menu under the pointer; those that cannot be used are grey and say why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import omni.ui as ui

from .above import covers_menu, uncovers_menu
from .tips import tip_above


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu."""

    text: str
    does: Callable[[], object]
    identifier: str
    why_not: str | None = None
    key: str = ""
    """The key that does the same."""


def open_menu(title: str, *groups: Sequence[Item]) -> ui.Menu:
    """Show the groups, a line between them, at the pointer. Keep what this returns."""
    menu = ui.Menu(title, tearable=False)
    with menu:
        for number, group in enumerate(groups):
            if number:
                ui.Separator()
            for item in group:
                _line(item)
    menu.show()
    covers_menu(menu)
    return menu


def shut(menu: ui.Menu) -> None:
    """Take a menu away for good, with its items, which hold what they do."""
    uncovers_menu(menu)
    menu.destroy()


def _line(item: Item) -> None:
    line = ui.MenuItem(
        item.text,
        identifier=item.identifier,
        triggered_fn=item.does,
        enabled=item.why_not is None,
        hotkey_text=item.key,
    )
    tip_above(line, item.why_not)

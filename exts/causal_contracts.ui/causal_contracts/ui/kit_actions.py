# SPDX-License-Identifier: Apache-2.0
"""Actions in, entries of Kit's action registry and of its Tools menu out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .actions import Action
from .kit_optional import optional
from .signals import all_or_none

MENU = "Tools"
BRANCH = "Robotics"


class KitActions:
    """Actions under the extension's name, for hotkeys, menus and scripts, until closed."""

    def __init__(self, extension: str, actions: Sequence[Action]) -> None:
        core = optional("omni.kit.actions.core", "no actions, hotkeys or menu entry")
        self._registry: Any = core.get_action_registry() if core else None
        self._extension = extension
        self._ids: list[str] = []
        with all_or_none() as held:
            held.add(self)
            for one in actions if self._registry else ():
                self._register(one)

    def _register(self, one: Action) -> None:
        self._registry.register_action(
            self._extension,
            one.id,
            one.run,
            display_name=one.name,
            description=one.says,
            tag="Causal Contracts",
        )
        self._ids.append(one.id)

    def __bool__(self) -> bool:
        """Whether this Kit has actions."""
        return self._registry is not None

    def close(self) -> None:
        """Take them out of the registry."""
        while self._ids:
            self._registry.deregister_action(self._extension, self._ids.pop())
        self._registry = None


class KitMenu:
    """Tools > Robotics > Causal Contracts, ticked while the panel is shown, until closed."""

    def __init__(self, extension: str, action: Action, ticked: Callable[[], bool]) -> None:
        self._utils = optional("omni.kit.menu.utils", "no entry in the Tools menu")
        self._items: list[Any] = []
        if self._utils is None:
            return
        entry = self._utils.MenuItemDescription
        leaf = entry(
            name=action.name,
            onclick_action=(extension, action.id),
            ticked=True,
            ticked_fn=lambda *_: ticked(),
        )
        self._items = [entry(name=BRANCH, sub_menu=[leaf])]
        self._utils.add_menu_items(self._items, MENU)

    def refresh(self) -> None:
        """Draw the tick anew."""
        if self._utils is not None:
            self._utils.refresh_menu_items(MENU)

    def close(self) -> None:
        """Take the entry out of the menu."""
        if self._utils is not None:
            self._utils.remove_menu_items(self._items, MENU)
        self._utils, self._items = None, []

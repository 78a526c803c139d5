# SPDX-License-Identifier: Apache-2.0
"""Kit starts and stops the panel here: its parts are made in order and closed in reverse."""

# pyright: reportMissingImports=false
# No stubs of Kit are published.

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence

import omni.ext

from .actions import Actions
from .kit_actions import KitActions, KitMenu
from .kit_host import KitHost
from .panel_window import PanelWindow
from .signals import Subscription
from .state.editor_state import EditorState

_log = logging.getLogger(__name__)


class CausalContractsExtension(omni.ext.IExt):
    """What Kit makes when causal_contracts.ui is enabled."""

    def on_startup(self, ext_id: str) -> None:
        """Make the host, the window, the actions and the menu entry; show what is asked for."""
        self.parts = Parts(omni.ext.get_extension_name(ext_id))

    def on_shutdown(self) -> None:
        """Leave nothing behind."""
        self.parts.close()


class Parts:
    """Everything that the extension owns.

    Args:
        name: the extension's name, under which actions are registered.
    """

    def __init__(self, name: str) -> None:
        self.host = KitHost()
        self.state = EditorState(self.host)
        self.window = PanelWindow(self.state, hold=self.host.hold, changed=self._refresh)
        self.actions = Actions(self.state, self.window)
        actions = {one.id: one for one in self.actions.all()}
        self._registered = KitActions(name, [*actions.values()])
        self.menu: KitMenu | None = None
        if self._registered:
            window = self.window
            self.menu = KitMenu(name, actions["toggle_panel"], lambda: window.visible)
        self._services = services_of(self.state, self.host)
        if self.host.setting("open_at_start", False):
            self.window.show()

    def close(self) -> None:
        """Close all of them, the newest first; a fault in one keeps no other open."""
        menu = [self.menu] if self.menu else []
        for part in (*reversed(self._services), *menu, self._registered, self.window):
            _close(part)
        self.state.destroy()
        _close(self.host)
        self.__dict__.clear()

    def _refresh(self) -> None:
        if self.menu is not None:
            self.menu.refresh()


def services_of(state: EditorState, host: KitHost) -> Sequence[Subscription]:
    """Property widget, context menus, overlay and the rest, as far as this Kit has them."""
    name = f"{__package__}.kit_services"
    try:
        return importlib.import_module(name).services(state, host)
    except ModuleNotFoundError as fault:
        if fault.name != name:
            _log.exception("the services around the panel cannot be loaded")
    except Exception:
        _log.exception("the services around the panel could not be started")
    return ()


def _close(part: Subscription) -> None:
    try:
        part.close()
    except Exception:
        _log.exception("%s could not be closed", type(part).__name__)

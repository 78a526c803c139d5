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
from .signals import Closing, Subscription
from .state.editor_state import EditorState

_log = logging.getLogger(__name__)


class CausalContractsExtension(omni.ext.IExt):
    """What Kit makes when causal_contracts.ui is enabled."""

    parts: Parts | None = None
    """None where it could not be started."""

    def on_startup(self, ext_id: str) -> None:
        """Make the host, the window, the actions and the menu entry; show what is asked for."""
        self.parts = Parts(omni.ext.get_extension_name(ext_id))

    def on_shutdown(self) -> None:
        """Leave nothing behind."""
        if self.parts is not None:
            self.parts.close()


class Parts:
    """Everything that the extension owns.

    Args:
        name: the extension's name, under which actions are registered.
    """

    def __init__(self, name: str) -> None:
        self._made: list[Subscription] = []
        self.menu: KitMenu | None = None
        try:
            self._make(name)
        except BaseException:
            self.close()  # Kit, which logs the error, will not ask for that
            raise

    def _make(self, name: str) -> None:
        keep = self._made.append
        self.host = KitHost()
        keep(self.host)
        self.state = EditorState(self.host)
        keep(Closing(self.state.destroy))
        self.window = PanelWindow(self.state, hold=self.host.hold, changed=self._refresh)
        keep(self.window)
        self.actions = Actions(self.state, self.window)
        actions = {one.id: one for one in self.actions.all()}
        registered = KitActions(name, [*actions.values()])
        keep(registered)
        if registered:
            window = self.window
            self.menu = KitMenu(name, actions["toggle_panel"], lambda: window.visible)
            keep(self.menu)
        self._made += services_of(self.state, self.host)
        if self.host.setting("open_at_start", False):
            self.window.show()

    def close(self) -> None:
        """Close all of them, the newest first; a fault in one keeps no other open."""
        for part in reversed(self._made):
            _close(part)
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

# SPDX-License-Identifier: Apache-2.0
"""The panel's state and host to services of full Kit: what of them is there, each to be closed."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import omni.ui as ui

from .signals import Subscription
from .state.editor_state import EditorState

if TYPE_CHECKING:
    from .kit_host import KitHost

TITLE = "Causal Contracts"
"""Of the panel's window, which Kit's workspace knows by it."""
_log = logging.getLogger(__name__)


def services(state: EditorState, host: KitHost) -> list[Subscription]:
    """Property widget, context menu, viewport overlay, validator rule; close them at the end.

    A service whose extension is not enabled, or differs from what was expected, is skipped with
    one line in the log.
    """
    starts: dict[str, Callable[[ModuleType], Subscription | None]] = {
        "kit_property": lambda kit: kit.start(state, _show, host.hold),
        "kit_context_menu": lambda kit: kit.start(state, _show),
        "kit_viewport": lambda kit: kit.start(state, _show, host.hold),
        "kit_validator": lambda kit: kit.start(),
    }
    started = [_started(name, start) for name, start in starts.items()]
    return [one for one in started if one is not None]


def _started(name: str, start: Callable[[ModuleType], Subscription | None]) -> Subscription | None:
    try:
        return start(importlib.import_module(f".{name}", __package__))
    except Exception as fault:
        if isinstance(fault, ModuleNotFoundError) and _of_kit(fault.name):
            _log.info("%s is off: %s is not enabled here", name, fault.name)
        else:
            # One whose Kit differs from the call sites must not take the panel along.
            _log.exception("%s is off: this Kit differs from what it was written for", name)
    return None


def _of_kit(module: str | None) -> bool:
    return (module or "").partition(".")[0] in ("omni", "carb")


def _show() -> None:
    ui.Workspace.show_window(TITLE)

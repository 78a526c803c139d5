# SPDX-License-Identifier: Apache-2.0
"""Contracts as arrows in every viewport of Kit, and their switch under "Show By Type".

Written from the call sites in docs/kit_calls.md; what is drawn stands in scene/arrows.py, when it
is drawn in state/overlay.py.
"""

# pyright: reportMissingImports=false
# No stubs of these are published.

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import carb.settings
from omni.kit.viewport.registry import RegisterScene
from omni.ui import scene as sc

from .scene.arrows import ContractArrows
from .signals import Closing, Subscription, all_or_none
from .state.editor_state import EditorState
from .state.overlay import Overlay

EXTENSION = "causal_contracts.ui"
SETTING = f"/persistent/exts/{EXTENSION}/overlay"
_log = logging.getLogger(__name__)


def start(
    state: EditorState, show: Callable[[], object], hold: Callable[[], Subscription]
) -> Subscription:
    """Draw in every viewport that is there or comes, as far as the setting wants it."""
    settings = carb.settings.get_settings()
    overlay = Overlay(state, hold=hold, wanted=settings.get(SETTING) is not False)
    with all_or_none() as held:
        held.add(overlay)
        watched = settings.subscribe_to_node_change_events(
            SETTING, lambda *_: overlay.want(settings.get(SETTING) is not False)
        )
        held.add(Closing(lambda: settings.unsubscribe_to_change_events(watched)))
        held.add(Closing(RegisterScene(scene_class(overlay), EXTENSION).destroy))
        held.add(_switch())
    return held


def scene_class(overlay: Overlay) -> type:
    """What the registry makes once for each viewport, inside of its SceneView."""

    class ContractsScene:
        """The arrows of one viewport."""

        def __init__(self, *_given: Any, **_named: Any) -> None:
            self._root = sc.Transform()
            self.arrows: ContractArrows | None = None
            self._joined: Subscription | None = overlay.join(self._draw)

        @property
        def name(self) -> str:
            """As the viewport's layers call it."""
            return "Causal contracts"

        @property
        def categories(self) -> list[str]:
            """Of the viewport's layers."""
            return ["manipulator"]

        @property
        def visible(self) -> bool:
            """Whether this viewport shows its arrows."""
            return self._root.visible

        @visible.setter
        def visible(self, on: bool) -> None:
            self._root.visible = bool(on)

        def destroy(self) -> None:
            """Take the arrows away; a second time does nothing."""
            joined, self._joined, self.arrows = self._joined, None, None
            if joined is not None:
                joined.close()
                self._root.clear()

        def _draw(self, state: EditorState) -> ContractArrows:
            with self._root:
                self.arrows = ContractArrows(state)
            return self.arrows

    return ContractsScene


def _switch() -> Subscription:
    """The entry under Show By Type, where the viewport has that menu."""
    try:
        from omni.kit.viewport.menubar.core import CategoryStateItem
        from omni.kit.viewport.menubar.display import get_instance
    except ModuleNotFoundError as fault:
        _log.info("no switch under Show By Type: %s is not enabled here", fault.name)
        return Closing(lambda: None)
    display, item = get_instance(), CategoryStateItem("Causal contracts", setting_path=SETTING)
    display.register_custom_category_item("Show By Type", item)
    return Closing(lambda: display.deregister_custom_category_item("Show By Type", item))

# SPDX-License-Identifier: Apache-2.0
"""A widget of the Property window for prims that contracts concern, and an entry of its Add menu.

Written from the call sites in docs/kit_calls.md; what is shown stands in panel/property_view.py.
"""

# pyright: reportMissingImports=false, reportUntypedBaseClass=false
# No stubs of these are published.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import omni.kit.window.property
from causal_contracts.core.usd_contract import api_name, applied_ids
from omni.kit.property.usd import PrimPathWidget
from omni.kit.property.usd.usd_property_widget import MultiSchemaPropertiesWidget
from omni.kit.window.property.templates import SimplePropertyWidget
from pxr import Usd

from .kit_context_menu import paths_of
from .panel.property_view import PropertyPane
from .signals import Closing, Subscription, all_or_none
from .state.editor_state import EditorState
from .state.joint_menu import JointMenu

SCHEME, NAME, TITLE = "prim", "causal_contracts", "Causal Contracts"


class ContractsWidget(SimplePropertyWidget):
    """Asks `PropertyPane` for one selected prim."""

    def __init__(self, pane: PropertyPane, anchors: Anchors) -> None:
        super().__init__(TITLE, collapsed=False)
        self._pane, self._anchors = pane, anchors

    def on_new_payload(self, payload: Any, ignore_large_selection: bool = False) -> bool:
        """Whether to show the widget for what is selected."""
        if not super().on_new_payload(payload, ignore_large_selection) or len(payload) != 1:
            return self._pane.look(None)
        path = payload.get_paths()[0]
        self._anchors.hide(payload.get_stage().GetPrimAtPath(path))
        return self._pane.look(str(path))

    def build_items(self) -> None:
        """Draw the contracts."""
        self._pane.build()
        self._any_item_visible = self._filter.matches(TITLE)

    def reset(self) -> None:
        """The window was hidden, or shows another prim."""
        super().reset()
        self._pane.close()


class Anchors:
    """Keeps the raw attributes of contracts out of the generic widgets.

    Those skip an applied schema whose full name, the id included, some widget claims; a widget
    that is built for the claim alone claims it while it lives.
    """

    def __init__(self) -> None:
        self._claims: dict[str, Any] = {}

    def hide(self, prim: Usd.Prim) -> None:
        """Claim what is applied to the prim; the window draws again where that is new."""
        new = {api_name(one) for one in (applied_ids(prim) if prim else ())} - self._claims.keys()
        for name in sorted(new):
            self._claims[name] = MultiSchemaPropertiesWidget(
                title="CausalContractsAnchor",
                schema=Usd.Typed,
                schema_subclasses=[],
                api_schemas=[name],
            )
        window = omni.kit.window.property.get_window()
        if new and window is not None:
            window.request_rebuild()  # the generic widgets were asked before this one

    def close(self) -> None:
        """Let the generic widgets show them again."""
        self._claims.clear()


def start(
    state: EditorState, show: Callable[[], object], hold: Callable[[], Subscription]
) -> Subscription | None:
    """Register both; None where the Property window is not there."""
    window = omni.kit.window.property.get_window()
    if window is None:
        return None
    menu = JointMenu(state, show)

    def chosen(payload: Any) -> None:
        menu.choose("add", [str(path) for path in payload.get_paths()])
        window.request_rebuild()  # else a prim without contracts keeps showing none

    with all_or_none() as held:
        anchors, pane = Anchors(), PropertyPane(state, show, hold)
        held.add(anchors, pane)  # the last to close: releasing a claim must follow every widget
        window.register_widget(SCHEME, NAME, ContractsWidget(pane, anchors))
        held.add(Closing(lambda: window.unregister_widget(SCHEME, NAME)))
        entry = PrimPathWidget.add_button_menu_entry(
            "Physics/Causal Contract",
            show_fn=lambda objects: menu.offer("add", paths_of(objects)).shown,
            onclick_fn=chosen,
        )
        held.add(Closing(lambda: PrimPathWidget.remove_button_menu_entry(entry)))
    return held

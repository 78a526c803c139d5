# SPDX-License-Identifier: Apache-2.0
"""Entries of the Stage window's context menu on joints and articulation roots.

Written from the call sites in docs/kit_calls.md; what is shown, and why not, is decided in
state/joint_menu.py.
"""

# pyright: reportMissingImports=false
# No stubs of these are published.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import omni.kit.context_menu

from .signals import Closing, Subscription
from .state.editor_state import EditorState
from .state.joint_menu import LABELS, JointMenu


def start(state: EditorState, show: Callable[[], object]) -> Subscription:
    """Add the entries; they go when the subscription is closed."""
    menu = JointMenu(state, show)
    entries = [
        omni.kit.context_menu.add_menu(_entry(menu, kind), "MENU", "omni.kit.widget.stage")
        for kind in LABELS
    ]
    return Closing(entries.clear)  # an entry lives as long as its handle


def _entry(menu: JointMenu, kind: str) -> dict[str, Any]:
    # Never grey: Kit's menus show no reason, and a click on what cannot be done tells it.
    return {
        "name": LABELS[kind],
        "show_fn": [lambda objects: menu.offer(kind, paths_of(objects)).shown],
        "onclick_fn": lambda objects: menu.choose(kind, paths_of(objects)),
    }


def paths_of(objects: dict[str, Any]) -> list[str]:
    """Paths of the prims that a menu of Kit was opened for."""
    return [str(prim.GetPath()) for prim in objects.get("prim_list") or [] if prim]

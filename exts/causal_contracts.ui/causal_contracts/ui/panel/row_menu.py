# SPDX-License-Identifier: Apache-2.0
"""The selected contracts to the menu that a right click on a row opens."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..state.editor_state import EditorState
from .copies import copy_items
from .menus import Item, open_menu


def open_row_menu(state: EditorState, rename: Callable[[], object]) -> ui.Menu:
    """Show it at the pointer; keep what this returns."""
    one = state.primary if len(state.selection) == 1 else None
    many = None if one else "Several contracts are selected: rename one at a time."
    rows = [state.row(contract_id) for contract_id in state.selection]
    states = {row.enabled for row in rows if row is not None}
    why = state.why_no_edit()
    return open_menu(
        "contract",
        [
            Item(
                "Enable",
                lambda: state.set_enabled(True),
                "menu enable",
                why or ("It is enabled already." if states == {True} else None),
            ),
            Item(
                "Disable",
                lambda: state.set_enabled(False),
                "menu disable",
                why or ("It is disabled already." if states == {False} else None),
            ),
        ],
        [
            Item(
                "Duplicate",
                lambda: state.duplicate(),
                "menu duplicate",
                state.why_no_duplicate(),
                "Ctrl+D",
            ),
            Item("Rename", rename, "menu rename", many or state.why_no_rename(one), "F2"),
            Item("Delete", lambda: state.delete(), "menu delete", state.why_no_delete(), "Del"),
        ],
        copy_items(state),
    )

# SPDX-License-Identifier: Apache-2.0
"""The selected contracts to the clipboard: as JSON, as commands, as Isaac Lab code."""

from __future__ import annotations

from collections.abc import Callable

from ..state.editor_state import EditorState
from .menus import Item


def copy_items(state: EditorState) -> list[Item]:
    """The menu's lines; each copies and says so."""
    why, count = state.why_no_copy(), len(state.selection)
    what = "1 contract" if count == 1 else f"{count} contracts"

    def copies(text: Callable[[], str], said: str) -> Callable[[], None]:
        def does() -> None:
            state.copy(text())
            state.host.notify(f"Copied {said}.")

        return does

    return [
        Item("Copy as JSON", copies(state.json_text, f"{what} as JSON"), "copy json", why),
        Item(
            "Copy as command line",
            copies(state.command_text, f"{what} as a command line"),
            "copy command",
            why,
        ),
        Item(
            "Copy Isaac Lab code",
            copies(state.lab_text, "the two lines of Isaac Lab code"),
            "copy lab",
            state.why_no_export(),
        ),
    ]

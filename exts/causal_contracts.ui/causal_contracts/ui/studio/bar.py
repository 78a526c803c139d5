# SPDX-License-Identifier: Apache-2.0
"""What Studio adds above the panel: files, undo, and the last message."""

from __future__ import annotations

from pathlib import Path

import omni.ui as ui
from causal_contracts.core.issue import ContractError

from ..host import Level
from ..panel import style
from ..panel.controls import button
from ..panel.section import Section
from ..state.editor_state import EditorState
from ..state.refusal import sentence_of
from ..studio_host import StudioHost


class Bar(Section):
    """What Studio adds to the panel: open, undo, redo, save, and the last message."""

    topics = ("undo", "target", "bundle")

    def __init__(self, state: EditorState, host: StudioHost) -> None:
        super().__init__(state)
        self._host = host
        self._message = ""
        self._held.add(host.notified.connect(self._told))

    def draw(self) -> None:
        """One line above the panel."""
        state, host = self.state, self._host
        unsaved = host.unsaved()
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Spacer(width=style.GAP)
            button("Open", self._open, identifier="open", says="Open another USD file.")
            for name, does, why, step in (
                ("Undo", state.undo, state.why_no_undo(), host.can_undo()),
                ("Redo", state.redo, state.why_no_redo(), host.can_redo()),
            ):
                button(name, does, identifier=name.lower(), says=f"{name}: {step}.", why_not=why)
            button(
                "Save",
                self._save,
                identifier="save",
                says=f"Write {', '.join(unsaved)}.",
                why_not=None if unsaved else "Nothing has changed since the file was written.",
            )
            ui.Label(self._message, name="dim", elided_text=True, identifier="message")
            ui.Spacer(width=style.GAP)

    def _open(self) -> None:
        unsaved = self._host.unsaved()

        def ask() -> None:
            self._host.ask_open("Open", [".usd", ".usda", ".usdc"], self._opened)

        if not unsaved:
            ask()
            return
        text = f"{', '.join(unsaved)} has changes that are not saved; they would be lost."
        self._host.confirm("Open another file", text, "Open", ask)

    def _opened(self, path: Path) -> None:
        try:
            self._host.open(path.expanduser())
        except ContractError as fault:
            self._host.notify(sentence_of(fault.issues), Level.ERROR)

    def _save(self) -> None:
        try:
            written = self._host.save()
        except ContractError as fault:
            self._host.notify(sentence_of(fault.issues), Level.ERROR)
            return
        if written:
            self._host.notify(f"Wrote {', '.join(one.name for one in written)}.")

    def _told(self, text: str, _: Level) -> None:
        self._message = text
        self.changed()

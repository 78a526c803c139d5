# SPDX-License-Identifier: Apache-2.0
"""Questions of Studio: a small window over the panel with a sentence or a path, and two buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import omni.ui as ui

from ..panel import style
from ..panel.controls import button

WIDTH = 380


class StudioDialogs:
    """Keeps the protocol `Dialogs`; one question at a time, a new one replaces the old."""

    def __init__(self) -> None:
        self.window: ui.Window | None = None

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> None:
        """Ask; `then` runs where the author says `ok`."""
        self._ask(title, text, ok, None, lambda _: then())

    def ask_open(self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]) -> None:
        """Let the author type the path of a file to read."""
        kinds = ", ".join(suffixes)
        self._ask(title, f"Path of a file ({kinds}).", "Open", "", lambda text: then(Path(text)))

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> None:
        """Let the author confirm or change the path of a file to write."""
        text = "Path of the file; one that is there is replaced."
        self._ask(title, text, "Save", str(suggested), lambda path: then(Path(path)))

    def close(self) -> None:
        """Take the question away unanswered."""
        if self.window is not None:
            self.window.visible = False
            self.window = None

    def _ask(
        self, title: str, text: str, ok: str, typed: str | None, then: Callable[[str], None]
    ) -> None:
        self.close()
        flags = ui.WINDOW_FLAGS_MODAL | ui.WINDOW_FLAGS_NO_RESIZE | ui.WINDOW_FLAGS_NO_COLLAPSE
        window = self.window = ui.Window(title, width=WIDTH, height=140, flags=flags)
        window.frame.set_style(style.STYLE)
        answer = ui.SimpleStringModel(typed or "")

        def said() -> None:
            self.close()
            then(answer.as_string)

        with window.frame, ui.VStack(spacing=style.GAP):
            ui.Label(text, word_wrap=True, height=0)
            if typed is not None:
                ui.StringField(answer, height=style.ROW, identifier="dialog path")
            with ui.HStack(spacing=style.GAP, height=style.ROW):
                ui.Spacer()
                button(ok, said, identifier="dialog ok", says=text, lit=True)
                button("Cancel", self.close, identifier="dialog cancel", says="Change nothing.")

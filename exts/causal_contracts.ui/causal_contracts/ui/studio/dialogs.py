# SPDX-License-Identifier: Apache-2.0
"""Questions of Studio: a small window over the panel with a sentence or a path, and its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import omni.ui as ui

from ..panel import style
from ..panel.controls import button
from ..panel.key_codes import Chord

WIDTH = 380


@dataclass(frozen=True, slots=True)
class Answer:
    """One button of a question."""

    text: str
    does: Callable[[], object]
    says: str
    identifier: str
    main: bool = False


class StudioDialogs:
    """Keeps the protocol `Dialogs`; one question at a time, a new one replaces the old."""

    def __init__(self) -> None:
        self.window: ui.Window | None = None

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> None:
        """Ask; `then` runs where the author says `ok`."""
        self.ask(title, text, [Answer(ok, then, text, "dialog ok", main=True)])

    def ask_open(self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]) -> None:
        """Let the author type the path of a file to read."""
        self._ask_path(title, f"Path of a file ({', '.join(suffixes)}).", "Open", "", then)

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> None:
        """Let the author confirm or change the path of a file to write."""
        text = "Path of the file; one that is there is replaced."
        self._ask_path(title, text, "Save", str(suggested), then)

    def ask(
        self,
        title: str,
        text: str,
        answers: Sequence[Answer],
        typed: ui.AbstractValueModel | None = None,
    ) -> None:
        """Show a sentence, a field for `typed`, the answers, and Cancel.

        Enter gives the main answer, Escape none.
        """
        self.close()
        room = ui.Workspace.get_main_window_width(), ui.Workspace.get_main_window_height()
        flags = ui.WINDOW_FLAGS_MODAL | ui.WINDOW_FLAGS_NO_RESIZE | ui.WINDOW_FLAGS_NO_COLLAPSE
        window = self.window = ui.Window(
            title,
            width=WIDTH,
            height=150,
            position_x=max((room[0] - WIDTH) / 2, 0),
            position_y=max((room[1] - 150) / 3, 0),
            padding_x=2 * style.GAP,
            padding_y=2 * style.GAP,
            flags=flags,
        )
        window.frame.set_style(style.POPUP)

        def said(answer: Answer) -> None:
            self.close()
            answer.does()

        chord = Chord()

        def pressed(code: int, modifier: int, down: bool) -> None:
            key = chord.press(code, modifier, down)
            if key == "Escape":
                self.close()
            elif key == "Enter":
                for answer in [one for one in answers if one.main][:1]:
                    said(answer)

        window.set_key_pressed_fn(pressed)
        with window.frame, ui.VStack(spacing=2 * style.GAP):
            ui.Label(text, word_wrap=True, height=0, identifier="dialog text")
            if typed is not None:
                field = ui.StringField(typed, height=style.ROW, identifier="dialog path")
                field.focus_keyboard(True)
            ui.Spacer()
            with ui.HStack(spacing=style.GAP, height=style.ROW):
                ui.Spacer()
                for one in answers:
                    button(
                        one.text,
                        lambda one=one: said(one),
                        identifier=one.identifier,
                        says=one.says,
                        lit=one.main,
                    )
                button("Cancel", self.close, identifier="dialog cancel", says="Change nothing.")

    def close(self) -> None:
        """Take the question away unanswered."""
        if self.window is not None:
            self.window.visible = False
            self.window = None

    def _ask_path(
        self, title: str, text: str, ok: str, typed: str, then: Callable[[Path], None]
    ) -> None:
        model = ui.SimpleStringModel(typed)

        def said() -> None:
            then(Path(model.as_string))

        self.ask(title, text, [Answer(ok, said, text, "dialog ok", main=True)], model)
        assert self.window is not None
        self.window.set_key_pressed_fn(None)  # Enter ends the path, and does not open it yet

# SPDX-License-Identifier: Apache-2.0
"""Questions of Studio: a small window over the panel with a sentence or files, and its answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import omni.ui as ui

from ..host import Host
from ..panel import style
from ..panel.controls import button
from ..panel.key_codes import Chord
from .file_choice import Question
from .file_dialog import FileDialog
from .file_list import begin
from .recent import ASSETS, recent_files, remember

WIDTH = 380
LETTERS, LINE, AROUND = 50, 17, 92
"""Letters on a line of a question, its height, and that of all around the lines [pixels]."""
USD = (".usda", ".usdc", ".usd")


@dataclass(frozen=True, slots=True)
class Answer:
    """One button of a question."""

    text: str
    does: Callable[[], object]
    says: str
    identifier: str
    main: bool = False


class StudioDialogs:
    """Keeps the protocol `Dialogs`; one question at a time, a new one replaces the old.

    Args:
        host: knows where files were used before.
    """

    def __init__(self, host: Host | None = None) -> None:
        self._host = host
        self.window: ui.Window | None = None
        self._files: FileDialog | None = None
        self._last: Path | None = None

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> None:
        """Ask; `then` runs where the author says `ok`."""
        self.ask(title, text, [Answer(ok, then, text, "dialog ok", main=True)])

    def ask_open(self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]) -> None:
        """Let the author choose a file to read."""
        kinds = tuple(suffixes)
        recent = recent_files(self._host, _setting(kinds)) if self._host is not None else []
        self._ask_file(
            Question(
                title, "Open", kinds, self._folder(), self._noting(kinds, then), recent=(*recent,)
            )
        )

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> None:
        """Let the author choose a folder and a name to write to; asks before it replaces a file."""
        folder = suggested.parent if suggested.parent.is_dir() else self._folder()
        usd = suggested.suffix.lower() in USD
        kinds = (suggested.suffix.lower(), *(one for one in USD if usd and one != suggested.suffix))
        then = self._noting(kinds, then)
        self._ask_file(Question(title, "Save", kinds, folder.resolve(), then, name=suggested.name))

    def ask(self, title: str, text: str, answers: Sequence[Answer]) -> None:
        """Show a sentence, the answers, and Cancel. Enter gives the main answer, Escape none."""
        self.close()
        tall = AROUND + LINE * math.ceil(len(text) / LETTERS)
        room = ui.Workspace.get_main_window_width(), ui.Workspace.get_main_window_height()
        flags = ui.WINDOW_FLAGS_MODAL | ui.WINDOW_FLAGS_NO_RESIZE | ui.WINDOW_FLAGS_NO_COLLAPSE
        window = self.window = ui.Window(
            title,
            width=WIDTH,
            height=tall,
            position_x=max((room[0] - WIDTH) / 2, 0),
            position_y=max((room[1] - tall) / 3, 0),
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
        if self._files is not None:
            self._files.close()
        if self.window is not None:
            self.window.visible = False
            self.window = self._files = None

    def _ask_file(self, question: Question) -> None:
        self.close()
        self._files = FileDialog(question, self._leave_files)
        self.window = self._files.window

    def _noting(
        self, kinds: tuple[str, ...], then: Callable[[Path], None]
    ) -> Callable[[Path], None]:
        """As `then`, and the next question for such a file offers this one again."""

        def noted(path: Path) -> None:
            then(path)
            kind = _setting(kinds)
            # Assets are noted when they are on the stage: not each can be read.
            if self._host is not None and kind != ASSETS and path.is_file():
                remember(self._host, path, kind)

        return noted

    def _leave_files(self) -> None:
        if self._files is not None:
            self._last = self._files.choice.folder
        self.close()

    def _folder(self) -> Path:
        """Where to look for files: where the last one was, else beside the stage, else `begin`."""
        if self._last is not None and self._last.is_dir():
            return self._last
        stage = self._host.stage() if self._host is not None else None
        path = stage.GetRootLayer().realPath if stage is not None else ""
        return Path(path).parent if path else begin()


def _setting(kinds: tuple[str, ...]) -> str:
    """Where files of a kind are remembered, e.g. `recent.json`."""
    return ASSETS if set(kinds) & set(USD) else f"{ASSETS}{kinds[0]}"

# SPDX-License-Identifier: Apache-2.0
"""Why the last edit was refused or what was written, until put away or the next edit."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..state.editor_state import EditorState
from . import style
from .controls import button, dot
from .section import Section


class Refusals(Section):
    """The last line of the panel; nothing while nothing was refused."""

    def __init__(self, state: EditorState) -> None:
        super().__init__(state)
        self._text: str | None = None
        self._done: tuple[str, Callable[[], object]] | None = None
        self._held.add(
            state.listen("refused", lambda: self._say(state.refused)),
            state.listen("undo", lambda: self._say(None)),
            state.listen("selection", lambda: self._say(None)),
        )

    def tell(self, text: str, label: str, does: Callable[[], object]) -> None:
        """Say what was done, with a button that does something with it."""
        self._done = (label, does)
        self._say(text, done=True)

    def complain(self, text: str | None) -> None:
        """Say why what is being typed cannot be taken; None takes that away."""
        self._say(text)

    def draw(self) -> None:
        """One sentence, and a button that puts it away."""
        if self._text is None:
            ui.Spacer(height=0)
            return
        name = "told" if self._done else "refused"
        with ui.ZStack(height=0):
            ui.Rectangle(name="done" if self._done else "refusal")
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                dot("ok" if self._done else "error", "" if self._done else "x")
                with ui.VStack():
                    ui.Spacer(height=style.GAP + 2)
                    ui.Spacer()
                    ui.Label(self._text, word_wrap=True, identifier=name, height=0)
                    ui.Spacer()
                    ui.Spacer(height=style.GAP + 2)
                if self._done:
                    label, does = self._done
                    self._button(label, does, "told action", "Put the path on the clipboard.")
                self._button("OK", self._put_away, "refused ok", "Put this away.")
                ui.Spacer(width=0)

    def _put_away(self) -> None:
        """Frame.rebuild takes effect when the frame is drawn next, after this callback."""
        self._say(None)

    def _button(self, text: str, does: Callable[[], object], identifier: str, says: str) -> None:
        with ui.VStack(width=0):
            ui.Spacer(height=3)  # as far from the border as the text
            ui.Spacer()
            button(text, does, identifier=identifier, says=says, boxed=True)
            ui.Spacer()
            ui.Spacer(height=3)

    def _say(self, text: str | None, *, done: bool = False) -> None:
        self._done = self._done if done else None
        if text != self._text or done:
            self._text = text
            self.changed()

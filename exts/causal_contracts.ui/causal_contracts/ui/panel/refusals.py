# SPDX-License-Identifier: Apache-2.0
"""Why the last edit was refused, until it is put away or another edit goes through."""

from __future__ import annotations

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
        self._held.add(
            state.listen("refused", lambda: self._say(state.refused)),
            state.listen("undo", lambda: self._say(None)),
            state.listen("selection", lambda: self._say(None)),
        )

    def draw(self) -> None:
        """One sentence, and a button that puts it away."""
        if self._text is None:
            ui.Spacer(height=0)
            return
        with ui.ZStack(height=0):
            ui.Rectangle(name="refusal")
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                dot("error", "x")
                with ui.VStack(height=0):
                    ui.Spacer(height=style.GAP + 2)
                    ui.Label(self._text, word_wrap=True, identifier="refused", height=0)
                    ui.Spacer(height=style.GAP + 2)
                with ui.VStack(width=0):
                    ui.Spacer()
                    button(
                        "OK",
                        self._put_away,
                        identifier="refused ok",
                        says="Put this away.",
                    )
                    ui.Spacer()
                ui.Spacer(width=0)

    def _put_away(self) -> None:
        """Frame.rebuild takes effect when the frame is drawn next, after this callback."""
        self._say(None)

    def _say(self, text: str | None) -> None:
        if text != self._text:
            self._text = text
            self.changed()

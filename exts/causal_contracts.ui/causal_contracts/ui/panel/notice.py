# SPDX-License-Identifier: Apache-2.0
"""A sentence about the program around the panel, until it is put away."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..state.editor_state import EditorState
from . import style
from .controls import button, dot
from .section import Section


class Notice(Section):
    """The first line of the panel; nothing where there is nothing to say.

    Args:
        state: the panel's state.
        text: the sentence, or None.
    """

    topics = ("articulations", "bundle")

    def __init__(self, state: EditorState, text: Callable[[], str | None]) -> None:
        super().__init__(state)
        self._text = text
        self._away = False

    def draw(self) -> None:
        """One sentence, and a button that puts it away."""
        text = None if self._away else self._text()
        if text is None:
            ui.Spacer(height=0)
            return
        with ui.VStack(height=0):
            ui.Spacer(height=2 * style.GAP)
            with ui.HStack(height=0):
                ui.Spacer(width=2 * style.GAP)
                with ui.ZStack(height=0):
                    ui.Rectangle(name="box")
                    self._line(text)
                ui.Spacer(width=2 * style.GAP)

    def _line(self, text: str) -> None:
        with ui.HStack(spacing=2 * style.GAP, height=0):
            ui.Spacer(width=0)
            dot("warning", "!")
            with ui.VStack():
                ui.Spacer(height=style.GAP)
                ui.Spacer()
                ui.Label(text, word_wrap=True, identifier="notice", height=0)
                ui.Spacer()
                ui.Spacer(height=style.GAP)
            with ui.VStack(width=0):
                ui.Spacer(height=3)
                ui.Spacer()
                button(
                    "OK", self._put_away, identifier="notice ok", says="Put this away.", boxed=True
                )
                ui.Spacer()
                ui.Spacer(height=3)
            ui.Spacer(width=0)

    def _put_away(self) -> None:
        self._away = True
        self.changed()

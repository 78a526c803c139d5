# SPDX-License-Identifier: Apache-2.0
"""The line below a dialog's files: a remark and the answers, or the question before a last step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import omni.ui as ui

from ..panel import style
from ..panel.controls import button, dot
from ..panel.redrawn import redrawn
from .file_choice import FileChoice


@dataclass(frozen=True, slots=True)
class Asked:
    """A question before a last step."""

    text: str
    yes: str
    """The main answer."""
    identifier: str
    does: Callable[[], object]
    says: str
    no: str
    unsays: str
    warns: bool


class FileFoot:
    """One line in the current container, or two.

    Args:
        choice: whether something can be opened or saved.
        accept: what Open or Save does.
        leave: what Cancel does.
        keep: what the other answer of a question does.
    """

    def __init__(
        self,
        choice: FileChoice,
        accept: Callable[[], object],
        leave: Callable[[], object],
        keep: Callable[[], object],
    ) -> None:
        self._choice, self._accept, self._leave, self._keep = choice, accept, leave, keep
        self.asked: Asked | None = None
        self._frame: ui.Frame | None = redrawn(self._draw, height=0)

    def redraw(self) -> None:
        """Something else can be said."""
        if self._frame is not None:
            self._frame.rebuild()

    def close(self) -> None:
        """Let go of the widgets, whose callbacks hold this line."""
        self._frame = self.asked = None

    def _draw(self) -> None:
        if self.asked is not None:
            self._draw_question(self.asked)
            return
        choice = self._choice
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Label(choice.remark(), name="dim", elided_text=True, identifier="dialog text")
            button(
                choice.question.ok,
                self._accept,
                identifier="dialog ok",
                says=f"{choice.question.ok} what is chosen (Enter).",
                why_not=choice.why_not(),
                lit=True,
            )
            button(
                "Cancel",
                self._leave,
                identifier="dialog cancel",
                says="Change nothing (Escape).",
            )

    def _draw_question(self, asked: Asked) -> None:
        with ui.HStack(spacing=2 * style.GAP, height=0):
            if asked.warns:
                dot("warning", "!")
            ui.Label(asked.text, word_wrap=True, identifier="dialog text")
            _middle(asked.yes, asked.does, asked.identifier, asked.says, lit=True)
            _middle(asked.no, self._keep, "dialog keep", asked.unsays)


def _middle(
    text: str, does: Callable[[], object], identifier: str, says: str, *, lit: bool = False
) -> None:
    """A button beside the middle of a text of several lines."""
    with ui.VStack(width=0):
        ui.Spacer()
        button(text, does, identifier=identifier, says=says, lit=lit)
        ui.Spacer()

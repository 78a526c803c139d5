# SPDX-License-Identifier: Apache-2.0
"""The bar above the preview: folds it, and says how many clones step how fast."""

from __future__ import annotations

import omni.ui as ui

from ..preview import texts
from ..preview.preview_state import PreviewState
from . import style
from .above import on_press
from .controls import tip
from .preview_part import PreviewPart


class PreviewHeader(PreviewPart):
    """A click folds and unfolds; the numbers at the right follow the run."""

    def __init__(self, preview: PreviewState) -> None:
        super().__init__(preview)
        self._numbers: ui.Label | None = None
        self._held.add(preview.framed.connect(self._count), preview.measured.connect(self._count))

    def look(self) -> object:
        """Title and fold."""
        one = self.preview
        return one.unfolded, one.choices.num_envs, one.choices.sim, one.phase

    def fill(self) -> None:
        """One line."""
        one = self.preview
        with ui.ZStack(height=style.ROW, identifier="preview header") as bar:
            ui.Rectangle(name="header")
            with ui.HStack():
                ui.Spacer(width=2 * style.GAP)
                fold_mark(one.unfolded)
                ui.Spacer(width=2 * style.GAP)
                ui.Label(
                    texts.title(one.choices.num_envs, one.choices.sim), width=0, identifier="title"
                )
                ui.Spacer()
                self._numbers = ui.Label(self._text(), name="dim", width=0, identifier="speed")
                ui.Spacer(width=2 * style.GAP)
        on_press(bar, lambda x, y, button, modifier: self._clicked(button))
        tip(bar, "Fold: ends the preview." if one.unfolded else "Unfold the live preview.")

    def _clicked(self, button: int) -> None:
        if button == 0:
            self.preview.unfold(not self.preview.unfolded)

    def _text(self) -> str:
        frame = self.preview.frame
        if frame is None:
            return ""
        speed = texts.per_second(self.preview.metrics) if frame.playing else "paused"
        return f"{speed}   {frame.time:.1f} s"

    def _count(self) -> None:
        if self._numbers is not None and self._numbers.text != self._text():
            self._numbers.text = self._text()

    def close(self) -> None:
        """Listen no longer."""
        super().close()
        self._numbers = None


def fold_mark(unfolded: bool) -> None:
    """A small triangle that points down where its section is open."""
    down, right = ui.Alignment.CENTER_BOTTOM, ui.Alignment.RIGHT_CENTER
    with ui.VStack(width=9):
        ui.Spacer()
        ui.Triangle(
            height=9,
            width=9,
            alignment=down if unfolded else right,
            style={"background_color": style.DIM},
        )
        ui.Spacer()

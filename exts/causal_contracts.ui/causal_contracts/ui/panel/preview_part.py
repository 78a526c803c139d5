# SPDX-License-Identifier: Apache-2.0
"""What every part of the preview's section is: a frame drawn anew where its look differs."""

from __future__ import annotations

from ..preview.preview_state import PreviewState
from .section import Section


class PreviewPart(Section):
    """Base of the parts; `changed` comes between frames, with every change that is no number."""

    def __init__(self, preview: PreviewState) -> None:
        super().__init__(preview.state)
        self.preview = preview
        self._drawn: object = None
        self._held.add(preview.changed.connect(self.changed))

    def look(self) -> object:
        """All that `draw` shows; the frame is drawn anew where it differs."""
        raise NotImplementedError

    def changed(self) -> None:
        """Draw anew where the look differs from what is drawn."""
        if self.frame is not None and self.look() != self._drawn:
            self.frame.rebuild()

    def draw(self) -> None:
        """Fill the frame, and remember the look."""
        self._drawn = self.look()
        self.fill()

    def fill(self) -> None:
        """Make the widgets."""
        raise NotImplementedError

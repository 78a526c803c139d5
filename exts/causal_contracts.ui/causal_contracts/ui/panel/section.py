# SPDX-License-Identifier: Apache-2.0
"""One frame of the panel that is drawn anew where its topics changed, and only then."""

from __future__ import annotations

import omni.ui as ui

from ..signals import Subscriptions
from ..state.editor_state import EditorState
from .redrawn import redrawn


class Section:
    """Base of the sections. Listeners run between frames, never inside a widget's callback."""

    topics: tuple[str, ...] = ()

    def __init__(self, state: EditorState) -> None:
        self.state = state
        self.frame: ui.Frame | None = None
        self._held = Subscriptions()
        for topic in self.topics:
            self._held.add(state.listen(topic, self.changed))

    def build(self, **how: object) -> None:
        """Make the frame in the current container."""
        self.frame = redrawn(self.draw, **{"height": 0, **how})

    def changed(self) -> None:
        """A topic changed."""
        if self.frame is not None:
            self.frame.rebuild()

    def draw(self) -> None:
        """Fill the frame."""
        raise NotImplementedError

    def close(self) -> None:
        """Listen no longer."""
        self._held.close()
        self.frame = None

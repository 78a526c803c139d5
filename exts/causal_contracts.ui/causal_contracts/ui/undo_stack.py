# SPDX-License-Identifier: Apache-2.0
"""Steps in, steps back: the undo stack of Studio. In Kit its own takes this place."""

from __future__ import annotations

from .host import Step
from .signals import Signal

MAX_STEPS = 1000


class UndoStack:
    """Steps that were done, and those that were undone since."""

    def __init__(self) -> None:
        self.changed: Signal[()] = Signal("undo")
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._saved: Step | None = None
        """The newest step that was saved; None where that was before all of them."""
        self._gone = False
        """Whether the saved steps can no more be come back to."""

    @property
    def as_saved(self) -> bool:
        """Whether just those steps are done that were done when `mark_saved` was called."""
        return not self._gone and self._saved is (self._done[-1] if self._done else None)

    def mark_saved(self) -> None:
        """What the steps did so far is in the files."""
        self._saved, self._gone = self._done[-1] if self._done else None, False

    def push(self, step: Step) -> None:
        """Add a step that was done just now; what was undone before is gone."""
        self._done.append(step)
        if len(self._done) > MAX_STEPS and self._saved is None:
            self._gone = True
        del self._done[:-MAX_STEPS]
        self._undone.clear()
        self.changed()

    def undo(self) -> None:
        """Take the newest step back."""
        if self._done:
            step = self._done.pop()
            self._undone.append(step)
            step.undo()
            self.changed()

    def redo(self) -> None:
        """Make the step that was undone last again."""
        if self._undone:
            step = self._undone.pop()
            self._done.append(step)
            step.do()
            self.changed()

    def clear(self) -> None:
        """Forget everything: another stage is open."""
        self._done.clear()
        self._undone.clear()
        self.mark_saved()
        self.changed()

    def next_undo(self) -> str | None:
        """Name of the step that undo takes back."""
        return self._done[-1].name if self._done else None

    def next_redo(self) -> str | None:
        """Name of the step that redo makes again."""
        return self._undone[-1].name if self._undone else None

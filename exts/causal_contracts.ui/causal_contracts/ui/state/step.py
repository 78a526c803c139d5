# SPDX-License-Identifier: Apache-2.0
"""One named edit as an undo step: what the layer said before and after, and what was selected."""

from __future__ import annotations

import logging
import weakref
from typing import Protocol

from pxr import Tf

from ..host import Host, Level
from .layer_memory import LayerMemory, Lost

_log = logging.getLogger(__name__)

Shown = tuple[str | None, tuple[str, ...]]
"""The picked articulation and the selected contracts."""


class _Editor(Protocol):
    def after_step(self, shown: Shown) -> None: ...


class EditStep:
    """Outlives the panel: without it the layer is restored all the same."""

    def __init__(
        self,
        name: str,
        before: LayerMemory,
        after: LayerMemory,
        shown: tuple[Shown, Shown],
        editor: _Editor,
        host: Host,
    ) -> None:
        """Keep what was picked and selected before and after, and whom to tell."""
        self.name = name
        self._before, self._after = before, after
        self._shown = shown
        self._editor = weakref.ref(editor)
        self._host = weakref.ref(host)

    def do(self) -> None:
        """Make the edit again; nothing where it stands."""
        if not self._after.same(self._before.again()):
            self._restore(self._after, self._before, self._shown[1])

    def undo(self) -> None:
        """Take the edit back."""
        self._restore(self._before, self._after, self._shown[0])

    def _restore(self, to: LayerMemory, instead_of: LayerMemory, shown: Shown) -> None:
        try:
            to.restore(instead_of)
        except Lost as lost:
            self._tell(str(lost))
        except Tf.ErrorException:
            self._tell("the layer takes no edits")
        editor = self._editor()
        if editor is not None:
            editor.after_step(shown)

    def _tell(self, why: str) -> None:
        text = f"'{self.name}' cannot be undone or redone: {why}."
        host = self._host()
        if host is not None:
            host.notify(text, Level.WARNING)
        else:
            _log.warning(text)

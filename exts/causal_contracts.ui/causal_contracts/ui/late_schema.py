# SPDX-License-Identifier: Apache-2.0
"""A stage to one sentence where USD built its registry before our schema came, else None."""

from __future__ import annotations

from causal_contracts.schema import is_active

from .host import Level
from .state.editor_state import EditorState

LATE = (
    "USD had listed its schemas before this extension came: contracts work, but the property "
    "window shows no names, defaults or choices of theirs. Restart with causal_contracts.ui on "
    "AUTOLOAD (Extensions window) or with --enable causal_contracts.ui."
)


class LateSchema:
    """Looks once there is a stage: without one, asking would build the registry too early."""

    def __init__(self, state: EditorState) -> None:
        self.text: str | None = None
        self._state = state
        self._held = state.listen("bundle", self.look)

    def look(self) -> None:
        """Find out, and tell the author the first time."""
        if self.text is None and self._state.host.stage() is not None and not is_active():
            self.text = LATE
            self._state.host.notify(LATE, Level.WARNING)

    def close(self) -> None:
        """Listen no longer."""
        self._held.close()

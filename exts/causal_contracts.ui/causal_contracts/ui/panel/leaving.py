# SPDX-License-Identifier: Apache-2.0
"""A window of the panel's own, e.g. a list: hidden at once, destroyed between frames."""

from __future__ import annotations

import omni.ui as ui

from ..host import Host
from ..signals import Subscription


class Leaving:
    """Windows that were closed: none may be destroyed inside a callback of its own."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._windows: list[ui.Window] = []
        self._tick: Subscription | None = None

    def add(self, window: ui.Window) -> None:
        """Hide it, and destroy it in the next frame."""
        window.visible = False
        self._windows.append(window)
        if self._tick is None:
            self._tick = self._host.on_frame(self.close)

    def close(self) -> None:
        """Destroy them now, e.g. since there will be no other frame."""
        if self._tick is not None:
            self._tick.close()
            self._tick = None
        while self._windows:
            self._windows.pop().destroy()

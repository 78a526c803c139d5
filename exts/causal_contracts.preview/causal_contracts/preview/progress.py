# SPDX-License-Identifier: Apache-2.0
"""What runs, as lines on stderr: a spinner in a terminal, plain lines in a log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from causal_contracts.core.cli.output import stderr

if TYPE_CHECKING:
    from rich.status import Status

    from .loop import Frame


class Progress:
    """Tells on stderr what runs, once it has run for two seconds."""

    PATIENCE = 2.0

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = time.perf_counter()
        self._said = -self.PATIENCE
        self._status: Status | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._status is not None:
            self._status.stop()

    def say(self, line: str) -> None:
        """Shows one line at once: whoever calls knows that it takes long."""
        from rich.markup import escape

        if not stderr().is_terminal:
            # A log gets plain lines, a few seconds apart; a spinner would leave nothing there.
            if time.perf_counter() - self._said > self.PATIENCE:
                self._said = time.perf_counter()
                stderr().print(line, markup=False)
            return
        if self._status is None:
            self._status = stderr().status(escape(line))
            self._status.start()
        self._status.update(escape(line))

    def on_frame(self, frame: Frame) -> None:
        """Shows the simulated time every 60 frames of a long episode."""
        if frame.index % 60 == 0 and time.perf_counter() - self._began > self.PATIENCE:
            self.say(f"simulated {frame.time:.1f} of {self._seconds:g} s")

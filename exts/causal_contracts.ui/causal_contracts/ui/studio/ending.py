# SPDX-License-Identifier: Apache-2.0
"""Signals of the system to an orderly end of Studio: the worker ends with it, a question is asked.

Ctrl+C in the terminal asks like the window's close button; while that asks, it ends. TERM and HUP
leave no time for a question, and say in the terminal what was lost.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


class Ending:
    """Within it signals are noted, and told to the window once a frame by `tick`."""

    def __init__(self) -> None:
        self.code = 0
        """Exit code: 128 and the signal's number where one ended it."""
        self._came: list[int] = []
        self._before: dict[int, object] = {}

    def __enter__(self) -> Ending:
        for number in SIGNALS:
            # One that is ignored, as HUP is under nohup, stays so.
            if signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # pyright: ignore[reportArgumentType]

    def tick(self, unsaved: Sequence[str], asking: bool, leave: Callable[[], object]) -> bool:
        """Returns whether to end now; Ctrl+C calls `leave`, which asks, unless that is `asking`."""
        while self._came:
            number = self._came.pop(0)
            names = ", ".join(unsaved)
            if number == signal.SIGINT and unsaved and not asking:
                asking = True
                _say(f"{names} has unsaved changes: answer in the window, or Ctrl+C again.")
                leave()
                continue
            self.code = 128 + number
            if unsaved:
                _say(f"ended by {signal.Signals(number).name}: changes of {names} were not saved")
            return True
        return False

    def _note(self, number: int, _: FrameType | None) -> None:
        self._came.append(number)


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(text, file=sys.stderr, flush=True)

# SPDX-License-Identifier: Apache-2.0
"""A command to its exit code and last lines; killed with all of its own where it is not wanted."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

_BETWEEN = 0.2
"""Seconds between two looks."""


class Child:
    """A process of its own group.

    Args:
        command: what to run.
        environment: more variables for it.
        keep: a file descriptor that it inherits.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, keep: int
    ) -> None:
        self.lines: deque[str] = deque(maxlen=40)
        self._rest = b""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
            pass_fds=[keep],
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)

    def follow(self, tell: Callable[[Child], None]) -> int:
        """Wait for the end and return the exit code; what `tell` raises kills the process."""
        atexit.register(self._kill)  # the program may end before the thread that runs this
        try:
            while self._process.poll() is None:
                self._read()
                tell(self)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_BETWEEN)
            self._read()
            return self._process.returncode
        finally:
            self._kill()
            atexit.unregister(self._kill)

    def _kill(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        until = time.monotonic() + _BETWEEN  # one that never stops writing must not keep us
        while time.monotonic() < until:
            try:
                some = os.read(self._process.stdout.fileno(), 1 << 16)
            except BlockingIOError:
                return
            if not some:
                break
            *lines, self._rest = (self._rest + some).split(b"\n")
            self.lines.extend(line.decode(errors="replace").rstrip() for line in lines if line)

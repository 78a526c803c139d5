# SPDX-License-Identifier: Apache-2.0
"""An interpreter and an engine to a worker process: a link to it, its last lines, and its end."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import weakref
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import causal_contracts

from ..clones import OWN
from .deaths import sweep
from .ending import end
from .messages import Event
from .wire import Link

LINES = 40
"""Last lines of the worker's stderr that are kept."""
GRACE = 0.5
"""Seconds for which a process that closed its pipe may still be there without a word why."""
FOLDER = "causal_contracts_live_"


class WorkerProcess:
    """One process; it ends with `end`, with this object, and with the interpreter."""

    def __init__(self, python: str, paths: Sequence[str], sim: str) -> None:
        """Start it, loading the libraries of the engine `sim`.

        Args:
            python: the interpreter.
            paths: folders with Python packages, before all others.
            sim: any engine of `clones.available`.
        """
        sweep(FOLDER)
        folder = tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}_")
        module = "causal_contracts.preview.live"
        process = subprocess.Popen(
            [python, "-m", module, str(os.getpid()), sim],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(paths, folder, sim),
            start_new_session=True,  # Ctrl-C in a terminal is the panel's to answer
        )
        assert process.stdin and process.stdout and process.stderr
        os.set_blocking(process.stderr.fileno(), False)
        self.pid = process.pid
        self.link: Link[Event] = Link(process.stdout.fileno(), process.stdin.fileno(), Event)
        self.lines: deque[str] = deque(maxlen=LINES)
        """The last lines that it wrote to stderr."""
        self._process = process
        self._partial = b""
        self._closed_at: float | None = None
        # Also where this object is forgotten, and at the interpreter's exit.
        self.end = weakref.finalize(self, end, process, folder)

    @property
    def code(self) -> int | None:
        """How it ended; None while it is there."""
        return self._process.poll()

    def has_ended(self, *, closed: bool) -> bool:
        """Whether nothing more comes of it, by its end or, after a while, by its `closed` pipe."""
        if self.code is not None:
            return True
        if closed and self._closed_at is None:
            self._closed_at = time.monotonic()
        return self._closed_at is not None and time.monotonic() - self._closed_at > GRACE

    def read_lines(self) -> None:
        """Take in what it wrote to stderr."""
        assert self._process.stderr is not None
        descriptor = self._process.stderr.fileno()
        for _ in range(16):  # a worker that never stops writing must not keep us
            try:
                some = os.read(descriptor, 1 << 16)
            except BlockingIOError:
                return
            if not some:
                return
            *lines, self._partial = (self._partial + some).split(b"\n")
            self._partial = self._partial[-(1 << 12) :]
            self.lines.extend(line.decode(errors="replace") for line in lines)


def _environment(paths: Sequence[str], folder: str, sim: str) -> dict[str, str]:
    """Ours, with the packages that this process found, and one folder for what is written."""
    # NumPy would start a thread per core for products of large matrices, of which we have none.
    single = {"OPENBLAS_NUM_THREADS": "1"} if sim == OWN.name else {}
    roots = [str(Path(part).parent) for part in causal_contracts.__path__]
    every = [*paths, *roots, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **single,
        **os.environ,
        "PYTHONPATH": os.pathsep.join(every),
        "TMPDIR": folder,
        "CAUSAL_CONTRACTS_LIVE_FOLDER": folder,
    }

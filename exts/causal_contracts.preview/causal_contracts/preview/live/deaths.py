# SPDX-License-Identifier: Apache-2.0
"""A process that ended, or a folder whose process has, to a sentence or to nothing left."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

MEANT = {
    signal.SIGKILL: "it was killed from outside, or the system ran out of memory",
    signal.SIGSEGV: "the physics or a USD file made it crash",
    signal.SIGABRT: "the physics or a USD file made it give up",
    signal.SIGBUS: "the physics or a USD file made it crash",
    signal.SIGTERM: "something asked it to end",
}


def last_words(code: int | None, lines: Sequence[str], *, building: bool) -> str:
    """How a worker died, in one sentence, and the last of what it said."""
    when = "while it built the clones" if building else "while it ran"
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        why = MEANT.get(signal.Signals(-code), "nothing says why")
        return f"The preview's process ended {when} ({name}): {why}; restart it."
    if code is None or code == 0:
        return f"The preview's process closed its connection {when}; restart it."
    if "ModuleNotFoundError" in said or "ImportError" in said:
        return f"The preview's process lacks a Python package: {said}."
    reason = f": {said}" if said else ""
    return f"The preview's process ended {when} with exit code {code}{reason}; restart it."


def sweep(prefix: str) -> None:
    """Remove folders of processes that were killed together with their parents.

    Their names are `prefix`, the process id of the parent, and more.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*_*"):
        parent = folder.name.removeprefix(prefix).partition("_")[0]
        if parent.isdecimal() and not _alive(int(parent)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

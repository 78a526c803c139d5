# SPDX-License-Identifier: Apache-2.0
"""A process that shall end, and its folder, to nothing left of either; nobody has to wait.

A killed process is there until the kernel has freed its memory, which takes up to a second.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time

AT_EXIT = 1.0
"""Seconds that the interpreter's exit waits for one process."""
_LONGEST = 10.0
"""Seconds after which a killed process that the kernel keeps is left to whoever comes next."""
_ending: list[threading.Thread] = []


def end(process: subprocess.Popen[bytes], folder: str) -> None:
    """Kill a process that still runs and close its pipes; returns at once.

    Its exit status and its folder are cleared on a thread, which the interpreter's exit awaits.
    """
    if process.poll() is None:
        process.kill()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue
    if process.returncode is not None:
        _clear(process, folder, 0.0)
        return
    thread = threading.Thread(
        target=_clear, args=(process, folder, _LONGEST), name="causal_contracts: end of the preview"
    )
    try:
        thread.start()
    except RuntimeError:  # the interpreter is about to exit, and starts no more threads
        _clear(process, folder, AT_EXIT)
        return
    _ending[:] = [one for one in _ending if one.is_alive()] + [thread]


def await_ends(seconds: float) -> bool:
    """Wait for what is ending, that long at most; whether all of it has ended."""
    until = time.monotonic() + seconds
    for thread in [*_ending]:
        thread.join(max(until - time.monotonic(), 0.0))
    return not any(one.is_alive() for one in _ending)


def _clear(process: subprocess.Popen[bytes], folder: str, seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    shutil.rmtree(folder, ignore_errors=True)

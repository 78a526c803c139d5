# SPDX-License-Identifier: Apache-2.0
"""A call to its answer out of a fork of this process, while this one does something else."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from causal_contracts.core.issue import ContractError

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


def can_fork() -> bool:
    """Whether this is Linux, and this process has one thread: a fork takes no other along."""
    return sys.platform == "linux" and len([*Path("/proc/self/task").iterdir()]) == 1


class Apart[T]:
    """One call, begun at once in a child that ends with it, or with this process.

    Make it where `can_fork`.
    """

    def __init__(self, call: Callable[[], T], *, closing: Iterable[int] = ()) -> None:
        """Begin; the child gives up the descriptors `closing`.

        Args:
            call: gives what can be pickled, or raises `ContractError`.
            closing: pipes whose ends others wait for.

        Raises `OSError` where the system allows no further process.
        """
        self._call = call
        self._answer, writing = os.pipe()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            _be_the_child(call, parent, writing, [self._answer, *closing])
        os.close(writing)

    def answer(self) -> T:
        """Wait for it; once. Raises the `ContractError` of the call.

        Where the child died of the call, the call is made here, to meet the same end.
        """
        with open(self._answer, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        if status != 0:
            return self._call()
        found = pickle.loads(said)
        if isinstance(found, ContractError):
            raise found
        return found


def _be_the_child(
    call: Callable[[], object], parent: int, writing: int, closing: Iterable[int]
) -> None:
    """Make the call, write its answer and end; never returns, and says nothing of a fault."""
    code = 1
    try:
        _end_with(parent)
        for descriptor in closing:
            os.close(descriptor)
        try:
            answer = call()
        except ContractError as fault:
            answer = fault
        with open(writing, "wb") as pipe:
            pickle.dump(answer, pipe)
        code = 0
    finally:
        os._exit(code)


def _end_with(parent: int) -> None:
    """Be killed when the parent is gone."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)

# SPDX-License-Identifier: Apache-2.0
"""What an installer wrote before it gave up, to one sentence and its last lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

LINES = 12
"""Last lines that are kept."""

_CAUSES = (
    (
        r"do not match the hashes|hash mismatch",
        "A package differs from the one that was recorded: try again, or ask who runs your "
        "package index.",
    ),
    (
        r"no space left|\[errno 28\]|disk quota",
        "The disk is full: free some space, or choose another folder in the settings.",
    ),
    (
        r"name resolution|name or service not known|failed to establish a new connection"
        r"|network is unreachable|connection refused|connection reset|timed out|dns error"
        r"|cannot connect to proxy|certificate verify failed|error sending request",
        "The package index cannot be reached: check the network or the proxy.",
    ),
    (
        r"not a supported wheel|no matching distribution|no solution found|no wheels"
        r"|could not find a version",
        "The package index has no fitting wheel: check which index pip is told to use.",
    ),
    (
        r"permission denied|read-only file system",
        "The folder cannot be written: choose another one in the settings.",
    ),
)


class InstallFault(Exception):  # noqa: N818 - it is shown, and caught nowhere by its kind
    """The packages could not be installed. Its text is one sentence.

    Args:
        says: the sentence.
        lines: what the installer wrote last.
    """

    def __init__(self, says: str, lines: Sequence[str] = ()) -> None:
        super().__init__(says)
        self.says = says
        self.lines = tuple(lines)[-LINES:]


def fault_of(code: int, lines: Sequence[str]) -> InstallFault:
    """The fault of an installer that ended with that code."""
    said = "\n".join(lines).lower()
    for pattern, sentence in _CAUSES:
        if re.search(pattern, said):
            return InstallFault(sentence, lines)
    return InstallFault(f"The installer ended with code {code}.", lines)

# SPDX-License-Identifier: Apache-2.0
"""Bytes to a file: the whole file or none of it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from .issue import ContractError, error


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then replace it.

    Raises:
        ContractError: the folder is missing or cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(temporary, "xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError as fault:
        temporary.unlink(missing_ok=True)
        raise ContractError(
            error(str(path), f"cannot be written: {fault.strerror}", "choose another -o path")
        ) from fault

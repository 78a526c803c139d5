# SPDX-License-Identifier: Apache-2.0
"""Bytes to a file: the whole file or none of it."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from .issue import ContractError, error


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, then replace it.

    Raises:
        ContractError: the folder is missing or cannot be written.
    """
    path = path.resolve()  # a link is written through, not replaced
    temporary = path.parent / f".{path.name[:200]}.{secrets.token_hex(4)}.tmp"
    try:
        with open(temporary, "xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.is_file():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except OSError as fault:
        raise ContractError(
            error(str(path), f"cannot be written: {fault.strerror}", "choose another -o path")
        ) from fault
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)

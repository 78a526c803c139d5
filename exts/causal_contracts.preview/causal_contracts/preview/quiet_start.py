# SPDX-License-Identifier: Apache-2.0
"""Warp started without its greeting, and without its remark that a laptop has no CUDA driver."""

from __future__ import annotations

import os
import sys
import tempfile

_REMARK = b"Could not find or load the NVIDIA CUDA driver"


def start_warp() -> None:
    """Initialise Warp; what it has to say about anything else still reaches stderr."""
    import warp as wp

    wp.config.log_level = wp.LOG_WARNING  # its greeting would stand on stdout, before the JSON
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            wp.init()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        said.seek(0)
        lines = [line for line in said if _REMARK not in line]
    sys.stderr.write(b"".join(lines).decode(errors="replace"))

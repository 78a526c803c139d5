# SPDX-License-Identifier: Apache-2.0
"""A binary USD file's table of contents, looked at before USD trusts it.

USD believes the counts at the head of each section: a flipped bit in one of them keeps it busy for
minutes, or asks for all the memory there is. What else may be wrong in the file USD finds itself.
"""

from __future__ import annotations

import struct
from pathlib import Path

MAGIC = b"PXR-USDC"

_ITEMS_PER_BYTE = 1024
"""Integers are coded in two bits and then compressed by LZ4, 255 times at best."""
_MAX_SECTIONS = 64


def crate_fault(path: Path) -> str | None:
    """What makes the file one that USD must not open; None also where it is no binary USD."""
    with path.open("rb") as stream:
        head = stream.read(24)
        if head[:8] != MAGIC:
            return None
        size = path.stat().st_size
        table = struct.unpack_from("<q", head, 16)[0] if len(head) == 24 else -1
        if not 24 <= table <= size - 8:
            return "the table of contents is not in the file"
        stream.seek(table)
        (count,) = struct.unpack("<Q", stream.read(8))
        rows = stream.read(32 * min(count, _MAX_SECTIONS + 1))
        if count > _MAX_SECTIONS or len(rows) < 32 * count:
            return f"the table of contents has {count} sections"
        for name, start, length in struct.iter_unpack("<16sqq", rows):
            section = name.rstrip(b"\0").decode("ascii", "replace")
            if start < 0 or length < 0 or start + length > size:
                return f"section {section} is not in the file"
            stream.seek(start)
            first = stream.read(min(8, length))
            items = struct.unpack("<Q", first)[0] if len(first) == 8 else 0
            if items > _ITEMS_PER_BYTE * length:
                return f"section {section} of {length} bytes says that it has {items} items"
    return None

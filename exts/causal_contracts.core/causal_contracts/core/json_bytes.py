# SPDX-License-Identifier: Apache-2.0
"""A msgspec struct to the bytes of its JSON file and back, its type to the published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

DRAFT = "https://json-schema.org/draft/2020-12/schema"
"""The JSON Schema that every published form is written in."""


def indented(value: Any) -> bytes:
    """Deterministic bytes, indented, in field order, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def decoded[T](source: str | Path | bytes, form: type[T]) -> T:
    """The struct in a file or in bytes.

    Raises:
        OSError: the file cannot be read.
        msgspec.MsgspecError: it is no JSON, or the JSON path of what does not fit.
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    return msgspec.json.decode(data, type=form)


def schema_bytes(form: type, **head: str) -> bytes:
    """The JSON Schema of a struct as a file; `head` comes first, e.g. ``title=``."""
    schema = {"$schema": DRAFT, **head, **msgspec.json.schema(form)}
    return (json.dumps(schema, indent=2) + "\n").encode()

# SPDX-License-Identifier: Apache-2.0
"""A msgspec struct to the bytes of its JSON file, and its type to the published JSON Schema."""

from __future__ import annotations

import json
from typing import Any

import msgspec

DRAFT = "https://json-schema.org/draft/2020-12/schema"
"""The JSON Schema that every published form is written in."""


def indented(value: Any) -> bytes:
    """Deterministic bytes, indented, in field order, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def schema_bytes(form: type, **head: str) -> bytes:
    """The JSON Schema of a struct as a file; `head` comes first, e.g. ``title=``."""
    schema = {"$schema": DRAFT, **head, **msgspec.json.schema(form)}
    return (json.dumps(schema, indent=2) + "\n").encode()

# SPDX-License-Identifier: Apache-2.0
"""A JSON object against a msgspec struct, field by field, so that every fault is found."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from .issue import Issue, error, nearest
from .json_tree import join

MAX_UNKNOWN = 20
"""Unknown fields of one object that are told one by one."""


def fit(
    node: Any,
    shape: type[msgspec.Struct],
    address: str,
    issues: list[Issue],
) -> dict[str, Any]:
    """The fields of `node` that fit `shape`; each that does not becomes an issue."""
    if not isinstance(node, dict):
        found = "nothing" if node is None else f"{type(node).__name__} {str(node)[:40]!r}"
        issues.append(
            error(
                address or "$",
                f"expected an object, found {found}",
                f"write {{{', '.join(f.encode_name for f in _required(shape))}}}",
            )
        )
        return {}
    known = _fields(shape)
    unknown = [name for name in node if name not in known]
    for count, name in enumerate(unknown[:MAX_UNKNOWN]):
        more = len(unknown) - MAX_UNKNOWN if count == MAX_UNKNOWN - 1 else 0
        issues.append(
            error(
                join(address, name),
                f"is no field of a {_title(shape)}"
                + (f", nor are {more} more" if more > 0 else ""),
                nearest(name[:200], list(known)),
            )
        )
    fitted: dict[str, Any] = {}
    for name, field in known.items():
        if name not in node:
            if field.required:
                issues.append(error(join(address, name), "is missing", _hint(shape, name)))
            continue
        try:
            value = msgspec.convert(node[name], field.type, strict=True)
        except msgspec.ValidationError as fault:
            issues.append(
                error(
                    join(address, name),
                    f"{_sentence(fault)}, found {_short(node[name])}",
                    _hint(shape, name),
                )
            )
            continue
        if value is not None:
            fitted[name] = value
    return fitted


@cache
def _fields(shape: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(shape)}


def _required(shape: type[msgspec.Struct]) -> list[msgspec.structs.FieldInfo]:
    return [field for field in _fields(shape).values() if field.required]


def _sentence(fault: msgspec.ValidationError) -> str:
    text = str(fault).split(" - at ")[0]
    return text[0].lower() + text[1:]


def _short(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."


def _title(shape: type[msgspec.Struct]) -> str:
    return {
        "CouplingsFile": "couplings.json",
        "Coupling": "coupling",
        "TriggerFields": "trigger",
        "EffectFields": "effect",
    }.get(shape.__name__, shape.__name__)


@cache
def _hint(shape: type[msgspec.Struct], name: str) -> str:
    kind = msgspec.json.schema(shape)
    properties = kind["$defs"][shape.__name__]["properties"]
    text = properties.get(name, {}).get("description") or next(
        (
            part["description"]
            for part in properties.get(name, {}).get("anyOf", ())
            if "description" in part
        ),
        "",
    )
    return (
        text[:1].lower() + text[1:].rstrip(".")
        if text
        else f"see {shape.__name__} in couplings.schema.json"
    )

# SPDX-License-Identifier: Apache-2.0
"""Bytes to a plain JSON tree and the faults in it that would harm a reader or hide a mistake."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

from .issue import ContractError, Issue, error

MAX_BYTES = 4 * 1024 * 1024
"""About ten thousand contracts."""
MAX_DEPTH = 32
MAX_DIGITS = 64
MAX_ISSUES = 1000
"""Faults that are told; a hostile file may have a million."""

_MARK = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its keys stood twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs) if len(pairs) > len(self) else {}
        self.twice = sorted(key for key, count in counts.items() if count > 1)


def parse_tree(data: bytes, name: str = "$") -> tuple[Any, list[Issue]]:
    """Decode UTF-8 JSON into plain values and the addressed faults that do not stop decoding.

    NaN, infinities, numbers of absurd length, halves of characters and duplicate keys are such
    faults.

    Raises:
        ContractError: the bytes are no JSON, nested too deep or too many.
    """
    if len(data) > MAX_BYTES:
        raise ContractError(
            error(
                name,
                f"has more than the {MAX_BYTES:,} bytes that a couplings.json may have",
                "split the bundle",
            )
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ContractError(
            error(f"{name}: byte {fault.start}", "is not UTF-8 text", "export the file again")
        ) from fault
    _refuse_depth(text, name)
    try:
        tree = json.loads(text, object_pairs_hook=_Object, parse_float=_float, parse_int=_int)
    except json.JSONDecodeError as fault:
        raise ContractError(
            error(
                f"{name}: line {fault.lineno} column {fault.colno}",
                f"is not JSON: {fault.msg}",
                "mend the file there",
            )
        ) from fault
    issues: list[Issue] = []
    return _plain(tree, "", issues), issues


def join(address: str, key: str) -> str:
    """The JSON path of a key below `address`."""
    shown = key if key and key.isprintable() and len(key) <= 60 else ascii(key[:57])
    return f"{address}.{shown}" if address else shown


def _refuse_depth(text: str, name: str) -> None:
    """Before decoding, since the decoder itself recurses."""
    depth, quoted = 0, False
    for match in _MARK.finditer(text):
        if match[0] == '"':
            quoted = not quoted
        if quoted or match[0] not in "[{]}":
            continue
        depth += 1 if match[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise ContractError(
                error(
                    f"{name}: character {match.start()}",
                    f"is nested deeper than {MAX_DEPTH} levels",
                    "export the file again",
                )
            )


def _int(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


def _float(digits: str) -> float:
    return float(digits) if len(digits) <= MAX_DIGITS else math.inf


def _plain(node: Any, address: str, issues: list[Issue]) -> Any:
    if len(issues) >= MAX_ISSUES:
        return None
    match node:
        case _Object():
            issues += [
                error(join(address, key), "stands twice in one object", "keep one of them")
                for key in node.twice
            ]
            for key in node:
                _refuse_halves(key, join(address, key), issues)
            return {key: _plain(node[key], join(address, key), issues) for key in node}
        case list():
            return [_plain(item, f"{address}[{index}]", issues) for index, item in enumerate(node)]
        case float() if not math.isfinite(node):
            issues.append(
                error(
                    address or "$",
                    "is not a finite number",
                    f"write a finite number of at most {MAX_DIGITS} characters",
                )
            )
            return 0.0
        case str():
            _refuse_halves(node, address or "$", issues)
            return _SURROGATE.sub("?", node)
        case _:
            return node


def _refuse_halves(text: str, address: str, issues: list[Issue]) -> None:
    """Half of a surrogate pair is no character, and no UTF-8 file can hold it."""
    if _SURROGATE.search(text):
        issues.append(
            error(address, f"{text[:40]!a} holds half a character", "write the whole one")
        )

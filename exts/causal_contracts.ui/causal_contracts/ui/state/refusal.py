# SPDX-License-Identifier: Apache-2.0
"""Why something cannot be done, as one sentence."""

from __future__ import annotations

from collections.abc import Iterable

from causal_contracts.core.issue import Issue


class Refusal(Exception):  # noqa: N818 - the author did nothing wrong
    """An edit that cannot be made; its text is one sentence."""


def sentence_of(issues: Iterable[Issue]) -> str:
    """The first of the findings as one sentence with the way out."""
    found = list(issues)
    first = found[0]
    more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
    fix = f"; {first.fix}" if first.fix else ""
    return sentence(f"{first.address}: {first.what}{fix}{more}")


def sentence(text: str) -> str:
    """The text with a full stop at its end."""
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."


def listed(names: Iterable[str], limit: int = 3) -> str:
    """Some of the names, as people list them."""
    names = list(names)
    rest = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + rest

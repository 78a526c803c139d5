# SPDX-License-Identifier: Apache-2.0
"""A few choices in, one picked: a combo like `SearchCombo`, whose list needs no search."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import omni.ui as ui

from ..host import Host
from . import style
from .search_combo import LINE, Choice, SearchCombo

LEAST, NOTED = 80, 280
"""The list is at least so wide, the latter where its lines have notes."""
LETTER, BESIDE = 8, 40
"""Width of a letter, and of what stands beside a line."""


class DropDown(SearchCombo):
    """The line that is chosen is shown; arrows and Enter choose another, Escape none.

    Args:
        host: closes the list between frames.
        choices: few, and known beforehand.
        chosen: key of one of them.
        pick: gets the key of another one, also of a grey line, which it refuses.
        says: the tip.
        shown: the chosen line in fewer words, where there is little room.
    """

    def __init__(
        self,
        host: Host,
        choices: Sequence[Choice],
        chosen: str,
        *,
        pick: Callable[[str], object],
        identifier: str,
        says: str,
        shown: str | None = None,
        width: float | ui.Length | None = None,
    ) -> None:
        noted = any(one.note or one.why_not for one in choices)
        self.line = LINE if noted else style.ROW
        longest = max((len(one.text) for one in choices), default=0)
        self.least = NOTED if noted else max(LEAST, LETTER * longest + BESIDE)
        super().__init__(
            host,
            lambda: choices,
            shown=(shown or next((one.text for one in choices if one.key == chosen), ""), ""),
            chosen=chosen,
            pick=lambda key: pick(key) if key != chosen else None,
            refuse=pick,
            identifier=identifier,
            says=says,
            width=width,
        )

    def _above(self) -> float:
        return 0.0

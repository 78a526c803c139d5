# SPDX-License-Identifier: Apache-2.0
"""Width of the panel to how its sections stand, and to the widths of its columns; no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

TWO, THREE = 900.0, 1500.0
"""From these widths on there are two columns, or three [pixels]."""
LEAST = 340.0
"""No column is narrower [pixels]."""


class Arrangement(StrEnum):
    """How the sections stand."""

    STACKED = "stacked"
    """One below the other."""
    SIDE = "side"
    """Table | form, and beneath the form the folded preview."""
    BESIDE = "beside"
    """Table and form | preview."""
    THREE = "three"
    """Table | form | preview."""


@dataclass(frozen=True, slots=True)
class Split:
    """The border at the right of a column."""

    key: str
    """Its share is kept in the settings under this name."""
    share: float
    """Of the panel's width, unless the author drags it elsewhere."""
    most: float
    """Width beyond which the column does not grow by itself [pixels]."""


SIDE = Split("split_side", 0.5, 750.0)
BESIDE = Split("split_beside", 0.5, 750.0)
TABLE = Split("split_table", 0.27, 560.0)
FORM = Split("split_form", 0.29, 600.0)
SPLITS: dict[Arrangement, tuple[Split, ...]] = {
    Arrangement.STACKED: (),
    Arrangement.SIDE: (SIDE,),
    Arrangement.BESIDE: (BESIDE,),
    Arrangement.THREE: (TABLE, FORM),
}
"""Borders from left to right."""


def arrangement(width: float, *, unfolded: bool) -> Arrangement:
    """How the sections stand in so many pixels, with the preview unfolded or not."""
    if width >= THREE:
        return Arrangement.THREE
    if width < TWO:
        return Arrangement.STACKED
    return Arrangement.BESIDE if unfolded else Arrangement.SIDE


def widths(splits: Sequence[Split], total: float, kept: Sequence[float]) -> list[float]:
    """Widths of all columns but the last, which has the rest [pixels].

    Args:
        splits: the borders from left to right.
        total: what the columns share [pixels].
        kept: for each border the share that the author dragged it to, 0 where never.
    """
    found: list[float] = []
    for at, (one, share) in enumerate(zip(splits, kept, strict=True)):
        wanted = share * total if share else min(one.share * total, one.most)
        room = total - sum(found) - LEAST * (len(splits) - at)
        found.append(max(min(wanted, room), LEAST))
    return found

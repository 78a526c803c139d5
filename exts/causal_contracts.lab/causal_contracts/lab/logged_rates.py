# SPDX-License-Identifier: Apache-2.0
"""A table of rates to the named values that a task logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from .metrics import ContractMetrics

KEYS = ("press_rate", "effect_given_cause", "effect_given_no_cause", "presses", "nan_episodes")
"""The logged values, in the order of the kernel's columns."""
KEYS_OF_ONE = KEYS[:2]
"""What is logged of each contract where a bundle has several."""


def named(values: torch.Tensor, ids: Sequence[str]) -> dict[str, torch.Tensor]:
    """Each value as a tensor without dimensions, those of one contract as ``<id>/...``.

    Args:
        values: float32, shape (1 + num_contracts, NUM_VALUES); the first row is all contracts.
        ids: of the contracts; where there is one, it has no row of its own.
    """
    table = [row.unbind() for row in values.unbind()]
    found: dict[str, torch.Tensor] = dict(zip(KEYS, table[0], strict=True))
    if len(ids) > 1:
        for name, row in zip(ids, table[1:], strict=True):
            found |= {f"{name}/{key}": row[KEYS.index(key)] for key in KEYS_OF_ONE}
    return found


def merged(metrics: Sequence[tuple[str, ContractMetrics]], prefix: str) -> dict[str, torch.Tensor]:
    """The values of one or several articulations, named ``<prefix><articulation>/...``."""
    alone = len(metrics) == 1
    return {
        f"{prefix}{'' if alone else name + '/'}{key}": value
        for name, one in metrics
        for key, value in one.values().items()
    }

# SPDX-License-Identifier: Apache-2.0
"""Contracts and their rates to the named values that a task logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
import warp as wp

if TYPE_CHECKING:
    from .metrics import ContractMetrics

KEYS = ("press_rate", "effect_given_cause", "effect_given_no_cause", "presses", "nan_episodes")
"""The logged values, in the order of the kernel's columns."""
KEYS_OF_ONE = KEYS[:2]
"""What is logged of each contract where a bundle has several."""


class LoggedRates:
    """The rates on the device, which kernels write, and copies of them for a log."""

    def __init__(self, ids: Sequence[str], device: wp.Device) -> None:
        """Allocate room for the values of all contracts, and of each where there are several.

        Args:
            ids: of the contracts.
            device: where they are counted.
        """
        of_each = ids if len(ids) > 1 else ()
        self.keys = KEYS + tuple(f"{name}/{key}" for name in of_each for key in KEYS_OF_ONE)
        self.array: wp.array = wp.zeros(
            len(self.keys),
            dtype=wp.float32,  # pyright: ignore[reportArgumentType]
            device=device,
        )
        """What a kernel writes, in the order of `keys`."""
        with torch.inference_mode(False):
            self._view = wp.to_torch(self.array)

    def copies(self) -> dict[str, torch.Tensor]:
        """A new dict of tensors without dimensions that nobody changes later."""
        with torch.inference_mode(False):  # plain tensors, whoever asks
            return dict(zip(self.keys, self._view.clone().unbind(), strict=True))


def merged(metrics: Sequence[tuple[str, ContractMetrics]], prefix: str) -> dict[str, torch.Tensor]:
    """The values of one or several articulations, named ``<prefix><articulation>/...``."""
    alone = len(metrics) == 1
    return {
        f"{prefix}{'' if alone else name + '/'}{key}": value
        for name, one in metrics
        for key, value in one.values().items()
    }

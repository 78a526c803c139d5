# SPDX-License-Identifier: Apache-2.0
"""A rule that subscribes to the editor's update: it acts when played in the GUI, never in training.

A stand-in for behaviour scripts and action graphs: their callbacks hang on the application's
timeline, and a headless training loop steps physics itself and plays no timeline.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from causal_contracts.core import CompiledCouplings

from .torch_where import TorchWhereInPlace


class Timeline:
    """The editor's update event. `update` is what the GUI calls per frame, and nobody else."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[], None]] = []

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Call `callback` with every update from now on."""
        self._subscribers.append(callback)

    def update(self) -> None:
        """One frame of the editor."""
        for callback in self._subscribers:
            callback()


class EditorCallback:
    """A correct rule in the wrong place: `apply` passes the targets on for the next frame."""

    def __init__(
        self,
        compiled: CompiledCouplings,
        num_envs: int,
        device: str,
        timeline: Timeline | None = None,
    ) -> None:
        self._rule = TorchWhereInPlace(compiled, num_envs, device)
        self._seen: tuple[torch.Tensor, torch.Tensor] | None = None
        (timeline or Timeline()).subscribe(self._on_update)

    def apply(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The same tensor, unchanged until the editor updates."""
        self._seen = (joint_pos, targets)
        return targets

    def reset(self, env_ids: torch.Tensor) -> None:
        """Clear the latches, which headless nobody sets."""
        self._rule.reset(env_ids)

    def _on_update(self) -> None:
        if self._seen is not None:
            self._rule.apply(*self._seen)

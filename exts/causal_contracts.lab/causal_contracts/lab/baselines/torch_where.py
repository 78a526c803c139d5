# SPDX-License-Identifier: Apache-2.0
"""A chain of torch operations per contract: batched, and as good as it gets without a compiler."""

from __future__ import annotations

import torch
from causal_contracts.core import CompiledCouplings


class TorchWhere:
    """Out of place: three operations per contract over all environments; latches are tensors."""

    def __init__(self, compiled: CompiledCouplings, num_envs: int, device: str) -> None:
        self._rows = [
            (
                int(compiled.trigger[c]),
                bool(compiled.greater[c]),
                float(compiled.threshold[c]),
                int(compiled.effect[c]),
                float(compiled.target[c]),
                # a row of its own each, so that its bytes lie together
                torch.zeros(num_envs, dtype=torch.bool, device=device)
                if compiled.latching[c]
                else None,
            )
            for c in range(compiled.num_contracts)
            if compiled.enabled[c]
        ]

    def apply(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """A copy of the targets with effects written; nothing waits for the device."""
        merged = targets.clone()
        self._write(joint_pos, merged)
        return merged

    def reset(self, env_ids: torch.Tensor) -> None:
        """Clear the latches of these environments."""
        for *_, latch in self._rows:
            if latch is not None:
                latch[env_ids] = False

    def _write(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> None:
        for trigger, greater, threshold, effect, target, latch in self._rows:
            pos = joint_pos[:, trigger]
            active = pos > threshold if greater else pos < threshold
            if latch is not None:
                active = latch.logical_or_(active)
            column = targets[:, effect]
            column.copy_(torch.where(active, target, column))


class TorchWhereInPlace(TorchWhere):
    """In place, with `masked_fill_` instead of a copy through `where`: the fastest form found."""

    def apply(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The same tensor, with effects written."""
        self._write(joint_pos, targets)
        return targets

    def _write(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> None:
        for trigger, greater, threshold, effect, target, latch in self._rows:
            pos = joint_pos[:, trigger]
            active = pos > threshold if greater else pos < threshold
            if latch is not None:
                active = latch.logical_or_(active)
            targets[:, effect].masked_fill_(active, target)

# SPDX-License-Identifier: Apache-2.0
"""A Python rule per environment: what a script for one robot becomes with a loop around it."""

from __future__ import annotations

import torch
from causal_contracts.core import CompiledCouplings


class PerEnvironmentPython:
    """One rule object per environment; each reads and writes single elements of the tensors.

    On a GPU every read waits for the device. In place.
    """

    def __init__(self, compiled: CompiledCouplings, num_envs: int, device: str) -> None:
        del device
        self._rules = [_Rule(compiled) for _ in range(num_envs)]

    def apply(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The same tensor, with effects written."""
        for env, rule in enumerate(self._rules):
            rule.apply(joint_pos[env], targets[env])
        return targets

    def reset(self, env_ids: torch.Tensor) -> None:
        """Clear the latches of these environments."""
        for env in env_ids.tolist():
            self._rules[env].latched.clear()


class _Rule:
    """The contracts of one environment; `latched` holds the rows that stay."""

    def __init__(self, compiled: CompiledCouplings) -> None:
        self._compiled = compiled
        self.latched: set[int] = set()

    def apply(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> None:
        rule = self._compiled
        for c in range(rule.num_contracts):
            if not rule.enabled[c]:
                continue
            pos = joint_pos[rule.trigger[c]].item()
            active = pos > rule.threshold[c] if rule.greater[c] else pos < rule.threshold[c]
            if rule.latching[c]:
                if active:
                    self.latched.add(c)
                active = c in self.latched
            if active:
                targets[rule.effect[c]] = float(rule.target[c])

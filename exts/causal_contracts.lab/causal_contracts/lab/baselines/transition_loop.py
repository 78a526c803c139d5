# SPDX-License-Identifier: Apache-2.0
"""Transition rules looped over scenes once per step, on a mirror of the state on the host.

In the manner of BEHAVIOR-1K, whose transition machine walks over scenes and active rules in Python
after each step and reads states that are on the host.
"""

from __future__ import annotations

import numpy as np
import torch
from causal_contracts.core import CompiledCouplings


class TransitionLoop:
    """Per step: mirror the state to the host, loop over scenes and rules, send targets back.

    The mirror is one copy each way, whatever the number of scenes; on a GPU the host waits for it.
    In place.
    """

    def __init__(self, compiled: CompiledCouplings, num_envs: int, device: str) -> None:
        del device
        rules = range(compiled.num_contracts)
        self._scenes = [
            [_TransitionRule(compiled, c) for c in rules if compiled.enabled[c]]
            for _ in range(num_envs)
        ]

    def apply(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The same tensor, with effects written."""
        mirror = joint_pos.cpu().numpy()
        commanded = targets.cpu().numpy()
        changed = False
        for scene, rules in enumerate(self._scenes):
            for rule in rules:
                if rule.condition(mirror[scene]):
                    rule.transition(commanded[scene])
                    changed = True
        if changed and targets.device.type != "cpu":
            targets.copy_(torch.from_numpy(commanded))
        return targets

    def reset(self, env_ids: torch.Tensor) -> None:
        """Clear what these scenes remember."""
        for scene in env_ids.tolist():
            for rule in self._scenes[scene]:
                rule.held = False


class _TransitionRule:
    """A condition and what it changes, in one scene."""

    def __init__(self, compiled: CompiledCouplings, row: int) -> None:
        self.trigger = int(compiled.trigger[row])
        self.greater = bool(compiled.greater[row])
        self.threshold = compiled.threshold[row]
        self.effect = int(compiled.effect[row])
        self.target = compiled.target[row]
        self.latching = bool(compiled.latching[row])
        self.held = False

    def condition(self, joint_pos: np.ndarray) -> bool:
        pos = joint_pos[self.trigger]
        fired = bool(pos > self.threshold if self.greater else pos < self.threshold)
        self.held = self.latching and (self.held or fired)
        return fired or self.held

    def transition(self, targets: np.ndarray) -> None:
        targets[self.effect] = self.target

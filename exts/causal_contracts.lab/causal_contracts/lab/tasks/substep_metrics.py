# SPDX-License-Identifier: Apache-2.0
"""ContractMetrics with a sample per physics step: a press within one environment step is seen.

The contract reads the trigger in every physics step. Sampled once per environment step, a quick
press that opens the door would count as a door that opened by itself.
"""

from __future__ import annotations

import torch

from ..metrics import ContractMetrics


class SubstepMetrics(ContractMetrics):
    """Takes a sample at every call; for tasks whose hook runs in every physics step."""

    _calls = 0

    def watch(self, joint_pos: torch.Tensor, step: int) -> None:
        """Take one sample, whatever `step` says: positions float32 (num_envs, num_joints)."""
        self._calls += 1
        super().watch(joint_pos, self._calls)

# SPDX-License-Identifier: Apache-2.0
"""Recorder terms for contract state, beside Isaac Lab's own for the state of the scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from isaaclab.managers import RecorderTerm, RecorderTermCfg
from isaaclab.utils import configclass

from .state import get_contract_state


class InitialContractStateRecorder(RecorderTerm):
    """Records the contract state after a reset, as ``initial_contract_state``."""

    def record_post_reset(
        self, env_ids: Sequence[int] | torch.Tensor | slice | None
    ) -> tuple[str, dict[str, Any]]:
        """The rows of the environments that were reset."""
        rows = slice(None) if env_ids is None else env_ids
        state = get_contract_state(self._env)
        return "initial_contract_state", {
            action: {name: values[rows] for name, values in flags.items()}
            for action, flags in state.items()
        }


class PostStepContractStateRecorder(RecorderTerm):
    """Records the contract state at the end of each step, as ``contract_states``."""

    def record_post_step(self) -> tuple[str, dict[str, Any]]:
        """The state of every environment."""
        return "contract_states", get_contract_state(self._env)


@configclass
class InitialContractStateRecorderCfg(RecorderTermCfg):
    """Configuration of `InitialContractStateRecorder`."""

    class_type: type[RecorderTerm] = InitialContractStateRecorder


@configclass
class PostStepContractStateRecorderCfg(RecorderTermCfg):
    """Configuration of `PostStepContractStateRecorder`."""

    class_type: type[RecorderTerm] = PostStepContractStateRecorder

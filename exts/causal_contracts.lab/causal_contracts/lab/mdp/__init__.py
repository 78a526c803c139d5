# SPDX-License-Identifier: Apache-2.0
"""Contracts as manager terms, beside `isaaclab.envs.mdp`; no name here is one of Isaac Lab's."""

from .actions import ContractAction, ContractActionCfg, contract_action
from .curriculums import contract_fire_rate
from .events import (
    randomize_contract_enabled,
    randomize_contract_target,
    randomize_contract_threshold,
)
from .observations import (
    contract_active,
    contract_enabled,
    contract_fired,
    contract_latched,
    contract_margin,
    contract_progress,
    contract_target,
    contract_threshold,
)
from .recorders import (
    InitialContractStateRecorder,
    InitialContractStateRecorderCfg,
    PostStepContractStateRecorder,
    PostStepContractStateRecorderCfg,
)
from .rewards import effect_given_cause, effect_progress
from .run_state import get_run_state, set_run_state
from .state import get_contract_state, set_contract_state
from .terminations import effect_reached

__all__ = [
    "ContractAction",
    "ContractActionCfg",
    "InitialContractStateRecorder",
    "InitialContractStateRecorderCfg",
    "PostStepContractStateRecorder",
    "PostStepContractStateRecorderCfg",
    "contract_action",
    "contract_active",
    "contract_enabled",
    "contract_fire_rate",
    "contract_fired",
    "contract_latched",
    "contract_margin",
    "contract_progress",
    "contract_target",
    "contract_threshold",
    "effect_given_cause",
    "effect_progress",
    "effect_reached",
    "get_contract_state",
    "get_run_state",
    "randomize_contract_enabled",
    "randomize_contract_target",
    "randomize_contract_threshold",
    "set_contract_state",
    "set_run_state",
]

# SPDX-License-Identifier: Apache-2.0
"""Contracts as Warp terms for a ManagerBasedRLEnvWarp, named as in `causal_contracts.lab.mdp`.

Call `register_warp_frontend` before the environment is built. No torch operation runs in a term.
"""

from .actions import ContractAction, ContractActionCfg, contract_action
from .events import (
    randomize_contract_enabled,
    randomize_contract_target,
    randomize_contract_threshold,
)
from .frontend import register_warp_frontend
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
from .rewards import effect_given_cause, effect_progress
from .terminations import effect_reached

__all__ = [
    "ContractAction",
    "ContractActionCfg",
    "contract_action",
    "contract_active",
    "contract_enabled",
    "contract_fired",
    "contract_latched",
    "contract_margin",
    "contract_progress",
    "contract_target",
    "contract_threshold",
    "effect_given_cause",
    "effect_progress",
    "effect_reached",
    "randomize_contract_enabled",
    "randomize_contract_target",
    "randomize_contract_threshold",
    "register_warp_frontend",
]

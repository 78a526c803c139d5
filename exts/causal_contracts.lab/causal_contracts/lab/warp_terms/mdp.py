# SPDX-License-Identifier: Apache-2.0
"""The terms again, where Isaac Lab's frontend looks for the Warp twin of a torch term."""

from .actions import ContractAction
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
from .rewards import effect_given_cause, effect_progress
from .terminations import effect_reached

__all__ = [
    "ContractAction",
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
]

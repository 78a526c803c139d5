# SPDX-License-Identifier: Apache-2.0
"""Gym ids of the sample assets: importing this module registers them, and nothing heavier.

Isaac Lab imports it through the entry-point group ``isaaclab.tasks``.
"""

from __future__ import annotations

import gymnasium

HERE = __name__.rpartition(".")[0]
TASKS = {
    "CausalContracts-Microwave-Direct-v0": "microwave",
    "CausalContracts-CoffeeMaker-Direct-v0": "coffee_maker",
    "CausalContracts-Car-Direct-v0": "car",
    "CausalContracts-Stove-Direct-v0": "stove",
}
"""Sample asset, the name of its folder in the repository's data, by gym id."""

LATCHING = ("ContractPpoCfg", "contract_ppo")
"""Settings of RSL-RL and skrl."""
LEVEL = {"stove": ("holding", "holding")}
"""The same for the assets that have a level contract."""

for _id, _asset in TASKS.items():
    _rsl_rl, _skrl = LEVEL.get(_asset, LATCHING)
    gymnasium.register(
        id=_id,
        entry_point=f"{HERE}.contract_task:ContractTask",
        disable_env_checker=True,
        kwargs={
            "env_cfg_entry_point": f"{HERE}.sample_cfg:{_asset}",
            "rsl_rl_cfg_entry_point": f"{HERE}.rsl_rl_cfg:{_rsl_rl}",
            "skrl_cfg_entry_point": f"{HERE}.skrl_cfg:{_skrl}",
            "default_agent": "rsl_rl",
        },
    )

# SPDX-License-Identifier: Apache-2.0
"""Terminations on effects, written to bool of shape (num_envs,)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import warp as wp

from . import contract_kernels as kernel
from .actions import contract_action


def effect_reached(
    env: Any,
    out: wp.array,
    progress: float = 0.95,
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Every enabled contract's effect joint has covered this share of its way, from any cause.

    Never where no contract is enabled. A graph keeps the `progress` that it was recorded with.
    """
    action = contract_action(env, action_name)
    wp.launch(
        kernel.all_reached,
        dim=env.num_envs,
        inputs=[action.joint_pos, action.contracts, action.columns(contract_ids), progress],
        outputs=[out],
        device=out.device,
    )

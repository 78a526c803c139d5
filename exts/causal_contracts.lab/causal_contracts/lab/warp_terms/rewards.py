# SPDX-License-Identifier: Apache-2.0
"""Rewards for effects, written to float32 of shape (num_envs,): the mean of contracts chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import warp as wp

from . import contract_kernels as kernel
from .actions import contract_action


def effect_progress(
    env: Any,
    out: wp.array,
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Share of the way from rest to target, in [0, 1], whatever moved the effect joint."""
    _mean_progress(env, out, contract_ids, action_name, needs_cause=False)


def effect_given_cause(
    env: Any,
    out: wp.array,
    contract_ids: Sequence[str] | None = None,
    action_name: str = "contracts",
) -> None:
    """Progress where the contract is active: an effect forced without its cause earns nothing."""
    _mean_progress(env, out, contract_ids, action_name, needs_cause=True)


def _mean_progress(
    env: Any,
    out: wp.array,
    contract_ids: Sequence[str] | None,
    action_name: str,
    *,
    needs_cause: bool,
) -> None:
    action = contract_action(env, action_name)
    wp.launch(
        kernel.mean_progress,
        dim=env.num_envs,
        inputs=[action.joint_pos, action.contracts, action.columns(contract_ids), needs_cause],
        outputs=[out],
        device=out.device,
    )

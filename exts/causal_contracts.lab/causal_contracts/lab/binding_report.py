# SPDX-License-Identifier: Apache-2.0
"""What a bound bundle will not do as its author may expect, one sentence each."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from causal_contracts.core.ir import CompiledCouplings
from causal_contracts.core.issue import Issue, warning

if TYPE_CHECKING:
    from isaaclab.assets import Articulation


def driving_issues(compiled: CompiledCouplings, articulation: Articulation) -> list[Issue]:
    """Effect joints that no actuator drives to a position; reads stiffnesses, once."""
    driven = _driven_joints(articulation)
    return [
        warning(
            f"{contract.id}.effect.joint",
            f"no actuator drives '{compiled.joint_names[joint]}', so its target moves nothing",
            "give it an actuator with a stiffness in ArticulationCfg.actuators",
            contract.id,
        )
        for contract, joint in zip(compiled.contracts, compiled.effect, strict=True)
        if compiled.joint_names[joint] not in driven
    ]


def policy_issues(compiled: CompiledCouplings, policy_joints: Collection[str]) -> list[Issue]:
    """Effect joints that the policy commands too."""
    return [
        warning(
            f"{contract.id}.effect.joint",
            f"the policy commands '{compiled.joint_names[joint]}' too, with or without the cause",
            "take the joint out of the action",
            contract.id,
        )
        for contract, joint in zip(compiled.contracts, compiled.effect, strict=True)
        if compiled.joint_names[joint] in policy_joints
    ]


def folding_issues(compiled: CompiledCouplings, folded: int) -> list[Issue]:
    """Contracts are judged once per environment step where the decimation is folded."""
    if folded <= 1 or not compiled.num_contracts:
        return []
    return [
        warning(
            "decimation",
            f"Newton folds {folded} substeps into one call, so contracts act once per "
            "environment step",
            "set SimulationCfg.use_newton_actuators=False to have them act in every substep",
        )
    ]


def _driven_joints(articulation: Articulation) -> set[str]:
    from isaaclab.actuators import ImplicitActuatorCfg

    stiffness = articulation.data.joint_stiffness.torch[0].tolist()
    driven = set()
    for cfg in articulation.cfg.actuators.values():
        names = articulation.find_joints(cfg.joint_names_expr)[1]
        # An explicit actuator drives by effort: its stiffness in the simulation is zero.
        if isinstance(cfg, ImplicitActuatorCfg):
            names = [n for n in names if stiffness[articulation.joint_names.index(n)] != 0]
        driven.update(names)
    return driven

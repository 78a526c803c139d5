# SPDX-License-Identifier: Apache-2.0
"""The action term that runs a bundle: measured joint positions to targets of effect joints."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import MISSING
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
import warp as wp
from causal_contracts.core import Bundle, CompiledCouplings, CouplingTerm, compile_bundle
from isaaclab.assets import Articulation
from isaaclab.managers import ActionTerm, ActionTermCfg
from isaaclab.utils import configclass, index_fill_

from ..binding_report import driving_issues

if TYPE_CHECKING:
    from isaaclab.envs import ManagerBasedEnv

TensorName = Literal["fired", "latched", "active", "threshold", "target", "enabled"]


class ContractAction(ActionTerm):
    """Writes the drive targets of a bundle's contracts; takes no action from the policy.

    An effect joint gets its target where a contract is active, and elsewhere its rest target, or
    with `compose` what earlier terms commanded. Put it last, since later terms would override it.
    """

    cfg: ContractActionCfg
    _asset: Articulation  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, cfg: ContractActionCfg, env: ManagerBasedEnv) -> None:
        super().__init__(cfg, env)
        self.compiled = compile_bundle(cfg.couplings, self._asset.joint_names, strict=cfg.strict)
        self.term = CouplingTerm(
            self.compiled, self.num_envs, self.device, frontend="torch", per_env=True
        )
        """The running rule; its `threshold`, `target` and `enabled` may be written in place."""
        warn_of_undriven_joints(self.compiled, self._asset)
        warn_of_other_terms(cfg, env, self.compiled, self._asset)
        self._rest = rest_targets(self.compiled, self._asset)
        self._joint_pos = torch.empty_like(self._rest)
        self._joints = joint_mask(self.compiled, self.device)
        self._trigger, self._effect, greater = (
            torch.as_tensor(array.copy(), device=self.device)
            for array in (
                self.compiled.trigger.astype(np.int64),
                self.compiled.effect.astype(np.int64),
                self.compiled.greater,
            )
        )
        self._sign = greater.float() * 2 - 1
        self._nothing = torch.zeros(self.num_envs, 0, device=self.device)
        self.has_fired = torch.zeros_like(self.tensor("fired"))
        """Whether the condition was true at some time in this episode, bool, (num_envs, C)."""

    @property
    def action_dim(self) -> int:
        """0: the policy commands nothing here."""
        return 0

    @property
    def raw_actions(self) -> torch.Tensor:
        """Empty, shape (num_envs, 0)."""
        return self._nothing

    @property
    def processed_actions(self) -> torch.Tensor:
        """Empty, shape (num_envs, 0)."""
        return self._nothing

    def tensor(self, name: TensorName) -> torch.Tensor:
        """What the running rule calls so, not a copy, shape (num_envs, num_contracts)."""
        return getattr(self.term, name)

    @property
    def rest(self) -> torch.Tensor:
        """Rest targets of the effect joints [rad or m], float32, shape (num_envs, C)."""
        return self._rest[:, self._effect]

    @property
    def margin(self) -> torch.Tensor:
        """How far the trigger is past its threshold [rad or m], positive where it fires, (N, C)."""
        return self._sign * (self._measured()[:, self._trigger] - self.tensor("threshold"))

    @property
    def progress(self) -> torch.Tensor:
        """``clamp((q - rest) / (target - rest), 0, 1)`` of the effect joints, (num_envs, C).

        1 where target and rest are the same: there is no way to go.
        """
        rest = self.rest
        way = self.tensor("target") - rest
        share = (self._measured()[:, self._effect] - rest) / way
        return torch.where(way == 0, torch.ones_like(way), share).clamp_(0.0, 1.0)

    def process_actions(self, actions: torch.Tensor) -> None:
        """Take nothing: `actions` has no columns."""

    def apply_actions(self) -> None:
        """Evaluate the rule on the measured positions and command the effect joints."""
        command = self._asset.actuators.target_command
        given = command.position.torch if self.cfg.compose else self._rest
        targets = self.term.apply(self._measured(), given)
        self.has_fired.logical_or_(self.tensor("fired"))
        command.set_position_mask(value=targets, joint_mask=self._joints)

    def reset(self, env_ids: Sequence[int] | torch.Tensor | slice | None = None) -> None:
        """Forget latches and flags; parameters stay, since reset events have just written them."""
        self.term.reset(env_ids)
        index_fill_(self.has_fired, env_ids, False)

    def stop_effects(self, env_ids: torch.Tensor) -> None:
        """Command zero velocity at the effect joints of these environments, as on start-up."""
        stop_effects(self._asset, self.compiled, env_ids)

    def _measured(self) -> torch.Tensor:
        """Joint positions, fetched anew since PhysX fills them on access; contiguous."""
        measured = self._asset.data.joint_pos.torch
        return measured if measured.is_contiguous() else self._joint_pos.copy_(measured)


@configclass
class ContractActionCfg(ActionTermCfg):
    """Configuration of `ContractAction`."""

    class_type: type[ActionTerm] = ContractAction

    couplings: str | os.PathLike[str] | Bundle = MISSING  # pyright: ignore[reportAssignmentType]
    """A couplings.json, a USD asset with contracts on it, or a bundle."""

    strict: bool = True
    """Raise where the articulation lacks a joint that a contract names; else skip the contract."""

    compose: bool = False
    """Leave inactive effect joints to the terms before this one, instead of the rest target.

    Without such a term a level contract never lets go: Isaac Lab's targets persist.
    """


def contract_action(env: ManagerBasedEnv, action_name: str = "contracts") -> ContractAction:
    """The contract term of that name.

    Raises:
        TypeError: the action term of that name is another one.
    """
    action = env.action_manager.get_term(action_name)
    if not isinstance(action, ContractAction):
        raise TypeError(
            f"action term '{action_name}' is a {type(action).__name__}, not a ContractAction; "
            "give action_name="
        )
    return action


def columns(action: ContractAction, contract_ids: Sequence[str] | None) -> list[int]:
    """The columns of these contracts; of all where None.

    Raises:
        ValueError: an id that does not run here.
    """
    ids = action.compiled.ids
    unknown = sorted(set(contract_ids or ()) - set(ids))
    if unknown:
        raise ValueError(f"no contracts {unknown} run here; there are {list(ids)}")
    return [i for i, name in enumerate(ids) if contract_ids is None or name in contract_ids]


def stop_effects(asset: Articulation, compiled: CompiledCouplings, env_ids: torch.Tensor) -> None:
    """Command zero velocity at the effect joints of these environments."""
    joints = torch.as_tensor(
        compiled.effect_joints.copy(), device=env_ids.device, dtype=torch.int32
    )
    still = torch.zeros(len(env_ids), len(joints), device=env_ids.device)
    asset.actuators.target_command.set_velocity_index(
        value=still, joint_ids=joints, env_ids=env_ids
    )


def rest_targets(compiled: CompiledCouplings, asset: Articulation) -> torch.Tensor:
    """What every joint is commanded while no contract is active [rad or m], (num_envs, J)."""
    rest = asset.data.default_joint_pos.torch.clone()
    for contract_id, joint, value in zip(
        compiled.ids, compiled.effect.tolist(), compiled.rest.tolist(), strict=True
    ):
        if np.isnan(value):
            warnings.warn(
                f"{contract_id}.effect.rest: the bundle has no rest target for "
                f"'{compiled.joint_names[joint]}'; its default joint position is used",
                stacklevel=2,
            )
        else:
            rest[:, joint] = value
    return rest


def joint_mask(compiled: CompiledCouplings, device: str) -> wp.array:
    """The joints to command, bool, shape (num_joints,)."""
    mask = np.zeros(compiled.num_joints, bool)
    mask[compiled.effect_joints] = True
    return wp.array(mask, dtype=wp.bool, device=device)


def warn_of_undriven_joints(compiled: CompiledCouplings, asset: Articulation) -> None:
    """Say which effect joints no actuator drives: a target moves nothing there."""
    for issue in driving_issues(compiled, asset):
        warnings.warn(str(issue), stacklevel=2)


def warn_of_other_terms(
    cfg: ContractActionCfg, env: ManagerBasedEnv, compiled: CompiledCouplings, asset: Articulation
) -> None:
    """Say where another action term and this one command the same joint."""
    actions = env.cfg.actions
    terms = dict(actions if isinstance(actions, dict) else vars(actions))
    later = False
    driven = {compiled.joint_names[joint] for joint in compiled.effect_joints}
    for name, other in terms.items():
        if isinstance(other, ContractActionCfg):  # the manager has copied `cfg`
            later |= other.asset_name == cfg.asset_name
        elif getattr(other, "asset_name", None) == cfg.asset_name and hasattr(other, "joint_names"):
            shared = sorted(driven.intersection(asset.find_joints(other.joint_names)[1]))
            if shared and (later or not cfg.compose):
                warnings.warn(
                    f"action term '{name}' commands {shared}, effect joints of contracts; "
                    + (
                        "it comes later and wins: put the contracts last"
                        if later
                        else "the contracts override it: compose=True lets it through"
                    ),
                    stacklevel=2,
                )

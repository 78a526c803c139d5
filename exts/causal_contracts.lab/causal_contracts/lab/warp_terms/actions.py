# SPDX-License-Identifier: Apache-2.0
"""The action term that runs a bundle in Warp: measured positions to targets of effect joints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import warp as wp
from causal_contracts.core import CompiledCouplings, CouplingTerm, compile_bundle
from isaaclab.assets import Articulation
from isaaclab.utils import configclass
from isaaclab_experimental.managers.action_manager import ActionTerm

from ..gather_kernel import gather
from ..mdp import actions as torch_form
from . import contract_kernels as kernel

if TYPE_CHECKING:
    from isaaclab_experimental.envs import ManagerBasedEnvWarp


class ContractAction(ActionTerm):
    """Writes the drive targets of a bundle's contracts; takes no action from the policy.

    An effect joint gets its target where a contract is active, and elsewhere its rest target, or
    with `compose` what earlier terms commanded. Put it last, since later terms would override it.
    """

    cfg: torch_form.ContractActionCfg
    _asset: Articulation  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, cfg: torch_form.ContractActionCfg, env: ManagerBasedEnvWarp) -> None:
        super().__init__(cfg, env)  # pyright: ignore[reportArgumentType]
        asset = self._asset
        self.compiled = compile_bundle(cfg.couplings, asset.joint_names, strict=cfg.strict)
        self.term = CouplingTerm(
            self.compiled, self.num_envs, self.device, frontend="warp", per_env=True
        )
        """The running rule; its `threshold`, `target` and `enabled` may be written in place."""
        torch_form.warn_of_undriven_joints(self.compiled, asset)
        torch_form.warn_of_other_terms(cfg, env, self.compiled, asset)  # pyright: ignore
        rest = torch_form.rest_targets(self.compiled, asset)
        self._rest = wp.from_torch(rest.contiguous(), dtype=wp.float32)
        self._staged_pos, self._staged_targets = (wp.empty_like(self._rest) for _ in range(2))
        self._joints = torch_form.joint_mask(self.compiled, self.device)
        self._nothing = wp.zeros((self.num_envs, 0), dtype=wp.float32, device=self.device)
        self._has_fired = wp.zeros(
            (self.num_envs, self.compiled.num_contracts), dtype=wp.bool, device=self.device
        )
        self.contracts = _contracts(self.compiled, self.term, self._rest)
        """What the other terms' kernels read."""
        self._columns: dict[tuple[str, ...] | None, wp.array] = {}
        self._authored = {
            name: wp.array(getattr(self.compiled, name), dtype=wp.float32, device=self.device)
            for name in ("threshold", "target")
        }
        self._views: dict[str, torch.Tensor] = {}

    @property
    def action_dim(self) -> int:
        """0: the policy commands nothing here."""
        return 0

    @property
    def raw_actions(self) -> wp.array:
        """Empty, shape (num_envs, 0)."""
        return self._nothing

    @property
    def processed_actions(self) -> wp.array:
        """Empty, shape (num_envs, 0)."""
        return self._nothing

    @property
    def joint_pos(self) -> wp.array:
        """Measured positions [rad or m], float32, shape (num_envs, num_joints), maybe strided."""
        return self._asset.data.joint_pos.warp

    def process_actions(self, actions: wp.array, action_offset: int = 0) -> None:
        """Take nothing: no column of `actions` is ours."""

    def apply_actions(self) -> None:
        """Evaluate the rule on the measured positions and command the effect joints."""
        command = self._asset.actuators.target_command
        given = self._rest
        if self.cfg.compose:
            given = gather(command.position.warp, self._staged_targets)
        targets: Any = self.term.apply(gather(self.joint_pos, self._staged_pos), given)
        self._launch(kernel.remember, self.term.fired, self._has_fired)
        command.set_position_mask(value=targets, joint_mask=self._joints)

    def reset(self, env_mask: wp.array | None = None) -> None:
        """Forget latches and flags; parameters stay, since reset events have just written them."""
        env: Any = self._env
        mask = env.ALL_ENV_MASK if env_mask is None else env_mask
        self.term.reset(env_mask=mask)
        self._launch(kernel.forget, mask, self._has_fired)

    def columns(self, contract_ids: Sequence[str] | None) -> wp.array:
        """The columns of these contracts, int32, the same array at every call; of all where None.

        Raises:
            ValueError: an id that does not run here.
        """
        key = None if contract_ids is None else tuple(contract_ids)
        if key not in self._columns:
            rows = torch_form.columns(self, contract_ids)  # pyright: ignore[reportArgumentType]
            self._columns[key] = wp.array(
                np.array(rows, np.int32), dtype=wp.int32, device=self.device
            )
        return self._columns[key]

    def authored(self, name: str) -> wp.array:
        """Thresholds or targets as the author wrote them [rad or m], float32, shape (C,)."""
        return self._authored[name]

    def tensor(self, name: torch_form.TensorName) -> torch.Tensor:
        """For what Isaac Lab runs in torch here (curriculum, recorders): a view, (num_envs, C)."""
        return self._view(name, getattr(self.term, name))

    @property
    def has_fired(self) -> torch.Tensor:
        """Whether the condition was true at some time in this episode, a view, (num_envs, C)."""
        return self._view("has_fired", self._has_fired)

    def stop_effects(self, env_ids: torch.Tensor) -> None:
        """Command zero velocity at the effect joints of these environments, as on start-up."""
        torch_form.stop_effects(self._asset, self.compiled, env_ids)

    def _view(self, name: str, array: wp.array) -> torch.Tensor:
        if name not in self._views:
            with torch.inference_mode(False):
                self._views[name] = wp.to_torch(array)
        return self._views[name]

    def _launch(self, rule: Any, given: Any, flags: wp.array) -> None:
        wp.launch(rule, dim=flags.shape, inputs=[given], outputs=[flags], device=self.device)


# The torch terms that Isaac Lab runs in a Warp environment too ask for the action by this class.
torch_form.ContractAction.register(ContractAction)


@configclass
class ContractActionCfg(torch_form.ContractActionCfg):
    """Configuration of `ContractAction`."""

    class_type: type[Any] = ContractAction


def contract_action(env: Any, action_name: str = "contracts") -> ContractAction:
    """The contract term of that name.

    Raises:
        TypeError: the action term of that name is another one.
    """
    action = env.action_manager.get_term(action_name)
    if not isinstance(action, ContractAction):
        raise TypeError(
            f"action term '{action_name}' is a {type(action).__name__}, not a ContractAction of "
            "causal_contracts.lab.warp_terms; give action_name="
        )
    return action


def _contracts(compiled: CompiledCouplings, term: CouplingTerm, rest: wp.array) -> Any:
    contracts = kernel.Contracts()
    sign = np.where(compiled.greater, 1, -1).astype(np.float32)
    for name, values in (("trigger", compiled.trigger), ("effect", compiled.effect)):
        setattr(contracts, name, wp.array(values, dtype=wp.int32, device=term.device))
    contracts.sign = wp.array(sign, dtype=wp.float32, device=term.device)
    for name in ("threshold", "target", "enabled", "active"):
        setattr(contracts, name, getattr(term, name))
    contracts.rest = rest
    return contracts

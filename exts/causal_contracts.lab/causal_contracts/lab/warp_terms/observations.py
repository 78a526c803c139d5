# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: N801 - terms are named as functions, as Isaac Lab's own class terms are
"""Observations of contracts, each written to float32 of shape (num_envs, num_contracts).

Classes, since the number of contracts is known once the action term has read the bundle, and
Isaac Lab asks a Warp term how many columns it writes before it runs.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

import warp as wp
from isaaclab_experimental.envs.utils.io_descriptors import generic_io_descriptor_warp
from isaaclab_experimental.managers import ManagerTermBase

from . import contract_kernels as kernel
from .actions import ContractAction, contract_action


class ContractObservation(ManagerTermBase):
    """A term ``func(env, out, action_name="contracts")`` that says how wide its output is."""

    units: ClassVar[str | None] = None

    def __init__(self, cfg: Any, env: Any) -> None:
        super().__init__(cfg, env)
        action = contract_action(env, cfg.params["action_name"])
        described: Any = type(self).__call__
        self._descriptor = copy.deepcopy(described._descriptor)
        self._descriptor.name = type(self).__name__
        self._descriptor.full_path = f"{type(self).__module__}.{type(self).__name__}"
        self._descriptor.description = " ".join((type(self).__doc__ or "").split())
        self._descriptor.units = self.units
        self._descriptor.out_dim = action.compiled.num_contracts
        self._descriptor.shape = (action.compiled.num_contracts,)
        self._has_descriptor = True

    @generic_io_descriptor_warp(out_dim=0, observation_type="Contract")  # pyright: ignore
    def __call__(self, env: Any, out: wp.array, action_name: str = "contracts") -> None:
        """Write `out`, float32, shape (num_envs, num_contracts)."""
        self.observe(contract_action(env, action_name), out)

    def observe(self, action: ContractAction, out: wp.array) -> None:
        """Launch the kernel that writes `out`."""
        raise NotImplementedError


class _Flag(ContractObservation):
    flag: ClassVar[str]

    def observe(self, action: ContractAction, out: wp.array) -> None:
        _launch(kernel.observe_flags, [getattr(action.term, self.flag)], out)


class contract_fired(_Flag):
    """1 where the condition was true at the last evaluation."""

    flag = "fired"


class contract_latched(_Flag):
    """1 where a latching contract has fired since the reset; 0 for level contracts."""

    flag = "latched"


class contract_active(_Flag):
    """1 where the effect joint is commanded its target."""

    flag = "active"


class contract_enabled(_Flag):
    """1 where the contract may fire in that environment: privileged."""

    flag = "enabled"


class contract_margin(ContractObservation):
    """How far the trigger joint is past its threshold [rad or m], positive where it fires."""

    units = "rad or m"

    def observe(self, action: ContractAction, out: wp.array) -> None:
        """One launch."""
        _launch(kernel.observe_margin, [action.joint_pos, action.contracts], out)


class contract_progress(ContractObservation):
    """Which share of the way from rest to target the effect joint has covered, in [0, 1]."""

    def observe(self, action: ContractAction, out: wp.array) -> None:
        """One launch."""
        _launch(kernel.observe_progress, [action.joint_pos, action.contracts], out)


class contract_threshold(ContractObservation):
    """Thresholds of each environment [rad or m]: privileged, for a critic or a teacher."""

    units = "rad or m"

    def observe(self, action: ContractAction, out: wp.array) -> None:
        """One launch."""
        _launch(kernel.observe_numbers, [action.term.threshold], out)


class contract_target(ContractObservation):
    """Effect targets of each environment [rad or m]: privileged."""

    units = "rad or m"

    def observe(self, action: ContractAction, out: wp.array) -> None:
        """One launch."""
        _launch(kernel.observe_numbers, [action.term.target], out)


def _launch(rule: Any, inputs: list[Any], out: wp.array) -> None:
    wp.launch(rule, dim=out.shape, inputs=inputs, outputs=[out], device=out.device)

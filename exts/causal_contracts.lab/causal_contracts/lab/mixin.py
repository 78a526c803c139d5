# SPDX-License-Identifier: Apache-2.0
"""CompiledCouplingMixin: contracts in a DirectRLEnv or DirectMARLEnv, two lines in the task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from .bound_couplings import BoundCouplings

if TYPE_CHECKING:
    from isaaclab.assets import Articulation


class CompiledCouplingMixin(BoundCouplings):
    """Runs a bundle inside the physics step; stands first among a task's bases.

    ::

        class CoffeeTask(CompiledCouplingMixin, DirectRLEnv):
            def _apply_action(self):
                self.robot.actuators.target_command.set_position_index(
                    value=self.apply_couplings(self.targets)
                )

    Read from the task's `cfg`; all but the first are optional:

    - ``couplings``: a Bundle, the path of a couplings.json or USD asset, or a dict from
      articulation name to these; None runs the task without contracts.
    - ``couplings_strict`` (True): raise where a joint is missing, instead of skipping a contract.
    - ``couplings_native`` (False): measure the contracts and let none act.
    - ``couplings_window`` (2.0): seconds that an effect may take, for the metrics; None: no metrics
    - ``couplings_policy_joints`` (()): joints that the policy commands, for the report at binding

    A task that overrides `_reset_idx` calls ``super()._reset_idx(env_ids)``, then writes joints.
    """

    def apply_couplings(
        self, targets: torch.Tensor, articulation: str | Articulation | None = None
    ) -> torch.Tensor:
        """Read the measured positions and return the targets with those of active contracts.

        Args:
            targets: the task's drive targets [rad or m], float32, shape (num_envs, num_joints);
                never changed.
            articulation: which one they are for, where contracts run on several.

        Returns:
            A buffer that the next call overwrites; `targets` itself where couplings are None.

        Raises:
            ContractError: the couplings do not fit the scene (at the first call), or
                `articulation` has none.
        """
        bindings = self._bound()
        if not bindings:
            return targets
        alone = articulation is None and len(bindings) == 1
        binding = bindings[0] if alone else self._binding_of(articulation)
        joint_pos = binding.joint_pos()
        metrics = self._contract_metrics.get(binding.name)
        if metrics is not None:
            metrics.watch(joint_pos, self.common_step_counter)
        return binding.term.apply(joint_pos, targets)  # pyright: ignore[reportReturnType]

    def reset_couplings(self, env_ids: Sequence[int] | torch.Tensor | slice | None = None) -> None:
        """Clear the latches of some environments and of no other; of all where None."""
        for binding in self._bound():
            binding.term.reset(env_ids)

    def _reset_idx(self, env_ids: Any) -> None:
        # Before `super`, whose reset events may write joints: the last sample is the episode's own.
        for binding in self._bound():
            metrics = self._contract_metrics.get(binding.name)
            if metrics is not None:
                joint_pos = binding.joint_pos()
                metrics.end_episodes(joint_pos, _as_ids(env_ids, joint_pos))
        super()._reset_idx(env_ids)
        self.reset_couplings(env_ids)


def _as_ids(env_ids: Any, like: torch.Tensor) -> torch.Tensor:
    """Any ids that Isaac Lab passes as an int32 or int64 tensor on the device of `like`."""
    if isinstance(env_ids, torch.Tensor):
        return env_ids
    if env_ids is None or isinstance(env_ids, slice):
        every = torch.arange(len(like), dtype=torch.int32, device=like.device)
        return every if env_ids is None else every[env_ids].contiguous()
    return torch.as_tensor(env_ids, dtype=torch.int32, device=like.device)

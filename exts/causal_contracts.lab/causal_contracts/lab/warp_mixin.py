# SPDX-License-Identifier: Apache-2.0
"""WarpCouplingMixin: contracts in a DirectRLEnvWarp, inside its captured stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import warp as wp

from .binding import Frontend
from .bound_couplings import BoundCouplings

if TYPE_CHECKING:
    from isaaclab.assets import Articulation


class WarpCouplingMixin(BoundCouplings):
    """Runs a bundle inside the physics step; stands first among a task's bases.

    ::

        class CoffeeTask(WarpCouplingMixin, DirectRLEnvWarp):
            def _apply_action(self):
                self.robot.actuators.target_command.set_position_mask(
                    value=self.apply_couplings(self.targets)
                )

    Reads the same attributes of the task's `cfg` as `CompiledCouplingMixin`, binds by the same
    joint names, and reports and logs the same. What runs inside a stage is kernel launches on
    buffers that stay where they are, so that Isaac Lab may record the stage and replay it.

    A task that overrides `_reset_idx` calls ``super()._reset_idx(mask)``, then writes joints.
    """

    _contract_frontend: ClassVar[Frontend] = "warp"

    def apply_couplings(
        self, targets: wp.array, articulation: str | Articulation | None = None
    ) -> wp.array:
        """Read the measured positions and return the targets with those of active contracts.

        Args:
            targets: the task's drive targets [rad or m], float32, shape (num_envs, num_joints);
                never changed. A graph remembers this very array: write into it, and keep it.
            articulation: which one they are for, where contracts run on several.

        Returns:
            A buffer that the next call overwrites; `targets` itself where couplings are None.

        Raises:
            ContractError: the couplings do not fit the scene (at the first call), or
                `articulation` has none.
        """
        if not self._bound():
            return targets
        binding = self._binding_of(articulation)
        return binding.term.apply(binding.joint_pos_warp(), targets)  # pyright: ignore[reportReturnType]

    def reset_couplings(self, env_mask: wp.array | None = None) -> None:
        """Clear the latches of some environments and of no other; of all where None.

        Args:
            env_mask: bool, shape (num_envs,).
        """
        for binding in self._bound():
            binding.term.reset(env_mask=env_mask)

    def step(self, *args: Any, **kwargs: Any) -> Any:  # pyright: ignore
        """Step the environment; contract metrics join a new dict in ``extras["log"]``."""
        # Outside of the stages, which run once per physics step: a sample is per environment step.
        for binding in self._bound():
            metrics = self._contract_metrics.get(binding.name)
            if metrics is not None:
                metrics.watch(binding.joint_pos_warp(), self.common_step_counter)
        return super().step(*args, **kwargs)

    def _reset_idx(self, mask: wp.array | None = None) -> None:  # pyright: ignore
        which: wp.array = self._ALL_ENV_MASK if mask is None else mask  # pyright: ignore
        # Before `super`, after which the task writes joints: the last sample is the episode's own.
        for binding in self._bound():
            metrics = self._contract_metrics.get(binding.name)
            if metrics is not None:
                metrics.end_episodes_by_mask(binding.joint_pos_warp(), which)
        super()._reset_idx(which)  # pyright: ignore[reportArgumentType]
        self.reset_couplings(which)

# SPDX-License-Identifier: Apache-2.0
"""ContractTask: actions press the triggers of an asset, its effects are the reward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from causal_contracts.core.ir import CompiledCouplings
from isaaclab.assets import Articulation
from isaaclab.envs import DirectRLEnv, VecEnvObs

from ..binding import Binding
from ..metrics import ContractMetrics
from ..mixin import CompiledCouplingMixin
from ..nan_containment import NanContainment, finite
from ..pinned_memory import avoid_pinned_memory
from .contract_task_cfg import ContractTaskCfg
from .substep_metrics import SubstepMetrics

STARTS = 32
"""Different starts of each environment before they repeat."""
CLIP = 5.0
"""Observations are held within this."""
SWIFT = 0.1
"""Seconds in which a joint at observed velocity 1 crosses its range."""


class ContractTask(CompiledCouplingMixin, DirectRLEnv):
    """Actions are drive targets of the trigger joints; the reward is how far the effects are.

    - **action** (num_envs, triggers), -1 to 1: see `press_map.PressJoint`; effect joints have none.
    - **observation** (num_envs, 2 * triggers + contracts): trigger positions and velocities over
      the joint's range, then the progress of each effect ``(q - rest) / (target - rest)``.
    - **reward**: mean progress over the contracts, each held within 0 and 1; nothing for a press.
    - An episode ends with its time, or when a joint is not finite.
    """

    cfg: ContractTaskCfg

    def __init__(
        self, cfg: ContractTaskCfg, render_mode: str | None = None, **registered: Any
    ) -> None:
        """Build the environment; `registered` is what a gym id carries beside it."""
        avoid_pinned_memory()  # under `isaaclab train` nobody else does; only without a driver
        super().__init__(cfg, render_mode, **registered)
        self.asset: Articulation = self.scene["asset"]
        (self._binding,) = self._bound()
        self.nan = NanContainment([self.asset], self.num_envs, str(self.device))
        with torch.inference_mode(False):  # state that can be written outside of inference mode
            self._read_presses()
            self._read_effects(self._binding.compiled)
            self._draw_starts()
            self.reward_sum = torch.zeros((), dtype=torch.float64, device=self.device)
            """Sum of all rewards of environments that were finite, since the start."""
            self.reward_count = torch.zeros((), dtype=torch.int64, device=self.device)
            """Number of these."""
        self.on_measured: Callable[[torch.Tensor], None] | None = None
        """Called after each physics step with the measured positions, before anything is reset."""

    @property
    def binding(self) -> Binding:
        """The contracts on the asset."""
        return self._binding

    @property
    def held(self) -> bool:
        """Whether a level contract is among the enabled ones: its trigger must be held."""
        compiled = self._binding.compiled
        return not compiled.latching[compiled.enabled].all()

    @property
    def observation_names(self) -> tuple[str, ...]:
        """What each observation is, in order."""
        compiled, joints = self._binding.compiled, self.cfg.couplings_policy_joints
        enabled = [name for at, name in enumerate(compiled.ids) if compiled.enabled[at]]
        return (
            *(f"{joint}.position" for joint in joints),
            *(f"{joint}.velocity" for joint in joints),
            *(f"{name}.progress" for name in enabled),
        )

    def targets_of(self, actions: torch.Tensor) -> torch.Tensor:
        """Drive targets of the trigger joints [rad or m], shape (num_envs, triggers)."""
        low, low_half, rest, high_half, high = self._stops
        inner = rest + torch.where(actions > 0, high_half - rest, rest - low_half) * actions * 2
        above = high_half + (high - high_half) * (actions * 2 - 1)
        below = low_half + (low_half - low) * (actions * 2 + 1)
        return torch.where(actions > 0.5, above, torch.where(actions < -0.5, below, inner))

    def actions_for(self, targets: torch.Tensor) -> torch.Tensor:
        """The actions that give these drive targets, shape (num_envs, triggers)."""
        low, low_half, rest, high_half, high = self._stops
        above = 0.5 + 0.5 * _share(targets - high_half, high - high_half)
        below = -0.5 - 0.5 * _share(low_half - targets, low_half - low)
        upper = torch.where(
            targets > high_half, above, 0.5 * _share(targets - rest, high_half - rest)
        )
        lower = torch.where(
            targets < low_half, below, -0.5 * _share(rest - targets, rest - low_half)
        )
        return torch.where(targets > rest, upper, lower)

    def progress_of(self, joint_pos: torch.Tensor) -> torch.Tensor:
        """How far each effect is from rest (0) to target (1), shape (num_envs, contracts)."""
        return (joint_pos[:, self._effect] - self._effect_rest) * self._per_way

    def progress(self) -> torch.Tensor:
        """`progress_of` the measured positions."""
        return self.progress_of(self._measured())

    def _pre_physics_step(self, actions: torch.Tensor) -> None:
        self.targets[:, self._trigger] = self.targets_of(finite(actions).clamp(-1.0, 1.0))

    def _apply_action(self) -> None:
        # The first physics step of an environment step measures what `_get_dones` has seen.
        if self.on_measured is not None and (self._sim_step_counter - 1) % self.cfg.decimation:
            self.on_measured(self._measured())
        self.asset.actuators.target_command.set_position_index(
            value=self.apply_couplings(self.targets)
        )

    def _get_dones(self) -> tuple[torch.Tensor, torch.Tensor]:
        lost = self.nan.look()
        if self.on_measured is not None:
            self.on_measured(self._measured())
        # A velocity alone may be lost: the episode then counts as one of a lost environment too.
        for metrics in self.coupling_metrics.values():
            metrics.lost.logical_or_(lost)
        timed_out = self.episode_length_buf >= self.max_episode_length
        return lost.clone(), timed_out & ~lost

    def _get_rewards(self) -> torch.Tensor:
        reward = self.nan.without_lost(self.progress().clamp(0.0, 1.0).mean(dim=1))
        self.reward_sum += reward.sum()
        self.reward_count += (~self.nan.lost).sum()
        return reward

    def _get_observations(self) -> VecEnvObs:
        position = (self._measured()[:, self._trigger] - self._stops[2]) / self._range
        velocity = self.asset.data.joint_vel.torch[:, self._trigger] * (SWIFT / self._range)
        seen = torch.cat((position, velocity, self.progress()), dim=1)
        return {"policy": finite(seen).clamp(-CLIP, CLIP)}

    def _reset_idx(self, env_ids: Sequence[int]) -> None:
        super()._reset_idx(env_ids)
        data, asset = self.asset.data, self.asset
        position = data.default_joint_pos.torch[env_ids].clone()
        self._episode[env_ids] = (self._episode[env_ids] + 1) % STARTS
        position[:, self._trigger] += self._starts[self._episode[env_ids], env_ids]
        asset.write_joint_position_to_sim_index(position=position, env_ids=env_ids)
        asset.write_joint_velocity_to_sim_index(
            velocity=data.default_joint_vel.torch[env_ids], env_ids=env_ids
        )
        if not asset.is_fixed_base:
            pose, still = self._root_pose[env_ids], data.default_root_vel.torch[env_ids]
            asset.write_root_pose_to_sim_index(root_pose=pose, env_ids=env_ids)
            asset.write_root_velocity_to_sim_index(root_velocity=still, env_ids=env_ids)

    def _bind(self) -> tuple[tuple[Binding, ...], dict[str, ContractMetrics]]:
        bindings, metrics = super()._bind()
        substeps: dict[str, ContractMetrics] = {
            name: SubstepMetrics(
                one.compiled,
                self.num_envs,
                self.device,
                step_dt=self.physics_dt,
                window=self.cfg.couplings_window,
            )
            for name, one in metrics.items()
        }
        return bindings, substeps

    def _measured(self) -> torch.Tensor:
        return self._binding.joint_pos()

    def _read_presses(self) -> None:
        names, cfg = list(self.asset.joint_names), self.cfg
        default = self.asset.data.default_joint_pos.torch
        self._trigger = torch.tensor(
            [names.index(name) for name in cfg.couplings_policy_joints], device=self.device
        )
        stops = torch.tensor(cfg.press_stops, dtype=torch.float32, device=self.device)
        self._stops = stops.T.contiguous()
        self._range = self._stops[4] - self._stops[0]
        self.targets = default.clone()
        """Drive targets that the contracts see [rad or m], shape (num_envs, num_joints)."""
        for name, target in cfg.rest_targets.items():
            self.targets[:, names.index(name)] = target
        self._root_pose = self.asset.data.root_link_pose_w.torch.clone()

    def _read_effects(self, compiled: CompiledCouplings) -> None:
        """Columns, rest and way of the enabled contracts; a rest nobody wrote is the target's."""
        rows = np.flatnonzero(compiled.enabled)
        effect = compiled.effect[rows]
        unwritten = self.targets[0].cpu().numpy()[effect]
        rest = np.where(np.isnan(compiled.rest[rows]), unwritten, compiled.rest[rows])
        way = compiled.target[rows] - rest
        per_way = np.divide(1.0, way, out=np.zeros_like(way), where=way != 0)
        self._effect = torch.as_tensor(effect.astype(np.int64), device=self.device)
        self._effect_rest, self._per_way = (
            torch.as_tensor(values.astype(np.float32), device=self.device)
            for values in (rest, per_way)
        )
        self.targets[:, self._effect] = self._effect_rest

    def _draw_starts(self) -> None:
        """Starts by episode and environment, so that no environment's reset moves another's."""
        shape = (STARTS, self.num_envs, len(self.cfg.press_shy))
        drawn = np.random.default_rng(self.cfg.seed).random(shape, dtype=np.float32)
        shy = np.asarray(self.cfg.press_shy, dtype=np.float32)
        self._starts = torch.as_tensor(drawn * shy, device=self.device)
        self._episode = torch.zeros(self.num_envs, dtype=torch.int64, device=self.device)


def _share(part: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    """``part / whole``, 0 where the whole is nothing."""
    return torch.where(whole > 0, part / whole, 0.0)

# SPDX-License-Identifier: Apache-2.0
"""Articulations of an environment to which of its copies are not finite: counted, reset, cleared.

For any DirectRLEnv; torch on the environment's device, the host waits for nothing::

    def _get_dones(self):
        lost = self.nan.look()
        return lost | done, timed_out

    def _get_rewards(self):
        return self.nan.without_lost(reward)

    def _reset_idx(self, env_ids):
        super()._reset_idx(env_ids)
        ...  # write joints, and the root where it moves
        self.nan.clear()

    def _get_observations(self):
        return {"policy": finite(observations)}

    def _pre_physics_step(self, actions):
        actions = finite(actions)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from isaaclab.assets import Articulation


def finite(values: torch.Tensor) -> torch.Tensor:
    """A copy in which a row with a value that is not finite is 0, shape (num_envs, ...)."""
    good = torch.isfinite(values).flatten(1).all(dim=1)
    return torch.where(good.view(-1, *[1] * (values.dim() - 1)), values, 0.0)


class NanContainment:
    """Which environments have a joint or a moving root that is not finite, now and ever."""

    def __init__(self, articulations: Iterable[Articulation], num_envs: int, device: str) -> None:
        self._articulations = tuple(articulations)
        with torch.inference_mode(False):  # state that can be written outside of inference mode
            self.lost = torch.zeros(num_envs, dtype=torch.bool, device=device)
            """Bool, shape (num_envs,): as of the last `look`."""
            self.episodes = torch.zeros(num_envs, dtype=torch.int64, device=device)
            """Episodes that ended so since the start, int64, shape (num_envs,)."""

    def look(self) -> torch.Tensor:
        """Find and count the lost environments, once per environment step; returns `lost`."""
        self.lost.copy_(self.unfinite())
        self.episodes.add_(self.lost)
        return self.lost

    def unfinite(self) -> torch.Tensor:
        """Environments whose measured state is not finite, bool, shape (num_envs,)."""
        bad = torch.zeros_like(self.lost)
        for articulation in self._articulations:
            data = articulation.data
            for state in (data.joint_pos.torch, data.joint_vel.torch):
                bad |= ~torch.isfinite(state).all(dim=1)
            if not articulation.is_fixed_base:
                bad |= ~torch.isfinite(data.root_link_pose_w.torch).all(dim=1)
                bad |= ~torch.isfinite(data.root_com_vel_w.torch).all(dim=1)
        return bad

    def without_lost(self, rewards: torch.Tensor) -> torch.Tensor:
        """Rewards with 0 for lost environments, shape (num_envs,)."""
        return torch.where(self.lost, 0.0, finite(rewards.unsqueeze(1)).squeeze(1))

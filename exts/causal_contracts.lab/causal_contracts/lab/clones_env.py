# SPDX-License-Identifier: Apache-2.0
"""A simulation scene to an Isaac Lab environment whose actions are drive targets of one asset."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
import warp as wp
from causal_contracts.preview.scene import Scene
from isaaclab.actuators import ImplicitActuatorCfg
from isaaclab.assets import Articulation, ArticulationCfg
from isaaclab.envs import DirectRLEnv, DirectRLEnvCfg, VecEnvObs
from isaaclab.scene import InteractiveSceneCfg
from isaaclab.sim import SimulationCfg, UsdFileCfg
from isaaclab.utils import configclass

from .backends import physics_cfg


@configclass
class ClonesSceneCfg(InteractiveSceneCfg):
    """One articulated asset in each environment."""

    asset: ArticulationCfg = ArticulationCfg(
        prim_path="{ENV_REGEX_NS}/Asset",
        # None takes the gains that the author wrote on the asset; no drive stays no drive.
        actuators={
            "all": ImplicitActuatorCfg(joint_names_expr=[".*"], stiffness=None, damping=None)
        },
    )


@configclass
class ClonesEnvCfg(DirectRLEnvCfg):
    """One environment step is one physics step; episodes do not end by themselves."""

    decimation = 1
    episode_length_s = 1.0e9
    action_space = 1
    observation_space = 1
    seed = 0
    sim: SimulationCfg = SimulationCfg(save_logs_to_file=False, logging_level="ERROR")
    scene: ClonesSceneCfg = ClonesSceneCfg(  # pyright: ignore[reportIncompatibleVariableOverride]
        num_envs=1, env_spacing=1.0
    )


def clones_env_cfg(
    scene: Scene, num_envs: int, *, dt: float, device: str, backend: str = "newton_mjwarp"
) -> ClonesEnvCfg:
    """The configuration for `num_envs` clones of `scene` with steps of `dt` seconds."""
    cfg = ClonesEnvCfg()
    cfg.sim.physics = physics_cfg(backend)
    cfg.sim.dt = dt
    cfg.sim.device = device
    cfg.sim.gravity = scene.gravity
    cfg.scene.num_envs = num_envs
    # Newton gives every environment a world of its own. With one origin for all, a base fixed to
    # the world and static parts stay where the author put them: only the latter would be moved.
    # In PhysX all share one scene. Isaac Lab keeps environments from colliding there; standing
    # apart, as clones of raw PhysX must, they do not depend on it.
    cfg.scene.env_spacing = 0.0 if "newton" in backend else scene.spacing
    cfg.scene.asset.spawn = UsdFileCfg(usd_path=str(scene.asset_layer))
    cfg.scene.asset.articulation_root_prim_path = scene.articulation
    cfg.scene.asset.init_state.joint_pos = {
        re.escape(name): position for name, position in scene.joint_states.items()
    }
    return cfg


class ClonesEnv(DirectRLEnv):
    """Writes `targets` to the drives of every clone and lets physics do the rest."""

    cfg: ClonesEnvCfg

    def __init__(self, cfg: ClonesEnvCfg) -> None:
        super().__init__(cfg)
        self.asset: Articulation = self.scene["asset"]
        self.targets: wp.array = wp.zeros(
            (self.num_envs, self.asset.num_joints), dtype=wp.float32, device=str(self.device)
        )
        """Drive position targets [rad or m], float32, shape (num_envs, num_joints)."""
        self._root_pose = self.asset.data.root_link_pose_w.torch.clone()
        self.no_action = torch.zeros((self.num_envs, 1), device=self.device)
        self._never = torch.zeros(self.num_envs, dtype=torch.bool, device=self.device)
        self._nothing = torch.zeros(self.num_envs, device=self.device)

    def _pre_physics_step(self, actions: torch.Tensor) -> None:
        """Take no action: the targets are written by the owner of the environment."""

    def _apply_action(self) -> None:
        self.asset.actuators.target_command.set_position_mask(value=self.targets)

    def _get_observations(self) -> VecEnvObs:
        return {"policy": self.no_action}

    def _get_rewards(self) -> torch.Tensor:
        return self._nothing

    def _get_dones(self) -> tuple[torch.Tensor, torch.Tensor]:
        return self._never, self._never

    def _reset_idx(self, env_ids: Sequence[int]) -> None:
        super()._reset_idx(env_ids)
        data, asset = self.asset.data, self.asset
        asset.write_joint_position_to_sim_index(
            position=data.default_joint_pos.torch[env_ids], env_ids=env_ids
        )
        asset.write_joint_velocity_to_sim_index(
            velocity=data.default_joint_vel.torch[env_ids], env_ids=env_ids
        )
        if not asset.is_fixed_base:
            pose, still = self._root_pose[env_ids], data.default_root_vel.torch[env_ids]
            asset.write_root_pose_to_sim_index(root_pose=pose, env_ids=env_ids)
            asset.write_root_velocity_to_sim_index(root_velocity=still, env_ids=env_ids)

# SPDX-License-Identifier: Apache-2.0
"""An asset with one contract to a real Isaac Lab environment in which a hand works the trigger."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import warp as wp
from causal_contracts.core import Bundle, CouplingTerm, compile_bundle
from causal_contracts.core.model import Contract, JointThreshold
from causal_contracts.lab.clones_env import ClonesEnv, clones_env_cfg
from causal_contracts.lab.quiet_build import announce_compilations, quiet_build
from causal_contracts.lab.solver_graph import replay_on_cpu
from causal_contracts.preview.scene import build_scene

DECIMATION = 2
DT = 1 / 120
"""Seconds of one physics step; a decision lasts `DECIMATION` of them."""


class RealEnv(ClonesEnv):
    """Clones on Newton whose contract acts inside the physics step, as in any direct task."""

    def __init__(self, cfg: Any, contract: Contract) -> None:
        super().__init__(cfg)
        names = tuple(self.asset.joint_names)
        self.compiled = compile_bundle(Bundle((contract,)), names, strict=True)
        self.term = CouplingTerm(
            self.compiled, self.num_envs, self.device, frontend="torch", per_env=True
        )
        self.trigger, self.effect = int(self.compiled.trigger[0]), int(self.compiled.effect[0])
        self._commanded = wp.to_torch(self.targets)
        self._rest = self.joint_pos.clone()
        self._rest[:, self.effect] = float(self.compiled.rest[0])
        self.wanted = self._rest.clone()
        """What the hand commands [rad or m], shape (num_envs, num_joints)."""
        lower, upper = self.asset.data.joint_pos_limits.torch[0].unbind(-1)
        self.range = torch.stack((lower, upper), -1)
        """Limits of each joint [rad or m], shape (num_joints, 2)."""
        self._pressed = (upper if self.compiled.greater[0] else lower)[self.trigger]

    @property
    def joint_pos(self) -> torch.Tensor:
        """Measured positions [rad or m], float32, shape (num_envs, num_joints)."""
        return self.asset.data.joint_pos.torch

    @property
    def joint_vel(self) -> torch.Tensor:
        """Measured velocities [rad/s or m/s], float32, shape (num_envs, num_joints)."""
        return self.asset.data.joint_vel.torch

    def act(self, press: torch.Tensor) -> None:
        """One decision: press the trigger by a share of its way, in [0, 1], shape (num_envs,)."""
        rest = self._rest[:, self.trigger]
        self.wanted[:, self.trigger] = rest + press * (self._pressed - rest)
        self.step(self.no_action)

    def enable(self, envs: torch.Tensor) -> None:
        """Let the contract act where `envs`, bool, shape (num_envs,), and begin anew."""
        enabled: Any = self.term.enabled
        enabled.copy_(envs[:, None])
        self.reset()

    def place(self, env_ids: torch.Tensor, joint_pos: torch.Tensor) -> None:
        """Put the joints of some environments somewhere at zero velocity; latches stay."""
        self.asset.write_joint_position_to_sim_index(position=joint_pos, env_ids=env_ids)
        still = torch.zeros_like(joint_pos)
        self.asset.write_joint_velocity_to_sim_index(velocity=still, env_ids=env_ids)

    def _apply_action(self) -> None:
        merged = self.term.apply(self.joint_pos, self.wanted)
        self._commanded.copy_(merged)  # pyright: ignore[reportArgumentType]
        super()._apply_action()

    def _reset_idx(self, env_ids: Any) -> None:
        super()._reset_idx(env_ids)
        if hasattr(self, "term"):  # the constructor resets too
            self.term.reset(env_ids)


@contextlib.contextmanager
def running(asset: Path, contract: Contract, num_envs: int, device: str) -> Iterator[RealEnv]:
    """The environment, ready to act; its solver is replayed on the CPU, and undone at the end."""
    assert isinstance(contract.trigger, JointThreshold)
    with contextlib.ExitStack() as cleanup:
        scene = build_scene(asset, hand_joints=[contract.trigger.joint])
        cleanup.callback(scene.close)
        cfg = clones_env_cfg(scene, num_envs=num_envs, dt=DT, device=device)
        cfg.decimation = DECIMATION
        cfg.sim.render_interval = DECIMATION
        with quiet_build(lambda message: None):
            announce_compilations()
            env = RealEnv(cfg, contract)
            cleanup.callback(_close, env)
            if device == "cpu":
                cleanup.callback(replay_on_cpu())
            env.reset()
        yield env


def _close(env: RealEnv) -> None:
    with quiet_build(lambda message: None):
        env.close()

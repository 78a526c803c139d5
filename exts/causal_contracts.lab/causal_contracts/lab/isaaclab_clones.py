# SPDX-License-Identifier: Apache-2.0
"""Clones in a real Isaac Lab environment, on any of its backends that run without Kit."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import warp as wp
from causal_contracts.core.issue import ContractError, error
from causal_contracts.preview.scene import Scene, build_scene

from .quiet_build import announce_compilations, quiet_build

if TYPE_CHECKING:
    from causal_contracts.preview.clones import ClonesRequest

    from .clones_env import ClonesEnv


class IsaacLabClones:
    """N copies of one articulated asset in an Isaac Lab `DirectRLEnv`; a subclass per backend.

    A process holds one at a time, since Isaac Lab has one simulation context; close it before
    making the next.
    """

    BACKEND: ClassVar[str]
    """Name of the backend, as in `causal_contracts.lab.backends`."""

    def __init__(self, request: ClonesRequest) -> None:
        """Build the environment; 10 s, and half a minute more while Warp compiles its kernels.

        Raises ContractError where a simulation is alive already, the asset cannot be simulated, or
        the device is not there.
        """
        with contextlib.ExitStack() as cleanup:
            scene = build_scene(
                request.asset, request.articulation, hand_joints=request.hand_joints
            )
            cleanup.callback(scene.close)
            with quiet_build(request.progress):
                self._env = self._build(request, scene, cleanup)
            self._cleanup = cleanup.pop_all()

    @classmethod
    def warm_up(cls, progress: Callable[[str], None]) -> None:
        """Import Isaac Lab, ahead of a build."""
        with quiet_build(progress):
            _import(progress)

    def _build(
        self, request: ClonesRequest, scene: Scene, cleanup: contextlib.ExitStack
    ) -> ClonesEnv:
        _import(request.progress)
        from isaaclab.sim import SimulationContext

        from .clones_env import ClonesEnv, clones_env_cfg

        if SimulationContext.instance() is not None:
            what = "an Isaac Lab simulation is alive in this process, which holds one at a time"
            raise ContractError(error("sim", what, "close it first"))
        announce_compilations()
        request.progress(f"Building {request.num_envs} clones in Isaac Lab ...")
        self._prepare(request, cleanup)
        cfg = clones_env_cfg(
            scene, request.num_envs, dt=request.dt, device=request.device, backend=self.BACKEND
        )
        env = ClonesEnv(cfg)
        cleanup.callback(_close, env)
        self.joint_names = tuple(env.asset.joint_names)
        self.num_envs = env.num_envs
        self.dt = env.physics_dt
        self.device = str(env.targets.device)
        self.engine = self._engine()
        self.given_drives = scene.given_drives
        # Isaac Lab's targets start at zero; PhysX starts from those on the asset, and so do we.
        rest = np.array([scene.drive_targets.get(name, 0.0) for name in self.joint_names])
        env.targets.assign(np.tile(rest.astype(np.float32), (self.num_envs, 1)))
        request.progress("Stepping the clones for the first time ...")
        self._speed_up(cleanup, request.progress)
        env.reset()
        return env

    def _prepare(self, request: ClonesRequest, cleanup: contextlib.ExitStack) -> None:
        """What this backend needs before the environment is built."""
        from .backends import prepare_backend

        cleanup.callback(prepare_backend(self.BACKEND, request.device))

    def _speed_up(self, cleanup: contextlib.ExitStack, progress: Callable[[str], None]) -> None:
        """What makes this backend fast, once the environment stands and before its first reset."""

    def _engine(self) -> str:
        from importlib.metadata import version

        place = "CPU" if self.device == "cpu" else self.device
        return f"{self._solver()} ({place}), Isaac Lab {version('isaaclab')}"

    def _solver(self) -> str:
        """Name and version of the physics."""
        raise NotImplementedError

    def joint_pos(self) -> wp.array:
        """Measured positions [rad or m], float32, shape (num_envs, num_joints); one array."""
        return self._env.asset.data.joint_pos.warp

    def write_targets(self, targets: wp.array) -> None:
        """Set the drive position targets [rad or m], float32, shape (num_envs, num_joints)."""
        wp.copy(self._env.targets, targets)

    def step(self) -> None:
        """Advance all clones by `dt`: one environment step with decimation 1."""
        self._env.step(self._env.no_action)

    def reset(self, env_mask: np.ndarray | wp.array) -> None:
        """Put the masked clones, bool (num_envs,), back to the authored pose at zero velocity."""
        import torch

        mask = env_mask.numpy() if isinstance(env_mask, wp.array) else np.asarray(env_mask)
        assert mask.shape == (self.num_envs,), (
            f"the mask has shape {mask.shape}, not ({self.num_envs},)"
        )
        env_ids = torch.as_tensor(np.flatnonzero(mask), dtype=torch.int32, device=self._env.device)
        if len(env_ids):
            # Isaac Lab declares a sequence of ids and passes this kind of tensor itself.
            self._env._reset_idx(env_ids)  # pyright: ignore[reportArgumentType]

    def close(self) -> None:
        """Close the environment and remove temporary files; a second call does nothing."""
        self._cleanup.close()


def _import(progress: Callable[[str], None]) -> None:
    """Load the packages that a build needs; half of the time until the first frame."""
    if "causal_contracts.lab.clones_env" not in sys.modules:
        progress("Importing Isaac Lab ...")
    from . import clones_env

    del clones_env


def _close(env: ClonesEnv) -> None:
    with quiet_build(lambda message: None):
        env.close()

# SPDX-License-Identifier: Apache-2.0
"""Clones on PhysX itself, as the library ovphysx on the CPU: first frame within a second."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import warp as wp
from causal_contracts.core.issue import ContractError, error

from .scene import build_scene, write_physx_stage

if TYPE_CHECKING:
    from ovphysx import PhysX, TensorBinding

    from .clones import ClonesRequest

ENVS = "/World/envs"
_attached = threading.Lock()
"""Held while clones live: ovphysx attaches one stage per process."""


class PhysXClones:
    """N copies of one articulated asset in one PhysX scene, stepped in the calling thread.

    All clones share one collision space, so they stand apart by more than the asset's reach with
    every joint open. A process holds one instance at a time; close it before making the next.
    """

    def __init__(self, request: ClonesRequest) -> None:
        """Load the asset and clone it.

        Raises ContractError where the device is not the CPU, where clones are alive already, or
        where the asset or its articulation cannot be simulated.
        """
        if request.device != "cpu":
            what = f"this preview runs PhysX on the CPU, not on '{request.device}'"
            raise ContractError(
                error("device", what, "use device 'cpu', or the simulation 'isaaclab-newton'")
            )
        if not _attached.acquire(blocking=False):
            what = "PhysX clones are alive in this process, which holds one set at a time"
            raise ContractError(error("sim", what, "close them first"))
        with contextlib.ExitStack() as cleanup:
            cleanup.callback(_attached.release)
            self._scene = build_scene(
                request.asset, request.articulation, hand_joints=request.hand_joints
            )
            cleanup.callback(self._scene.close)
            path, prim = write_physx_stage(self._scene)
            self._physx = self._load(path, cleanup)
            self._clone(request.num_envs)
            self._bind(request, prim, cleanup)
            self._cleanup = cleanup.pop_all()

    @staticmethod
    def _load(path: Path, cleanup: contextlib.ExitStack) -> PhysX:
        import ovphysx
        import ovstage

        ovphysx.PhysX.set_cpu_mode(True)
        # Its console log goes to stdout, which is our caller's; errors go to the logger "ovphysx".
        ovphysx.enable_default_log_output(False)
        physx = ovphysx.PhysX(config=ovphysx.PhysXConfig(num_threads=0))
        cleanup.callback(physx.destroy)
        ovphysx.enable_python_logging(min_severity=ovphysx.LogLevel.ERROR)
        roots = [str(ovphysx.codeless_schema_root()), str(ovphysx.newton_schema_root())]
        ovstage.population.register_usd_schemas(roots)
        stage = ovstage.Stage("preview")
        cleanup.callback(stage.destroy)
        domains = ovstage.PopulationDomain.PHYSICS
        ovstage.population.open_usd(stage, str(path), ordinal=1, domains=domains)
        stage.advance_write_floor(ordinal=1).wait()
        physx.attach_ovstage(stage, read_ordinal=1)
        cleanup.callback(physx.detach_ovstage)
        physx.wait_all()
        return physx

    def _clone(self, num_envs: int) -> None:
        if num_envs > 1:
            targets = [f"{ENVS}/env_{i}" for i in range(1, num_envs)]
            anchors: list[Sequence[float]] = [
                [*origin, 0, 0, 0, 1] for origin in self._scene.origins(num_envs)
            ]
            self._physx.clone(f"{ENVS}/env_0", targets, anchor_transforms=anchors[1:])
            self._physx.wait_all()
        self._physx.warmup()
        self._physx.wait_all()

    def _bind(self, request: ClonesRequest, prim: str, cleanup: contextlib.ExitStack) -> None:
        from ovphysx import __version__
        from ovphysx.types import TensorType

        pattern = prim.replace("env_0", "env_*") + self._scene.articulation
        self._pos = self._binding(pattern, TensorType.ARTICULATION_DOF_POSITION, cleanup)
        self._vel = self._binding(pattern, TensorType.ARTICULATION_DOF_VELOCITY, cleanup)
        self._target = self._binding(pattern, TensorType.ARTICULATION_DOF_POSITION_TARGET, cleanup)
        self.joint_names = tuple(self._pos.dof_names)
        self.num_envs = request.num_envs
        self.dt = request.dt
        self.device = "cpu"
        self.engine = f"PhysX {'.'.join(__version__.split('.')[:3])} (CPU)"
        self.given_drives = self._scene.given_drives
        shape = (self.num_envs, len(self.joint_names))
        if self._pos.shape != shape or not self.joint_names:
            made = "PhysX made {} articulations with {} movable joints".format(*self._pos.shape)
            what = f"{made}, not {self.num_envs} with at least one"
            raise ContractError(error(str(request.asset), what))
        self._joint_pos = wp.zeros(shape, dtype=wp.float32, device="cpu")
        self._positions = self._joint_pos.numpy()
        self._pos.read(self._positions)
        self._stale = False
        self._authored_pos = self._positions.copy()
        self._still = np.zeros(shape, dtype=np.float32)
        self._roots = self._root_states(pattern, cleanup)

    def _root_states(
        self, pattern: str, cleanup: contextlib.ExitStack
    ) -> list[tuple[TensorBinding, np.ndarray]]:
        """Bindings of the roots of floating bases with their first values; none for fixed ones."""
        from ovphysx.types import TensorType

        if self._pos.is_fixed_base:
            return []
        pose = self._binding(pattern, TensorType.ARTICULATION_ROOT_POSE, cleanup)
        velocity = self._binding(pattern, TensorType.ARTICULATION_ROOT_VELOCITY, cleanup)
        first = np.zeros(pose.shape, dtype=np.float32)
        pose.read(first)
        return [(pose, first), (velocity, np.zeros(velocity.shape, dtype=np.float32))]

    def _binding(self, pattern: str, kind: int, cleanup: contextlib.ExitStack) -> TensorBinding:
        with warnings.catch_warnings():
            # Their successor PhysX.read takes 6-18 ms a step, a binding 0.03-0.16 ms.
            warnings.simplefilter("ignore", DeprecationWarning)
            binding = self._physx.create_tensor_binding(
                pattern=pattern, tensor_type=kind, raise_if_empty=True
            )
        cleanup.callback(binding.destroy)
        return binding

    def joint_pos(self) -> wp.array:
        """Measured positions [rad or m], float32, shape (num_envs, num_joints); one array."""
        if self._stale:
            self._pos.read(self._positions)
            self._stale = False
        return self._joint_pos

    def write_targets(self, targets: wp.array) -> None:
        """Set the drive position targets [rad or m], float32, shape (num_envs, num_joints)."""
        self._target.write(targets)

    def step(self) -> None:
        """Advance all clones by `dt`."""
        self._physx.step_sync(self.dt)
        self._stale = True

    def reset(self, env_mask: np.ndarray | wp.array) -> None:
        """Put the masked clones, bool (num_envs,), back to the authored pose at zero velocity."""
        mask = (
            env_mask.numpy() if isinstance(env_mask, wp.array) else np.asarray(env_mask)
        ).astype(np.uint8)
        assert mask.shape == (self.num_envs,), (
            f"the mask has shape {mask.shape}, not ({self.num_envs},)"
        )
        for binding, values in self._roots:
            binding.write(values, mask=mask)
        self._pos.write(self._authored_pos, mask=mask)
        self._vel.write(self._still, mask=mask)
        self._stale = True

    def close(self) -> None:
        """Free PhysX and remove temporary files; a second call does nothing."""
        self._cleanup.close()

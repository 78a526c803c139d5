# SPDX-License-Identifier: Apache-2.0
"""Clones on PhysX itself, as the library ovphysx on the CPU: first frame within a second."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import warp as wp
from causal_contracts.core.issue import ContractError, error

from .scene import Scene, build_scene, write_physx_stage

if TYPE_CHECKING:
    from ovphysx import TensorBinding

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
            raise ContractError(error("device", what, "use device 'cpu', or the simulation 'isaaclab-newton'"))
        if not _attached.acquire(blocking=False):
            raise ContractError(error("sim", "PhysX clones are alive in this process", "close them first"))
        self._open = True
        self._bindings: list[TensorBinding] = []
        self._scene: Scene | None = None
        self._physx = self._stage = None
        try:
            self._scene = build_scene(request.asset, request.articulation, hand_joints=request.hand_joints)
            path, prim = write_physx_stage(self._scene)
            self._attach(path)
            self._clone(request.num_envs)
            self._bind(request, prim)
        except BaseException:
            self.close()
            raise

    def _attach(self, path: Path) -> None:
        import ovphysx
        import ovstage

        ovphysx.PhysX.set_cpu_mode(True)
        # Its console log goes to stdout, which belongs to our caller; errors go to the logger "ovphysx".
        ovphysx.enable_default_log_output(False)
        self._physx = ovphysx.PhysX(config=ovphysx.PhysXConfig(num_threads=0))
        ovphysx.enable_python_logging(min_severity=ovphysx.LogLevel.ERROR)
        roots = [str(ovphysx.codeless_schema_root()), str(ovphysx.newton_schema_root())]
        ovstage.population.register_usd_schemas(roots)
        self._stage = ovstage.Stage("preview")
        domains = ovstage.PopulationDomain.PHYSICS
        ovstage.population.open_usd(self._stage, str(path), ordinal=1, domains=domains)
        self._stage.advance_write_floor(ordinal=1).wait()
        self._physx.attach_ovstage(self._stage, read_ordinal=1)
        self._physx.wait_all()

    def _clone(self, num_envs: int) -> None:
        if num_envs > 1:
            targets = [f"{ENVS}/env_{i}" for i in range(1, num_envs)]
            anchors = [(*origin, 0.0, 0.0, 0.0, 1.0) for origin in self._scene.origins(num_envs)[1:]]
            self._physx.clone(f"{ENVS}/env_0", targets, anchor_transforms=anchors)
            self._physx.wait_all()
        self._physx.warmup()
        self._physx.wait_all()

    def _bind(self, request: ClonesRequest, prim: str) -> None:
        from ovphysx import __version__
        from ovphysx.types import TensorType

        pattern = prim.replace("env_0", "env_*") + self._scene.articulation
        self._pos = self._binding(pattern, TensorType.ARTICULATION_DOF_POSITION)
        self._vel = self._binding(pattern, TensorType.ARTICULATION_DOF_VELOCITY)
        self._target = self._binding(pattern, TensorType.ARTICULATION_DOF_POSITION_TARGET)
        self.joint_names = tuple(self._pos.dof_names)
        self.num_envs = request.num_envs
        self.dt = request.dt
        self.device = "cpu"
        self.engine = f"PhysX {'.'.join(__version__.split('.')[:3])} (CPU)"
        self.given_drives = self._scene.given_drives
        shape = (self.num_envs, len(self.joint_names))
        if self._pos.shape != shape or not self.joint_names:
            what = f"PhysX made {self._pos.shape[0]} articulations with {self._pos.shape[1]} movable joints"
            raise ContractError(error(str(request.asset), f"{what}, not {self.num_envs} with at least one"))
        self._joint_pos = wp.zeros(shape, dtype=wp.float32, device="cpu")
        self._positions = self._joint_pos.numpy()
        self._pos.read(self._positions)
        self._stale = False
        self._authored_pos = self._positions.copy()
        self._still = np.zeros(shape, dtype=np.float32)
        self._roots = self._root_state(pattern)

    def _root_state(self, pattern: str) -> list[tuple[TensorBinding, np.ndarray]]:
        """Bindings of the roots of a floating base with their first values; none for a fixed base."""
        from ovphysx.types import TensorType

        if self._pos.is_fixed_base:
            return []
        pose = self._binding(pattern, TensorType.ARTICULATION_ROOT_POSE)
        velocity = self._binding(pattern, TensorType.ARTICULATION_ROOT_VELOCITY)
        first = np.zeros(pose.shape, dtype=np.float32)
        pose.read(first)
        return [(pose, first), (velocity, np.zeros(velocity.shape, dtype=np.float32))]

    def _binding(self, pattern: str, kind: int) -> TensorBinding:
        with warnings.catch_warnings():
            # Their successor PhysX.read takes 6-18 ms a step, a binding 0.03-0.16 ms.
            warnings.simplefilter("ignore", DeprecationWarning)
            binding = self._physx.create_tensor_binding(pattern=pattern, tensor_type=kind, raise_if_empty=True)
        self._bindings.append(binding)
        return binding

    def joint_pos(self) -> wp.array:
        """Measured positions [rad or m], float32, shape (num_envs, num_joints); the same array each time."""
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
        mask = (env_mask.numpy() if isinstance(env_mask, wp.array) else np.asarray(env_mask)).astype(np.uint8)
        assert mask.shape == (self.num_envs,), f"the mask has shape {mask.shape}, not ({self.num_envs},)"
        for binding, values in self._roots:
            binding.write(values, mask=mask)
        self._pos.write(self._authored_pos, mask=mask)
        self._vel.write(self._still, mask=mask)
        self._stale = True

    def close(self) -> None:
        """Free PhysX and remove temporary files; a second call does nothing."""
        if not self._open:
            return
        self._open = False
        try:
            for binding in self._bindings:
                binding.destroy()
            if self._stage is not None:
                self._physx.detach_ovstage()
                self._stage.destroy()
            if self._physx is not None:
                self._physx.destroy()
        finally:
            if self._scene is not None:
                self._scene.close()
            _attached.release()

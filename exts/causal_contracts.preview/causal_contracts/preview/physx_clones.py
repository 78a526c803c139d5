# SPDX-License-Identifier: Apache-2.0
"""Clones on PhysX itself, as the library ovphysx on the CPU: first frame within a second."""

from __future__ import annotations

import contextlib
import math
import os
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import warp as wp
from causal_contracts.core.issue import ContractError, error

if TYPE_CHECKING:
    from ovphysx import PhysX, TensorBinding
    from ovstage import Stage

    from .clones import ClonesRequest
    from .scene_layers import PhysXStage

ENVS = "/World/envs"
RENEW_AFTER = {64: 31_000, math.inf: 130_000}
"""Steps after which a reset of all clones builds their scene again, by the most clones.

ovphysx 0.6.4 keeps two records of 16 bytes for every step in an array that doubles, and only the
end of a scene clears it. A new scene costs 70 kB for 16 clones, 0.7 MB for 256: these numbers of
steps fill arrays of 1 and 4 MB."""
CROWD = 8_192
"""Joints of all clones from which several threads pay: below, handing out the work takes longer."""
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
            written = request.written or _written(request, cleanup)
            self._scene = written.scene
            threads = _threads(len(self._scene.joint_states) * request.num_envs)
            self._physx, self._stage = self._load(written.path, threads, cleanup)
            self._pattern = written.prim.replace("env_0", "env_*") + self._scene.articulation
            self._bindings = contextlib.ExitStack()
            cleanup.callback(lambda: self._bindings.close())
            self._attach(request.num_envs)
            self._know(request)
            self._cleanup = cleanup.pop_all()

    @classmethod
    def warm_up(cls, progress: Callable[[str], None]) -> None:
        """Load ovphysx with its native libraries, ahead of a build."""
        import ovphysx
        import ovstage

        del progress
        # Asking for the name is what loads the library.
        assert ovphysx.PhysX is not None and ovstage.Stage is not None
        _register_schemas()

    @staticmethod
    def _load(path: Path, threads: int, cleanup: contextlib.ExitStack) -> tuple[PhysX, Stage]:
        import ovphysx
        import ovstage

        ovphysx.PhysX.set_cpu_mode(True)
        # Its console log goes to stdout, which is our caller's; errors go to the logger "ovphysx".
        ovphysx.enable_default_log_output(False)
        physx = ovphysx.PhysX(config=ovphysx.PhysXConfig(num_threads=threads))
        cleanup.callback(physx.destroy)
        ovphysx.enable_python_logging(min_severity=ovphysx.LogLevel.ERROR)
        _register_schemas()
        stage = ovstage.Stage("preview")
        cleanup.callback(stage.destroy)
        domains = ovstage.PopulationDomain.PHYSICS
        ovstage.population.open_usd(stage, str(path), ordinal=1, domains=domains)
        stage.advance_write_floor(ordinal=1).wait()
        return physx, stage

    def _attach(self, num_envs: int) -> None:
        """Build the scene from the stage, clone it, and bind the arrays of its joints."""
        from ovphysx.types import TensorType

        self._physx.attach_ovstage(self._stage, read_ordinal=1)
        self._bindings.callback(self._physx.detach_ovstage)
        self._physx.wait_all()
        if num_envs > 1:
            targets = [f"{ENVS}/env_{i}" for i in range(1, num_envs)]
            anchors: list[Sequence[float]] = [
                [*origin, 0, 0, 0, 1] for origin in self._scene.origins(num_envs)
            ]
            self._physx.clone(f"{ENVS}/env_0", targets, anchor_transforms=anchors[1:])
            self._physx.wait_all()
        self._physx.warmup()
        self._physx.wait_all()
        self._pos = self._binding(TensorType.ARTICULATION_DOF_POSITION)
        self._vel = self._binding(TensorType.ARTICULATION_DOF_VELOCITY)
        self._target = self._binding(TensorType.ARTICULATION_DOF_POSITION_TARGET)
        if not self._pos.is_fixed_base:
            self._root_pose = self._binding(TensorType.ARTICULATION_ROOT_POSE)
            self._root_velocity = self._binding(TensorType.ARTICULATION_ROOT_VELOCITY)
        self._steps = 0

    def _renew(self) -> None:
        """Build the scene again, in the authored pose, and let go of what was kept of each step."""
        targets = np.zeros(self._target.shape, dtype=np.float32)
        self._target.read(targets)
        self._bindings.close()
        self._attach(self.num_envs)
        self._target.write(targets)

    def _know(self, request: ClonesRequest) -> None:
        """What does not change while the clones live, and the first values."""
        from ovphysx import __version__

        self.joint_names = tuple(self._pos.dof_names)
        self.num_envs = request.num_envs
        self._renew_after = next(n for most, n in RENEW_AFTER.items() if self.num_envs <= most)
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
        self._roots = () if self._pos.is_fixed_base else self._first_roots()

    def _first_roots(self) -> tuple[np.ndarray, np.ndarray]:
        """Pose and velocity of the roots of floating bases."""
        pose = np.zeros(self._root_pose.shape, dtype=np.float32)
        self._root_pose.read(pose)
        return pose, np.zeros(self._root_velocity.shape, dtype=np.float32)

    def _binding(self, kind: int) -> TensorBinding:
        with warnings.catch_warnings():
            # Their successor PhysX.read takes 6-18 ms a step, a binding 0.03-0.16 ms.
            warnings.simplefilter("ignore", DeprecationWarning)
            binding = self._physx.create_tensor_binding(
                pattern=self._pattern, tensor_type=kind, raise_if_empty=True
            )
        self._bindings.callback(binding.destroy)
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
        self._steps += 1
        self._stale = True

    def reset(self, env_mask: np.ndarray | wp.array) -> None:
        """Put the masked clones, bool (num_envs,), back to the authored pose at zero velocity."""
        mask = (
            env_mask.numpy() if isinstance(env_mask, wp.array) else np.asarray(env_mask)
        ).astype(np.uint8)
        assert mask.shape == (self.num_envs,), (
            f"the mask has shape {mask.shape}, not ({self.num_envs},)"
        )
        if self._steps >= self._renew_after and mask.all():
            self._renew()
        if self._roots:
            self._root_pose.write(self._roots[0], mask=mask)
            self._root_velocity.write(self._roots[1], mask=mask)
        self._pos.write(self._authored_pos, mask=mask)
        self._vel.write(self._still, mask=mask)
        self._stale = True

    def close(self) -> None:
        """Free PhysX and remove temporary files; a second call does nothing."""
        self._cleanup.close()


def _written(request: ClonesRequest, cleanup: contextlib.ExitStack) -> PhysXStage:
    """The scene of a request that brings none."""
    from .scene import build_scene, write_physx_stage

    scene = build_scene(request.asset, request.articulation, hand_joints=request.hand_joints)
    cleanup.callback(scene.close)
    return write_physx_stage(scene)


def _register_schemas() -> None:
    """Tell the USD of ovstage what ovphysx reads; the second time costs nothing."""
    import ovphysx
    import ovstage

    roots = [str(ovphysx.codeless_schema_root()), str(ovphysx.newton_schema_root())]
    ovstage.population.register_usd_schemas(roots)


def _threads(joints: int) -> int:
    """Threads of PhysX beside the caller's; the steps are the same bit for bit with any number."""
    return 0 if joints < CROWD else min(max((os.cpu_count() or 1) - 1, 2), 8)

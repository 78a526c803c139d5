# SPDX-License-Identifier: Apache-2.0
"""A backend's name to the physics that contracts need on it, by Isaac Lab's presets."""

from __future__ import annotations

from collections.abc import Callable

from causal_contracts.core.issue import ContractError, error, nearest
from isaaclab.physics import PhysicsCfg, PhysxAutoCfg
from isaaclab.utils import configclass
from isaaclab_newton.physics import MJWarpSolverCfg, NewtonCfg
from isaaclab_ov.physics import OvPhysxCfg
from isaaclab_physx.physics import PhysxCfg
from isaaclab_tasks.utils import PresetCfg

SHORT = {"newton": "newton_mjwarp"}
"""Short names; Isaac Lab's command line takes them too."""


@configclass
class ContractPhysicsCfg(PresetCfg):
    """The value of `cfg.sim.physics` that lets `physics=NAME` choose the backend of a task.

    The names are those of Isaac Lab's own tasks. `physx` is OvPhysX, and inside Isaac Sim its
    PhysX. A contract pulls its effect joint by a stiff drive, which PhysX integrates implicitly;
    under MuJoCo Warp's default integrator such a drive explodes, hence `implicitfast`.
    """

    isaacsim_physx: PhysxCfg = PhysxCfg()
    ovphysx: OvPhysxCfg = OvPhysxCfg()
    physx: PhysxAutoCfg = PhysxAutoCfg(isaacsim_physx=isaacsim_physx, ovphysx=ovphysx)
    newton_mjwarp: NewtonCfg = NewtonCfg(solver_cfg=MJWarpSolverCfg(integrator="implicitfast"))
    default: NewtonCfg = newton_mjwarp


BACKENDS = ("newton_mjwarp", "physx", "ovphysx", "isaacsim_physx")
"""The names that `physics_cfg` and `physics=NAME` know; `newton` is short for the first."""


def physics_cfg(backend: str) -> PhysicsCfg:
    """A fresh configuration for `cfg.sim.physics`, for those who choose a backend in Python.

    Raises ContractError where no backend has that name.
    """
    return getattr(ContractPhysicsCfg(), _known(backend))


def prepare_backend(backend: str, device: str = "cpu") -> Callable[[], None]:
    """Do what the backend needs before an environment is built; returns what undoes it.

    OvPhysX in Isaac Lab asks for pinned memory, which no machine without a CUDA driver has.
    Raises ContractError where no backend has that name, or where a CUDA device is asked for and
    there is no driver.
    """
    import warp as wp

    name = _known(backend)
    if "cuda" in device and not wp.is_cuda_available():
        what = f"'{device}' cannot be used, there is no CUDA driver here"
        raise ContractError(error("device", what, "use device 'cpu'"))
    if name not in ("physx", "ovphysx"):
        return lambda: None
    from .pinned_memory import avoid_pinned_memory

    return avoid_pinned_memory()


def _known(backend: str) -> str:
    name = SHORT.get(backend, backend)
    if name not in BACKENDS:
        known = [*SHORT, *BACKENDS]
        what = f"no backend is called '{backend}'; there are {', '.join(known)}"
        raise ContractError(error("backend", what, nearest(backend, known)))
    return name

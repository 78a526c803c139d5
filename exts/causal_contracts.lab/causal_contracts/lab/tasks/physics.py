# SPDX-License-Identifier: Apache-2.0
"""The name of a backend to Isaac Lab's physics configuration."""

from __future__ import annotations

from typing import Any

from causal_contracts.core.issue import ContractError, error, nearest

BACKENDS = ("newton", "physx")


def physics_cfg(backend: str) -> Any:
    """Isaac Lab's physics configuration for a backend.

    Raises:
        ContractError: no backend has that name.
    """
    match backend:
        case "newton":
            from isaaclab_newton.physics import MJWarpSolverCfg, NewtonCfg

            # Drives are implicit in PhysX; with MuJoCo's Euler steps a stiff one explodes.
            return NewtonCfg(solver_cfg=MJWarpSolverCfg(integrator="implicitfast"))
        case "physx":
            from isaaclab_ov.physics import OvPhysxCfg

            return OvPhysxCfg()
        case _:
            what = f"no backend is called '{backend}'"
            raise ContractError(error("backend", what, nearest(backend, BACKENDS)))

# SPDX-License-Identifier: Apache-2.0
"""Inertia, wanted speed and load of a joint to the gains of its drive."""

from dataclasses import dataclass

GRAVITY = 9.81
"""[m/s^2]"""


@dataclass(frozen=True)
class Drive:
    """inertia * q'' = stiffness * (target - q) - damping * q', SI, real poles: no overshoot."""

    stiffness: float
    """[N m/rad or N/m]"""
    damping: float
    """[N m s/rad or N s/m]"""
    armature: float
    """Inertia of the gear behind the joint [kg m^2 or kg], added to the link's own."""


def drive(
    inertia: float, *, slow: float, fast: float, load: float = 0.0, way: float = 1.0
) -> Drive:
    """Drive with poles slow and fast [1/s] that a steady load [N m or N] moves by 1 % of way.

    Explicit integrators need (slow + fast) * dt < 2: the gear's inertia grows with the load, not
    the poles.
    """
    total = max(inertia, load / (0.01 * way * slow * fast))
    return Drive(total * slow * fast, total * (slow + fast), total - inertia)

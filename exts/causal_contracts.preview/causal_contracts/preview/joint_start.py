# SPDX-License-Identifier: Apache-2.0
"""An articulation to where its joints start: the same values for every engine, in SI units."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pxr import Usd, UsdPhysics


def joint_states(root: Usd.Prim) -> dict[str, float]:
    """Joint states [rad or m] by name, moved into the limits; 0 where none is authored.

    PhysX reads PhysicsJointStateAPI likewise; neither engine looks at the pose of the bodies.
    """
    found = {}
    for prim, kind, per_unit in _movable(root):
        state = prim.GetAttribute(f"state:{kind}:physics:position").Get() or 0.0
        low = prim.GetAttribute("physics:lowerLimit").Get()
        high = prim.GetAttribute("physics:upperLimit").Get()
        if low <= high:  # equal or crossed limits mean locked or free
            state = min(max(state, low), high)
        found[prim.GetName()] = per_unit * state
    return found


def drive_targets(root: Usd.Prim) -> dict[str, float]:
    """Authored drive position targets [rad or m] by name; joints without a drive are absent."""
    found = {}
    for prim, kind, per_unit in _movable(root):
        if drive := UsdPhysics.DriveAPI.Get(prim, kind):
            found[prim.GetName()] = per_unit * drive.GetTargetPositionAttr().Get()
    return found


def _movable(root: Usd.Prim) -> Iterator[tuple[Usd.Prim, str, float]]:
    """Revolute and prismatic joints, their kind, and radians or stage units per authored unit."""
    for prim in Usd.PrimRange(root.GetParent() if root.IsA("PhysicsJoint") else root):
        if prim.IsA("PhysicsRevoluteJoint"):
            yield prim, UsdPhysics.Tokens.angular, math.radians(1)
        elif prim.IsA("PhysicsPrismaticJoint"):
            yield prim, UsdPhysics.Tokens.linear, 1.0

# SPDX-License-Identifier: Apache-2.0
"""The bodies of an articulation as plain data, for views: how joints carry them, and boxes."""

from __future__ import annotations

from typing import Literal

import msgspec

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
"""(w, x, y, z), of unit length."""

IDENTITY: Quaternion = (1.0, 0.0, 0.0, 0.0)


class Frame3(msgspec.Struct, frozen=True):
    """A position [stage distance] and a rotation."""

    position: Vector = (0.0, 0.0, 0.0)
    rotation: Quaternion = IDENTITY


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """``pose = parent_pose * before * motion(joint_pos) * after``."""

    name: str
    parent: int
    """Index of the body that carries this one, which stands before it; -1: the asset's origin."""
    before: Frame3
    after: Frame3
    kind: Literal["fixed", "revolute", "prismatic"] = "fixed"
    joint: str = ""
    """The joint whose position moves it; empty where none does."""
    axis: Vector = (1.0, 0.0, 0.0)
    """Of the motion; reversed where the joint names the two bodies the other way round."""


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A box around one visible shape, fixed to a body."""

    body: int
    place: Frame3
    """Centre and axes, in the body's frame."""
    half: Vector
    """Half of its sides [stage distance]."""
    color: Vector
    """Linear RGB, 0 to 1; grey where the asset says none."""


class Skeleton(msgspec.Struct, frozen=True, kw_only=True):
    """What a view needs of an asset, once."""

    bodies: tuple[Body, ...] = ()
    boxes: tuple[Box, ...] = ()
    """The largest shapes; small ones are left out where they are many."""
    up_axis: Literal["Y", "Z"] = "Z"
    spacing: float = 1.0
    """Distance at which neighbouring clones do not touch [stage distance]."""

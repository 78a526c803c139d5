# SPDX-License-Identifier: Apache-2.0
"""What an asset offers: the joints of one articulation as plain facts, in SI units."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .model import Unit


class JointType(StrEnum):
    """Kind of joint prim; only the first two carry contracts."""

    REVOLUTE = "revolute"
    PRISMATIC = "prismatic"
    SPHERICAL = "spherical"
    DISTANCE = "distance"
    FIXED = "fixed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Drive:
    """``force = stiffness * (target - position) + damping * (0 - velocity)``, clipped."""

    target: float
    """Position target [rad or m]."""
    stiffness: float
    """[N m/rad or N/m]."""
    damping: float
    """[N m s/rad or N s/m]."""
    max_force: float
    """[N m or N]; infinite where none is authored."""


@dataclass(frozen=True, slots=True)
class Joint:
    """One joint of an articulation."""

    name: str
    """Leaf prim name: what an engine calls the joint."""
    path: str
    """Prim path relative to the host prim."""
    type: JointType
    lower: float
    """Lower limit [rad or m]; -inf where free."""
    upper: float
    """Upper limit [rad or m]; inf where free."""
    position: float | None = None
    """Where engines start it [rad or m]: the authored joint state, else 0, within the limits."""
    drive: Drive | None = None
    follows: str | None = None
    """The leading joint of a mimic, where this joint follows one."""
    excluded: bool = False
    """Excluded from the articulation by its author, or disabled."""
    scaled: bool = False
    """Stands below a non-unit scale, which no engine applies to joint positions."""
    pose: float | None = None
    """Position that the authored body poses show [rad or m], which engines do not look at; None
    where it cannot be told."""

    @property
    def movable(self) -> bool:
        """Whether the joint has one position that a contract can read or drive."""
        return self.type in (JointType.REVOLUTE, JointType.PRISMATIC)

    @property
    def unit(self) -> Unit | None:
        """SI unit of the joint position."""
        match self.type:
            case JointType.REVOLUTE:
                return "rad"
            case JointType.PRISMATIC:
                return "m"
            case _:
                return None

    @property
    def authored_unit(self) -> str | None:
        """Unit in which the stage states the joint's limits and targets."""
        return "deg" if self.type is JointType.REVOLUTE else self.unit

    @property
    def rest(self) -> float | None:
        """Drive target while no contract is active [rad or m]: the authored one, else the start."""
        return self.drive.target if self.drive is not None else self.position


@dataclass(frozen=True, slots=True)
class Articulation:
    """The joints of one articulation, in stage order."""

    root: str
    """Path of the articulation root prim relative to the host; ``.`` is the host itself."""
    host: str
    """Path of the prim that hosts the contracts."""
    joints: tuple[Joint, ...]
    asset: str | None = None
    """File name of the asset."""
    outside: tuple[Joint, ...] = ()
    """Joints below the host that belong to another articulation or to none."""
    meters_per_unit: float = 1.0
    """Metres per stage unit; engines ignore it for joint lengths."""

    def find(self, name: str) -> list[Joint]:
        """The joints of that leaf name; more than one is ambiguous."""
        return [joint for joint in self.joints if joint.name == name]

    @property
    def movable(self) -> tuple[Joint, ...]:
        """The joints that contracts can name."""
        return tuple(joint for joint in self.joints if joint.movable)

# SPDX-License-Identifier: Apache-2.0
"""A frame as it was sent to arrays with shapes, and what each clone is at in a word."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .messages import ACTIVE, FIRED, REACHED, FrameSent, Ready


class Look(StrEnum):
    """What one cell of the clone grid shows for a contract."""

    IDLE = "idle"
    FIRED = "fired"
    """The condition is true now."""
    LATCHED = "latched"
    """It was, and the latch holds the effect."""
    REACHED = "reached"
    """Active, and the effect joint is measured where it should be."""
    INERT = "inert"
    """Active, and no drive target can move the effect joint."""
    NAN = "nan"
    """A position is not finite."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """The newest step; the arrays are read-only."""

    step: int
    """Steps taken."""
    time: float
    """Simulated seconds since the start."""
    episode: int
    episode_step: int
    playing: bool
    joint_pos: np.ndarray
    """[rad or m], float32, shape (num_envs, num_joints)."""
    targets: np.ndarray
    """Drive targets [rad or m], float32, shape (num_envs, num_joints)."""
    flags: np.ndarray
    """FIRED | LATCHED | ACTIVE | REACHED, uint8, shape (num_envs, num_contracts)."""
    ids: tuple[str, ...]
    """The contract of each column of `flags`."""
    traced: tuple[int, ...]
    """The watched clones."""
    trace_steps: np.ndarray
    """Steps since the last frame, int64, shape (num_samples,)."""
    trace_pos: np.ndarray
    """[rad or m], float32, shape (num_samples, num_watched, num_joints)."""

    def flag(self, clone: int, contract: str, bit: int) -> bool:
        """Whether a bit of a clone's flag is set; False for a contract that does not run."""
        if contract not in self.ids:
            return False
        return bool(self.flags[clone, self.ids.index(contract)] & bit)

    def look(self, clone: int, contract: str, *, inert: bool = False) -> Look:
        """What the clone shows for the contract; `inert` as the rule says of the contract."""
        if not np.isfinite(self.joint_pos[clone]).all():
            return Look.NAN
        if not self.flag(clone, contract, ACTIVE):
            return Look.IDLE
        if inert:
            return Look.INERT
        if self.flag(clone, contract, REACHED):
            return Look.REACHED
        return Look.FIRED if self.flag(clone, contract, FIRED) else Look.LATCHED


def frame_of(sent: FrameSent, ready: Ready) -> LiveFrame:
    """The arrays of a frame, which share its memory."""
    num_envs, num_joints = ready.num_envs, len(ready.joint_names)
    shape = (num_envs, num_joints)
    watched = (-1, len(sent.traced), num_joints) if sent.traced else (0, 0, num_joints)
    return LiveFrame(
        sent.step,
        sent.time,
        sent.episode,
        sent.episode_step,
        sent.playing,
        np.frombuffer(sent.joint_pos, dtype="<f4").reshape(shape),
        np.frombuffer(sent.targets, dtype="<f4").reshape(shape),
        np.frombuffer(sent.flags, dtype=np.uint8).reshape(num_envs, len(sent.ids)),
        sent.ids,
        sent.traced,
        np.frombuffer(sent.trace_steps, dtype="<i8"),
        np.frombuffer(sent.trace_pos, dtype="<f4").reshape(watched),
    )

# SPDX-License-Identifier: Apache-2.0
"""Frames in, the last seconds of the watched clones out, in bounded memory."""

from __future__ import annotations

import numpy as np
from causal_contracts.preview.live.view import LiveFrame

SECONDS = 10.0
"""Simulated time that is kept."""


class TraceBuffer:
    """Positions of some clones against physics steps.

    Args:
        clones: the watched ones.
        num_joints: of the articulation.
        dt: seconds of a step.
    """

    def __init__(self, clones: tuple[int, ...], num_joints: int, dt: float) -> None:
        self.clones, self.dt = clones, dt
        size = round(1.5 * SECONDS / dt) + 1
        self._steps = np.zeros(size, dtype=np.int64)
        self._pos = np.zeros((size, len(clones), num_joints), dtype=np.float32)
        self._count = 0

    @property
    def times(self) -> np.ndarray:
        """Seconds since the start, float64, shape (num_samples,)."""
        return self._steps[: self._count] * self.dt

    @property
    def positions(self) -> np.ndarray:
        """[rad or m], float32, shape (num_samples, num_watched, num_joints)."""
        return self._pos[: self._count]

    def add(self, frame: LiveFrame) -> None:
        """Take in the steps of a frame; one that watches other clones is passed over."""
        new = len(frame.trace_steps)
        if frame.traced != self.clones or not new:
            return
        if self._count + new > len(self._steps):
            self._forget(frame.trace_steps[-1], new)
        at = slice(self._count, self._count + new)
        self._steps[at], self._pos[at] = frame.trace_steps, frame.trace_pos
        self._count += new

    def watching(self, clones: tuple[int, ...]) -> TraceBuffer:
        """A buffer for other clones; of those that stay, the past is kept (else NaN)."""
        other = TraceBuffer(clones, self._pos.shape[2], self.dt)
        other._steps[:], other._count = self._steps, self._count
        other._pos[:] = np.nan
        for column, clone in enumerate(clones):
            if clone in self.clones:
                other._pos[:, column] = self._pos[:, self.clones.index(clone)]
        return other

    def _forget(self, last: int, new: int) -> None:
        """Make room: drop what no window shows any more, and where need be more."""
        room = len(self._steps) - new
        first = np.searchsorted(self._steps[: self._count], last - SECONDS / self.dt)
        first = max(int(first), self._count - room)
        kept = self._count - first
        self._steps[:kept] = self._steps[first : self._count].copy()
        self._pos[:kept] = self._pos[first : self._count].copy()
        self._count = kept

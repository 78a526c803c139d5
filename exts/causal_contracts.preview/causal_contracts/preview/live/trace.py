# SPDX-License-Identifier: Apache-2.0
"""Every step of a run to one digest, and where asked to arrays in an .npz file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from causal_contracts.core.atomic import write_atomically

from ..loop import Frame

BLOCK = 1024
"""Steps that the arrays grow by."""


class Digest:
    """A hash over positions, targets and flags of every step; equal digests mean equal traces."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, frame: Frame) -> None:
        """Take one step."""
        for array in (frame.joint_pos, frame.targets, frame.fired, frame.latched, frame.active):
            self._hash.update(np.ascontiguousarray(array).data if array.size else b"")

    def hexdigest(self) -> str:
        """Of the steps so far."""
        return self._hash.hexdigest()


class Trace:
    """Arrays of every step; flags have a column for each of `ids`, false where it did not run."""

    def __init__(self, joint_names: Sequence[str], num_envs: int, dt: float) -> None:
        self.joint_names, self.dt = tuple(joint_names), dt
        self.steps = 0
        shape = (BLOCK, num_envs, len(self.joint_names))
        self._positions = np.empty(shape, dtype=np.float32)
        self._targets = np.empty(shape, dtype=np.float32)
        self._flags: dict[str, np.ndarray] = {}

    def add(self, frame: Frame, ids: Sequence[str]) -> None:
        """Take one step under the contracts `ids`."""
        if self.steps == len(self._positions):
            self._grow()
        self._positions[self.steps] = frame.joint_pos
        self._targets[self.steps] = frame.targets
        for column, contract in enumerate(ids):
            if contract not in self._flags:
                shape = (len(self._positions), frame.joint_pos.shape[0], 3)
                self._flags[contract] = np.zeros(shape, dtype=bool)
            flags = (frame.fired[:, column], frame.latched[:, column], frame.active[:, column])
            self._flags[contract][self.steps] = np.stack(flags, axis=1)
        self.steps += 1

    def write(self, path: Path) -> None:
        """Write joint_names, dt, ids, positions, targets, fired, latched and active."""
        ids = sorted(self._flags)
        shape = (self.steps, self._positions.shape[1], 0)
        flags = [self._flags[name][: self.steps] for name in ids]
        fired, latched, active = (
            np.stack([flag[..., kind] for flag in flags], axis=2) if ids else np.zeros(shape, bool)
            for kind in range(3)
        )
        data = io.BytesIO()
        np.savez(
            data,
            joint_names=np.array(self.joint_names),
            dt=np.array(self.dt),
            ids=np.array(ids, dtype=str),
            positions=self._positions[: self.steps],
            targets=self._targets[: self.steps],
            fired=fired,
            latched=latched,
            active=active,
        )
        write_atomically(path, data.getvalue())

    def _grow(self) -> None:
        self._positions = _doubled(self._positions)
        self._targets = _doubled(self._targets)
        self._flags = {name: _doubled(flags) for name, flags in self._flags.items()}


def _doubled(array: np.ndarray) -> np.ndarray:
    return np.concatenate([array, np.zeros_like(array)])

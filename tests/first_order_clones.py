# SPDX-License-Identifier: Apache-2.0
"""Clones whose joints follow their targets with one known lag: for arithmetic facts alone."""

from __future__ import annotations

import math

import numpy as np
import warp as wp


class FirstOrderClones:
    """``q += (target - q) * (1 - exp(-dt / lag))`` per step, every joint alike; not physics."""

    engine = "first order 1.0"
    device = "cpu"

    def __init__(
        self, joint_names, num_envs, *, dt=1 / 120, lag=0.1, start=0.0, dead=(), nan_at=None
    ):
        self.joint_names, self.num_envs, self.dt = tuple(joint_names), num_envs, dt
        self.given_drives = {}
        self._share = np.full(len(joint_names), 1 - math.exp(-dt / lag), dtype=np.float32)
        self._share[[self.joint_names.index(name) for name in dead]] = 0.0
        self._start = np.full((num_envs, len(joint_names)), start, dtype=np.float32)
        self._array = wp.array(self._start, device="cpu")
        self._pos = self._array.numpy()
        self.targets = self._start.copy()
        self.steps = 0
        self.closed = 0
        self._nan_at = nan_at or {}

    def joint_pos(self):
        return self._array

    def write_targets(self, targets):
        self.targets[:] = targets.numpy()

    def step(self):
        self._pos += (self.targets - self._pos) * self._share
        self.steps += 1
        for clone, step in self._nan_at.items():
            if self.steps >= step:
                self._pos[clone] = np.nan

    def reset(self, env_mask):
        mask = env_mask.numpy() if isinstance(env_mask, wp.array) else np.asarray(env_mask)
        self._pos[mask] = self._start[mask]

    def close(self):
        self.closed += 1

# SPDX-License-Identifier: Apache-2.0
"""A Newton simulation to the positions and velocities of a short random motion, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import warp as wp
from isaaclab.physics import PhysicsManager
from isaaclab_newton.physics import NewtonManager

Motion = dict[str, np.ndarray]
"""`joint_q` and `joint_qd` after each step, float32, shape (num_steps, size)."""
SPEED = 1.0
"""Largest random velocity [rad/s or m/s], so that limits and contacts are met within the run."""
RESETS = (0, 3, 4)
"""Steps before which the joints are reset. Two in a row tell a solver apart that looks at the state
only every n steps, by a count that a recording leaves out."""
REACH = 0.3
"""Largest random offset of a drive target [rad or m]."""


class Trial:
    """Runs one motion as often as asked, each time from the state in which it was made."""

    def __init__(self, manager: Any) -> None:
        """Remember every array of the simulation that a step may write, on the CPU."""
        self._manager = manager
        self._kept = [(view, view.copy()) for view in _views(manager)]
        self._time = PhysicsManager._sim_time
        self._dirty = NewtonManager.kinematics_dirty

    def restore(self) -> None:
        """Put everything back."""
        for view, kept in self._kept:
            np.copyto(view, kept)
        PhysicsManager._sim_time = self._time
        NewtonManager.kinematics_dirty = self._dirty

    def run(self, steps: int) -> Motion:
        """Steps from random velocities towards random targets, with resets in between."""
        self.restore()
        state, control = self._manager.backend.state_0, self._manager.backend.control
        q, qd, targets = (
            a.numpy() for a in (state.joint_q, state.joint_qd, control.joint_target_q)
        )
        start, rng = q.copy(), np.random.default_rng(0)
        targets += rng.uniform(-REACH, REACH, targets.shape).astype(np.float32)
        motion: Motion = {"joint_q": np.empty((steps, q.size), np.float32)}
        motion["joint_qd"] = np.empty((steps, qd.size), np.float32)
        for step in range(steps):
            if step in RESETS:
                q[:] = start
                qd[:] = rng.uniform(-SPEED, SPEED, qd.shape)
            self._manager.step()
            motion["joint_q"][step], motion["joint_qd"][step] = q, qd
        return motion


def difference(one: Motion, other: Motion) -> str:
    """Where two motions first differ in any bit, as words; "" where they are equal."""
    for name, values in one.items():
        apart = values.view(np.uint32) != other[name].view(np.uint32)
        if apart.any():
            step = int(apart.any(axis=1).argmax())
            most = np.abs(values[step] - other[name][step]).max()
            return f"{name} by {most:.3g} in physics step {step + 1}"
    return ""


def _views(manager: Any) -> list[np.ndarray]:
    """The arrays of state, control, solver, contacts, actuators and reset masks, each once."""
    backend, adapter = manager.backend, manager._adapter
    owners = [backend.state_0, backend.state_1, backend.control, manager._contacts]
    owners += [manager._solver, getattr(manager._solver, "mjw_data", None)]
    owners += [] if adapter is None else [adapter, *adapter._states_a, *adapter._states_b]
    owners += [manager._world_reset_mask, manager._fk_reset_mask]
    found = {array.ptr: array for owner in owners for array in _arrays(owner) if array.size}
    return [array.numpy() for array in found.values()]


def _arrays(owner: Any, depth: int = 2) -> Iterator[wp.array]:
    """Warp arrays in the fields of an object and of the plain data below it."""
    if isinstance(owner, wp.array):
        yield owner
    elif isinstance(owner, list | tuple):
        for item in owner:
            yield from _arrays(item, depth)
    elif depth and (dataclasses.is_dataclass(owner) or hasattr(owner, "__dict__")):
        for value in vars(owner).values():
            if isinstance(value, wp.array) or dataclasses.is_dataclass(value):
                yield from _arrays(value, depth - 1)

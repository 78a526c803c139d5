# SPDX-License-Identifier: Apache-2.0
"""Clones, a hand and the term to frames: the one loop that every engine and every view shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import warp as wp
from causal_contracts.core.articulation import Articulation
from causal_contracts.core.model import Bundle, SetDriveTarget

from .hand import Hand

if TYPE_CHECKING:
    from causal_contracts.core.term import CouplingTerm

    from .clones import Clones


@dataclass(frozen=True, slots=True)
class Frame:
    """One step as the term saw it; the arrays are views that the next step overwrites."""

    index: int
    time: float
    """Seconds since the first frame."""
    settling: bool
    joint_pos: np.ndarray
    """Measured positions [rad or m], float32, shape (num_envs, num_joints)."""
    active: np.ndarray
    """Bool, shape (num_envs, num_contracts); so are `latched` and `fired`."""
    latched: np.ndarray
    fired: np.ndarray
    written: wp.array
    """The drive targets that this step writes."""

    @property
    def targets(self) -> np.ndarray:
        """Drive targets written [rad or m], float32, shape (num_envs, num_joints)."""
        return self.written.numpy()


@dataclass(frozen=True, slots=True)
class LatchReset:
    """Which latches a reset of half the clones cleared."""

    reset: tuple[int, ...]
    cleared: tuple[int, ...]
    """Clones that had a latch before the reset and none after it."""
    kept: tuple[int, ...]
    """Clones that still have every latch they had, of those that had one."""
    exact: bool
    """Exactly the latches of `reset` are cleared, at once and after one more step."""


@dataclass(frozen=True, slots=True)
class Recording:
    """An episode, sampled once per step; num_samples is the number of steps."""

    joint_names: tuple[str, ...]
    dt: float
    """Seconds between samples."""
    settle: float
    """Seconds before the first press."""
    positions: np.ndarray
    """[rad or m], float32, shape (num_samples, num_envs, num_joints)."""
    active: np.ndarray
    """Bool, shape (num_samples, num_envs, num_contracts); so are `latched` and `fired`."""
    latched: np.ndarray
    fired: np.ndarray
    latch_reset: LatchReset | None
    """None where no latch was set at the end: contracts off, none latching, nothing pressed."""
    ids: tuple[str, ...] = ()
    """The contracts that `active`, `latched` and `fired` speak of, in their order."""


def rest_targets(
    bundle: Bundle, articulation: Articulation, joint_names: Sequence[str], first: np.ndarray
) -> np.ndarray:
    """Drive targets while nothing acts [rad or m], float32, shape (num_joints,).

    The bundle's `rest` of an effect joint (the last id wins), else the joint's authored drive
    target, else its authored position, else `first`, its first measured position.
    """
    rest = np.array(first, dtype=np.float32)
    for column, name in enumerate(joint_names):
        known = next(
            (joint.rest for joint in articulation.find(name) if joint.rest is not None), None
        )
        if known is not None:
            rest[column] = known
    for contract in bundle.contracts:
        effect = contract.effect
        if (
            isinstance(effect, SetDriveTarget)
            and effect.rest is not None
            and effect.joint in joint_names
        ):
            rest[list(joint_names).index(effect.joint)] = effect.rest
    return rest


def run(
    clones: Clones,
    term: CouplingTerm | None,
    hand: Hand,
    rest: np.ndarray,
    *,
    steps: int | None,
    settle: float = 0.5,
    before: Callable[[int], bool] | None = None,
) -> Iterator[Frame]:
    """Steps the clones and yields what was measured before each step.

    Per step: read positions, write the rest targets, let the hand press, let the term act, write
    the targets, step. `term` None is the native arm, in which no contract acts.
    The frame is yielded before the physics moves. Whoever changes a run, by a reset, a swap of the
    term or another `rest`, does so in `before`, which is called with each step's index before its
    positions are read, and ends the run where it answers False; `steps` None has no other end.
    """
    shape = (clones.num_envs, len(clones.joint_names))
    staging = wp.zeros(shape, dtype=wp.float32, device="cpu")
    targets_host = staging.numpy()
    on_host = wp.get_device(clones.device).is_cpu
    targets = staging if on_host else wp.zeros(shape, dtype=wp.float32, device=clones.device)
    none = np.zeros((clones.num_envs, 0), dtype=bool)
    for index in count() if steps is None else range(steps):
        if before is not None and not before(index):
            return
        time = index * clones.dt
        joint_pos = clones.joint_pos()
        targets_host[:] = rest
        hand.write(time, targets_host)
        if not on_host:
            wp.copy(targets, staging)
        out: Any = targets if term is None else term.apply(joint_pos, targets)
        flags = (
            (none,) * 3
            if term is None
            else tuple(a.numpy() for a in (term.active, term.latched, term.fired))
        )
        active, latched, fired = flags
        settling = time < settle
        yield Frame(index, time, settling, joint_pos.numpy(), active, latched, fired, out)
        clones.write_targets(out)
        clones.step()


def record(
    clones: Clones,
    term: CouplingTerm | None,
    hand: Hand,
    rest: np.ndarray,
    *,
    steps: int,
    ids: Sequence[str],
    settle: float = 0.5,
    on_frame: Callable[[Frame], None] | None = None,
) -> Recording:
    """Runs an episode, keeps every frame, and at its end resets half of the clones."""
    positions = np.empty((steps, clones.num_envs, len(clones.joint_names)), dtype=np.float32)
    active, latched, fired = (
        np.zeros((steps, clones.num_envs, len(ids)), dtype=bool) for _ in range(3)
    )
    for frame in run(clones, term, hand, rest, steps=steps, settle=settle):
        positions[frame.index] = frame.joint_pos
        if term is not None:
            active[frame.index] = frame.active
            latched[frame.index] = frame.latched
            fired[frame.index] = frame.fired
        if on_frame is not None:
            on_frame(frame)
    return Recording(
        tuple(clones.joint_names),
        clones.dt,
        settle,
        positions,
        active,
        latched,
        fired,
        None if term is None or not latched[-1:].any() else reset_half(clones, term, rest),
        tuple(ids),
    )


def reset_half(clones: Clones, term: CouplingTerm, rest: np.ndarray) -> LatchReset:
    """Resets every second clone and compares all latches before, after, and one step later.

    A latch that the next measurement sets again is no leak where its condition is true then.
    """
    mask = np.zeros(clones.num_envs, dtype=bool)
    mask[::2] = True
    env_mask = wp.array(mask, dtype=wp.bool, device=clones.device)
    before = term.latched.numpy().copy()
    term.reset(env_mask=env_mask)
    clones.reset(env_mask)
    after = term.latched.numpy().copy()
    targets = wp.array(np.tile(rest, (clones.num_envs, 1)).astype(np.float32), device=clones.device)
    term.apply(clones.joint_pos(), targets)
    expected = before & ~mask[:, None]
    later = term.latched.numpy() & ~term.fired.numpy()
    exact = np.array_equal(after, expected) and np.array_equal(
        later, expected & ~term.fired.numpy()
    )
    had = before.any(axis=1)
    return LatchReset(
        reset=_clones(mask),
        cleared=_clones(had & ~after.any(axis=1)),
        kept=_clones(had & (after == before).all(axis=1)),
        exact=bool(exact),
    )


def _clones(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(clone) for clone in np.flatnonzero(mask))

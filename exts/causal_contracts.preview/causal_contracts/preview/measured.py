# SPDX-License-Identifier: Apache-2.0
"""Measured positions to samples: where a condition holds, an effect is reached, a joint moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from causal_contracts.core.model import Contract, JointThreshold, Mode, Op, SetDriveTarget


@dataclass(frozen=True, slots=True)
class Episode:
    """What was measured, and who touched which joint."""

    positions: np.ndarray
    """Measured joint positions [rad or m], float32, shape (num_samples, num_envs, num_joints)."""
    joint_names: tuple[str, ...]
    dt: float
    """Seconds between samples."""
    settle: float = 0.0
    """Seconds before the first press; the settled position stands for a rest that is not given."""
    hand_at: np.ndarray | None = None
    """First touch of the hand [s], shape (num_envs, num_joints), inf where never; None: nobody."""


def holds(measured: np.ndarray, op: str, threshold: float) -> np.ndarray:
    """Where positions [rad or m], float32 of any shape, fulfil a condition; a NaN never does."""
    limit = np.float32(threshold)
    return measured > limit if op == Op.GREATER else measured < limit


def condition_held(contract: Contract, episode: Episode) -> np.ndarray:
    """Whether the condition is true, shape (num_samples, num_envs); a NaN is never."""
    assert isinstance(contract.trigger, JointThreshold)
    measured = episode.positions[:, :, episode.joint_names.index(contract.trigger.joint)]
    return holds(measured, contract.trigger.op, contract.trigger.threshold)


def effect_reached(contract: Contract, episode: Episode, share: float) -> np.ndarray:
    """Whether that share of the way from rest to target is covered, (num_samples, num_envs)."""
    assert isinstance(contract.effect, SetDriveTarget)
    measured = episode.positions[:, :, episode.joint_names.index(contract.effect.joint)]
    measured = measured.astype(np.float64)
    settled = measured[min(round(episode.settle / episode.dt), len(measured) - 1)]
    rest = settled if contract.effect.rest is None else np.float32(contract.effect.rest)
    way = np.float64(np.float32(contract.effect.target)) - rest
    # A target at rest is no way at all and is never covered.
    return ((measured - rest) * np.sign(way) >= share * np.abs(way)) & (way != 0)


def first(truth: np.ndarray) -> np.ndarray:
    """Index of the first True per clone, num_samples where there is none; shape (num_envs,)."""
    return np.where(truth.any(axis=0), truth.argmax(axis=0), len(truth))


def released(contract: Contract, condition: np.ndarray) -> np.ndarray:
    """Sample at which a level contract's trigger first lets go; shape (num_envs,).

    `num_samples` where it does not, and for a latching contract, whose effect stays.
    """
    if contract.mode != Mode.LEVEL:
        return np.full(condition.shape[1], len(condition))
    fired = np.logical_or.accumulate(condition, axis=0)
    return first(fired & ~condition)


def moved(
    joint: str, contracts: Sequence[Contract], causes: dict[str, np.ndarray], episode: Episode
) -> np.ndarray:
    """Sample at which the hand or a contract first moved a joint, inf where nothing did.

    Args:
        joint: name of the joint.
        contracts: those that may have moved it.
        causes: by contract id, the sample of its cause, shape (num_envs,).
        episode: the samples, and the touches of the hand.

    Returns:
        float64, shape (num_envs,).
    """
    samples, num_envs, _ = episode.positions.shape
    moved_at = np.full(num_envs, np.inf)
    if episode.hand_at is not None:
        touched = episode.hand_at[:, episode.joint_names.index(joint)]
        moved_at = np.minimum(moved_at, touched / episode.dt)
    for contract in contracts:
        if isinstance(contract.effect, SetDriveTarget) and contract.effect.joint == joint:
            cause = causes[contract.id]
            moved_at = np.minimum(moved_at, np.where(cause < samples, cause, np.inf))
    return moved_at

# SPDX-License-Identifier: Apache-2.0
"""Hypothesis strategies: bundles, measured states and what is done to a running term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from causal_contracts.core import Bundle, Contract, JointThreshold, SetDriveTarget
from hypothesis import strategies as st
from oracle import bits_of, float_of

IDS = ("alpha", "beta", "delta", "gamma", "omega", "zeta")
JOINTS = ("button", "door", "handle", "knob", "lid")
SUBNORMAL = 1e-40
LARGEST = 3.4028234663852886e38
VALUES = (0.0, -0.0, 0.1, -0.005, 1.5708, SUBNORMAL, -SUBNORMAL, LARGEST, -LARGEST)
ODD = [
    bits_of(value) for value in (0.0, -0.0, float("inf"), -float("inf"), SUBNORMAL, -LARGEST)
] + [0x7FC00000, 0xFFC12345]  # NaNs of either sign, one with a payload

value = st.sampled_from(VALUES) | st.floats(-LARGEST, LARGEST, width=64)
"""Thresholds and targets, also between two float32."""


@st.composite
def bundles(draw: Any, names: tuple[str, ...]) -> Bundle:
    """Up to six contracts on any joints: shared effects, chains, cycles, self, disabled."""
    joint = st.sampled_from(names)
    ids = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=len(IDS)))
    return Bundle(
        tuple(
            Contract(
                name,
                JointThreshold(draw(joint), draw(st.sampled_from("<>")), draw(value)),
                SetDriveTarget(draw(joint), draw(value), draw(st.none() | value)),
                draw(st.sampled_from(("latching", "level"))),
                draw(st.sampled_from((True, True, True, False))),
            )
            for name in ids
        )
    )


@dataclass
class Apply:
    """Measured positions and commanded targets, uint32 bit patterns (num_envs, num_joints)."""

    joint_pos: np.ndarray
    targets: np.ndarray


@dataclass
class Reset:
    """Environments to clear, and how they are named: one of RESETS."""

    envs: list[int]
    how: str


@dataclass
class Swap:
    """The bundle that runs from here on."""

    bundle: Bundle


RESETS = ("list", "int32", "int64", "numpy mask", "int32 array", "int64 array", "mask array")


@st.composite
def programmes(draw: Any, num_envs: int) -> tuple[tuple[str, ...], Bundle, list[Any]]:
    """Joint names, a bundle, and some steps that begin with an apply."""
    names = tuple(draw(st.permutations(JOINTS)))[: draw(st.integers(1, len(JOINTS)))]
    first = draw(bundles(names))
    known = [*first.contracts]
    steps: list[Any] = [draw(applies(names, known, num_envs))]
    for kind in draw(st.lists(st.sampled_from(("apply", "apply", "reset", "swap")), max_size=6)):
        if kind == "apply":
            steps.append(draw(applies(names, known, num_envs)))
        elif kind == "reset":
            steps.append(draw(resets(num_envs)))
        else:
            changed = draw(bundles(names) | changes_of(known))
            known = [*changed.contracts]
            steps.append(Swap(changed))
    return names, first, steps


@st.composite
def changes_of(draw: Any, contracts: list[Contract]) -> Bundle:
    """The same triggers and modes with other numbers, some switched off: latches may stay."""
    return Bundle(
        tuple(
            Contract(
                old.id,
                JointThreshold(old.trigger.joint, old.trigger.op, draw(value)),
                SetDriveTarget(old.effect.joint, draw(value), draw(st.none() | value)),
                old.mode,
                draw(st.sampled_from((old.enabled, old.enabled, not old.enabled))),
            )
            for old in contracts
        )
    )


@st.composite
def applies(draw: Any, names: tuple[str, ...], contracts: list[Contract], num_envs: int) -> Apply:
    """Positions at, just above and just below the thresholds, and odd ones."""
    near = []
    for contract in contracts:
        exact = np.float32(float_of(bits_of(contract.trigger.threshold)))
        with np.errstate(over="ignore"):
            around = (exact, np.nextafter(exact, np.inf), np.nextafter(exact, -np.inf))
        near += [int(np.float32(position).view(np.uint32)) for position in around]
    pattern = st.sampled_from([*ODD, *near])
    drawn = min(num_envs, 7)
    rows = [[draw(pattern) for _ in names] for _ in range(drawn)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    order = np.arange(drawn) if num_envs == drawn else rng.integers(0, drawn, num_envs)
    targets = rng.integers(0, 2**32, (num_envs, len(names)), dtype=np.uint32)
    return Apply(np.array(rows, np.uint32)[order], targets)


@st.composite
def resets(draw: Any, num_envs: int) -> Reset:
    """Some environments, none and all included."""
    some = st.sets(st.integers(0, num_envs - 1), max_size=20).map(sorted)
    envs = draw(some | st.sampled_from(([], list(range(num_envs)))))
    return Reset(envs, draw(st.sampled_from(RESETS)))

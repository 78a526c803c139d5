# SPDX-License-Identifier: Apache-2.0
"""Contracts of a kitchen, seeded walks through their joint positions, and steps along one."""

from __future__ import annotations

import numpy as np
import pytest
from causal_contracts.core import compile_bundle
from rules import array, bundle

pytest.importorskip("torch", reason="torch is not installed")
import torch
from causal_contracts.lab.imagination import Parameters, State, step

JOINTS = ("button", "door", "lid", "handle")
KITCHEN = bundle(
    "door: button < -0.5 => door := 1.5 rest 0.0, latching",
    "lid: handle > 0.25 => lid := -1.0 rest 0.5, level",
    "shut: lid < -0.75 => door := 0.25, latching",
)
COMPILED = compile_bundle(KITCHEN, JOINTS)
FLAGS = ("fired", "latched", "active")


def walk(num_envs, steps, seed, device="cpu"):
    """Positions that cross every threshold now and then, some NaN; (steps, num_envs, joints)."""
    rng = np.random.default_rng(seed)
    path = rng.uniform(-1.2, 1.2, (steps, num_envs, len(JOINTS)))
    path[rng.random(path.shape) < 0.02] = np.nan
    return array(path, "torch", device)


def per_env(num_envs, seed, device="cpu"):
    """Numbers of each environment's own."""
    rng = np.random.default_rng(seed)
    shape = (num_envs, COMPILED.num_contracts)
    near = COMPILED.threshold + rng.uniform(-0.4, 0.4, shape)
    return Parameters(
        array(near, "torch", device),
        array(rng.uniform(-1, 1, shape), "torch", device),
        array(rng.random(shape) < 0.8, "torch", device, dtype=bool),
    )


def run(path, state, compiled=COMPILED):
    """Targets of every step, and the state at the end."""
    targets = []
    for joint_pos in path:
        merged, state = step(compiled, joint_pos, state)
        targets.append(merged)
    return torch.stack(targets), state


def same(one: State, other: State) -> bool:
    flags = all(torch.equal(a, b) for a, b in zip(one.flags, other.flags, strict=True))
    if one.params is None or other.params is None:
        return flags and one.params is other.params
    rows = zip(one.rows_per_env(), other.rows_per_env(), strict=True)
    return flags and all(torch.equal(a, b) for a, b in rows)

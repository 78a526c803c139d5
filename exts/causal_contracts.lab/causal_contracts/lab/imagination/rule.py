# SPDX-License-Identifier: Apache-2.0
"""CompiledCouplings and a device to a Rule: the tensors that a pure step needs, uploaded once."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from causal_contracts.core.ir import CompiledCouplings
from causal_contracts.core.torch_form import Parameters


class Rule(NamedTuple):
    """A compiled bundle on one device; nothing of it is ever written."""

    trigger: torch.Tensor
    """Index of the trigger joint, int64, shape (num_contracts,)."""
    greater: torch.Tensor
    """True for op ``>``, bool, shape (num_contracts,)."""
    latching: torch.Tensor
    """True for mode latching, bool, shape (num_contracts,)."""
    effect: torch.Tensor
    """Index of the effect joint, int64, shape (num_contracts,)."""
    effect_rest: torch.Tensor
    """Rest of each contract's effect joint [rad or m], NaN if unknown, float32, (num_contracts,)"""
    rest: torch.Tensor
    """Rest targets [rad or m], NaN where no contract says one, float32, shape (num_joints,)."""
    parameters: Parameters
    """What the author said, each of shape (1, num_contracts)."""
    passes: tuple[tuple[torch.Tensor, torch.Tensor], ...]
    """Rows and their effect joints, int64; no joint stands twice in a pass, later passes win."""


_UPLOADED: WeakKeyDictionary[CompiledCouplings, dict[torch.device, Rule]] = WeakKeyDictionary()


def prepare(compiled: CompiledCouplings | Rule, device: torch.device | str) -> Rule:
    """The rule on `device`: uploaded at the first call, looked up later, for as long as it lives.

    A Rule is returned as it is. Give `step` a Rule where it is compiled by `torch.compile`, which
    cannot look things up.
    """
    if isinstance(compiled, Rule):
        return compiled
    by_device = _UPLOADED.setdefault(compiled, {})
    place = torch.device(device)
    rule = by_device.get(place)
    if rule is None:
        rule = by_device[place] = _upload(compiled, place)
    return rule


def _upload(compiled: CompiledCouplings, device: torch.device) -> Rule:
    def tensor(array: np.ndarray) -> torch.Tensor:
        array = array.astype(np.int64) if array.dtype == np.int32 else array.copy()
        return torch.from_numpy(array).to(device)

    rest = np.full(compiled.num_joints, np.nan, np.float32)
    for joint, value in zip(compiled.effect, compiled.rest, strict=True):
        if not np.isnan(value):
            rest[joint] = value
    with torch.inference_mode(False):  # plain tensors, whoever asks first
        return Rule(
            trigger=tensor(compiled.trigger),
            greater=tensor(compiled.greater),
            latching=tensor(compiled.latching),
            effect=tensor(compiled.effect),
            effect_rest=tensor(rest[compiled.effect]),
            rest=tensor(rest),
            parameters=Parameters(
                *(tensor(getattr(compiled, name)[None]) for name in Parameters._fields)
            ),
            passes=tuple(
                (tensor(rows), tensor(compiled.effect[rows])) for rows in _passes(compiled)
            ),
        )


def _passes(compiled: CompiledCouplings) -> list[np.ndarray]:
    """Rows by how many earlier ones have the same effect joint; one pass where none is shared."""
    effects = compiled.effect.tolist()
    depth = np.array([effects[:row].count(joint) for row, joint in enumerate(effects)])
    return [np.flatnonzero(depth == d) for d in range(max(depth, default=-1) + 1)]

# SPDX-License-Identifier: Apache-2.0
"""Contracts from their sentences, and arrays of either kind on either device, for the tests."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import Bundle, Contract, JointThreshold, SetDriveTarget
from causal_contracts.core.arrays import has_torch

wp.config.log_level = wp.LOG_WARNING
HAS_CUDA = wp.is_cuda_available()
HAS_TORCH = has_torch()

on_each_device = pytest.mark.parametrize(
    "device",
    [
        "cpu",
        pytest.param(
            "cuda:0", marks=pytest.mark.skipif(not HAS_CUDA, reason="no CUDA device is here")
        ),
    ],
)
on_cuda = pytest.mark.skipif(not HAS_CUDA, reason="no CUDA device is here")
with_torch = pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")
FRONTENDS = ["warp", pytest.param("torch", marks=with_torch)]
for_each_frontend = pytest.mark.parametrize("frontend", FRONTENDS)
for_each_size = pytest.mark.parametrize("num_envs", [1, 7, 4096])

FORMS = ("own output", "out given", "in place")
for_each_form = pytest.mark.parametrize("form", FORMS)

SENTENCE = re.compile(
    r"(\w+): (\w+) (\S+) (\S+) => (\w+) := (\S+)(?: rest (\S+))?, (\w+)( \(disabled\))?"
)


def contract(sentence: str) -> Contract:
    """``press: button < -0.005 => lid := 1.57 rest 0.0, latching (disabled)`` as a contract."""
    found = SENTENCE.fullmatch(sentence)
    assert found, sentence
    name, trigger, op, threshold, effect, target, rest, mode, disabled = found.groups()
    return Contract(
        name,
        JointThreshold(trigger, op, float(threshold)),
        SetDriveTarget(effect, float(target), None if rest is None else float(rest)),
        mode,
        not disabled,
    )


def bundle(*sentences: str) -> Bundle:
    return Bundle(tuple(contract(sentence) for sentence in sentences))


def array(values: Any, frontend: str, device: str, dtype: Any = np.float32) -> Any:
    """A new torch tensor or Warp array that holds `values`."""
    host = np.array(values, dtype=dtype)
    if frontend == "torch":
        import torch

        return torch.from_numpy(host).to(device)
    return wp.array(host, dtype=wp.dtype_from_numpy(host.dtype), device=device)


def host(values: Any) -> np.ndarray:
    """A host copy of an array of any kind."""
    if isinstance(values, np.ndarray):
        return values.copy()
    return (values.numpy() if isinstance(values, wp.array) else values.cpu().numpy()).copy()


def bits(values: Any) -> list[list[int]]:
    """Float32 values as bit patterns, one list per environment."""
    return host(values).view(np.uint32).tolist()


def fill(values: Any, new: Any) -> None:
    """Overwrite an array of either kind, where it lies."""
    if isinstance(values, wp.array):
        values.assign(np.array(new, dtype=wp.dtype_to_numpy(values.dtype)))
    else:
        import torch

        values.copy_(torch.from_numpy(np.array(new)))


def run(term: Any, joint_pos: Any, targets: Any, form: str, out: Any = None) -> Any:
    """`apply` in one of FORMS."""
    if form == "own output":
        return term.apply(joint_pos, targets)
    return term.apply(joint_pos, targets, out=targets if form == "in place" else out)


def pointer(values: Any) -> int:
    return values.ptr if isinstance(values, wp.array) else values.data_ptr()

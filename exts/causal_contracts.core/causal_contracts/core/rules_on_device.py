# SPDX-License-Identifier: Apache-2.0
# pyright: reportOptionalMemberAccess=false, reportOptionalOperand=false, reportArgumentType=false
# pyright: reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""CompiledCouplings and Parameters to the kernels' `Rules`: grouped by effect joint."""

from __future__ import annotations

import numpy as np
import warp as wp

from .ir import CompiledCouplings
from .kernel import Rules
from .parameters import PARAMETERS, Parameters


def grouped(compiled: CompiledCouplings) -> dict[str, np.ndarray]:
    """What `Rules` has beside parameters; contracts of one effect joint stand together by id."""
    joints = compiled.effect_joints
    slot = np.full(compiled.num_joints, -1, np.int32)
    slot[joints] = np.arange(len(joints), dtype=np.int32)
    order = np.argsort(compiled.effect, kind="stable").astype(np.int32)
    first = np.searchsorted(compiled.effect[order], joints).astype(np.int32)
    return {
        **{name: getattr(compiled, name) for name in ("trigger", "greater", "latching")},
        "effect_joints": joints,
        "slot": slot,
        "first": np.append(first, np.int32(len(order))).astype(np.int32),
        "order": order,
    }


def upload(compiled: CompiledCouplings, parameters: Parameters, device: wp.Device) -> Rules:
    """New device arrays for `compiled`; those of `parameters` are referred to, not copied."""
    rules = Rules()
    for name, array in grouped(compiled).items():
        dtype = wp.dtype_from_numpy(array.dtype)
        setattr(rules, name, wp.array(array, dtype=dtype, device=device))
    for name in PARAMETERS:
        setattr(rules, name, parameters.row_per_env(name))
    return rules


def update(rules: Rules, compiled: CompiledCouplings) -> bool:
    """Copy `compiled` into arrays that already exist; False where their sizes differ."""
    arrays = grouped(compiled)
    if any(getattr(rules, name).shape != array.shape for name, array in arrays.items()):
        return False
    for name, array in arrays.items():
        getattr(rules, name).assign(array)
    return True

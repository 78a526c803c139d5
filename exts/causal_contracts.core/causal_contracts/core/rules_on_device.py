# SPDX-License-Identifier: Apache-2.0
# pyright: reportOptionalMemberAccess=false, reportOptionalOperand=false, reportArgumentType=false
# pyright: reportGeneralTypeIssues=false, reportAttributeAccessIssue=false
# (Warp types the fields of its arrays and structs loosely.)
"""CompiledCouplings to the kernels' `Rules`: chained by effect joint, on one device."""

from __future__ import annotations

import numpy as np
import warp as wp

from .ir import CompiledCouplings
from .kernel import Rules


def chained(compiled: CompiledCouplings) -> dict[str, np.ndarray]:
    """What `Rules` has beside parameters; the contracts of one effect joint form a chain by id."""
    head = np.full(compiled.num_joints, -1, np.int32)
    following = np.full(compiled.num_contracts, -1, np.int32)
    for row in reversed(range(compiled.num_contracts)):
        joint = compiled.effect[row]
        following[row], head[joint] = head[joint], row
    columns = {name: getattr(compiled, name) for name in ("trigger", "greater", "latching")}
    return {**columns, "effect": compiled.effect, "head": head, "next": following}


PARAMETERS = ("threshold", "target", "enabled")


def upload(compiled: CompiledCouplings, num_envs: int, device: wp.Device) -> Rules:
    """New device arrays for `compiled`; of the parameters one row, which all environments share."""
    rules = Rules()
    for name, array in chained(compiled).items():
        dtype = wp.dtype_from_numpy(array.dtype)
        setattr(rules, name, wp.array(array, dtype=dtype, device=device))
    for name in PARAMETERS:
        row = getattr(compiled, name)
        dtype = wp.dtype_from_numpy(row.dtype)
        owner = wp.array(row, dtype=dtype, device=device)
        shared = wp.array(
            ptr=owner.ptr,
            dtype=dtype,
            shape=(num_envs, len(row)),
            strides=(0, owner.strides[0]),
            device=device,
        )
        shared._owner = owner
        setattr(rules, name, shared)
    return rules


def update(rules: Rules, compiled: CompiledCouplings) -> bool:
    """Copy `compiled` into arrays that already exist; False where their sizes differ."""
    arrays = chained(compiled)
    if any(getattr(rules, name).shape != array.shape for name, array in arrays.items()):
        return False
    for name, array in arrays.items():
        getattr(rules, name).assign(array)
    for name in PARAMETERS:
        getattr(rules, name)._owner.assign(getattr(compiled, name))
    return True

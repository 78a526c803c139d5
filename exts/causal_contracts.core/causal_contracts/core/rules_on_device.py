# SPDX-License-Identifier: Apache-2.0
# pyright: reportOptionalMemberAccess=false, reportOptionalOperand=false, reportArgumentType=false
# pyright: reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""CompiledCouplings and Parameters to the kernels' `Rules`: chained by effect joint."""

from __future__ import annotations

import numpy as np
import warp as wp

from .ir import CompiledCouplings
from .kernel import Rules
from .parameters import PARAMETERS, Parameters

NO_JOINT = (1 << 32) - 1
"""-1 to a kernel."""


def chained(compiled: CompiledCouplings) -> dict[str, np.ndarray]:
    """What `Rules` has beside parameters; the contracts of one effect joint form a chain by id."""
    head = np.full(compiled.num_joints, -1, np.int32)
    following = np.full(compiled.num_contracts, -1, np.int32)
    for row in reversed(range(compiled.num_contracts)):
        joint = compiled.effect[row]
        following[row], head[joint] = head[joint], row
    columns = {
        name: getattr(compiled, name) for name in ("trigger", "greater", "latching", "effect")
    }
    kind = compiled.greater + 2 * compiled.latching.astype(np.int32)
    rows = np.stack([compiled.trigger, compiled.effect, following, kind], axis=1, dtype=np.int32)
    return {**columns, "head": head, "rows": rows}


def upload(compiled: CompiledCouplings, parameters: Parameters, device: wp.Device) -> Rules:
    """New device arrays for `compiled`; those of `parameters` are referred to, not copied."""
    rules = Rules()
    for name, array in chained(compiled).items():
        dtype = wp.dtype_from_numpy(array.dtype)
        setattr(rules, name, wp.array(array, dtype=dtype, device=device))
    for name in PARAMETERS:
        setattr(rules, name, parameters.row_per_env(name))
    rules.first, rules.step = spacing(compiled.trigger)
    return rules


def update(rules: Rules, compiled: CompiledCouplings) -> bool:
    """Copy `compiled` into arrays that already exist; False where their sizes differ."""
    arrays = chained(compiled)
    if any(getattr(rules, name).shape != array.shape for name, array in arrays.items()):
        return False
    for name, array in arrays.items():
        getattr(rules, name).assign(array)
    rules.first, rules.step = spacing(compiled.trigger)
    return True


def spacing(triggers: np.ndarray) -> tuple[int, int]:
    """First joint and step of evenly spaced ones; (-1, 0) where they are not. Modulo 2**32."""
    steps = np.diff(triggers)
    if not len(triggers) or (steps != steps[:1]).any():
        return NO_JOINT, 0
    return int(triggers[0]), int(steps[0]) % (1 << 32) if len(steps) else 0

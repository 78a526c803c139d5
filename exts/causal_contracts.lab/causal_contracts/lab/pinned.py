# SPDX-License-Identifier: Apache-2.0
"""Isaac Lab's PhysX assets on a machine without a CUDA driver."""

from __future__ import annotations

from typing import Any

import warp as wp

ALLOCATORS = ("zeros", "empty", "ones", "full", "zeros_like", "empty_like", "clone")


def avoid_pinned_memory() -> None:
    """Make Warp ignore ``pinned=True`` where there is no CUDA; call it before the environment.

    Isaac Lab's OvPhysX assets stage every command in pinned memory, which only CUDA can allocate.
    """
    if wp.is_cuda_available():
        return
    for name in ALLOCATORS:
        allocate = getattr(wp, name)
        if not hasattr(allocate, "unpinned"):
            setattr(wp, name, _without_pinned(allocate))


def _without_pinned(allocate: Any) -> Any:
    def unpinned(*args: Any, **kwargs: Any) -> wp.array:
        kwargs.pop("pinned", None)
        return allocate(*args, **kwargs)

    unpinned.unpinned = True  # pyright: ignore[reportFunctionMemberAccess]
    return unpinned

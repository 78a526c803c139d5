# SPDX-License-Identifier: Apache-2.0
"""Warp without pinned host memory, so that Isaac Lab's OvPhysX runs where no CUDA driver is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import warp as wp

ALLOCATORS = ("zeros", "empty", "ones", "full", "zeros_like", "empty_like", "clone")


def avoid_pinned_memory() -> Callable[[], None]:
    """Make Warp's allocators ignore ``pinned=True``; returns the function that undoes this.

    Isaac Lab's OvPhysX assets ask for pinned staging arrays, which only a CUDA driver can give.
    Call it before the environment is built. With a CUDA driver it does nothing.
    """
    if wp.is_cuda_available():
        return lambda: None
    current = {name: getattr(wp, name) for name in ALLOCATORS}
    originals = {name: one for name, one in current.items() if not hasattr(one, "unpinned")}
    for name, original in originals.items():
        setattr(wp, name, _unpinned(original))

    def undo() -> None:
        for name, original in originals.items():
            setattr(wp, name, original)

    return undo


def _unpinned(allocate: Callable[..., Any]) -> Callable[..., Any]:
    def plain(*args: Any, **kwargs: Any) -> Any:
        kwargs.pop("pinned", None)
        return allocate(*args, **kwargs)

    plain.unpinned = True  # pyright: ignore[reportFunctionMemberAccess]
    return plain

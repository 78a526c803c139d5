# SPDX-License-Identifier: Apache-2.0
# pyright: reportOptionalMemberAccess=false, reportOptionalOperand=false, reportArgumentType=false
# pyright: reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""Torch tensors and Warp arrays alike, as checked Warp arrays over the same memory."""

from __future__ import annotations

import importlib.util
import sys
import weakref
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeGuard, Union

import numpy as np
import warp as wp

if TYPE_CHECKING:
    import torch

Array = Union["torch.Tensor", "wp.array"]


def has_torch() -> bool:
    """Whether torch is installed, without importing it."""
    if "torch" in sys.modules:
        return sys.modules["torch"] is not None
    try:
        return importlib.util.find_spec("torch") is not None
    except ImportError:  # an import hook may refuse instead of finding nothing
        return False


def is_torch(array: object) -> TypeGuard[torch.Tensor]:
    """Whether `array` is a torch tensor; never imports torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(array, torch.Tensor)


@cache
def raw_torch_stream() -> Callable[[int], int]:
    """A device's number to the handle of torch's current stream, which `torch` wraps in 1 us."""
    import torch

    quick = getattr(torch._C, "_cuda_getCurrentRawStream", None)
    return quick or (lambda ordinal: torch.cuda.current_stream(ordinal).cuda_stream)


def key_of(array: Any) -> tuple[Any, ...]:
    """What a launch depends on: equal keys can share one recorded launch."""
    if is_torch(array):
        return array.data_ptr(), array.shape, array.dtype, array.is_contiguous(), array.device
    if isinstance(array, wp.array):
        return array.ptr, array.shape, array.dtype, array.strides, array.device.alias
    return (id(array),)  # refused by `as_warp`


class Seen:
    """An array that was checked, not kept alive: asking again costs less than `key_of`."""

    __slots__ = ("_key", "_ref", "_shape", "_torch")

    def __init__(self, array: Array) -> None:
        self._ref = weakref.ref(array)
        self._torch = is_torch(array)
        self._shape = array.shape
        self._key = array.data_ptr() if is_torch(array) else key_of(array)

    def is_same(self, array: Any) -> bool:
        """Whether `array` is that very object, over the same memory in the same shape."""
        if self._ref() is not array:
            return False
        if self._torch:
            same_memory = array.data_ptr() == self._key and array.shape == self._shape
            return same_memory and array.is_contiguous()
        return key_of(array) == self._key


def as_warp(array: Any, name: str, shape: tuple[int, ...], dtype: type, device: Any) -> wp.array:
    """`array` as a Warp array over the same memory.

    Raises:
        TypeError: it is neither a torch tensor nor a Warp array, or of another dtype.
        ValueError: another shape or device, or not contiguous; the message names both sides.
    """
    if is_torch(array):
        if array.dtype is not wp.dtype_to_torch(dtype):
            raise TypeError(f"{name} has dtype {array.dtype}; the term needs {dtype.__name__}")
        if not array.is_contiguous():
            raise ValueError(_strided(name, tuple(array.shape), tuple(array.stride())))
        found: wp.array = wp.from_torch(array.detach(), dtype=dtype)
    elif isinstance(array, wp.array):
        if array.dtype is not dtype:
            raise TypeError(
                f"{name} has dtype {array.dtype.__name__}; the term needs {dtype.__name__}"
            )
        if not array.is_contiguous:
            raise ValueError(_strided(name, array.shape, array.strides))
        found = array
    else:
        raise TypeError(f"{name} is a {type(array).__name__}; pass a torch tensor or a Warp array")
    if found.shape != shape:
        raise ValueError(f"{name} has shape {found.shape}; the term was built for {shape}")
    if found.device != device:
        raise ValueError(f"{name} lies on {found.device.alias}; the term runs on {device.alias}")
    return found


def borrowed(array: wp.array) -> wp.array:
    """The same memory, not kept alive: what a recorded launch may hold on to."""
    return wp.array(
        ptr=array.ptr,
        dtype=array.dtype,
        shape=array.shape,
        strides=array.strides,
        device=array.device,
    )


def _strided(name: str, shape: tuple[int, ...], strides: tuple[int, ...]) -> str:
    return (
        f"{name} of shape {shape} has strides {strides}; "
        "the term needs contiguous memory: pass .contiguous() or a whole buffer"
    )


def on_host(array: Any) -> np.ndarray:
    """`array` as NumPy; a tensor on the host is not copied."""
    return array.detach().cpu().numpy() if is_torch(array) else np.asarray(array)


def overlap(a: wp.array, b: wp.array) -> bool:
    """Whether two contiguous arrays share memory."""
    return bool(a.size and b.size) and (
        a.ptr < b.ptr + b.size * wp.types.type_size_in_bytes(b.dtype)
        and b.ptr < a.ptr + a.size * wp.types.type_size_in_bytes(a.dtype)
    )

# SPDX-License-Identifier: Apache-2.0
"""The keys of Studio's window on their way from GLFW to omni.ui, by way of `Chords`."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from . import system_window
from .chords import Chords

_KEYS = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int
)


class SystemKeys:
    """Stands between GLFW and omni.ui until `close`; does nothing where there is no window.

    Args:
        before: hears of each press, with key, scancode and modifiers, before omni.ui does.
    """

    def __init__(self, before: Callable[[int, int, int], object]) -> None:
        self._glfw, self._window = system_window.glfw(), system_window.window()
        self._chords = Chords(self._pass_on, before)
        self._hear = _KEYS(
            lambda window, key, scancode, action, modifiers: self._chords.hear(
                key, scancode, action, modifiers
            )
        )
        self._told: ctypes.c_void_p | None = None
        if self._glfw is not None and self._window is not None:
            self._glfw.glfwSetKeyCallback.restype = ctypes.c_void_p
            self._told = self._listen(ctypes.cast(self._hear, ctypes.c_void_p))

    def close(self) -> None:
        """Let omni.ui hear of keys directly, as before."""
        if self._window is not None:
            self._listen(self._told)
            self._window = None

    def _listen(self, hear: ctypes.c_void_p | None) -> ctypes.c_void_p | None:
        """Let GLFW tell this of keys; returns whom it told before."""
        assert self._glfw is not None
        before = self._glfw.glfwSetKeyCallback(self._window, hear)
        return ctypes.c_void_p(before) if before else None

    def _pass_on(self, key: int, scancode: int, action: int, modifiers: int) -> None:
        if self._told is not None and self._window is not None:
            ctypes.cast(self._told, _KEYS)(self._window, key, scancode, action, modifiers)

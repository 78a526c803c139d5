# SPDX-License-Identifier: Apache-2.0
"""The window of the system around Studio: its title, and a close that can be refused.

The standalone omni.ui offers neither, so that GLFW, which it draws with, is asked itself. Without a
display there is no window, and nothing happens.
"""

from __future__ import annotations

import ctypes
from functools import cache

from omni.ui import standalone


def wants_to_close() -> bool:
    """Whether the author pressed the window's close button."""
    return bool(standalone._ui._standalone_should_close())


def keep_open() -> None:
    """Take the press of the close button back, so that it can be pressed again."""
    glfw, window = _window()
    if glfw is not None:
        glfw.glfwSetWindowShouldClose(ctypes.c_void_p(window), 0)


def set_title(text: str) -> None:
    """Show another title."""
    glfw, window = _window()
    if glfw is not None:
        glfw.glfwSetWindowTitle(ctypes.c_void_p(window), text.encode())


def _window() -> tuple[ctypes.CDLL | None, int | None]:
    """GLFW and its window; the main thread draws with the context of that one."""
    glfw = _glfw()
    window = glfw.glfwGetCurrentContext() if glfw is not None else None
    return (glfw, window) if window else (None, None)


@cache
def _glfw() -> ctypes.CDLL | None:
    try:
        glfw = ctypes.CDLL("libglfw.so.3")
    except OSError:
        return None
    glfw.glfwGetCurrentContext.restype = ctypes.c_void_p
    return glfw

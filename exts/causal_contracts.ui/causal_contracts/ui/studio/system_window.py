# SPDX-License-Identifier: Apache-2.0
"""The window of the system around Studio: whether there can be one, its title, its close button.

The standalone omni.ui offers none of it, so that GLFW, which it draws with, is asked itself.
Where it was started without a window, nothing happens.
"""

from __future__ import annotations

import ctypes
import os
import time
from functools import cache

from omni.ui import standalone

from .no_layout import keep_no_layout

NO_LIBRARY = "GLFW is not installed"
NO_OPENGL = "the display offers no OpenGL"


class NoWindowError(Exception):
    """No window can be opened here; says why."""


def open_one(title: str, size: tuple[int, int]) -> None:
    """Start omni.ui, in a window or, where the environment says so, without one.

    Raises:
        NoWindowError: omni.ui, which would crash, was not started or has no window.
    """
    headless = bool(os.environ.get("OMNIUI_HEADLESS"))
    if not headless and (why := _why_no_display()) is not None:
        raise NoWindowError(why)
    standalone.init(title, *size)
    keep_no_layout()
    if not headless and window() is None:
        raise NoWindowError(NO_OPENGL)


def _why_no_display() -> str | None:
    library = glfw()
    if library is None:
        return NO_LIBRARY
    if library.glfwInit():
        return None
    said = ctypes.c_char_p()
    library.glfwGetError(ctypes.byref(said))
    return (said.value or b"there is no display").decode(errors="replace")


def wait_for_input(seconds: float) -> bool:
    """Wait so long, or until the window hears something: returns whether it did."""
    start = time.monotonic()
    library = glfw() if window() is not None else None
    if library is None:
        time.sleep(seconds)
        return False
    library.glfwWaitEventsTimeout(ctypes.c_double(seconds))
    return time.monotonic() - start < 0.9 * seconds


def wants_to_close() -> bool:
    """Whether the author pressed the window's close button."""
    return bool(standalone._ui._standalone_should_close())


def keep_open() -> None:
    """Take the press of the close button back, so that it can be pressed again."""
    if (library := glfw()) is not None and (shown := window()) is not None:
        library.glfwSetWindowShouldClose(shown, 0)


def set_title(text: str) -> None:
    """Show another title."""
    if (library := glfw()) is not None and (shown := window()) is not None:
        library.glfwSetWindowTitle(shown, text.encode())


def window() -> ctypes.c_void_p | None:
    """GLFW's window; the main thread draws with the context of that one."""
    library = glfw()
    address = library.glfwGetCurrentContext() if library is not None else None
    return ctypes.c_void_p(address) if address else None


@cache
def glfw() -> ctypes.CDLL | None:
    """The library that omni.ui draws its window with; None where it is not installed."""
    try:
        library = ctypes.CDLL("libglfw.so.3")
    except OSError:
        return None
    library.glfwGetCurrentContext.restype = ctypes.c_void_p
    return library

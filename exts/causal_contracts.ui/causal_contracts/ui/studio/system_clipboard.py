# SPDX-License-Identifier: Apache-2.0
"""The system's clipboard for Studio: what is copied leaves the window, what is pasted enters it.

The standalone omni.ui keeps a clipboard of its own, which no other program sees. Where there is no
window of the system's, nothing happens.
"""

from __future__ import annotations

import ctypes

from omni.ui import testing

from . import system_window

PRESSED, CONTROL, SHIFT, INSERT = 1, 2, 1, 260
"""GLFW's action, modifier bits, and the one key without a name."""
_KEYS = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int
)


class SystemClipboard:
    """Follows the window's keys until `close`; call `tick` once a frame."""

    def __init__(self) -> None:
        self._glfw, self._window = system_window.glfw(), system_window.window()
        self._known = testing.get_clipboard_text()
        self._hear = _KEYS(self._pressed)
        self._before: ctypes.c_void_p | None = None
        if self._glfw is not None and self._window is not None:
            self._glfw.glfwGetClipboardString.restype = ctypes.c_char_p
            self._glfw.glfwGetKeyName.restype = ctypes.c_char_p
            self._glfw.glfwSetKeyCallback.restype = ctypes.c_void_p
            self._before = self._listen(ctypes.cast(self._hear, ctypes.c_void_p))

    def tick(self) -> None:
        """Give to the system what was copied in the window."""
        text = testing.get_clipboard_text()
        if text != self._known:
            self._known = text
            if self._glfw is not None and self._window is not None:
                self._glfw.glfwSetClipboardString(self._window, text.encode())

    def close(self) -> None:
        """Follow no keys any more."""
        if self._window is not None:
            self._listen(self._before)
            self._window = None

    def _listen(self, hear: ctypes.c_void_p | None) -> ctypes.c_void_p | None:
        """Let GLFW tell this of keys; returns whom it told before."""
        assert self._glfw is not None
        before = self._glfw.glfwSetKeyCallback(self._window, hear)
        return ctypes.c_void_p(before) if before else None

    def _pressed(self, window: int, key: int, scancode: int, action: int, modifiers: int) -> None:
        """Fetch the system's text before a field hears of the keys that paste it."""
        if action == PRESSED and self._pastes(key, scancode, modifiers):
            self._fetch()
        if self._before is not None:
            told = ctypes.cast(self._before, _KEYS)
            told(window, key, scancode, action, modifiers)

    def _pastes(self, key: int, scancode: int, modifiers: int) -> bool:
        if self._glfw is None or key == INSERT:
            return key == INSERT and bool(modifiers & SHIFT)
        # By its name, since layouts of keyboards differ in where the letter is.
        return bool(modifiers & CONTROL) and self._glfw.glfwGetKeyName(key, scancode) == b"v"

    def _fetch(self) -> None:
        assert self._glfw is not None
        text = self._glfw.glfwGetClipboardString(self._window)
        if text is not None:
            self._known = text.decode(errors="replace")
            testing.set_clipboard_text(self._known)

# SPDX-License-Identifier: Apache-2.0
"""The system's clipboard for Studio: what is copied leaves the window, what is pasted enters it.

The standalone omni.ui keeps a clipboard of its own, which no other program sees. Where there is no
window of the system's, nothing happens.
"""

from __future__ import annotations

import ctypes

from omni.ui import testing

from . import system_window
from .chords import CONTROL, SHIFT
from .system_keys import SystemKeys

INSERT, DELETE = 260, 261
"""GLFW's keys without a name."""


class SystemClipboard:
    """Follows the window's keys until `close`; call `tick` once a frame."""

    def __init__(self) -> None:
        self._glfw, self._window = system_window.glfw(), system_window.window()
        self._known = testing.get_clipboard_text()
        if self._glfw is not None:
            self._glfw.glfwGetClipboardString.restype = ctypes.c_char_p
            self._glfw.glfwGetKeyName.restype = ctypes.c_char_p
        self._keys = SystemKeys(self._pressed)

    def tick(self) -> None:
        """Give to the system what was copied in the window."""
        text = testing.get_clipboard_text()
        if text != self._known:
            self.give(text)

    def give(self, text: str) -> None:
        """Put a text on both clipboards."""
        self._known = text
        testing.set_clipboard_text(text)
        if self._glfw is not None and self._window is not None:
            self._glfw.glfwSetClipboardString(self._window, text.encode())

    def close(self) -> None:
        """Follow no keys any more."""
        self._keys.close()
        self._window = None

    def _pressed(self, key: int, scancode: int, modifiers: int) -> None:
        """Fetch the system's text before a field hears of the keys that paste it.

        And of those that copy: else a text that was copied here before would seem to be known,
        though another program put its own in place meanwhile.
        """
        if key in (INSERT, DELETE):
            fetches = bool(modifiers & (SHIFT | CONTROL))
        else:
            # By its name, since layouts of keyboards differ in where the letter is.
            fetches = bool(modifiers & CONTROL) and self._name(key, scancode) in (b"v", b"c", b"x")
        if fetches:
            self._fetch()

    def _name(self, key: int, scancode: int) -> bytes | None:
        return self._glfw.glfwGetKeyName(key, scancode) if self._glfw is not None else None

    def _fetch(self) -> None:
        if self._glfw is None or self._window is None:
            return
        text = self._glfw.glfwGetClipboardString(self._window)
        if text is not None:
            self._known = text.decode(errors="replace")
            testing.set_clipboard_text(self._known)

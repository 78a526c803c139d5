# SPDX-License-Identifier: Apache-2.0
"""Key events of GLFW to those that omni.ui is told of: a chord arrives whole.

Dear ImGui takes the keys that came between two frames at once. Where those are a letter and the
release of Ctrl, which was held before, it sees the letter alone: Ctrl+A selects nothing, Ctrl+V
pastes nothing. It never takes two changes of one key at once, so that a key of a chord is let go
here as soon as it is pressed: what comes later waits for the next frame.
"""

from __future__ import annotations

from collections.abc import Callable

RELEASED, PRESSED, REPEATED = 0, 1, 2
"""GLFW's actions."""
SHIFT, CONTROL, ALT, SUPER = 1, 2, 4, 8
"""GLFW's bits of modifiers."""
UNPRINTED = 256
"""Keys from this one on write nothing: arrows, Delete, Enter."""
MODIFIERS = range(340, 348)
Told = Callable[[int, int, int, int], object]
"""Of a key, its scancode, GLFW's action and the modifiers."""


class Chords:
    """Key events in, key events out to `tell`.

    Args:
        tell: who hears of the keys.
        before: hears of each press, with key, scancode and modifiers, before `tell` does.
    """

    def __init__(self, tell: Told, before: Callable[[int, int, int], object]) -> None:
        self._tell, self._before = tell, before
        self._let_go: set[int] = set()
        """Keys that are held, but of which was told that they are not."""

    def hear(self, key: int, scancode: int, action: int, modifiers: int) -> None:
        """A key was pressed, is held or was released."""
        if action == RELEASED:
            if key in self._let_go:
                self._let_go.remove(key)
            else:
                self._tell(key, scancode, action, modifiers)
            return
        if action == PRESSED:
            self._before(key, scancode, modifiers)
        # omni.ui repeats a key that is held by itself, but not one that was let go.
        again = action == REPEATED and key in self._let_go
        self._tell(key, scancode, PRESSED if again else action, modifiers)
        if again or (action == PRESSED and is_chord(key, modifiers)):
            self._tell(key, scancode, RELEASED, modifiers)
            self._let_go.add(key)


def is_chord(key: int, modifiers: int) -> bool:
    """Whether the modifiers make of this key more than another letter."""
    if key in MODIFIERS:
        return False
    return bool(modifiers & (CONTROL | ALT | SUPER)) or (
        bool(modifiers & SHIFT) and key >= UNPRINTED
    )

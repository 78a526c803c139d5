# SPDX-License-Identifier: Apache-2.0
"""A key code of omni.ui to its name; Kit and the standalone omni.ui number keys differently."""

from __future__ import annotations

import omni.ui as ui

GLFW = {
    256: "Escape",
    257: "Enter",
    261: "Delete",
    264: "Down",
    265: "Up",
    291: "F2",
    335: "Enter",
    340: "Shift",
    341: "Ctrl",
    344: "Shift",
    345: "Ctrl",
    **{code: chr(code) for code in range(ord("A"), ord("Z") + 1)},
}
"""Of the standalone omni.ui, which passes on what GLFW says."""
CARB = {
    49: "Escape",
    51: "Enter",
    54: "Delete",
    57: "Down",
    58: "Up",
    69: "F2",
    95: "Enter",
    97: "Shift",
    98: "Ctrl",
    101: "Shift",
    102: "Ctrl",
    **{19 + index: chr(ord("A") + index) for index in range(26)},
}
"""Of Kit: carb.input.KeyboardInput."""
SHIFT, CONTROL = 1, 2
"""Bits of the modifiers, the same in both."""


def name_of(code: int) -> str | None:
    """Name of a key that the panel knows."""
    # Only the standalone omni.ui runs its own loop.
    return (GLFW if hasattr(ui, "standalone") else CARB).get(int(code))


class Chord:
    """Key events in, `Ctrl+Shift+Z` out.

    The standalone omni.ui leaves the modifiers of a key out where events are injected, so the
    modifier keys themselves are followed too.
    """

    def __init__(self) -> None:
        self._held: set[str] = set()

    def press(self, code: int, modifier: int, down: bool) -> str | None:
        """What is pressed now; None for a release, a modifier alone and unknown keys."""
        name = name_of(code)
        if name in ("Shift", "Ctrl"):
            (self._held.add if down else self._held.discard)(name)
            return None
        if name is None or not down:
            return None
        control = modifier & CONTROL or "Ctrl" in self._held
        shift = modifier & SHIFT or "Shift" in self._held
        return "+".join([*(["Ctrl"] if control else []), *(["Shift"] if shift else []), name])

    def forget(self) -> None:
        """The window lost the keyboard, and will not hear of releases."""
        self._held.clear()

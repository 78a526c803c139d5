# SPDX-License-Identifier: Apache-2.0
"""Keys pressed in a window to what the panel does, unless a text field has the caret."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from .key_codes import Chord


class Keys:
    """Bindings by name, e.g. `Ctrl+D`. Whoever owns the window calls `attach` once.

    Args:
        frame: where to look for text fields.
        renaming: whether a field has the caret that took it by itself, with no click or key.
    """

    def __init__(self, frame: ui.Frame, *, renaming: Callable[[], bool] = lambda: False) -> None:
        self._frame, self._renaming = frame, renaming
        self._chord = Chord()
        self._bound: dict[str, tuple[Callable[[], object], bool]] = {}
        self._models: dict[int, ui.AbstractValueModel] = {}
        self._caret: int | None = None
        self._window: ui.Window | None = None

    @property
    def typing(self) -> bool:
        """Whether a text field of the panel has the caret."""
        return self._caret is not None or self._renaming()

    def bind(self, chord: str, does: Callable[[], object], *, always: bool = False) -> None:
        """Let a key do something; `always` also while text is typed."""
        self._bound[chord] = (does, always)

    def attach(self, window: ui.Window) -> None:
        """Follow the keyboard of a window; it keeps its keys to itself while it is focused.

        Else Delete would also delete the prims that are selected on the stage of Kit.
        """
        self._window = window
        window.exclusive_keyboard = True
        window.set_key_pressed_fn(self.pressed)
        window.set_focused_changed_fn(lambda focused: None if focused else self._chord.forget())
        self._frame.set_mouse_pressed_fn(lambda x, y, button, modifier: self._follow_fields())

    def detach(self) -> None:
        """Follow the window no longer, e.g. while it is hidden."""
        window, self._window = self._window, None
        if window is not None:
            window.exclusive_keyboard = False
            window.set_key_pressed_fn(lambda code, modifier, down: None)
            window.set_focused_changed_fn(lambda focused: None)
            self._frame.set_mouse_pressed_fn(None)
        self._chord.forget()
        self._models.clear()
        self._caret = None

    def close(self) -> None:
        """Follow nothing any more."""
        self.detach()
        self._bound.clear()

    def pressed(self, code: int, modifier: int, down: bool) -> None:
        """A key of the window went down or up."""
        chord = self._chord.press(code, modifier, down)
        if chord is None:
            return
        self._follow_fields()
        does, always = self._bound.get(chord, (None, False))
        if does is not None and (always or not self.typing):
            does()

    def _follow_fields(self) -> None:
        """Hear where the caret goes; sections draw fields anew, and others add their own."""
        present = {id(model): model for model in _models(self._frame)}
        for key in present.keys() - self._models.keys():
            model = present[key]
            model.add_begin_edit_fn(lambda _, key=key: self._begin(key))
            model.add_end_edit_fn(lambda _, key=key: self._end(key))
        self._models = present
        if self._caret not in present:
            self._caret = None

    def _begin(self, key: int) -> None:
        self._caret = key

    def _end(self, key: int) -> None:
        if self._caret == key:
            self._caret = None


def _models(widget: ui.Widget) -> list[ui.AbstractValueModel]:
    if isinstance(widget, ui.AbstractField):
        return [widget.model] if widget.visible else []
    return [one for child in ui.Inspector.get_children(widget) for one in _models(child)]

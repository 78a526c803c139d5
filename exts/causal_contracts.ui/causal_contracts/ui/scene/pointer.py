# SPDX-License-Identifier: Apache-2.0
"""Mouse and keys over the clones to turns of the camera and clicks on a clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omni.ui import scene as sc

from ..panel.above import on_double_click, on_press

if TYPE_CHECKING:
    from .clone_scene import CloneScene

CLICK = 4
"""Pixels that a click may wander."""
SHIFT_FLAG = 1
SHIFT_KEYS = (340, 344)
"""GLFW's, which Studio hears; Kit says the flag instead."""
F_KEYS = (ord("F"), 24)
"""GLFW's, and carb's."""


class Pointer:
    """Left drag turns, right, middle or shift drag shifts, the wheel comes nearer."""

    def __init__(self, scene: CloneScene) -> None:
        self._scene = scene
        self._from: tuple[float, float, int, bool] | None = None
        self._last = (0.0, 0.0)
        self._dragging = self._shift = self._over = False

    def follow(self, view: sc.SceneView) -> None:
        """Listen to the view."""
        on_press(view, self._pressed)
        view.set_mouse_moved_fn(self._moved)
        view.set_mouse_released_fn(self._released)
        view.set_mouse_wheel_fn(self._wheel)
        view.set_mouse_hovered_fn(self._hovered)
        on_double_click(view, self._double_clicked)
        view.set_key_pressed_fn(self._key)

    def leave(self, view: sc.SceneView) -> None:
        """Listen no longer."""
        view.set_mouse_pressed_fn(None)
        view.set_mouse_moved_fn(None)
        view.set_mouse_released_fn(None)
        view.set_mouse_wheel_fn(None)
        view.set_mouse_hovered_fn(None)
        view.set_mouse_double_clicked_fn(None)
        view.set_key_pressed_fn(None)

    def hovering(self) -> sc.HoverGesture:
        """The gesture for a Screen item that names the clone under the pointer."""

        def over(shape: sc.AbstractShape) -> None:
            if self._from is None:
                across, up = list(shape.gesture_payload.mouse)[:2]
                self._scene.hover(self._scene.clone_under(across, up))

        return sc.HoverGesture(
            on_began_fn=over, on_changed_fn=over, on_ended_fn=lambda _: self._scene.hover(None)
        )

    def _pressed(self, x: float, y: float, button: int, modifier: int) -> None:
        shift = self._shift or bool(modifier & SHIFT_FLAG)
        self._from, self._last, self._dragging = (x, y, button, shift), (x, y), False

    def _moved(self, x: float, y: float, modifier: int, down: bool) -> None:
        if self._from is None:
            return
        x0, y0, button, shift = self._from
        self._dragging = self._dragging or max(abs(x - x0), abs(y - y0)) > CLICK
        if not self._dragging:
            return
        dx, dy = x - self._last[0], y - self._last[1]
        self._last = (x, y)
        scene = self._scene
        if button == 0 and not shift:
            scene.camera.orbit(dx, dy)
        else:
            scene.camera.pan(dx, dy, scene.height)
        scene.redraw()

    def _released(self, x: float, y: float, button: int, modifier: int) -> None:
        started, self._from = self._from, None
        if started is not None and not self._dragging and button == 0:
            self._scene.click(self._scene.clone_at(x, y), shift=started[3])

    def _wheel(self, x: float, y: float, modifier: int) -> None:
        self._scene.camera.zoom(y)
        self._scene.redraw()

    def _hovered(self, over: bool) -> None:
        self._over = over

    def _double_clicked(self, x: float, y: float, button: int, modifier: int) -> None:
        if button == 0 and self._scene.clone_at(x, y) is None:
            self._scene.frame_all()

    def _key(self, key: int, modifier: int, down: bool) -> None:
        if key in SHIFT_KEYS:
            self._shift = down
        elif key in F_KEYS and down and self._over:
            self._scene.frame_all()

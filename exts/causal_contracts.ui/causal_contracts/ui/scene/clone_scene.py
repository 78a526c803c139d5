# SPDX-License-Identifier: Apache-2.0
"""Joint positions and looks to a picture of all clones that can be turned, and clicked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import omni.ui as ui
from causal_contracts.preview.live.skeleton import Skeleton
from causal_contracts.preview.live.view import Look
from omni.ui import scene as sc

from ..panel import style
from .camera import OrbitCamera
from .clone_mesh import CloneMesh
from .clone_picture import ClonePicture, Point, packed
from .clone_signs import CloneSigns
from .face_mesh import FaceMesh
from .looks import SIGNS
from .pointer import Pointer
from .view_buttons import HOME, view_buttons

HINT = "Drag: turn. Shift drag: shift. Wheel: zoom. Click: press."


class CloneScene:
    """All clones as boxes on a grid, row by row from the back.

    A click on a clone calls `on_press` and then `on_release`, a click with shift `on_reset`, each
    with the clone; a press that a drag turned into a turn calls none. `explain` gives the sentence
    for the clone under the pointer.
    """

    def __init__(
        self,
        *,
        on_press: Callable[[int], object] | None = None,
        on_release: Callable[[int], object] | None = None,
        on_reset: Callable[[int], object] | None = None,
        explain: Callable[[int], str] | None = None,
    ) -> None:
        self._explain = explain
        self._on_press, self._on_release, self._on_reset = on_press, on_release, on_reset
        self.camera = OrbitCamera()
        self.mesh: CloneMesh | None = None
        self.picture: ClonePicture | None = None
        self.signs: CloneSigns | None = None
        self.hovered: int | None = None
        self._visible = True
        self._given: tuple[np.ndarray, tuple[Look, ...]] | None = None
        self._ground: np.ndarray = np.zeros(0, dtype=np.intp)
        self._squares: list[Point] = []
        self._inks: list[int] = []
        self._size = (0.0, 0.0)
        self._frame: ui.Widget | None = None
        self._view: sc.SceneView | None = None
        self._line: ui.Label | None = None
        self._note: ui.Label | None = None
        self._pointer = Pointer(self)

    # -- what the owner calls

    def build(self, **how: object) -> None:
        """Make the widgets in the current container; `how` goes to the outermost one."""
        with ui.VStack(spacing=style.GAP, **how) as self._frame:
            view_buttons(self.look_from, self.frame_all)
            with ui.ZStack():
                ui.Rectangle(style={"background_color": style.INPUT, "border_radius": 3})
                with _wheel_stays(), ui.Frame(height=ui.Percent(101)):
                    self._view = view = sc.SceneView(
                        aspect_ratio_policy=sc.AspectRatioPolicy.STRETCH, identifier="clones 3d"
                    )
                self._fill(view)
            with ui.HStack(height=34, spacing=2 * style.GAP):
                self._line = ui.Label(
                    HINT,
                    name="dim",
                    word_wrap=True,
                    alignment=ui.Alignment.LEFT_TOP,
                    identifier="3d line",
                )
                self._note = ui.Label(
                    "", name="dim", width=0, alignment=ui.Alignment.RIGHT_TOP, identifier="3d note"
                )
        self._pointer.follow(view)
        view.set_computed_content_size_changed_fn(self.resized)

    def show(self, skeleton: Skeleton, joint_names: Sequence[str], num_envs: int) -> None:
        """Draw `num_envs` clones of these bodies from now on, and frame them."""
        self.mesh = CloneMesh(skeleton, joint_names, num_envs)
        self.picture = ClonePicture(self.mesh)
        self.camera = OrbitCamera(skeleton.up_axis)
        self.hovered, self._given = None, None
        if self.signs is not None:
            self.signs.make(self.mesh)
        self._size = (0.0, 0.0)
        self.update(
            np.zeros((num_envs, len(joint_names)), dtype=np.float32), [Look.IDLE] * num_envs
        )

    def update(self, joint_pos: np.ndarray, looks: Sequence[Look], *, at_once: bool = True) -> None:
        """Show the clones at these positions [rad or m], (num_envs, num_joints), and what they
        are at. Positions that are not finite are drawn at 0 under the sign for NaN.

        Where not `at_once` a frame takes in no more clones than it has time for; the others follow
        with the next calls, or with `catch_up`.
        """
        self._given = joint_pos, tuple(looks)
        if self.mesh is not None:
            self.mesh.move(joint_pos)
        self._refresh(at_once=at_once)

    def catch_up(self) -> None:
        """Take in clones that still wait, as far as a frame has time."""
        self._refresh(at_once=False)

    def clear(self) -> None:
        """Show nothing, e.g. since the preview ended."""
        self.mesh, self.picture, self._given, self.hovered = None, None, None, None
        if self.signs is not None:
            self.signs.clear()
            self._bodies.hide()
        self._say()

    def close(self) -> None:
        """Let go of the widgets."""
        self.clear()
        if self._view is not None:
            self._view.set_computed_content_size_changed_fn(None)
            self._pointer.leave(self._view)
            self._view.destroy()
        self._view = self._frame = self._line = self._note = self.signs = None

    @property
    def visible(self) -> bool:
        """Whether it is shown; nothing is computed while it is not."""
        return self._visible

    @visible.setter
    def visible(self, on: bool) -> None:
        self._visible = on
        if self._frame is not None:
            self._frame.visible = on
        self._refresh(at_once=True)

    # -- the camera

    def look_from(self, yaw: float, pitch: float) -> None:
        """Look at all clones; `yaw` [rad] counts from their front."""
        if self.mesh is None:
            return
        along, across = self.camera.ground @ self.mesh.front
        self.camera.turn(math.atan2(across, along) + yaw, pitch)
        self.frame_all()

    def frame_all(self) -> None:
        """Show all clones, as large as there is room for."""
        if self.mesh is not None:
            self.camera.frame(self.mesh.bounds())
            self.redraw()

    def resized(self) -> bool:
        """At first all is framed, later the camera stays; returns whether the size is another."""
        if self._view is None or self.mesh is None:
            return False
        size = (self._view.computed_width, self._view.computed_height)
        if size == self._size or min(size) <= 1:
            return False
        first, self._size = min(self._size) <= 0, size
        self.camera.aspect = size[0] / size[1]
        if first:
            self.look_from(*HOME)
        else:
            self.redraw()
        return True

    def redraw(self) -> None:
        """Paint all as the camera sees it, which is another or looks from elsewhere."""
        picture = self.picture
        if not self._drawable or picture is None or self._view is None or self.signs is None:
            return
        for name in ("projection", "view"):
            matrix: np.ndarray = getattr(self.camera, name)
            self._view.model.set_floats(name, matrix.T.ravel().tolist())
        picture.look(self.camera, self._size[1])
        self._ground, self._squares = picture.ground()
        self._ink_ground()
        self.signs.draw(self.camera, self._size[1])
        self._paint()

    # -- the pointer

    @property
    def height(self) -> float:
        """Of the picture [pixels]."""
        return self._size[1]

    def clone_at(self, x: float, y: float) -> int | None:
        """The clone under a point of the screen."""
        if self._view is None or min(self._size) <= 0:
            return None
        across = 2 * (x - self._view.screen_position_x) / self._size[0] - 1
        up = 1 - 2 * (y - self._view.screen_position_y) / self._size[1]
        return self.clone_under(across, up)

    def clone_under(self, across: float, up: float) -> int | None:
        """The clone under a point of the picture, -1 to 1 right and up."""
        if self.mesh is None or max(abs(across), abs(up)) > 1:
            return None
        return self.mesh.clone_at(self.camera.eye, self.camera.ray(across, up))

    def click(self, clone: int | None, *, shift: bool) -> None:
        """A clone, or none, was clicked."""
        if clone is None:
            return
        if shift:
            _call(self._on_reset, clone)
        else:
            _call(self._on_press, clone)
            _call(self._on_release, clone)

    def hover(self, clone: int | None) -> None:
        """The pointer is over a clone, or over none."""
        if clone != self.hovered and self.signs is not None:
            self.hovered = clone
            if self._drawable:
                self._ink_ground()
                self._paint()

    # -- parts

    def _fill(self, view: sc.SceneView) -> None:
        view.model = sc.CameraModel(
            self.camera.projection.T.ravel().tolist(), self.camera.view.T.ravel().tolist()
        )
        with view.scene:
            sc.Screen(gestures=[self._pointer.hovering()])
            self._bodies = FaceMesh()
            self.signs = CloneSigns()
        if self.mesh is not None:
            self.signs.make(self.mesh)

    @property
    def _drawable(self) -> bool:
        """Whether there is something to draw, and somewhere."""
        looks = self.signs.looks if self.signs is not None else ()
        return self._visible and self.mesh is not None and min(self._size) > 0 and bool(looks)

    def _refresh(self, *, at_once: bool) -> None:
        if not self._visible or self.signs is None or self._given is None or self.picture is None:
            return
        changed = self.signs.set(self._given[1])
        if self.resized() or not self._drawable:
            return
        if changed:
            self._ink_ground()
            self.signs.draw(self.camera, self._size[1])
        if self.picture.turn(at_once=at_once) or changed:
            self._paint()

    def _ink_ground(self) -> None:
        assert self.signs is not None
        self._inks = packed(self.signs.ground(self.hovered)[self._ground]).repeat(4).tolist()

    def _paint(self) -> None:
        picture = self.picture
        assert picture is not None
        self._bodies.paint(self._squares + picture.points, self._inks + picture.colors)
        self._say()

    def _say(self) -> None:
        if self._line is None or self._note is None:
            return
        mesh, clone = self.mesh, self.hovered
        said = HINT if mesh is not None else "Start the preview to see its clones here."
        if mesh is not None and clone is not None and self._given is not None:
            told = self._explain(clone) if self._explain is not None else ""
            said = f"Clone {clone}: {told or SIGNS[self._given[1][clone]].word + '.'}"
        note = ""
        if mesh is not None and self.picture is not None and min(self._size) > 0:
            drawn = self.picture.boxes
            if drawn < mesh.shown_boxes:
                note = f"{drawn} largest of {mesh.shown_boxes} boxes"
        self._line.text, self._note.text = said, note


def _call(what: Callable[[int], object] | None, clone: int) -> None:
    if what is not None:
        what(clone)


def _wheel_stays() -> ui.ScrollingFrame:
    """A frame to fill a little more than full: one that could scroll keeps the wheel to itself,
    where the panel around it would scroll away under the pointer.
    """
    never = ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF
    return ui.ScrollingFrame(
        horizontal_scrollbar_policy=never,
        vertical_scrollbar_policy=never,
        style={"background_color": style.CLEAR},
    )

# SPDX-License-Identifier: Apache-2.0
"""The clones in space: a part of the preview that folds out, and costs nothing while folded."""

from __future__ import annotations

import omni.ui as ui
from causal_contracts.preview.live.view import Look

from ..preview.cells import Cell
from ..preview.preview_state import PreviewState
from ..scene.clone_scene import CloneScene
from . import style
from .above import on_press
from .controls import tip
from .preview_header import fold_mark
from .preview_part import PreviewPart

TALL = 320
"""Least height of the picture with its buttons."""
LOOKS = {
    Cell.IDLE: Look.IDLE,
    Cell.FIRED: Look.FIRED,
    Cell.LATCHED: Look.LATCHED,
    Cell.REACHED: Look.REACHED,
    Cell.INERT: Look.INERT,
    Cell.NAN: Look.NAN,
    Cell.OFF: Look.IDLE,
}


class PreviewScene(PreviewPart):
    """A bar, and below it the `CloneScene`, which follows each frame of the run."""

    def __init__(self, preview: PreviewState) -> None:
        super().__init__(preview)
        self.scene: CloneScene | None = None
        self._picture: ui.Frame | None = None
        self._tall = float(TALL)
        self._followed = self._behind = False
        self._held.add(preview.framed.connect(self._follow), preview.host.on_frame(self._catch_up))

    @property
    def unfolded(self) -> bool:
        """Whether it is open; kept beyond this run."""
        return bool(self.preview.host.setting("preview_3d_open", False))

    def unfold(self, on: bool) -> None:
        """Open it or fold it."""
        self.preview.host.set_setting("preview_3d_open", on)
        self.changed()

    def resize(self, tall: float) -> None:
        """Make the picture, with its buttons, so tall [pixels]."""
        if abs(tall - self._tall) >= 1.0:
            self._tall = tall
            if self._picture is not None:
                self._picture.height = ui.Pixel(tall)

    def look(self) -> object:
        """Folded or not, and which run."""
        ready = self.preview.client.ready if self.preview.client else None
        return self.unfolded, id(ready)

    def changed(self) -> None:
        """The bar, or the colours of another contract."""
        super().changed()
        self._show()

    def fill(self) -> None:
        """The bar, and the clones where it is unfolded."""
        self._drop()
        with ui.VStack(spacing=style.GAP, height=0):
            self._bar()
            if self.unfolded:
                self._clones()

    def close(self) -> None:
        """Listen no longer, and let go of the picture."""
        super().close()
        self._drop()

    def _bar(self) -> None:
        on = self.unfolded
        with ui.ZStack(height=style.ROW, identifier="3d") as bar:
            ui.Rectangle(name="header")
            with ui.HStack():
                ui.Spacer(width=2 * style.GAP)
                fold_mark(on)
                ui.Spacer(width=2 * style.GAP)
                ui.Label("3D view")
        on_press(bar, lambda x, y, b, m: self.unfold(not on) if b == 0 else None)
        tip(bar, "Fold the clones in space away." if on else "Show the clones in space.")

    def _clones(self) -> None:
        preview = self.preview
        self.scene = CloneScene(
            on_press=preview.press,
            on_release=lambda _: preview.release(),
            on_reset=preview.reset,
            explain=preview.explain,
        )
        picture = self._picture = ui.Frame(height=self._tall)
        with picture:
            self.scene.build()
        ready = preview.client.ready if preview.client else None
        if ready is not None:
            self.scene.show(ready.skeleton, ready.joint_names, ready.num_envs)
            self._show()

    def _follow(self) -> None:
        """A frame of the run came: show every second one while the clones move.

        The lines above them are drawn in each, and both together would take too long for one.
        """
        frame, self._followed = self.preview.frame, True
        self._behind = frame is not None and frame.playing and not self._behind
        if not self._behind:
            self._show()

    def _show(self) -> None:
        """Show the newest frame."""
        frame, cells = self.preview.frame, self.preview.cells()
        mesh = self.scene.mesh if self.scene is not None else None
        if self.scene is None or mesh is None or frame is None or cells is None:
            return
        if len(cells) == mesh.num_envs:
            looks = [LOOKS[Cell(code)] for code in cells.tolist()]
            # What stands is shown as it stands; what moves may come some frames later.
            self.scene.update(frame.joint_pos, looks, at_once=not frame.playing)

    def _catch_up(self) -> None:
        """Where no frame of the run came with this one of the program."""
        followed, self._followed = self._followed, False
        if self.scene is None or followed:
            return
        if self._behind:
            self._behind = False
            self._show()
        else:
            self.scene.catch_up()

    def _drop(self) -> None:
        if self.scene is not None:
            self.scene.close()
            self.scene = self._picture = None

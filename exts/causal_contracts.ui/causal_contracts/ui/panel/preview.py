# SPDX-License-Identifier: Apache-2.0
"""The preview's section: a bar that folds it, what is chosen, and the clones that run."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..preview.preview_state import PreviewState
from ..preview.standby import Phase
from . import style
from .controls import button
from .packages import InstalledPackages, PackagesSection
from .preview_3d import TALL, PreviewScene
from .preview_grid import LEGEND, CloneGrid
from .preview_header import PreviewHeader
from .preview_metrics import FourCells
from .preview_notices import Notices, Standing
from .preview_part import PreviewPart
from .preview_traces import Traces
from .preview_transport import Settings, Transport

NARROW_GRID = 176.0
WIDE_GRID, GRID_STEP, WIDEST_GRID = 288.0, 48.0, 480.0
"""Widths of the grid where there is room; it grows by steps, for each draws it anew."""
WIDE, SPARE, WIDER = 560.0, 760.0, 1240.0
"""From these widths of the section on, its settings stand in one line and the grid grows; that line
is longer than they need; and the 3D view stands beside the grid."""
WIDEST = 1240.0
"""Wider than this no plot is drawn."""


class Preview(PreviewPart):
    """Made of parts, each of which draws itself anew where it changed.

    Args:
        preview: what is shown.
        room: height of the column that the section has for itself; None where it shares one.
    """

    def __init__(
        self, preview: PreviewState, *, room: Callable[[], float | None] = lambda: None
    ) -> None:
        super().__init__(preview)
        self._room = room
        self._wide = self._spare = self._wider = False
        self._grid = NARROW_GRID
        self.header = PreviewHeader(preview)
        self.transport = Transport(preview, wide=lambda: self._wide)
        self.settings = Settings(preview, wide=lambda: self._wide, spare=lambda: self._spare)
        self.notices, self.standing = Notices(preview), Standing(preview)
        self.grid = CloneGrid(preview, width=lambda: self._grid)
        self.traces = Traces(preview, height=self._beside_grid)
        self.metrics = FourCells(preview)
        self.scene = PreviewScene(preview)
        self.lacking = PackagesSection(preview.state, preview.packages, headed=False)
        self.installed = InstalledPackages(preview.state, preview.packages)
        self._tick = preview.host.on_frame(self._fit)

    @property
    def _parts(self) -> tuple[PreviewPart, ...]:
        inner = (self.transport, self.settings, self.notices, self.standing)
        return self.header, *inner, self.grid, self.traces, self.metrics, self.scene

    def build(self, **how: object) -> None:
        """The bar, and beneath it a frame that is empty while folded."""
        self.header.build(height=style.ROW)
        super().build(**how)

    def look(self) -> object:
        """Folded or not, and whether clones stand or packages lack."""
        phase = self.preview.phase
        return self.preview.unfolded, phase is Phase.RUNNING, phase is Phase.LACKING

    def fill(self) -> None:
        """Everything below the bar."""
        if not self.preview.unfolded:
            self._folded()
            return
        if self.preview.phase is Phase.LACKING:
            self.lacking.build()
            return
        with ui.VStack(spacing=style.GAP, height=0):
            self.transport.build(height=style.ROW)
            self.settings.build()
            self.notices.build()
            if self.preview.phase is Phase.RUNNING:
                self._running()
            else:
                self.standing.build()
            self.installed.build()

    def _folded(self) -> None:
        """Nothing; in a column of its own, what it is for."""
        if self._room() is None:
            ui.Spacer(height=0)
            return
        number = self.preview.choices.num_envs
        many = "a clone obeys" if number == 1 else f"{number} clones obey"
        with ui.ZStack(height=0):
            ui.Rectangle(name="card")
            with ui.VStack(height=0, spacing=2 * style.GAP):
                ui.Spacer(height=4 * style.GAP)
                ui.Label(
                    f"Watch how {many} the contracts, before anyone trains.\nThe stage is not "
                    "touched.",
                    alignment=ui.Alignment.CENTER,
                    height=0,
                    name="dim",
                    style={"font_size": 15},
                    identifier="preview folded",
                )
                with ui.HStack(height=style.ROW):
                    ui.Spacer()
                    button(
                        "Open the preview",
                        lambda: self.preview.unfold(True),
                        identifier="open preview",
                        says="Unfold the live preview, in which a process of its own stands by.",
                        lit=True,
                    )
                    ui.Spacer()
                ui.Spacer(height=4 * style.GAP)

    def _running(self) -> None:
        if not self._wider:
            self._numbers()
            self.scene.build()
            return
        with ui.HStack(spacing=3 * style.GAP, height=0):
            with ui.VStack(spacing=style.GAP, height=0, width=ui.Fraction(1)):
                self._numbers()
            self.scene.build(width=ui.Fraction(1))

    def _numbers(self) -> None:
        """The clones as cells, their traces, and what was counted."""
        with ui.HStack(spacing=2 * style.GAP, height=0):
            self.grid.build(width=max(self.grid.layout.size[0], NARROW_GRID))
            self.traces.build()
        self.metrics.build()

    def _beside_grid(self) -> float:
        """Height of the grid with its legend."""
        return max(self.grid.layout.size[1] + 4 * LEGEND + style.GAP, 190.0)

    def _fit(self) -> None:
        """Follow the size of the section."""
        if self.frame is None:
            return
        width = self.frame.computed_width
        wide, spare, wider = (width >= least for least in (WIDE, SPARE, WIDER))
        grid = _grid_width(width / 2 if wider else width)
        if (wide, spare, wider, grid) != (self._wide, self._spare, self._wider, self._grid):
            self._wide, self._spare, self._wider, self._grid = wide, spare, wider, grid
            self.frame.rebuild()
        else:
            self.scene.resize(self._scene_height(width))

    def _scene_height(self, width: float) -> float:
        """What the column has left for the picture, as far as it is not too tall for its width."""
        room, frame, bar = self._room(), self.scene.frame, self.header.frame
        if room is None or frame is None or bar is None or frame.screen_position_y <= 0:
            return TALL
        above = frame.screen_position_y - bar.screen_position_y
        below = self.installed.frame.computed_height if self.installed.frame else 0.0
        left = room - above - below - style.ROW - 3 * style.GAP
        return max(min(left, width / (2 if self._wider else 1)), TALL)

    def close(self) -> None:
        """Listen no longer."""
        self._tick.close()
        for part in (*self._parts, self.lacking, self.installed):
            part.close()
        super().close()


def _grid_width(width: float) -> float:
    """Of the grid in a section so wide: two fifths of it, in steps."""
    if width < WIDE:
        return NARROW_GRID
    return min(max(0.4 * width // GRID_STEP * GRID_STEP, WIDE_GRID), WIDEST_GRID)

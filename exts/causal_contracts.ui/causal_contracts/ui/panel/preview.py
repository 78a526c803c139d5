# SPDX-License-Identifier: Apache-2.0
"""The preview's section: a bar that folds it, what is chosen, and the clones that run."""

from __future__ import annotations

import omni.ui as ui

from ..preview.preview_state import PreviewState
from ..preview.standby import Phase
from . import style
from .packages import InstalledPackages, PackagesSection
from .preview_3d import PreviewScene
from .preview_grid import LEGEND, CloneGrid
from .preview_header import PreviewHeader
from .preview_metrics import FourCells
from .preview_notices import Notices, Standing
from .preview_part import PreviewPart
from .preview_traces import Traces
from .preview_transport import Settings, Transport

NARROW_GRID = 176.0
WIDE_GRID = 288.0
WIDE = 560.0
"""From this width of the section on, its settings stand in one line and the grid grows."""


class Preview(PreviewPart):
    """Made of parts, each of which draws itself anew where it changed."""

    def __init__(self, preview: PreviewState) -> None:
        super().__init__(preview)
        self._wide = False
        self.header = PreviewHeader(preview)
        self.transport = Transport(preview)
        self.settings = Settings(preview, wide=lambda: self._wide)
        self.notices, self.standing = Notices(preview), Standing(preview)
        self.grid = CloneGrid(preview, width=self._grid_width)
        self.traces = Traces(preview, height=self._beside_grid)
        self.metrics = FourCells(preview)
        self.scene = PreviewScene(preview)
        self.lacking = PackagesSection(preview.state, preview.packages, headed=False)
        self.installed = InstalledPackages(preview.state, preview.packages)
        self._content: ui.Frame | None = None
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
            ui.Spacer(height=0)
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

    def _running(self) -> None:
        with ui.HStack(spacing=2 * style.GAP, height=0):
            self.grid.build(width=max(self.grid.layout.size[0], NARROW_GRID))
            self.traces.build()
        self.metrics.build()
        self.scene.build()

    def _grid_width(self) -> float:
        return WIDE_GRID if self._wide else NARROW_GRID

    def _beside_grid(self) -> float:
        """Height of the grid with its legend."""
        return max(self.grid.layout.size[1] + 4 * LEGEND + style.GAP, 190.0)

    def _fit(self) -> None:
        """Follow the width of the section."""
        if self.frame is None:
            return
        wide = self.frame.computed_width >= WIDE
        if wide != self._wide:
            self._wide = wide
            self.frame.rebuild()

    def close(self) -> None:
        """Listen no longer."""
        self._tick.close()
        for part in (*self._parts, self.lacking, self.installed):
            part.close()
        super().close()

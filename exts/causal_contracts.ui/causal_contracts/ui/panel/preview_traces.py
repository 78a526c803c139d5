# SPDX-License-Identifier: Apache-2.0
"""Trigger and effect of the watched clones against time, painted as two pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import omni.ui as ui
from causal_contracts.core.articulation import Joint
from causal_contracts.core.model import Contract, JointThreshold, SetDriveTarget

from ..preview.inks import ACCENT, ACTIVE, LINES
from ..preview.preview_state import PreviewState
from ..preview.trace_buffer import SECONDS
from ..preview.trace_image import Plot, PlotImage, plot_range
from ..state.values import show
from . import style
from .above import on_press
from .controls import tip
from .preview_part import PreviewPart

TITLE = 16
GUTTER = 44
"""Width of the limits beside a plot."""
SMALL = {"font_size": 13, "color": style.DIM}
_EMPTY = np.zeros((0, 0), dtype=np.float32)


class Traces(PreviewPart):
    """Two plots and their legend; a plot is painted when a new column of pixels begins."""

    topics = ("selection",)

    def __init__(self, preview: PreviewState, *, height: Callable[[], float]) -> None:
        super().__init__(preview)
        self._height = height
        self._plots: list[_Drawn] = []
        self._held.add(preview.framed.connect(self._paint))

    def look(self) -> object:
        """Joints and clones; numbers are put in without drawing anew."""
        one, traces = self.preview.contract, self.preview.traces
        joints = _joints(one)
        return joints, traces.clones if traces else (), self._height()

    def changed(self) -> None:
        """Another contract, or another number in it."""
        super().changed()
        self._paint()

    def fill(self) -> None:
        """Plot above plot."""
        tall = max(28.0, (self._height() - 2 * TITLE - LEGEND - 3 * style.GAP) / 2)
        with ui.VStack(spacing=style.GAP, height=0):
            self._plots = [_Drawn(role, tall) for role in ("trigger", "effect")]
            self._legend()
        self._paint()

    def _legend(self) -> None:
        traces = self.preview.traces
        clones = traces.clones if traces else ()
        with ui.HStack(height=0):
            ui.Spacer(width=GUTTER + 3)
            if not clones:
                ui.Label("Ctrl-click a clone to trace it.", style=SMALL, elided_text=True)
                return
            # As many in a line as there is room for: one line of all could be wider than the panel.
            widest = ENTRY + DIGIT * len(str(max(clones)))
            with ui.VGrid(column_width=widest, row_height=LEGEND):
                for at, clone in enumerate(clones):
                    self._entry(clone, ui.color(LINES[at % len(LINES)]))
            with ui.VStack(width=0):
                ui.Label(f"last {SECONDS:g} s", style=SMALL, width=0, height=LEGEND)

    def _entry(self, clone: int, ink: int) -> None:
        with ui.HStack(spacing=3, identifier=f"traced:{clone}") as entry:
            with ui.VStack(width=10):
                ui.Spacer()
                ui.Rectangle(height=3, style={"background_color": ink})
                ui.Spacer()
            ui.Label(str(clone), width=0, style=SMALL)
        on_press(entry, lambda x, y, b, m: self.preview.toggle_watch(clone))
        tip(entry, f"Clone {clone}; a click takes it out of the traces.")

    def _paint(self) -> None:
        one, traces, frame = self.preview.contract, self.preview.traces, self.preview.frame
        if self.frame is None or frame is None:
            return
        names = _joints(one)
        for drawn, name, column in zip(self._plots, names, self.preview.columns(), strict=False):
            joint = self.state.joint(name) if name else None
            values = _EMPTY
            times = np.zeros(0)
            if traces is not None and column is not None:
                times, values = traces.times, traces.positions[:, :, column]
            drawn.paint(one, joint, times, values, frame.time, paused=not frame.playing)

    def close(self) -> None:
        """Listen no longer."""
        super().close()
        self._plots = []


LEGEND = 16
ENTRY, DIGIT = 21, 7
"""Height of a line of the legend; width of an entry without its number, and of a digit."""


class _Drawn:
    """One plot: title, level, picture, limits."""

    def __init__(self, role: str, tall: float) -> None:
        self._role, self._tall = role, int(tall)
        self._picture: PlotImage | None = None
        self._newest = -1.0
        self._provider = ui.ByteImageProvider()
        with ui.VStack(spacing=0, height=0):
            with ui.HStack(height=TITLE):
                ui.Spacer(width=GUTTER + 3)
                self._title = ui.Label(
                    "", style=SMALL, identifier=f"{role} title", elided_text=True
                )
                ink = style.ACCENT if role == "trigger" else style.ACTIVE
                self._level = ui.Label("", style={"font_size": 13, "color": ink}, width=0)
            with ui.HStack(height=self._tall, spacing=3):
                right = ui.Alignment.RIGHT_TOP, ui.Alignment.RIGHT_BOTTOM
                with ui.VStack(width=GUTTER):
                    self._high, self._low = (
                        ui.Label("", style=SMALL, alignment=where) for where in right
                    )
                self._image = ui.ImageWithProvider(
                    self._provider,
                    height=self._tall,
                    fill_policy=ui.IwpFillPolicy.IWP_STRETCH,
                    pixel_aligned=True,
                    identifier=f"{role} plot",
                )

    def paint(
        self,
        contract: Contract | None,
        joint: Joint | None,
        times: np.ndarray,
        values: np.ndarray,
        newest: float,
        *,
        paused: bool,
    ) -> None:
        """Show these; nothing is done where no pixel would differ."""
        scale = max(1, round(ui.Workspace.get_dpi_scale()))
        width, height = int(self._image.computed_width) * scale, self._tall * scale
        if width < 8 or joint is None:
            return
        level, op = _level(contract, self._role)
        image = self._picture
        if image is None or (image.width, image.height) != (width, height):
            image = self._picture = PlotImage(width, height, scale)
        if paused and newest != self._newest:
            image.again()
        self._newest = newest
        low, high = plot_range(joint.lower, joint.upper, level, values)
        ink = ACCENT if self._role == "trigger" else ACTIVE
        if not image.paint(Plot(low, high, level, ink, op), times, values, newest):
            return
        self._provider.set_data_array(image.pixels, [width, height])
        said = f"{op} {show(level, joint)}" if op else f":= {show(level, joint)}"
        for label, text in (
            (self._title, joint.name),
            (self._level, said if level is not None else ""),
            (self._high, show(high, joint)),
            (self._low, show(low, joint)),
        ):
            if label.text != text:
                label.text = text


def _joints(contract: Contract | None) -> tuple[str | None, str | None]:
    if contract is None:
        return None, None
    trigger, effect = contract.trigger, contract.effect
    return (
        trigger.joint if isinstance(trigger, JointThreshold) else None,
        effect.joint if isinstance(effect, SetDriveTarget) else None,
    )


def _level(contract: Contract | None, role: str) -> tuple[float | None, str | None]:
    """Threshold and operator, or the target."""
    if contract is None:
        return None, None
    if role == "trigger":
        one = contract.trigger
        return (one.threshold, str(one.op)) if isinstance(one, JointThreshold) else (None, None)
    effect = contract.effect
    return (effect.target, None) if isinstance(effect, SetDriveTarget) else (None, None)

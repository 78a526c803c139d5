# SPDX-License-Identifier: Apache-2.0
"""The clones as one picture of cells: a click presses, shift resets, control traces."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import omni.ui as ui

from ..preview.cells import MEANS, Cell
from ..preview.grid_image import GridImage
from ..preview.grid_layout import GridLayout, layout_of
from ..preview.inks import DIM, ERROR, FILLS, LETTERS, OFF
from ..preview.preview_state import PreviewState
from . import style
from .above import on_press
from .preview_part import PreviewPart
from .tips import TIP_WIDTH, set_tip

SHIFT, CONTROL = 1, 2
AGAIN = 0.15
"""Seconds until the sentence under the pointer follows the run."""
LEGEND = 16
"""Height of a line of the legend."""
HOW = "Click: press, hold to keep. Shift-click: reset. Ctrl-click: trace."


class CloneGrid(PreviewPart):
    """One image, whatever the number of clones; strips over it tell where the pointer is."""

    def __init__(self, preview: PreviewState, *, width: Callable[[], float]) -> None:
        super().__init__(preview)
        self._width = width
        self._image: GridImage | None = None
        self._provider: ui.ByteImageProvider | None = None
        self._top: ui.Rectangle | None = None
        self._row: int | None = None
        self._column: int | None = None
        self._says, self._said_at = "", 0.0
        self._counts: dict[Cell, ui.Label] = {}
        self._held.add(preview.framed.connect(self._paint))

    @property
    def layout(self) -> GridLayout:
        """Where the cells are, below the upper left of the widget `grid`."""
        ready = self.preview.client.ready if self.preview.client else None
        number = ready.num_envs if ready else self.preview.choices.num_envs
        return layout_of(number, self._width())

    def look(self) -> object:
        """Where the cells are."""
        return self.layout

    def changed(self) -> None:
        """Another number of clones, or other colours."""
        super().changed()
        self._paint()

    def fill(self) -> None:
        """The picture, what catches the mouse, and the legend."""
        layout = self.layout
        width, height = layout.size
        scale = max(1, round(ui.Workspace.get_dpi_scale()))
        self._image, self._provider = GridImage(layout, scale), ui.ByteImageProvider()
        self._row = self._column = None
        with ui.VStack(spacing=style.GAP, width=0, height=0):
            with ui.ZStack(width=width, height=height):
                ui.ImageWithProvider(
                    self._provider,
                    width=width,
                    height=height,
                    fill_policy=ui.IwpFillPolicy.IWP_STRETCH,
                    pixel_aligned=True,
                )
                self._strips(layout)
                self._top = ui.Rectangle(identifier="grid", style={"background_color": style.CLEAR})
            self._legend()
        self._catch(self._top)
        self._paint()

    # -- painting

    def _paint(self) -> None:
        cells, image = self.preview.cells(), self._image
        if self.frame is None or image is None or self._provider is None or cells is None:
            return
        if len(cells) != image.layout.num_envs:
            return
        traces = self.preview.traces
        watched = traces.clones if traces is not None else ()
        if image.paint(cells, watched, self.preview.held):
            height, width = image.pixels.shape[:2]
            self._provider.set_data_array(image.pixels, [width, height])
            self._count(cells)
        self._say()

    def _legend(self) -> None:
        self._counts = {}
        listed = (Cell.FIRED, Cell.LATCHED, Cell.REACHED, Cell.IDLE, Cell.INERT, Cell.NAN, Cell.OFF)
        with ui.HStack(height=0, spacing=style.GAP):
            for part in (listed[:4], listed[4:]):
                with ui.VStack(height=0, width=ui.Pixel(80)):
                    for code in part:
                        self._entry(code)

    def _entry(self, code: Cell) -> None:
        with ui.HStack(height=LEGEND, spacing=style.GAP):
            with ui.VStack(width=12):
                ui.Spacer()
                with ui.ZStack(height=12):
                    edge = {Cell.NAN: ERROR, Cell.OFF: OFF}.get(code)
                    look = {"background_color": ui.color(FILLS[code]), "border_radius": 2}
                    if edge is not None:
                        look |= {"border_color": ui.color(edge), "border_width": 1}
                    ui.Rectangle(style=look)
                    glyph = "x" if code is Cell.NAN else LETTERS.get(code, "")
                    ink = ui.color(ERROR) if code is Cell.NAN else style.DARK
                    ui.Label(
                        glyph,
                        alignment=ui.Alignment.CENTER,
                        style={"font_size": 12, "color": ink},
                    )
                ui.Spacer()
            self._counts[code] = ui.Label(
                MEANS[code],
                name="dim",
                style={"font_size": 13, "color": ui.color(DIM)},
                identifier=f"legend:{MEANS[code]}",
            )

    def _count(self, cells: np.ndarray) -> None:
        numbers = np.bincount(cells, minlength=len(Cell))
        for code, label in self._counts.items():
            text = f"{MEANS[code]} {numbers[code]}" if numbers[code] else MEANS[code]
            if label.text != text:
                label.text = text

    # -- the mouse

    def _strips(self, layout: GridLayout) -> None:
        """A widget hears that the pointer is over it, and not where: hence rows and columns."""
        clear = {"background_color": style.CLEAR}
        with ui.VStack():
            for row in range(layout.rows):
                strip = ui.Rectangle(height=layout.pitch, style=clear)
                strip.set_mouse_hovered_fn(lambda over, at=row: self._over_row(at, over))
        with ui.HStack():
            for column in range(layout.columns):
                strip = ui.Rectangle(width=layout.pitch, style=clear)
                strip.set_mouse_hovered_fn(lambda over, at=column: self._over_column(at, over))

    def _over_row(self, row: int, over: bool) -> None:
        if over or self._row == row:
            self._row = row if over else None
            self._said_at = 0.0
            self._say()

    def _over_column(self, column: int, over: bool) -> None:
        if over or self._column == column:
            self._column = column if over else None
            self._said_at = 0.0
            self._say()

    @property
    def hovered(self) -> int | None:
        """The clone under the pointer."""
        return self.layout.clone_in(self._row, self._column)

    @property
    def says(self) -> str:
        """What the tip says: why the clone under the pointer did or did not fire."""
        return self._says

    def _say(self) -> None:
        """Keep the tip up to date while the pointer rests on a clone."""
        now = time.monotonic()
        if (self._row is None and self._column is None) or now - self._said_at < AGAIN:
            return
        clone, self._said_at = self.hovered, now
        text = "" if clone is None else f"Clone {clone}. {self.preview.explain(clone)}\n{HOW}"
        if text != self._says and self._top is not None:
            self._says = text
            set_tip(self._top, lambda: _tip(text))

    def _catch(self, top: ui.Rectangle) -> None:
        def clone_at(x: float, y: float) -> int | None:
            return self.layout.clone_at(x - top.screen_position_x, y - top.screen_position_y)

        def pressed(x: float, y: float, button: int, modifier: int) -> None:
            clone = clone_at(x, y)
            if button != 0 or clone is None:
                return
            if modifier & SHIFT:
                self.preview.reset(clone)
            elif modifier & CONTROL:
                self.preview.toggle_watch(clone)
            else:
                self.preview.press(clone)

        def moved(x: float, y: float, modifier: int, down: bool) -> None:
            clone, held = clone_at(x, y), self.preview.held
            if down and held and clone is not None and clone not in held:
                self.preview.press(clone)

        def released(x: float, y: float, button: int, modifier: int) -> None:
            if button == 0:
                self.preview.release()

        on_press(top, pressed)
        top.set_mouse_moved_fn(moved)
        top.set_mouse_released_fn(released)

    def close(self) -> None:
        """Listen no longer."""
        super().close()
        self._image = self._provider = self._top = None


def _tip(text: str) -> None:
    if not text:
        return
    # A tip that is set again while it shows keeps no background of the style sheet's.
    with ui.ZStack(width=0, height=0):
        ui.Rectangle(style={"background_color": style.DARK, "border_radius": 3})
        with ui.HStack(width=0, height=0):
            ui.Spacer(width=6)
            with ui.VStack(width=TIP_WIDTH, height=0):
                ui.Spacer(height=6)
                ui.Label(text, word_wrap=True, width=TIP_WIDTH, height=0)
                ui.Spacer(height=6)
            ui.Spacer(width=6)

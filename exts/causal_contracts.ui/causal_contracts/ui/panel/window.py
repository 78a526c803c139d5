# SPDX-License-Identifier: Apache-2.0
"""The panel: its sections one below the other, or side by side where there is room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import omni.ui as ui

from ..preview.preview_state import PreviewState
from ..state.editor_state import EditorState
from . import style
from .form import Form
from .meaning import Meaning
from .picker import Picker
from .preview import Preview
from .refusals import Refusals
from .table import Actions, Table


class Panel:
    """Draws an EditorState into a frame, and lets go of it in `close`.

    Args:
        state: the one truth; the panel keeps none of its own.
        frame: where to draw, e.g. the frame of a window.
        preview: the live preview, which the panel ends in `close`; one of its own where None.
    """

    def __init__(
        self, state: EditorState, frame: ui.Frame, *, preview: PreviewState | None = None
    ) -> None:
        self.state = state
        self.live = preview or PreviewState(state.host, state)
        self._wide = self._beside = False
        self.picker, self.refusals = Picker(state), Refusals(state)
        self.actions, self.table = (
            Actions(state),
            Table(state, fill=lambda: self._wide and not self._beside),
        )
        self.form, self.meaning = Form(state), Meaning(state)
        self.preview = Preview(self.live)
        self._frame = frame
        self._tick = state.host.on_frame(self._fit)
        frame.set_style(style.STYLE)
        frame.set_build_fn(self._draw)

    @property
    def wide(self) -> bool:
        """Whether the table stands beside the form."""
        return self._wide

    def close(self) -> None:
        """Drop every subscription, and clear the frame."""
        self._tick.close()
        for section in (self.picker, self.refusals, self.actions, self.table):
            section.close()
        self.form.close()
        self.meaning.close()
        self.preview.close()
        self.live.close()
        self._frame.set_build_fn(None)
        self._frame.clear()

    def suspend(self) -> None:
        """Cost nothing while the window is hidden; what is chosen stays, what runs ends."""
        self._tick.close()
        self.live.suspend()

    def resume(self) -> None:
        """The window is shown again."""
        self._tick.close()
        self._tick = self.state.host.on_frame(self._fit)
        self.live.resume()

    def _fit(self) -> None:
        wide = self._frame.computed_width >= style.WIDE
        beside = wide and self.live.unfolded
        if (wide, beside) != (self._wide, self._beside):
            self._wide, self._beside = wide, beside
            self._frame.rebuild()

    def _draw(self) -> None:
        with ui.HStack():
            ui.Spacer(width=2 * style.GAP)
            with ui.VStack(spacing=style.GAP):
                ui.Spacer(height=style.GAP)
                self.picker.build()
                if self._beside:
                    self._beside_preview()
                elif self._wide:
                    self._side_by_side()
                else:
                    self._stacked()
                self.refusals.build()
                ui.Spacer(height=style.GAP)
            ui.Spacer(width=2 * style.GAP)

    def _beside_preview(self) -> None:
        with ui.HStack(spacing=2 * style.GAP):
            with _scrolling():
                self._contracts()
            with _scrolling():
                self.preview.build()

    def _side_by_side(self) -> None:
        with ui.HStack(spacing=2 * style.GAP):
            with ui.VStack(spacing=style.GAP):
                self.actions.build()
                self.table.build(height=ui.Fraction(1))
            with ui.VStack(spacing=style.GAP):
                self.form.build()
                self.meaning.build()
                self.preview.build()
                ui.Spacer()

    def _stacked(self) -> None:
        with _scrolling():
            self._contracts()
            self.preview.build()

    def _contracts(self) -> None:
        self.actions.build()
        self.table.build()
        self.form.build()
        self.meaning.build()


@contextmanager
def _scrolling() -> Iterator[None]:
    """A column that scrolls."""
    with (
        ui.ScrollingFrame(horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF),
        ui.VStack(spacing=style.GAP, height=0),
    ):
        yield

# SPDX-License-Identifier: Apache-2.0
"""The panel: its sections one below the other, or side by side where there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import omni.ui as ui

from ..preview.preview_state import PreviewState
from ..state.editor_state import EditorState
from . import style
from .actions import Actions
from .arrangement import SPLITS, Arrangement, arrangement
from .columns import Columns
from .form import Form
from .keys import Keys
from .meaning import Meaning
from .picker import Picker
from .preview import Preview
from .redrawn import fill
from .refusals import Refusals
from .split_columns import SplitColumns
from .table import Table


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
        self._kind = Arrangement.STACKED
        self.refusals = Refusals(state)
        self.picker = Picker(state, self.refusals.tell, roomy=lambda: self.wide)
        self.actions, self.columns = Actions(state), Columns(state)
        self.table = Table(
            state,
            fill=lambda: self._kind in (Arrangement.SIDE, Arrangement.THREE),
            complain=self.refusals.complain,
        )
        self.form, self.meaning = Form(state), Meaning(state)
        self.preview = Preview(self.live, room=self._preview_room)
        self._beside: ui.ScrollingFrame | None = None
        self._split = SplitColumns(state.host, lambda: frame.computed_width - 2 * style.GAP)
        self._frame = frame
        self.keys = Keys(frame, renaming=lambda: self.table.renaming)
        self._bind()
        self._tick = state.host.on_frame(self._fit)
        frame.set_style(style.STYLE)
        fill(frame, self._draw)

    @property
    def wide(self) -> bool:
        """Whether there are two columns or three."""
        return self._kind is not Arrangement.STACKED

    def close(self) -> None:
        """Drop every subscription, and clear the frame."""
        self._tick.close()
        self.keys.close()
        for section in (self.picker, self.refusals, self.actions, self.columns, self.table):
            section.close()
        self.form.close()
        self.meaning.close()
        self.preview.close()
        self.live.close()
        self._split.clear()
        self._beside = None
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

    def _bind(self) -> None:
        """Keys of the panel; whoever made its window calls `keys.attach(window)`."""
        state, bind = self.state, self.keys.bind
        for key, by in (("Up", -1), ("Down", 1)):
            bind(key, lambda by=by: self._step(state.select_step, by))
            bind(f"Shift+{key}", lambda by=by: self._step(state.extend_step, by))
        bind("Delete", lambda: state.delete())
        bind("F2", self.table.rename)
        bind("Ctrl+D", lambda: state.duplicate())
        bind("Ctrl+A", state.select_all)
        bind("Ctrl+Z", lambda: state.undo())
        bind("Ctrl+Y", lambda: state.redo())
        bind("Ctrl+Shift+Z", lambda: state.redo())
        bind("Escape", self._escape, always=True)

    def _step(self, step: Callable[[int], object], by: int) -> None:
        step(by)
        self.table.follow()

    def _escape(self) -> None:
        """Put back what is dragged, and leave an id as it stands."""
        self.state.cancel_gesture()
        self.table.cancel_rename()

    def _fit(self) -> None:
        kind = arrangement(self._frame.computed_width, unfolded=self.live.unfolded)
        if kind is not self._kind:
            self._kind = kind
            self._frame.rebuild()
        else:
            self._split.fit()

    def _preview_room(self) -> float | None:
        """Height of the column that the preview has for itself [pixels]; None where it has none."""
        return self._beside.computed_height if self._beside is not None else None

    def _draw(self) -> None:
        # Scrolling frames reach over the gutter, so that their content ends with the rest.
        with ui.HStack():
            ui.Spacer(width=2 * style.GAP)
            with ui.VStack(spacing=style.GAP):
                ui.Spacer(height=style.GAP)
                with ui.HStack(height=0):
                    self.picker.build()
                    ui.Spacer(width=style.GUTTER)
                self._draw_columns()
                with ui.HStack(height=0):
                    self.refusals.build()
                    ui.Spacer(width=style.GUTTER)
                ui.Spacer(height=style.GAP)

    def _draw_columns(self) -> None:
        self._beside = None
        columns = {
            Arrangement.STACKED: (self._all,),
            Arrangement.SIDE: (self._rows, self._form_and_preview),
            Arrangement.BESIDE: (self._contracts, self._preview),
            Arrangement.THREE: (self._rows, self._form, self._preview),
        }
        self._split.build(SPLITS[self._kind], columns[self._kind])

    def _all(self) -> None:
        with _scrolling():
            self._table_and_form()
            self.preview.build()

    def _contracts(self) -> None:
        with _scrolling():
            self._table_and_form()

    def _rows(self) -> None:
        with ui.HStack():
            with ui.VStack(spacing=style.GAP):
                self.actions.build()
                self.columns.build()
                self.table.build(height=ui.Fraction(1))
            ui.Spacer(width=style.GUTTER)

    def _form(self) -> None:
        with _scrolling():
            self.form.build(height=style.ROW)
            self.meaning.build()

    def _form_and_preview(self) -> None:
        with _scrolling():
            self.form.build(height=style.ROW)
            self.meaning.build()
            self.preview.build()

    def _preview(self) -> None:
        with _scrolling() as self._beside:
            self.preview.build()

    def _table_and_form(self) -> None:
        self.actions.build()
        self.columns.build()
        self.table.build()
        self.form.build()
        self.meaning.build()


@contextmanager
def _scrolling() -> Iterator[ui.ScrollingFrame]:
    """A column that scrolls."""
    with (
        ui.ScrollingFrame(
            horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF
        ) as scroll,
        ui.VStack(spacing=style.GAP, height=0),
    ):
        yield scroll

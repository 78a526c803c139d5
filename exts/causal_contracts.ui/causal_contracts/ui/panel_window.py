# SPDX-License-Identifier: Apache-2.0
"""The panel's own window in Kit: built when it is first shown, asleep while it is hidden."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from .late_schema import LateSchema
from .panel import style
from .panel.notice import Notice
from .panel.window import Panel
from .signals import Subscription
from .state.editor_state import EditorState

TITLE = "Causal Contracts"
SIZE = (420, 700)


class PanelWindow:
    """Shows and hides the panel.

    Args:
        state: what the panel shows.
        hold: lets the host follow Kit until the subscription is closed.
        changed: called after the window was shown or hidden, by whomever.
    """

    def __init__(
        self,
        state: EditorState,
        *,
        hold: Callable[[], Subscription],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._state, self._hold, self._changed = state, hold, changed
        self._late = LateSchema(state)
        self._window: ui.Window | None = None
        self._notice: Notice | None = None
        self._panel: Panel | None = None
        self._awake: Subscription | None = None
        # So that a saved layout of Kit can bring the window back.
        ui.Workspace.set_show_window_fn(TITLE, self.show)

    @property
    def panel(self) -> Panel | None:
        """The panel; None before it was shown."""
        return self._panel

    @property
    def visible(self) -> bool:
        """Whether the window is shown."""
        return self._awake is not None

    def show(self, visible: bool = True) -> None:
        """Show the window, or hide it."""
        if self._window is None and visible:
            self._make()
        if self._window is not None:
            self._window.visible = visible
            self._seen(visible)

    def close(self) -> None:
        """Destroy the window, and let go of everything."""
        ui.Workspace.set_show_window_fn(TITLE, None)
        self._late.close()
        self._unmake()
        self._changed = lambda: None
        self._sleep()

    def _make(self) -> None:
        try:
            self._build()
        except BaseException:
            self._unmake()  # an empty window would stay
            raise

    def _unmake(self) -> None:
        for part in (self._notice, self._panel):
            if part is not None:
                part.close()
        if self._window is not None:
            self._window.set_visibility_changed_fn(None)  # else it keeps this object alive
            self._window.destroy()
        self._window = self._notice = self._panel = None

    def _build(self) -> None:
        width, height = SIZE
        window = self._window = ui.Window(
            TITLE, width=width, height=height, padding_x=0, padding_y=0
        )
        window.frame.set_style(style.STYLE)
        with window.frame, ui.VStack():
            self._notice = Notice(self._state, lambda: self._late.text)
            self._notice.build()
            self._panel = Panel(self._state, ui.Frame())
        window.set_visibility_changed_fn(self._seen)
        window.deferred_dock_in(
            str(self._state.host.setting("dock_in", "Property")),
            ui.DockPolicy.CURRENT_WINDOW_IS_ACTIVE,
        )

    def _seen(self, visible: bool) -> None:
        """The window was shown or hidden, perhaps by its own cross."""
        if visible == self.visible:
            return
        if visible:
            self._wake()
        else:
            self._sleep()
        self._changed()

    def _wake(self) -> None:
        self._awake = self._hold()
        self._state.refresh()
        if self._state.ids and not self._state.selection:
            self._state.select(self._state.ids[0])
        self._late.look()
        if self._panel is not None and self._window is not None:
            self._panel.resume()
            self._panel.keys.attach(self._window)

    def _sleep(self) -> None:
        if self._panel is not None:
            self._panel.suspend()
            self._panel.keys.detach()
        if self._awake is not None:
            self._awake.close()
            self._awake = None

# SPDX-License-Identifier: Apache-2.0
"""Studio: an asset in the panel in a window, or in a picture where there is no display."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import omni.ui as ui
from omni.ui import standalone, testing

from ..panel import style
from ..panel.window import Panel
from ..preview.standby import Phase
from ..signals import Subscription
from ..state.editor_state import EditorState
from ..studio_host import StudioHost
from . import system_window
from .bar import Bar
from .dialogs import StudioDialogs
from .dim_behind import darken_behind_dialogs
from .ending import Ending
from .loop import spin
from .pace import Pace
from .system_clipboard import SystemClipboard

TITLE = "Causal Contracts Studio"
SETTLE = 6
"""Frames until a layout that depends on its own size stands still."""


class StudioWindow:
    """The one window of Studio, as large as the program's own. Make it inside the UI's loop.

    Args:
        size: in pixels, where there is no window of the system.
        wants_to_close: whether the author asked to close the window.
        scale: how much larger than usual everything is drawn, without a display; lists, menus
            and dialogs over the panel are not. With one, omni.ui follows the display's own scale.
    """

    def __init__(
        self,
        host: StudioHost,
        size: tuple[int, int],
        wants_to_close: Callable[[], bool] = system_window.wants_to_close,
        scale: float = 1.0,
    ) -> None:
        self.host = host
        self.done = False
        self._size, self._wants_to_close, self._asked = size, wants_to_close, False
        self._title = ""
        self.dialogs = StudioDialogs(host)
        self.state = EditorState(host)
        if self.state.ids:
            self.state.select(self.state.ids[0])
        host.dialogs = host.dialogs or self.dialogs
        flags = (
            ui.WINDOW_FLAGS_NO_TITLE_BAR
            | ui.WINDOW_FLAGS_NO_RESIZE
            | ui.WINDOW_FLAGS_NO_MOVE
            | ui.WINDOW_FLAGS_NO_SCROLLBAR
        )
        width, height = size
        self.window = ui.Window(
            "Causal Contracts", width=width, height=height, flags=flags, padding_x=0, padding_y=0
        )
        self.bar = Bar(self.state, host, self.dialogs)
        with self.window.frame, _scaled(size, scale):
            ui.Spacer(height=style.GAP)
            self.bar.build()
            self.panel = Panel(self.state, ui.Frame())
        self.panel.keys.attach(self.window)
        darken_behind_dialogs()
        self.window.frame.set_style(style.STYLE)
        bind = self.panel.keys.bind
        bind("Ctrl+S", self.bar.save, always=True)
        bind("Ctrl+Shift+S", self.bar.save_as, always=True)
        bind("Ctrl+O", self.bar.open, always=True)
        bind("Ctrl+Q", self.leave, always=True)
        self._clipboard = SystemClipboard()
        host.clipboard = host.clipboard or self._clipboard.give
        self._held: Subscription = host.on_frame(self._tick)
        self._fit()

    def close(self) -> None:
        """Let go of everything."""
        self._held.close()
        self._clipboard.close()
        self.bar.close()
        self.panel.close()
        self.state.destroy()
        self.window.destroy()
        self.host.close()

    def leave(self) -> None:
        """End Studio, after a question where something is not saved; `done` tells."""
        self.bar.leave("leave", self._end)

    @property
    def busy(self) -> bool:
        """Whether something moves without input: a run, or work on a thread."""
        live = self.panel.live
        steps = live.frame is not None and live.frame.playing
        return steps or live.phase is Phase.BUILDING or bool(self.host.jobs.running)

    def _end(self) -> None:
        self.done = True

    def _tick(self) -> None:
        self._fit()
        self._clipboard.tick()
        asked = self._wants_to_close()
        if asked and not self._asked:
            system_window.keep_open()
            self.leave()
        self._asked = asked
        title = " - ".join(one for one in (self.bar.title, TITLE) if one)
        if title != self._title:
            self._title = title
            system_window.set_title(title)

    def _fit(self) -> None:
        self.window.position_x = self.window.position_y = 0
        scale = ui.Workspace.get_dpi_scale()
        now = [pixels / scale for pixels in standalone.get_window_size()]
        # Without a display there is no window of the system's, whose size then reads 0.
        self.window.width, self.window.height = now if min(now) > 0 else self._size


def author(host: StudioHost, size: tuple[int, int]) -> int:
    """Show the host's stage until the author leaves or a signal ends it; returns the exit code.

    Raises:
        NoWindowError: no window can be opened here.
    """
    pace = Pace()

    async def until_left(window: StudioWindow) -> None:
        pace.busy = lambda: window.busy
        while not window.done and not ending.tick(
            host.unsaved(), window.dialogs.window is not None, window.leave
        ):
            await ui.next_frame()
            host.frame()

    with Ending() as ending:
        run(host, size, until_left, pace=pace)
    return ending.code


def run(
    host: StudioHost,
    size: tuple[int, int],
    during: Callable[[StudioWindow], Awaitable[None]],
    *,
    scale: float = 1.0,
    pace: Pace | None = None,
) -> None:
    """Show the host's stage until `during` returns.

    Raises:
        NoWindowError: no window can be opened here.
    """

    faults: list[Exception] = []

    async def loop() -> None:
        window = StudioWindow(host, size, scale=scale)
        try:
            await during(window)
        except Exception as fault:
            faults.append(fault)  # a task of the UI's loop would keep it to itself
        window.close()

    system_window.open_one(TITLE, size)
    spin(loop(), pace)
    host.close()
    if faults:
        raise faults[0]


def _scaled(size: tuple[int, int], scale: float) -> ui.Container:
    """What the window is filled with: a column, enlarged where that is asked for."""
    if scale == 1.0:
        return ui.VStack()
    with ui.CanvasFrame(zoom=scale, zoom_min=scale, zoom_max=scale, draggable=False):
        return ui.VStack(width=size[0] / scale, height=size[1] / scale)


async def frames(host: StudioHost, count: int = SETTLE) -> None:
    """Let frames pass, for what drives the window itself."""
    for _ in range(count):
        await testing.next_frame()
        host.frame()


def picture(
    host: StudioHost,
    size: tuple[int, int],
    png: Path,
    *,
    preview: float | None = None,
    scale: float = 1.0,
) -> bool:
    """Render the window once; returns whether the picture was written.

    Args:
        host: what is shown.
        size: of the window, in pixels.
        png: where to.
        preview: simulated seconds that the live preview runs before; folded where None.
        scale: how much larger than usual everything is drawn.
    """
    done = False

    async def take(window: StudioWindow) -> None:
        nonlocal done
        await frames(host)
        if preview is not None:
            await _previewed(window, preview)
        host.frame()
        done = testing.capture_screenshot(str(png))
        await testing.next_frame()
        done = png.is_file()

    run(host, size, take, scale=scale)
    return done


async def _previewed(window: StudioWindow, seconds: float) -> None:
    """Let the preview play so long, and stand; or as far as it gets."""
    live = window.panel.live
    live.start()
    while live.phase in (Phase.BUILDING, Phase.RUNNING):
        await frames(window.host, 1)
        if live.frame is not None and live.frame.time >= seconds:
            live.pause()
            break
    await frames(window.host, 4 * SETTLE)

# SPDX-License-Identifier: Apache-2.0
"""Studio: an asset in the panel in a window, or in a picture where there is no display."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import omni.ui as ui
from omni.ui import standalone, testing

from ..panel import style
from ..panel.window import Panel
from ..preview.run import Phase
from ..signals import Subscription
from ..state.editor_state import EditorState
from ..studio_host import StudioHost
from .bar import Bar
from .dialogs import StudioDialogs

SETTLE = 6
"""Frames until a layout that depends on its own size stands still."""


class StudioWindow:
    """The one window of Studio, as large as the program's own. Make it inside the UI's loop."""

    def __init__(self, host: StudioHost, size: tuple[int, int]) -> None:
        self.host = host
        self._size = size
        self.state = EditorState(host)
        if self.state.ids:
            self.state.select(self.state.ids[0])
        host.dialogs = host.dialogs or StudioDialogs()
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
        self.bar = Bar(self.state, host)
        with self.window.frame, ui.VStack():
            ui.Spacer(height=style.GAP)
            self.bar.build()
            self.panel = Panel(self.state, ui.Frame())
        self.window.frame.set_style(style.STYLE)
        self._held: Subscription = host.on_frame(self._fit)
        self._fit()

    def close(self) -> None:
        """Let go of everything."""
        self._held.close()
        self.bar.close()
        self.panel.close()
        self.state.destroy()
        self.window.destroy()
        self.host.close()

    def _fit(self) -> None:
        self.window.position_x = self.window.position_y = 0
        now = standalone.get_window_size()
        # Without a display there is no window of the system's, whose size then reads 0.
        self.window.width, self.window.height = now if min(now) > 0 else self._size


def run(
    host: StudioHost,
    size: tuple[int, int],
    during: Callable[[StudioWindow], Awaitable[None]] | None = None,
) -> None:
    """Show the host's stage until the window is closed, or until `during` returns."""

    faults: list[Exception] = []

    async def loop() -> None:
        asyncio.get_running_loop().set_exception_handler(_closed)
        window = StudioWindow(host, size)
        try:
            if during is not None:
                await during(window)
            while during is None:
                await ui.next_frame()
                host.frame()
        except Exception as fault:
            faults.append(fault)  # a task of the UI's loop would keep it to itself
        window.close()

    standalone.init("Causal Contracts Studio", *size)
    ui.run(loop())
    host.close()
    if faults:
        raise faults[0]


def _closed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Closing the window ends the loop while it waits for a frame, which is no fault."""
    if not str(context.get("message")).startswith("Task was destroyed"):
        loop.default_exception_handler(context)


async def frames(host: StudioHost, count: int = SETTLE) -> None:
    """Let frames pass, for what drives the window itself."""
    for _ in range(count):
        await testing.next_frame()
        host.frame()


def picture(
    host: StudioHost, size: tuple[int, int], png: Path, *, preview: float | None = None
) -> bool:
    """Render the window once; returns whether the picture was written.

    Args:
        host: what is shown.
        size: of the window, in pixels.
        png: where to.
        preview: simulated seconds that the live preview runs before; folded where None.
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

    run(host, size, take)
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

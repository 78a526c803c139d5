# SPDX-License-Identifier: Apache-2.0
"""Kit's arguments to the running kernel: its extensions, the panel's widgets, mouse and keys."""

import asyncio
import sys
import time
from pathlib import Path

from kit_kernel import ROOT

UP, DOWN, END, DELETE, BACKSPACE, ENTER, ESCAPE = 515, 516, 520, 522, 523, 525, 526
CTRL, D, F2 = 527, 549, 573
"""Dear ImGui's key codes, which ovui's testing module takes."""


class Kernel:
    """The running kernel, its extensions, and the widgets of our window."""

    def __init__(self, arguments):
        # The kernel alone shall make our packages importable, not an editable install of them.
        sys.path[:] = [one for one in sys.path if not Path(one).is_relative_to(ROOT / "exts")]
        from omni.kit_app import KitApp

        self.app = KitApp()
        before = time.perf_counter()
        self.app.startup(arguments)
        self.app.update()
        self.start_seconds = time.perf_counter() - before
        self.manager = self.app.extension_manager

    def switch(self, name, on):
        self.manager.set_extension_enabled_immediate(name, on)

    def enabled(self, name):
        return self.manager.is_extension_enabled(name)

    def play(self, scenario, *arguments):
        """Run a coroutine as a task of Kit's event loop, update by update."""
        from omni.ui import testing

        testing.next_frame = self.frame
        task = asyncio.ensure_future(scenario(self, *arguments))
        while not task.done():
            self.app.update()
        return task.result()

    async def frame(self):
        import omni.kit.app

        await omni.kit.app.get_app().next_update_async()

    async def frames(self, count=6):
        for _ in range(count):
            await self.frame()

    async def until(self, true, says, seconds=60.0):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, says()
            time.sleep(0.2)  # drawing takes the processor from what it waits for
            await self.frame()

    def window(self):
        import omni.ui as ui

        return ui.Workspace.get_window("Causal Contracts")

    def find(self, identifier, within=None):
        import omni.ui as ui

        widget = within or self.window().frame
        if getattr(widget, "identifier", None) == identifier:
            return widget
        found = (self.find(identifier, child) for child in ui.Inspector.get_children(widget))
        return next((one for one in found if one is not None), None)

    def text(self, identifier):
        import omni.ui as ui

        widget = self.find(identifier)
        if widget is None:
            return None
        return widget.text if isinstance(widget, ui.Label) else widget.model.as_string

    async def click(self, identifier, within=None):
        from omni.ui import testing

        widget = self.find(identifier, within)
        assert widget is not None, f"the panel shows no '{identifier}'"
        x = widget.screen_position_x + widget.computed_width / 2
        await testing.mouse_click(x, widget.screen_position_y + widget.computed_height / 2)
        await self.frames()

    async def press(self, *keys):
        """Keys, the last of them while the others are held."""
        import omni.ui as ui
        from omni.ui import testing

        for key in keys:
            ui._ui._inject_key_event(key, True)
            await testing.next_frame()
        for key in reversed(keys):
            ui._ui._inject_key_event(key, False)
            await testing.next_frame()
        await self.frames()

    async def enter(self, identifier, text):
        from omni.ui import testing

        await self.click(identifier)
        await testing.press_key(END)
        for _ in self.find(identifier).model.as_string:
            await testing.press_key(BACKSPACE)
        await testing.type_text(text)
        await testing.press_key(ENTER)
        await self.frames()

# SPDX-License-Identifier: Apache-2.0
"""Widgets by identifier to clicks and typed keys on the real panel, drawn off-screen."""

from __future__ import annotations

import json
import shutil
import traceback
from pathlib import Path

import omni.ui as ui
from causal_contracts.ui.studio.loop import spin
from causal_contracts.ui.studio.window import StudioWindow
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings
from omni.ui import standalone, testing

ROOT = Path(__file__).resolve().parents[1]
UP, DOWN, END, DELETE, BACKSPACE, ENTER, ESCAPE = 515, 516, 520, 522, 523, 525, 526
CTRL, SHIFT, F2 = 527, 528, 573
KEY = {chr(ord("A") + index): 546 + index for index in range(26)}
"""Dear ImGui's key codes, which the testing module takes."""
SIZE = (420, 700)


class Driver:
    """Finds widgets by identifier, and clicks and types into them."""

    def __init__(self, window) -> None:
        self.window, self.state, self.host = window, window.state, window.host
        self.folder = Path.cwd()
        self.asked: list[bool] = []

    async def frames(self, count=6):
        for _ in range(count):
            await testing.next_frame()
            self.host.frame()

    def find(self, identifier, within=None):
        widget = within or self.window.window.frame
        if getattr(widget, "identifier", None) == identifier:
            return widget
        found = (self.find(identifier, child) for child in ui.Inspector.get_children(widget))
        return next((one for one in found if one is not None), None)

    def at(self, identifier, part=0.5, within=None):
        widget = self.find(identifier, within)
        assert widget is not None, f"the panel shows no '{identifier}'"
        x = widget.screen_position_x + part * widget.computed_width
        return x, widget.screen_position_y + widget.computed_height / 2

    async def click(self, identifier, within=None):
        await testing.mouse_click(*self.at(identifier, within=within))
        await self.frames()

    async def enter(self, identifier, text, within=None):
        await testing.mouse_click(*self.at(identifier, within=within))
        await testing.press_key(END)
        for _ in self.find(identifier, within).model.as_string:
            await testing.press_key(BACKSPACE)
        await testing.type_text(text)
        await testing.press_key(ENTER)
        await self.frames()

    async def press(self, *keys, by=6):
        """Keys held together, e.g. CTRL and KEY["Z"]."""
        for key in keys:
            ui._ui._inject_key_event(key, True)
            await testing.next_frame()
        for key in reversed(keys):
            ui._ui._inject_key_event(key, False)
            await testing.next_frame()
        await self.frames(by)

    async def choose(self, menu, identifier):
        """Click a line of an open menu."""
        line = self.find(identifier, menu)
        assert line is not None, f"the menu has no '{identifier}'"
        await testing.mouse_click(line.screen_position_x + 20, line.screen_position_y + 10)
        await self.frames()

    def shown(self, identifier, within=None):
        return self.find(identifier, within) is not None

    def text(self, identifier, within=None):
        widget = self.find(identifier, within)
        if widget is None:
            return None
        return widget.text if isinstance(widget, ui.Label) else widget.model.as_string

    def value(self, contract_id, name):
        prim = self.host.stage().GetPrimAtPath(self.state.articulation.host)
        return prim.GetAttribute(f"causalContract:{contract_id}:{name}").Get()

    def layer(self):
        return self.host.stage().GetRootLayer().ExportToString()


def play_all(size, *scenarios):
    """Each scenario (a coroutine of a Driver) in a window of its own, in one process; JSON out.

    Scenarios take the asset's path in `scenario.asset`, by default a copy of the car.
    """
    answers = {}

    async def loop():
        for scenario in scenarios:
            folder = Path(scenario.__name__).resolve()
            folder.mkdir()
            make = getattr(scenario, "asset", None)
            path = make(folder) if make else shutil.copy(ROOT / "data/car/car.usda", folder)
            host = StudioHost(settings=Settings(folder / "settings.json"))
            host.open(Path(path))
            asked = []
            window = StudioWindow(host, size, lambda asked=asked: bool(asked))
            panel = Driver(window)
            panel.folder, panel.asked = folder, asked
            try:
                await panel.frames(8)
                answers[scenario.__name__] = await scenario(panel)
            except Exception:
                answers[scenario.__name__] = {"fault": traceback.format_exc()}
            if window.dialogs.window is not None:
                window.dialogs.close()
            window.close()
            await testing.wait_frames(3)

    standalone.init("test", *size)
    spin(loop())
    print("\n" + json.dumps(answers))

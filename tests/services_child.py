# SPDX-License-Identifier: Apache-2.0
"""A scenario by name to JSON: sections outside of the panel, drawn and clicked in a window."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import omni.ui as ui
from omni.ui import standalone, testing
from panel_child import Driver

PATIENCE = 30.0
"""Seconds for a small installation on a busy machine."""


class SectionWindow:
    """A window of the size of a docked panel with sections in it."""

    def __init__(self, state, host, make):
        from causal_contracts.ui.panel import style
        from causal_contracts.ui.studio.dialogs import StudioDialogs

        self.state, self.host = state, host
        host.dialogs = StudioDialogs()
        flags = ui.WINDOW_FLAGS_NO_TITLE_BAR | ui.WINDOW_FLAGS_NO_RESIZE | ui.WINDOW_FLAGS_NO_MOVE
        width, height = SIZE
        self.window = ui.Window("Sections", width=width, height=height, flags=flags)
        self.window.position_x = self.window.position_y = 0
        self.window.frame.set_style(style.STYLE)
        with self.window.frame, ui.VStack(spacing=style.GAP, height=0):
            self.parts = make(state)
            for part in self.parts:
                part.build()

    def close(self):
        for part in self.parts:
            part.close()
        self.state.destroy()
        self.window.destroy()
        self.host.close()


async def look(panel, name):
    """A picture for the eyes, where the second argument of the process names a folder."""
    await panel.frames()
    if PICTURES is not None:
        testing.capture_screenshot(str(PICTURES / f"{name}.png"))
        await testing.next_frame()


async def until(panel, truth):
    end = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < end, "this never came"
        await panel.frames(1)
    await panel.frames()


async def packages(panel):
    """Offered, listed, begun, cancelled, failed, tried again, removed."""
    shown = panel.window.parts[0].packages
    wheel = next(Path("wheels").glob("cc_slow*"))
    names = ("packages why", "packages download", "packages folder")
    offered = [panel.text(name) for name in names]
    await look(panel, "offer")
    await panel.click("list packages")
    await look(panel, "listed")
    await panel.click("list packages")
    await panel.click("install packages")
    await until(panel, lambda: Path("data/packages.tmp/started").exists())
    await panel.frames(20)
    progress = panel.text("packages progress")
    await look(panel, "progress")
    await panel.click("cancel packages")
    await until(panel, lambda: not shown.busy)
    cancelled = [one.name for one in Path("data").iterdir()], panel.text("packages failure")
    shutil.move(wheel, "aside")
    await panel.click("install packages")
    await until(panel, lambda: not shown.busy)
    failed = panel.text("packages failure"), panel.find("install packages").text
    await look(panel, "failure")
    await panel.click("copy packages failure")
    shutil.move("aside", wheel)
    Path("go").touch()
    await panel.click("install packages")
    await until(panel, lambda: not shown.busy)
    installed = panel.text("packages installed"), panel.find("install packages") is None
    await look(panel, "installed")
    await panel.click("remove packages")
    await panel.click("dialog ok", panel.host.dialogs.window.frame)
    await until(panel, lambda: not shown.busy and shown.ready is None)
    return {
        "offered": offered,
        "progress": progress,
        "cancelled": cancelled,
        "failed": failed,
        "copied": panel.host.copied.splitlines()[0],
        "installed": installed,
        "removed": panel.find("install packages") is not None,
    }


async def packages_impossible(panel):
    """Why nothing can be installed stands there, and a click on the grey button is nothing."""
    await look(panel, "impossible")
    await panel.click("install packages")
    shown = panel.window.parts[0].packages
    return {"why": panel.text("packages why not"), "busy": shown.busy}


def packages_window():
    from causal_contracts.ui.packages.installation import Installation
    from causal_contracts.ui.packages.readiness import state as readiness
    from causal_contracts.ui.panel.packages import InstalledPackages, PackagesSection
    from causal_contracts.ui.state.editor_state import EditorState
    from small_wheels import PYTHON, make_host, make_wheel

    here, slow = Path.cwd(), NAME == "packages"
    waits = f"import os, pathlib, time\nif not os.path.exists({str(here / 'go')!r}):\n"
    waits += "    pathlib.Path(__file__).with_name('started').touch()\n    time.sleep(60)\n"
    wheels = [make_wheel(here / "wheels", "cc_slow", waits if slow else "")]
    wheels += [make_wheel(here / "wheels", f"cc_small_{n}") for n in range(5)]
    if not slow:
        wheels[0] = type(wheels[0])(
            "cc_old", "1.0", "cc_old-1.0-cp311-none-any.whl", "", 1000, 1000, ("cc_old",)
        )
    host = make_host(here)
    state = EditorState(host)
    shown = Installation(host, lambda one: readiness(one, wheels=wheels, python=PYTHON))
    parts = PackagesSection, InstalledPackages
    return SectionWindow(state, host, lambda state: [part(state, shown) for part in parts])


def play(scenario, make):
    answer, faults = {}, []

    async def loop():
        window = make()
        try:
            panel = Driver(window)
            panel.window = window
            panel.find = lambda name, within=None: Driver.find(
                panel, name, within or window.window.frame
            )
            await panel.frames()
            answer.update(await scenario(panel))
        except Exception as fault:
            faults.append(fault)
        window.close()

    standalone.init("sections", *SIZE)
    ui.run(loop())
    if faults:
        raise faults[0]
    return answer


SIZE = (420, 700)
WINDOWS = {"packages": packages_window, "packages_impossible": packages_window}

if __name__ == "__main__":
    NAME, *pictures = sys.argv[1:]
    PICTURES = Path(pictures[0]) if pictures else None
    print("\n" + json.dumps(play(globals()[NAME], WINDOWS[NAME])))

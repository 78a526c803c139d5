# SPDX-License-Identifier: Apache-2.0
"""Names of states of the panel to pictures of it; the real worker runs in some of them."""

from __future__ import annotations

import json
import math
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from causal_contracts.preview.live.messages import Step
from causal_contracts.ui.studio.loop import spin
from causal_contracts.ui.studio.window import StudioWindow
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings
from omni.ui import standalone, testing
from panel_driver import ROOT, Driver
from panel_import_child import choose_file

NARROW, MEDIUM, WIDE, LARGE = (420, 700), (420, 990), (1280, 720), (3840, 2160)
TALL = (1280, 920)
Scene = Callable[[Driver], Awaitable[None]]


@dataclass(frozen=True)
class Shot:
    """A picture: of which asset, how large, and what is done before."""

    asset: str | None
    size: tuple[int, int]
    scene: Scene | None = None
    scale: int = 1


async def error(panel):
    """A contract that cannot act: its threshold lies beyond the limits, its drive is gone."""
    stage = panel.host.stage()
    prim = next(one for one in stage.Traverse() if one.GetName() == "door_hinge")
    prim.RemoveAppliedSchema("PhysicsDriveAPI:angular")
    panel.state.set_threshold(-0.02)
    await panel.frames(20)


async def difference(panel):
    """What the import of a couplings.json with another number and a new contract would do."""
    file = json.loads((ROOT / "data/stove/couplings.json").read_text())
    first, second, *_ = file["couplings"]
    first["trigger"]["threshold"], second["mode"] = math.radians(40), "latching"
    file["couplings"] = [first, second, {**first, "id": "added_rule"}]
    path = panel.folder / "changed.json"
    path.write_text(json.dumps(file))
    await choose_file(panel, path)


async def search(panel):
    """The list of joints under the trigger, with something typed."""
    await panel.click("trigger joint")
    await testing.type_text("kn")
    await panel.frames()


async def running(panel, seconds=4.0, clones="16", patience=60.0):
    """Half of the clones pressed from the same seed, and stopped after so many steps."""
    live = panel.window.panel.live
    live.enter_clones(clones)
    live.set_pattern("fraction")
    live.set_speed(None)
    live.set_loop(False)
    live.start(playing=False)
    await until(panel, lambda: live.frame is not None, patience)
    live.client.send(Step(count=round(seconds / live.client.ready.dt)))
    await until(panel, lambda: live.frame.time > seconds - live.client.ready.dt / 2)
    await until(panel, lambda: live.metrics is not None and live.metrics.step == live.frame.step)
    await panel.frames(8)


async def in_space(panel, seconds=4.0):
    """The same, with the clones in space."""
    await running(panel, seconds)
    panel.window.panel.preview.scene.unfold(True)
    await panel.frames(6)


async def building(panel):
    """A Newton environment on its way, as far as its first 2 s."""
    live = panel.window.panel.live
    live.set_engine("isaaclab-newton")
    live.start(playing=False)
    await until(panel, lambda: "Isaac Lab" in live.progress and live.waited > 2.0)
    await panel.frames(4)


async def on_newton(panel, seconds=4.0):
    """As `running`, in an Isaac Lab environment."""
    panel.window.panel.live.set_engine("isaaclab-newton")
    await running(panel, seconds, patience=400.0)


async def until(panel, truth, patience=60.0):
    """Frames pass until it holds, for so many seconds at most."""
    live = panel.window.panel.live
    end = time.monotonic() + patience
    while not truth():
        assert time.monotonic() < end, (live.phase, live.error, *live.lines)
        await panel.frames(1)


SHOTS = {
    "microwave_narrow": Shot("microwave", NARROW),
    "search_open": Shot("stove", NARROW, search),
    "error": Shot("microwave", NARROW, error),
    "empty": Shot(None, NARROW),
    "stove_wide": Shot("stove", WIDE),
    "import_difference": Shot("stove", WIDE, difference),
    "preview_narrow": Shot("microwave", MEDIUM, running),
    "in_space": Shot("microwave", TALL, in_space),
    "car_4k": Shot("car", LARGE, scale=2),
}
"""Those that are kept in tests/goldens."""


async def draw(name: str, shot: Shot, folder: Path) -> None:
    """Make the state in a window of its own and write `folder/name.png`."""
    scratch = Path(tempfile.mkdtemp(dir=folder))
    host = StudioHost(settings=Settings(scratch / "settings.json"))
    if shot.asset is not None:
        asset = ROOT / shot.asset if "." in shot.asset else _asset(shot.asset)
        host.open(Path(shutil.copy(asset, scratch)))
    window = StudioWindow(host, shot.size, lambda: False, shot.scale)
    panel = Driver(window)
    panel.folder = scratch
    try:
        await panel.frames(5)
        if shot.scene is not None:
            await shot.scene(panel)
        await testing.mouse_move(-100, -100)  # neither the pointer nor a tip in the picture
        await panel.frames(4)
        testing.capture_screenshot(str(folder / f"{name}.png"))
        await testing.wait_frames(2)
    finally:
        if window.dialogs.window is not None:
            window.dialogs.close()
        window.close()
        await testing.wait_frames(2)
        shutil.rmtree(scratch)


def _asset(name: str) -> Path:
    return ROOT / "data" / name / f"{name}.usda"


def draw_all(shots: dict[str, Shot], folder: Path) -> dict[str, str]:
    """Write all, those of one size after one start of the UI; what failed, by name."""
    faults: dict[str, str] = {}

    async def loop(size: tuple[int, int]) -> None:
        for name, shot in shots.items():
            if shot.size == size:
                try:
                    await draw(name, shot, folder)
                except Exception:
                    faults[name] = traceback.format_exc()

    for size in dict.fromkeys(shot.size for shot in shots.values()):
        standalone.init("pictures", *size)
        spin(loop(size))
    return faults


if __name__ == "__main__":
    out, *names = sys.argv[1:]
    said = draw_all({name: SHOTS[name] for name in names or SHOTS}, Path(out).resolve())
    print("\n" + json.dumps(said))

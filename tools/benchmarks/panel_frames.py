# SPDX-License-Identifier: Apache-2.0
"""An asset in the real panel off-screen, idle, playing and edited: CPU time of its frames."""

from __future__ import annotations

import json
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import omni.ui as ui
from causal_contracts.preview.live.changes import Swap
from causal_contracts.preview.live.client import State
from causal_contracts.preview.live.messages import Changed, Event
from causal_contracts.ui.studio.loop import spin
from causal_contracts.ui.studio.window import StudioWindow
from causal_contracts.ui.studio_host import StudioHost
from omni.ui import standalone, testing

SIZE = (1280, 1440)
"""High enough to show the 3D view: what is scrolled away is not drawn."""
SETTLE = 8
"""Frames until what was changed has been laid out."""
PATIENCE = 60.0
STEP = 1e-5
"""From one dragged threshold to the next [m]."""


class Bench:
    """One window of Studio, and what its frames cost."""

    def __init__(self, window: StudioWindow, clones: int, empty: dict[str, float]) -> None:
        self.window, self.host, self.empty = window, window.host, empty
        self.live, self.state = window.panel.live, window.state
        self.live.choices.num_envs = clones
        self.rows: list[dict[str, Any]] = []

    async def frame(self) -> float:
        """Draw one frame; CPU seconds of the main thread."""
        began = time.thread_time()
        await testing.next_frame()
        self.host.frame()
        return time.thread_time() - began

    async def measure(self, what: str, count: int) -> None:
        """Add a row."""
        for _ in range(SETTLE):
            await self.frame()
        row = await _cost(self.frame, count)
        over = row["main_ms"] - self.empty["main_ms"]
        self.rows.append({"what": what, **row, "empty_ms": self.empty["main_ms"], "over_ms": over})

    async def until(self, truth: Callable[[], object], *, patience: float = PATIENCE) -> float:
        """Let frames pass until it holds; the most CPU seconds that one took."""
        end, most = time.monotonic() + patience, 0.0
        while not truth():
            client = self.live.client
            assert client is None or client.state not in (State.DIED, State.FAILED), client.error
            assert time.monotonic() < end, (self.live.phase, self.live.progress, self.state.refused)
            most = max(most, await self.frame())
        return most

    async def play(self) -> None:
        """Start the preview, and wait for its second step."""
        self.live.start()
        await self.until(lambda: self.live.frame is not None and self.live.frame.step > 1)

    async def edits(self, how: str, count: int) -> dict[str, Any]:
        """Type or drag thresholds of the selected contract, one after another."""
        took, heard, main = [], [], []
        client = self.live.client
        assert client is not None
        ran: list[float] = []

        def hear(event: Event) -> None:
            if isinstance(event, Changed) and isinstance(event.change, Swap):
                ran.append(event.at)

        client.on_event = hear
        for number in range(count):
            known = len(ran)
            began, cpu = time.monotonic(), time.thread_time()
            (self._type if how == "typed" else self._drag)(number)
            # A field calls back while omni.ui draws, which is over; what follows is the host's.
            self.host.frame()
            spent = time.thread_time() - cpu
            most = await self.until(lambda at=known: len(ran) > at)
            took.append(1e3 * (ran[-1] - began))
            heard.append(1e3 * (time.monotonic() - began))
            main.append(1e3 * max(spent, most))
            for _ in range(6):
                await self.frame()
        self.state.cancel_gesture()
        client.on_event = None
        return {
            "how": how,
            "median_ms": statistics.median(took),
            "max_ms": max(took),
            "heard_ms": statistics.median(heard),
            "main_ms": max(main),
        }

    def _type(self, number: int) -> None:
        """What the field of the threshold calls at Enter."""
        why = self.state.enter_threshold(f"{-4.0 - 0.01 * (number + 1):.2f} mm")
        assert why is None, why

    def _drag(self, number: int) -> None:
        if not self.state.in_gesture:
            self.state.begin_gesture()
        self.state.set_threshold(-0.005 - STEP * (number + 1))


async def _cost(frame: Callable[[], Any], count: int) -> dict[str, float]:
    """Mean CPU milliseconds of a frame, of the main thread and of the process."""
    process, main = time.process_time(), time.thread_time()
    each = [await frame() for _ in range(count)]
    return {
        "main_ms": 1e3 * (time.thread_time() - main) / count,
        "process_ms": 1e3 * (time.process_time() - process) / count,
        "worst_ms": 1e3 * max(each),
    }


async def _empty_cost(count: int) -> dict[str, float]:
    """The same of a window of that size with nothing in it."""
    window = ui.Window("Empty", width=SIZE[0], height=SIZE[1])

    async def frame() -> float:
        began = time.thread_time()
        await testing.next_frame()
        return time.thread_time() - began

    for _ in range(SETTLE):
        await frame()
    cost = await _cost(frame, count)
    window.destroy()
    return cost


async def _all(bench: Bench, frames: int, edits: int, seen_out: dict[str, Any]) -> None:
    """Every row, into `seen_out`."""
    scene = bench.window.panel.preview.scene
    await bench.measure("the panel", frames)
    await bench.play()
    bench.live.pause()
    await bench.measure("a paused preview", frames)
    bench.live.play()
    await bench.measure("a playing preview", frames)
    seen_out["edits"] = [await bench.edits(how, edits) for how in ("typed", "drag")]
    scene.unfold(True)
    await bench.measure("playing with 3D", frames)
    assert scene.scene is not None and scene.scene.mesh is not None
    bench.live.pause()
    await bench.measure("paused with 3D", frames)
    scene.unfold(False)
    seen_out["frames"] = bench.rows


def main(asset: Path, clones: int, frames: int, edits: int) -> None:
    """Print one line of JSON."""
    host = StudioHost()
    host.open(asset)
    seen: dict[str, Any] = {}

    async def loop() -> None:
        empty = await _empty_cost(frames)
        window = StudioWindow(host, SIZE)
        try:
            await _all(Bench(window, clones, empty), frames, edits, seen)
        except Exception:  # the UI's loop would keep it to itself
            traceback.print_exc()
        window.close()

    standalone.init("Bench", *SIZE)
    spin(loop())
    if "frames" not in seen:
        sys.exit(1)
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))

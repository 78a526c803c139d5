# SPDX-License-Identifier: Apache-2.0
"""`tools/studio` in a real window on an X server: clicks, typed text, what it saved and said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from x_display import Display

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0
SETTINGS = {"preview_pattern": "by_hand", "preview_clones": 9}


def heeds_control_c() -> None:
    """As in a terminal: tests in the background ignore SIGINT, and their children do."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Studio:
    """One process with its window at the upper left corner of the screen."""

    def __init__(self, display: Display, folder: Path, asset: Path, *more: str) -> None:
        self.display, self.asset, self.said = display, asset, folder / "said.txt"
        settings = folder / "causal_contracts/studio.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(json.dumps(SETTINGS))
        with open(self.said, "w") as said:
            self.process = subprocess.Popen(
                [ROOT / "tools/studio", asset, *more],
                cwd=folder,
                env={**display.environment, "XDG_CONFIG_HOME": str(folder)},
                stdout=said,
                stderr=said,
                preexec_fn=heeds_control_c,
            )
        self.window = 0
        try:
            self.until(self._shown, "no window")
        except BaseException:
            self.end()
            raise

    def _shown(self) -> bool:
        # The title comes last, when the panel is drawn.
        title = f"{self.asset.name} - Causal Contracts"
        found = self.display.do("search", "--all", "--pid", self.process.pid, "--name", title)
        self.window = int(found.split()[-1]) if found else 0
        if self.window:
            self.display.do("windowmove", self.window, 0, 0, "windowfocus", self.window)
        return bool(self.window)

    def until(self, truth: Callable[[], bool], what: str) -> None:
        """Wait for it; the test fails, with what Studio said, where it does not come."""
        end = time.monotonic() + PATIENCE
        while not truth():
            if time.monotonic() > end:
                shown = self.said.with_name("shown.png")
                self.display.picture().save(shown)
                raise AssertionError(f"{what}; see {shown}: {self.said.read_text()}")
            time.sleep(0.05)

    @property
    def title(self) -> str:
        return self.display.do("getwindowname", self.window)

    def click(self, place: list[float]) -> None:
        x, y = map(round, place)
        # By way of another place: a pointer that stands there already would wake no window.
        self.display.do("mousemove", x - 3, y, "sleep", 0.1, "mousemove", x, y, "sleep", 0.15)
        self.display.do("click", 1, "sleep", 0.3)

    def drag(self, start: list[float], end: list[float]) -> None:
        words: list[object] = ["mousemove", *map(round, start), "sleep", 0.15, "mousedown", 1]
        for part in (0.25, 0.5, 0.75, 1.0):
            at = [round(a + part * (b - a)) for a, b in zip(start, end, strict=True)]
            words += ["sleep", 0.05, "mousemove", *at]
        # Let go at once: the end of the way and the release come within one frame.
        self.display.do(*words, "mouseup", 1, "sleep", 0.1)

    def hold(self, place: list[float]) -> None:
        self.display.do("mousemove", *map(round, place), "sleep", 0.15, "mousedown", 1)

    def let_go(self) -> None:
        self.display.do("mouseup", 1)

    def keys(self, *names: str) -> None:
        # Slowly, as a hand does: on a busy machine a frame takes a tenth of a second.
        for one in names:
            self.display.do("key", one, "sleep", 0.3)

    def hasty(self, letter: str) -> None:
        """A chord with Ctrl, which was held for a while, let go with the letter hardly down."""
        at_once = "--delay", 0
        self.display.do(
            *("keydown", "ctrl", "sleep", 0.3, "keydown", *at_once, letter),
            *("keyup", *at_once, "ctrl", "keyup", *at_once, letter, "sleep", 0.3),
        )

    def type_over(self, place: list[float], text: str) -> None:
        """Replace what a field holds, with Enter at the end."""
        self.click(place)
        self.keys("ctrl+a")
        self.display.do("type", "--delay", 40, "--", text)
        self.display.do("sleep", 0.3, "key", "Return")

    def save(self) -> float:
        """Ctrl+S once there are changes; returns the threshold in the file [stage units]."""
        self.until(lambda: self.title.startswith("* "), "nothing to save")
        self.keys("ctrl+s")
        self.until(lambda: not self.title.startswith("* "), "not saved")
        line = next(one for one in self.asset.read_text().splitlines() if "triggerThreshold" in one)
        return float(line.partition("=")[2])

    def share_of_a_processor(self, seconds: float) -> float:
        """Of its processor time while nothing happens, the worker left out."""
        ticks = [self._ticks()]
        time.sleep(seconds)
        ticks.append(self._ticks())
        return (ticks[1] - ticks[0]) / os.sysconf("SC_CLK_TCK") / seconds

    def _ticks(self) -> int:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def children(self) -> list[int]:
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for one in tasks for pid in one.read_text().split()]

    def ask_to_close(self) -> None:
        self.display.ask_to_close(self.window)

    def asks(self, colour: tuple[int, int, int]) -> bool:
        """Whether the corner of the window has lost its colour, under the shade of a question."""
        return self.display.picture().getpixel((3, 3)) != colour

    def left(self) -> int:
        """The exit code, once it ends."""
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def alive(pid: int) -> bool:
    """Whether a process is there and not merely waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False

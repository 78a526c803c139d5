# SPDX-License-Identifier: Apache-2.0
"""What the author chose for the preview, kept beyond this run: settings in, values in range out."""

from __future__ import annotations

from typing import get_args

from causal_contracts.preview.live.changes import KINDS, Pattern
from causal_contracts.preview.live.messages import MAX_CLONES

from ..host import Host
from .engines import ENGINES

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 0.0)
"""Simulated seconds per second that can be chosen; 0: as fast as possible."""
PATTERNS = {"fraction": "press", "hold": "hold", "sweep": "sweep", "by_hand": "by hand"}
"""Kinds of `Pattern`, and what they are called on screen."""
MAX_SEED = 2**31 - 1
LONGEST = 600.0
"""Seconds of an episode by hand, which is as long as the worker takes."""


class Choices:
    """Reads and writes the host's settings; a kept value out of range reads as its default."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @property
    def unfolded(self) -> bool:
        """Whether the section is unfolded."""
        return bool(self._host.setting("preview_open", False))

    @unfolded.setter
    def unfolded(self, value: bool) -> None:
        self._host.set_setting("preview_open", value)

    @property
    def num_envs(self) -> int:
        """How many clones, 1 to 256."""
        value = int(self._host.setting("preview_clones", 16))
        return value if 1 <= value <= MAX_CLONES else 16

    @num_envs.setter
    def num_envs(self, value: int) -> None:
        self._host.set_setting("preview_clones", int(value))

    @property
    def seed(self) -> int:
        """Of the press pattern."""
        value = int(self._host.setting("preview_seed", 0))
        return value if 0 <= value <= MAX_SEED else 0

    @seed.setter
    def seed(self, value: int) -> None:
        self._host.set_setting("preview_seed", int(value))

    @property
    def kind(self) -> KINDS:
        """Which press pattern."""
        value = self._host.setting("preview_pattern", "fraction")
        return next((one for one in get_args(KINDS) if one == value), "fraction")

    @kind.setter
    def kind(self, value: str) -> None:
        self._host.set_setting("preview_pattern", value)

    @property
    def fraction(self) -> float:
        """Share of the clones that are pressed, 0 to 1."""
        value = float(self._host.setting("preview_fraction", 0.5))
        return value if 0.0 <= value <= 1.0 else 0.5

    @fraction.setter
    def fraction(self, value: float) -> None:
        self._host.set_setting("preview_fraction", float(value))

    @property
    def pattern(self) -> Pattern:
        """Kind and share as the worker takes them."""
        if self.kind == "by_hand":  # a clone that somebody presses is not to be reset meanwhile
            return Pattern(kind="by_hand", fraction=self.fraction, seconds=LONGEST)
        return Pattern(kind=self.kind, fraction=self.fraction)

    @property
    def speed(self) -> float | None:
        """Simulated seconds per second; None: as fast as possible."""
        value = float(self._host.setting("preview_speed", 1.0))
        return value if value in SPEEDS and value > 0 else 1.0 if value else None

    @speed.setter
    def speed(self, value: float | None) -> None:
        self._host.set_setting("preview_speed", float(value or 0.0))

    @property
    def loop(self) -> bool:
        """Whether another episode follows one that is over."""
        return bool(self._host.setting("preview_loop", True))

    @loop.setter
    def loop(self, value: bool) -> None:
        self._host.set_setting("preview_loop", value)

    @property
    def sim(self) -> str:
        """Which engine: a key of `ENGINES`."""
        value = str(self._host.setting("preview_engine", "physx"))
        return value if value in ENGINES else "physx"

    @sim.setter
    def sim(self, value: str) -> None:
        self._host.set_setting("preview_engine", value)

# SPDX-License-Identifier: Apache-2.0
"""The wall clock to when the next step is due: play, pause, single steps and speed."""

from __future__ import annotations

BEHIND = 0.25
"""Seconds that a run may lag before it stops trying to catch up."""


class Pace:
    """Decides how long to wait before a step; all times in seconds of one monotonic clock."""

    def __init__(self, dt: float, *, playing: bool, speed: float | None) -> None:
        self.dt, self.playing, self.speed = dt, playing, speed
        self._singles = 0
        self._due: float | None = None

    def play(self) -> None:
        """Go on from here."""
        self.playing, self._singles, self._due = True, 0, None

    def pause(self) -> None:
        """Stand still."""
        self.playing, self._singles = False, 0

    def step(self, count: int) -> None:
        """Pause, and take this many steps at once."""
        self.playing = False
        self._singles += max(0, count)

    def at(self, speed: float | None) -> None:
        """Simulated seconds per second; None: as fast as possible."""
        self.speed, self._due = speed, None

    def wait(self, now: float) -> float | None:
        """Seconds until the next step may be taken; None: until someone says so."""
        if not self.playing:
            return 0.0 if self._singles else None
        if self.speed is None:
            return 0.0
        if self.speed <= 0:
            return None
        if self._due is None or now - self._due > BEHIND:
            self._due = now
        return max(0.0, self._due - now)

    def took(self) -> None:
        """A step was taken."""
        if self._singles:
            self._singles -= 1
        elif self._due is not None and self.speed:
            self._due += self.dt / self.speed

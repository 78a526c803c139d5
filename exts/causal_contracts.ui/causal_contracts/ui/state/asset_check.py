# SPDX-License-Identifier: Apache-2.0
"""What was read from a stage to issues of the whole asset, a part in each frame, after quiet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from causal_contracts.core.issue import ContractError, Issue
from causal_contracts.core.usd_check import beyond
from pxr import Usd

from .stage_reader import StageContents

CHECK_DELAY = 0.3
"""Seconds of quiet before the whole asset is checked."""
_SLICE = 0.003
"""Seconds of a frame that the check may take."""


class AssetCheck:
    """The check that takes a while: variants, and contracts where no reader looks."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` counts seconds."""
        self.issues: tuple[Issue, ...] = ()
        """What the last check found that came to its end."""
        self._clock = clock
        self._due: float | None = None
        self._parts: Iterator[tuple[Issue, ...]] | None = None
        self._found: list[Issue] = []

    @property
    def running(self) -> bool:
        """Whether a part of it is still to come."""
        return self._parts is not None

    def wait(self, seconds: float) -> None:
        """Drop what is under way, since the stage changed, and begin anew after that long."""
        self._parts, self._due = None, self._clock() + seconds

    def forget(self) -> None:
        """Keep no finding: they were another articulation's."""
        self.issues = ()

    def is_due(self) -> bool:
        """Whether it has been quiet for long enough to begin."""
        return self._due is not None and self._clock() >= self._due

    def begin(
        self, stage: Usd.Stage | None, contents: StageContents, known: Collection[Issue]
    ) -> None:
        """Begin with what was read from `stage`; nothing where there is no articulation.

        Of variants only what is not `known` of the asset as it stands is told.
        """
        self._due = None
        if stage is None or contents.picked is None or contents.reading is None:
            return
        hosts = {one.found.host for one in contents.survey.entries}
        self._parts = iter(beyond(stage, contents.reading, contents.picked, hosts, known))
        self._found = []

    def go_on(self, seconds: float = _SLICE) -> bool:
        """Check for that long, one part at least; whether it came to its end."""
        parts, until = self._parts, self._clock() + seconds
        if parts is None:
            return False
        try:
            for some in parts:
                self._found += some
                if self._clock() >= until:
                    return False
            self.issues = tuple(self._found)
        except ContractError as fault:
            self.issues = fault.issues
        self._parts = None
        return True

# SPDX-License-Identifier: Apache-2.0
"""What changed in, one call per topic and frame out."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from ..signals import Signal, Subscription


class Topic(StrEnum):
    """What a part of the panel may have to draw anew."""

    ARTICULATIONS = "articulations"
    """The list of articulations, which one is picked, or whether it is pinned."""
    BUNDLE = "bundle"
    """Contracts, joints or anything else that was read from the picked articulation."""
    ROWS = "rows"
    """Which rows the table shows, and in which order."""
    SELECTION = "selection"
    """Which contracts are selected."""
    JOINT = "joint"
    """Which joint is selected on the stage."""
    ISSUES = "issues"
    """What the checker found."""
    DRAFT = "draft"
    """Values that a drag shows and nobody wrote yet."""
    TARGET = "target"
    """The layer that is written, or whether it can be."""
    UNDO = "undo"
    """What undo and redo would do."""
    REFUSED = "refused"
    """An edit could not be written; `EditorState.refused` says why."""


class Topics:
    """Marks topics; `publish` calls each listener once, however often its topic was marked."""

    def __init__(self) -> None:
        self._signals: dict[Topic, Signal[()]] = {topic: Signal(topic) for topic in Topic}
        self._marked: dict[Topic, None] = {}

    def listen(self, topic: Topic, listener: Callable[[], object]) -> Subscription:
        """Call `listener` in the frame after the topic was marked."""
        return self._signals[topic].connect(listener)

    def mark(self, *topics: Topic) -> None:
        """Say that these changed."""
        self._marked |= dict.fromkeys(topics)

    def publish(self) -> None:
        """Call the listeners; what they mark themselves waits for the next call."""
        marked, self._marked = self._marked, {}
        for topic in marked:
            self._signals[topic]()

# SPDX-License-Identifier: Apache-2.0
"""One state for what all viewports draw: awake while it is wanted and drawn in any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..signals import Closing, Subscription, Subscriptions
from .editor_state import EditorState
from .shown_elsewhere import share_selection, show


class Drawing(Protocol):
    """What one viewport shows, e.g. `scene.arrows.ContractArrows`."""

    @property
    def visible(self) -> bool:
        """Whether it is shown; costs nothing while it is not."""
        ...

    @visible.setter
    def visible(self, on: bool) -> None: ...

    def destroy(self) -> None:
        """Take it away."""


@dataclass
class _Place:
    make: Callable[[EditorState], Drawing]
    drawing: Drawing | None = None


class Overlay:
    """It reads the stage with a state of its own, since a hidden panel does not follow it.

    Args:
        panel: the panel's state; what is selected in either is selected in both.
        hold: lets the host follow the stage until the subscription is closed.
        wanted: whether the overlay is switched on.
    """

    def __init__(
        self,
        panel: EditorState,
        *,
        hold: Callable[[], Subscription] = lambda: Closing(lambda: None),
        wanted: bool = True,
    ) -> None:
        self._panel, self._hold, self._wanted = panel, hold, wanted
        self._places: list[_Place] = []
        self._state: EditorState | None = None
        self._held = Subscriptions()

    @property
    def awake(self) -> bool:
        """Whether it follows the stage."""
        return self._state is not None

    def want(self, wanted: bool) -> None:
        """Switch it on or off, in every viewport."""
        self._wanted = wanted
        self._settle()

    def join(self, make: Callable[[EditorState], Drawing]) -> Subscription:
        """Draw in one more viewport until the subscription is closed.

        Args:
            make: draws; called when the overlay is wanted, and again each time it wakes.
        """
        place = _Place(make)
        self._places.append(place)
        self._settle()
        return Closing(lambda: self._leave(place))

    def close(self) -> None:
        """Take everything away."""
        self._wanted = False
        self._settle()
        self._places.clear()

    def _leave(self, place: _Place) -> None:
        _take_away(place)
        if place in self._places:
            self._places.remove(place)
        self._settle()

    def _settle(self) -> None:
        if not self._wanted or not self._places:
            self._sleep()
            return
        state = self._state or self._wake()
        for place in self._places:
            if place.drawing is None:
                place.drawing = place.make(state)

    def _wake(self) -> EditorState:
        self._held.add(self._hold())
        self._state = state = EditorState(self._panel.host)
        show(state, self._panel.picked, self._panel.selection)
        self._held.add(Closing(state.destroy), share_selection(self._panel, state))
        return state

    def _sleep(self) -> None:
        for place in self._places:
            _take_away(place)
        self._held.close()
        self._state = None


def _take_away(place: _Place) -> None:
    if place.drawing is not None:
        place.drawing.destroy()
        place.drawing = None

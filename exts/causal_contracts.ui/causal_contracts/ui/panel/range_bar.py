# SPDX-License-Identifier: Apache-2.0
"""A joint's range as a bar: the region that fires, the value to drag, and where the joint is."""

from __future__ import annotations

import math
from collections.abc import Callable

import omni.ui as ui
from causal_contracts.core.articulation import Joint

from ..state.editor_state import EditorState
from ..state.named_values import Role
from ..state.values import from_shown, show, to_shown
from .above import on_press
from .controls import tip
from .redrawn import redrawn

TALL = 14
LINE = 3
DOT = 4


def snapped(value: float, joint: Joint) -> float:
    """The position [rad or m] within the limits, at most three digits of the range as shown."""
    lower, upper = to_shown(joint.lower, joint), to_shown(joint.upper, joint)
    digits = 2 - math.floor(math.log10(upper - lower))
    kept = min(max(round(to_shown(value, joint), digits), lower), upper)
    return from_shown(kept, joint)


class RangeBar:
    """Drawn from limit to limit. A drag moves the draft, and writes once at its end.

    Args:
        state: where the drag goes.
        joint: whose range it is.
        values: what the selected contracts have there [rad or m], the primary one's last.
        put: sets them all.
        role: what the value is of the joint.
        op: the operator of a trigger, whose region that fires is filled.
        rest: the rest target [rad or m], a hollow mark.
        why_not: why it cannot be dragged.
    """

    def __init__(
        self,
        state: EditorState,
        joint: Joint,
        *,
        values: Callable[[], tuple[float, ...]],
        put: Callable[[float], str | None],
        identifier: str,
        role: Role,
        op: str | None = None,
        rest: Callable[[], float | None] | None = None,
        why_not: str | None = None,
    ) -> None:
        self._state, self._joint, self._values, self._put = state, joint, values, put
        self._role, self._op, self._rest, self._why_not = role, op, rest, why_not
        self._drawing: ui.Frame | None = None
        self._catcher: ui.Rectangle | None = None
        self._build(identifier)

    def refresh(self) -> None:
        """The value or the joint moved."""
        if self._drawing is not None:
            self._drawing.rebuild()

    def close(self) -> None:
        """Let go of the widgets: a rectangle whose callbacks name it would live for ever."""
        if self._catcher is not None:
            self._catcher.set_mouse_pressed_fn(None)
            self._catcher.set_mouse_moved_fn(None)
            self._catcher.set_mouse_released_fn(None)
        self._catcher = self._drawing = None

    def _build(self, identifier: str) -> None:
        joint = self._joint
        if not math.isfinite(joint.upper - joint.lower) or joint.upper <= joint.lower:
            text = f"{joint.name} has no limits to draw: type the number."
            ui.Label(text, name="dim", height=0, elided_text=True)
            return
        with ui.VStack(height=0, spacing=1):
            with ui.ZStack(height=TALL):
                ui.Rectangle(name="box")
                self._drawing = redrawn(self._draw)
                # On top and never drawn anew: a drag outlives whatever it moves.
                # Named, since its tip would take a style of its own for the background.
                catcher = ui.Rectangle(name="catcher", identifier=identifier)
            with ui.HStack(height=0):
                ui.Label(show(joint.lower, joint), name="dim", width=0)
                ui.Spacer()
                ui.Label(show(joint.upper, joint), name="dim", width=0)
        drag = "Drag the line; Escape puts it back."
        drag += " It fires where filled." if self._op is not None else ""
        drag += " The hollow mark is the rest target." if self._rest is not None else ""
        at = f" The white dot is {joint.name} now: {show(joint.position, joint)}."
        tip(catcher, self._why_not or drag + (at if joint.position is not None else ""))
        self._catch(catcher)

    def _catch(self, catcher: ui.Rectangle) -> None:
        state, self._catcher = self._state, catcher

        def at(x: float) -> float:
            part = (x - catcher.screen_position_x) / max(catcher.computed_width, 1.0)
            joint = self._joint
            return snapped(joint.lower + part * (joint.upper - joint.lower), joint)

        def pressed(x: float, y: float, button: int, modifier: int) -> None:
            if button == 0 and state.begin_gesture() is None:
                self._put(at(x))

        def moved(x: float, y: float, modifier: int, down: bool) -> None:
            if down and state.in_gesture:
                self._put(at(x))

        def released(x: float, y: float, button: int, modifier: int) -> None:
            if button == 0 and state.in_gesture:
                self._put(at(x))  # the last way and the release may come within one frame
                state.end_gesture()

        on_press(catcher, pressed)
        catcher.set_mouse_moved_fn(moved)
        catcher.set_mouse_released_fn(released)

    def _part(self, value: float) -> float:
        """Where a position stands on the bar, from 0 to 100."""
        joint = self._joint
        part = (value - joint.lower) / (joint.upper - joint.lower)
        return 100.0 * min(max(part, 0.0), 1.0)

    def _draw(self) -> None:
        values, position = self._values(), self._joint.position
        with ui.ZStack():
            if values and self._op is not None:
                self._fill(values[-1])
            rest = self._rest() if self._rest is not None else None
            if rest is not None:
                self._mark(rest, lambda: ui.Rectangle(name="restmark", width=2 * DOT))
            for value in dict.fromkeys(values[:-1]):
                self._mark(value, lambda: ui.Rectangle(name="other", width=1))
            if values:
                line = "triggerline" if self._role == "trigger" else "effectline"
                self._mark(values[-1], lambda: ui.Rectangle(name=line, width=LINE))
            if position is not None:
                self._mark(position, _dot)

    def _fill(self, value: float) -> None:
        """The region that fires."""
        start, end = (0.0, self._part(value))
        if self._op == ">":
            start, end = end, 100.0
        with ui.HStack():
            ui.Spacer(width=ui.Percent(start))
            ui.Rectangle(name="fires", width=ui.Percent(end - start))
            ui.Spacer()

    def _mark(self, value: float, draw: Callable[[], object]) -> None:
        before, after = self._beside(value)
        with ui.HStack():
            ui.Spacer(width=before)
            draw()
            ui.Spacer(width=after)

    def _beside(self, value: float) -> tuple[ui.Fraction, ui.Fraction]:
        """Room before and after what stands at the value, so that all of it is on the bar."""
        part = self._part(value)
        return ui.Fraction(part + 1e-3), ui.Fraction(100.0 - part + 1e-3)


def _dot() -> None:
    """Where the joint is now."""
    ui.Circle(name="now", radius=DOT, width=2 * DOT, size_policy=ui.CircleSizePolicy.FIXED)

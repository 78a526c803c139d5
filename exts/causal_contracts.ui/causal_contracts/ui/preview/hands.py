# SPDX-License-Identifier: Apache-2.0
"""Clones by name: press and release by hand, reset, watch for the traces, explain."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from causal_contracts.core.model import Contract, JointThreshold, SetDriveTarget
from causal_contracts.preview.live.explain import explain
from causal_contracts.preview.live.messages import Event, FrameSent, Press, Ready, Release, Watch
from causal_contracts.preview.live.messages import Reset as ResetClones
from causal_contracts.preview.measured import holds

from .cells import Cell, cells_of
from .follow import Follow
from .standby import Phase
from .trace_buffer import TraceBuffer

MOST_WATCHED = 6
"""Clones in the traces: as many as there are colours that can be told apart."""
TAP = 0.5
"""Simulated seconds that a short click presses: the hand needs 0.15 s to get there."""


class Hands(Follow):
    """What the grid and the traces show, and what a click on a clone does."""

    watched: tuple[int, ...] = (0, 1, 2, 3)
    """Clones whose traces are kept."""
    traces: TraceBuffer | None = None
    held: frozenset[int] = frozenset()
    """Clones that are pressed by hand just now."""
    _pressed_at = 0.0

    # -- what is shown

    @property
    def contract(self) -> Contract | None:
        """The contract that grid, traces and metrics show: the selected one, else the first."""
        first = next(iter(self.state.bundle.contracts), None)
        chosen = self.state.contract(self.state.primary) if self.state.primary else None
        return chosen or (self.state.contract(first.id) if first else None)

    @property
    def native(self) -> bool:
        """Whether contracts are off."""
        return self._native()

    def cells(self) -> np.ndarray | None:
        """A `Cell` for each clone, uint8, shape (num_envs,); None while nothing runs."""
        frame, one = self.frame, self.contract
        if frame is None:
            return None
        return cells_of(
            frame,
            one.id if one else None,
            inert=self.why_inert() is not None,
            off=self.native or one is None or not one.enabled,
            triggered=self._triggered() if self.native else None,
        )

    def _triggered(self) -> np.ndarray | None:
        """Where the trigger of the contract holds just now, whether or not it runs."""
        one, column = self.contract, self.columns()[0]
        if self.frame is None or one is None or column is None:
            return None
        assert isinstance(one.trigger, JointThreshold)
        measured = self.frame.joint_pos[:, column]
        return holds(measured, one.trigger.op, one.trigger.threshold)

    def why_inert(self) -> str | None:
        """Why no drive target can move the effect joint of the contract."""
        one, rule = self.contract, self.rule
        if one is None or rule is None:
            return None
        return next((reason.why for reason in rule.inert if reason.contract == one.id), None)

    def explain(self, clone: int) -> str:
        """Why that clone did or did not fire, in a sentence or two."""
        frame, one, client = self.frame, self.contract, self.client
        if frame is None or one is None or client is None or client.ready is None:
            return ""
        if not 0 <= clone < client.ready.num_envs:
            return ""
        names = client.ready.joint_names
        return explain(one, clone, frame, names, rule=self.rule, native=self.native)

    def counts(self) -> dict[Cell, int]:
        """How many clones show each `Cell`."""
        cells = self.cells()
        if cells is None:
            return {}
        return {Cell(code): int(n) for code, n in enumerate(np.bincount(cells)) if n}

    def columns(self) -> tuple[int | None, int | None]:
        """Columns of the contract's trigger and effect joint in every array of a frame."""
        one, ready = self.contract, self.client.ready if self.client else None
        names = ready.joint_names if ready else ()
        joints = (
            one.trigger.joint if one and isinstance(one.trigger, JointThreshold) else None,
            one.effect.joint if one and isinstance(one.effect, SetDriveTarget) else None,
        )
        trigger, effect = (names.index(name) if name in names else None for name in joints)
        return trigger, effect

    # -- what a click does

    def why_not_press(self) -> str | None:
        """Why no clone can be pressed by hand; None where it can."""
        if self.phase is not Phase.RUNNING or self.rule is None:
            return "Nothing runs: choose Play first."
        one = self.contract
        if one is None or not isinstance(one.trigger, JointThreshold):
            return "There is no contract whose trigger could be pressed."
        if one.trigger.joint not in self.rule.hand:
            return f"{one.trigger.joint} cannot be pressed: start the preview again."
        return None

    def press(self, *clones: int) -> str | None:
        """Press the trigger of the contract in these clones, until `release`; says why not."""
        why = self.why_not_press()
        one = self.contract
        if why is not None or one is None or self.client is None:
            return self._refuse(why or "Nothing runs: choose Play first.")
        assert isinstance(one.trigger, JointThreshold)
        if not self.held:
            self._pressed_at = time.monotonic()
        self.held |= set(clones)
        self.client.send(Press(clones=clones, joint=one.trigger.joint))
        return self._done()

    def release(self) -> None:
        """Let go of every clone that is held; after a short click, once the press has counted."""
        clones, self.held = tuple(sorted(self.held)), frozenset()
        if not clones or self.client is None:
            return
        one, rule = self.contract, self.rule
        tap = time.monotonic() - self._pressed_at < TAP
        joint = one.trigger.joint if one and isinstance(one.trigger, JointThreshold) else None
        if tap and rule is not None and joint in rule.hand:
            self.client.send(Press(clones=clones, joint=joint, seconds=TAP))
        else:
            self.client.send(Release(clones=clones))
        self.changed()

    def reset(self, *clones: int) -> str | None:
        """Put these clones back to the authored pose; all of them where none is named."""
        if self.phase is not Phase.RUNNING or self.client is None:
            return self._refuse("Nothing runs: choose Play first.")
        self.held = self.held.difference(clones) if clones else frozenset()
        self.client.send(ResetClones(clones=clones or None))
        return self._done()

    def watch(self, clones: Iterable[int]) -> str | None:
        """Show these clones in the traces, at most six; says why not."""
        chosen = tuple(dict.fromkeys(clones))
        if len(chosen) > MOST_WATCHED:
            return self._refuse(f"The traces show {MOST_WATCHED} clones at most: take one out.")
        self.watched = chosen
        if self.traces is not None:
            self.traces = self.traces.watching(self._watched())
        if self.client is not None:
            self.client.send(Watch(clones=self._watched()))
        return self._done()

    def toggle_watch(self, clone: int) -> str | None:
        """Show a clone in the traces, or take it out."""
        rest = [one for one in self.watched if one != clone]
        return self.watch(rest if clone in self.watched else [*self.watched, clone])

    # -- the worker

    def _watched(self) -> tuple[int, ...]:
        ready = self.client.ready if self.client else None
        return tuple(c for c in self.watched if c < (ready.num_envs if ready else self._asked()))

    def _asked(self) -> int:
        return self.choices.num_envs

    def _about_to_start(self) -> None:
        super()._about_to_start()
        self.held, self.traces = frozenset(), None

    def _heard(self, events: list[Event]) -> None:
        super()._heard(events)
        for event in events:
            if isinstance(event, Ready):
                self.traces = TraceBuffer(self._watched(), len(event.joint_names), event.dt)
            elif isinstance(event, FrameSent) and self.traces is not None:
                frame = self.client.frame if self.client else None
                if frame is not None:
                    self.traces.add(frame)

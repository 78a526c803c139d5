# SPDX-License-Identifier: Apache-2.0
"""Prims under the pointer to what a context menu offers for them, each with its sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from causal_contracts.core.usd_articulation import ROOT_API
from causal_contracts.core.usd_bundle import joint_fault
from causal_contracts.core.usd_joint import applied_schemas, is_joint
from pxr import Usd

from ..host import Level
from .editor_state import EditorState
from .survey import Entry

_FRESH = 0.5
"""Seconds for which a menu's entries share one reading of the stage."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry of the menu."""

    id: str
    label: str
    shown: bool
    why_not: str | None = None
    """One sentence why it cannot be chosen; None where it can."""


ADD = Offer("add", "Add causal contract", False)
USE = {
    "trigger": Offer("trigger", "Use as trigger of the selected contract", False),
    "effect": Offer("effect", "Use as effect of the selected contract", False),
}
LABELS = {one.id: one.label for one in (ADD, *USE.values())}


class JointMenu:
    """Decides, and acts. It reads the stage itself, since a hidden panel does not follow it.

    Args:
        state: the panel's state.
        show: shows the panel after something was done.
        clock: tells seconds.
    """

    def __init__(
        self,
        state: EditorState,
        show: Callable[[], object],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._state, self._show, self._clock = state, show, clock
        self._read_at = float("-inf")

    def offer(self, kind: str, paths: Sequence[str]) -> Offer:
        """What the entry of that id is for these prims.

        One joint becomes the trigger of a new contract; of two the first becomes its trigger and
        the second its effect; on the root of an articulation its joints are chosen for a start.
        """
        plain = ADD if kind == "add" else USE[kind]
        most = 2 if kind == "add" else 1
        root = kind == "add" and len(paths) == 1 and self._is_root(paths[0])
        if not root and not (1 <= len(paths) <= most and self._are_joints(paths)):
            return plain
        self._read()
        return self._add(paths) if kind == "add" else self._use(plain, paths[0])

    def choose(self, kind: str, paths: Sequence[str]) -> str | None:
        """Do it and show the panel; or tell the author why not, and return that sentence."""
        self._read_at = float("-inf")
        found = self.offer(kind, paths)
        if not found.shown:
            return None
        why = found.why_not or self._do(kind, paths)
        if why is not None:
            self._state.host.notify(why, Level.WARNING)
            return why
        self._show()
        return None

    def _do(self, kind: str, paths: Sequence[str]) -> str | None:
        state = self._state
        if kind == "add":
            return state.pick(paths[0]) or state.add(*self._joints_of(paths))
        choose = state.set_trigger if kind == "trigger" else state.set_effect
        assert state.primary is not None
        return choose(paths[0], [state.primary])

    def _add(self, paths: Sequence[str]) -> Offer:
        state = self._state
        found = [state.survey.at(path) for path in paths]
        missing = [path for path, one in zip(paths, found, strict=True) if one is None]
        if missing:
            return replace(ADD, shown=True, why_not=state.why_not_listed(missing[0]))
        if len({one.path for one in found if one is not None}) > 1:
            why = "These joints belong to two articulations: a contract joins two of one."
            return replace(ADD, shown=True, why_not=why)
        return replace(ADD, shown=True, why_not=self._why_no_add(found[0], paths))

    def _why_no_add(self, entry: Entry | None, paths: Sequence[str]) -> str | None:
        """Asks the panel only where it shows that articulation: looking must not turn it."""
        state = self._state
        assert entry is not None
        joints = self._joints_of(paths)
        if entry.path == state.picked:
            reasons = [state.why_no_add(), *(state.why_no_joint(path) for path in joints)]
            return next((why for why in reasons if why is not None), None)
        faults = [joint_fault((path,), entry.found) for path in joints]
        return next((f"{fault[0]}: {fault[1]}." for fault in faults if fault is not None), None)

    def _use(self, plain: Offer, path: str) -> Offer:
        state = self._state
        entry = state.survey.at(path)
        if state.primary is None or entry is None or entry.path != state.picked:
            return plain
        joint = state.joint(path)
        if joint is not None and joint in (
            state.joint_of(state.primary, "trigger"),
            state.joint_of(state.primary, "effect"),
        ):
            return plain  # it has one role, and no contract takes a joint for both
        return replace(plain, shown=True, why_not=state.why_no_edit() or state.why_no_joint(path))

    def _are_joints(self, paths: Sequence[str]) -> bool:
        return bool(paths) and len(self._joints_of(paths)) == len(paths)

    def _joints_of(self, paths: Sequence[str]) -> list[str]:
        return [path for path in paths if (prim := self._prim(path)) is not None and is_joint(prim)]

    def _is_root(self, path: str) -> bool:
        prim = self._prim(path)
        return prim is not None and ROOT_API in applied_schemas(prim)

    def _prim(self, path: str) -> Usd.Prim | None:
        stage = self._state.host.stage()
        prim = stage.GetPrimAtPath(path) if stage is not None else None
        return prim or None

    def _read(self) -> None:
        now = self._clock()
        if now - self._read_at > _FRESH:
            self._state.refresh()
            self._read_at = now

# SPDX-License-Identifier: Apache-2.0
"""Edits of contracts in, at most one swap a frame out; edits of the asset ask for a new start."""

from __future__ import annotations

from causal_contracts.core.articulation import Articulation, Joint
from causal_contracts.core.issue import ContractError
from causal_contracts.core.model import Bundle
from causal_contracts.preview.live.changes import Swap, swap_to
from causal_contracts.preview.live.client import State
from causal_contracts.preview.live.messages import Changed, Event, Failed

from ..host import StageChange
from ..state.refusal import sentence_of
from .run import Run

_PHYSICAL = ("physics:", "drive:", "state:", "physx", "newton:", "xformOp")
"""Properties that the physics is built from, by how their names start."""
_RULE = (":physics:targetPosition", "causalContract:")
"""Properties that a swap carries, by what their names hold."""


class Follow(Run):
    """Lets the running rule follow the editor, the draft of a drag included."""

    stale: str | None = None
    """Why the clones are no longer what the stage says; None where they are."""
    held_back: str | None = None
    """Why the contracts cannot run as they are now; those that could go on running."""
    _edited = False
    _awaited = False
    _sent: Bundle | None = None
    _built: tuple[object, ...] = ()
    _found: str = ""
    _compared: Articulation | None = None

    def resume(self) -> None:
        """Follow host and editor."""
        super().resume()
        self._held.add(
            self.state.listen("draft", self._edit),
            self.state.listen("bundle", self._edit),
        )

    def why_restart(self) -> str | None:
        """Why the preview should be started again; None where nothing asks for it."""
        if self.stale is not None:
            return self.stale
        note = self.rule.note if self.rule else ""
        return f"{note[0].upper()}{note[1:]}." if note else None

    def _edit(self) -> None:
        self._edited = True

    def _about_to_start(self) -> None:
        super()._about_to_start()
        self.stale = self.held_back = None
        self._edited, self._awaited = False, False
        self._sent = self.state.live_bundle
        self._built = _physics(self.state.joints)
        found = self.state.articulation
        self._found = found.host if found else ""
        self._compared = found

    def _before_poll(self) -> None:
        super()._before_poll()
        client = self.client
        if client is None or client.state not in (State.BUILDING, State.RUNNING):
            return
        if not self._edited or self._awaited or self._copying is not None:
            return
        self._edited = False
        self._compare()
        bundle = self.state.live_bundle
        if bundle == self._sent:
            return
        self._sent = bundle
        try:
            couplings = self._content.of(bundle)
        except ContractError as fault:
            self._hold_back(sentence_of(fault.issues))
            return
        self._hold_back(None)
        # One at a time: a drag over many contracts must not fill the pipe.
        self._awaited = True
        client.send(swap_to(couplings, client.rule.couplings if client.rule else None))

    def _heard(self, events: list[Event]) -> None:
        super()._heard(events)
        for event in events:
            match event:
                case Changed(change=Swap()):
                    self._awaited = False
                case Failed(text=text):
                    if self._awaited:
                        self._awaited = False
                        self._hold_back(text)

    def _hold_back(self, why: str | None) -> None:
        if why != self.held_back:
            self.held_back = why
            self.changed()

    def _stage_changed(self, change: StageChange) -> None:
        super()._stage_changed(change)
        if change.opened or self.host.is_playing():  # then physics moves the stage, not the author
            return
        if self._found and self.client is not None:
            if any(self._physical(path) for path in change.properties):
                self._outdated()
            self._edited = self._edited or change.structure

    def _compare(self) -> None:
        found = self.state.articulation
        if found is self._compared:  # an edit of contracts reads no joint again
            return
        self._compared = found
        if self._built and _physics(self.state.joints) != self._built:
            self._outdated()

    def _outdated(self) -> None:
        state = self.client.state if self.client else State.CLOSED
        if self.stale is None and state in (State.BUILDING, State.RUNNING):
            self.stale = "The asset has changed since the clones were built."
            self.changed()

    def _physical(self, path: str) -> bool:
        """Whether the physics of the asset is built from that property."""
        prim, dot, name = path.partition(".")
        if not dot or not (prim == self._found or prim.startswith(f"{self._found}/")):
            return False
        return name.startswith(_PHYSICAL) and not any(one in name for one in _RULE)


def _physics(joints: tuple[Joint, ...]) -> tuple[object, ...]:
    """What the clones are built from, and no swap changes."""
    return tuple(
        (one.path, one.type, one.lower, one.upper, one.drive and _gains(one)) for one in joints
    )


def _gains(joint: Joint) -> tuple[float, ...]:
    drive = joint.drive
    assert drive is not None
    return drive.stiffness, drive.damping, drive.max_force

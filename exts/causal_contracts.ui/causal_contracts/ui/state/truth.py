# SPDX-License-Identifier: Apache-2.0
"""The stage to what the panel shows: articulations, contracts, joints, findings, selection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from causal_contracts.core.articulation import Articulation, Joint
from causal_contracts.core.issue import ContractError, Issue, errors_of
from causal_contracts.core.model import Bundle
from causal_contracts.core.usd_bundle import Reading, absolute, belongs, read_found, reread
from causal_contracts.core.usd_check import Findings, beyond
from causal_contracts.core.usd_contract import AuthoredContract, applied_ids, read_contract
from pxr import Usd

from ..host import Host, StageChange
from ..signals import Subscription, Subscriptions
from .refusal import sentence_of
from .stage_changes import StageChanges, matters, only_values
from .survey import Entry, Survey, survey, why_not_listed
from .topics import Topic, Topics

CHECK_DELAY = 0.3
"""Seconds of quiet before the whole asset is checked."""
_SHARE = 0.1
"""Share of the time that reading a changing stage again may take."""
_SLICE = 0.01
"""Seconds of a frame that the check of the whole asset may take."""


class Truth:
    """What the stage says and what is chosen of it; the base of `EditorState`."""

    def __init__(self, host: Host, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.host = host
        self.survey = Survey()
        self.picked: str | None = None
        self.pinned = False
        self.reading: Reading | None = None
        self.authored: dict[str, AuthoredContract] = {}
        self.issues: tuple[Issue, ...] = ()
        self.problem: str | None = None
        self.selection: tuple[str, ...] = ()
        self.selected_joint: Joint | None = None
        self.checking = False
        self._topics = Topics()
        self._clock = clock
        self._held = Subscriptions()
        self._stale = False
        self._read_until = self._read_cost = 0.0
        self._check_at: float | None = None
        self._deep: tuple[Issue, ...] = ()
        self._checking: Iterator[tuple[Issue, ...]] | None = None
        self._found_deep: list[Issue] = []
        self._findings = Findings()
        self._changes: StageChanges | None = None
        self._read_from: tuple[str, ...] = ()
        self.resume()

    # -- life

    def resume(self) -> None:
        """Follow the host again, after `suspend` or at the start."""
        self._held.close()
        host = self.host
        self._held.add(
            host.watch_stage(self._stage_changed),
            host.watch_selection(self._prim_selected),
            host.watch_undo(lambda: self._topics.mark(Topic.UNDO)),
            host.watch_edit_target(lambda: self._topics.mark(Topic.TARGET)),
            host.watch_playing(self._playing_changed),
            host.on_frame(self.tick),
        )
        self.refresh()
        self._prim_selected()

    def suspend(self) -> None:
        """Cost nothing, e.g. while the panel is hidden."""
        self._held.close()
        self._hear(None)

    def destroy(self) -> None:
        """Let go of the host."""
        self.suspend()

    def listen(self, topic: Topic | str, listener: Callable[[], object]) -> Subscription:
        """Call `listener` in the frame after that topic changed, once."""
        return self._topics.listen(Topic(topic), listener)

    def tick(self) -> None:
        """Read and check what changed, and tell the listeners; the host calls it each frame."""
        now = self._clock()
        if self._stale and now >= self._read_until:
            self.refresh()
        if self._check_at is not None and now >= self._check_at:
            self._begin_check()
        if self._checking is not None:
            self._go_on_checking(now + _SLICE)
        self._topics.publish()

    # -- articulations

    @property
    def entry(self) -> Entry | None:
        """The picked articulation as the picker lists it."""
        return self.survey.entry(self.picked)

    @property
    def articulation(self) -> Articulation | None:
        """The picked articulation."""
        return self.reading.articulation if self.reading else None

    @property
    def bundle(self) -> Bundle:
        """Its contracts that can be read, in SI units, as the stage says."""
        return self.reading.bundle if self.reading else Bundle()

    @property
    def joints(self) -> tuple[Joint, ...]:
        """Its revolute and prismatic joints, in stage order."""
        return self.articulation.movable if self.articulation else ()

    def joint(self, name: str) -> Joint | None:
        """The joint of that leaf name, path below the host, or prim path."""
        found = self.articulation
        for joint in self.joints:
            if found and name in (joint.name, joint.path, absolute(joint, found)):
                return joint
        return None

    def pick(self, path: str) -> str | None:
        """Show the articulation of that root, or the one around that prim; says why not."""
        meant = self.survey.entry(path) or self.survey.at(path)
        if meant is None:
            return self.why_not_listed(path)
        self._pick(meant.path)
        return None

    def pin(self, pinned: bool = True) -> None:
        """Stay with the picked articulation, whatever is selected on the stage."""
        if pinned != self.pinned:
            self.pinned = pinned and self.picked is not None
            self._topics.mark(Topic.ARTICULATIONS)
            self._prim_selected()

    def why_not_listed(self, path: str) -> str | None:
        """Why the picker does not list that prim; None where it does."""
        stage = self.host.stage()
        if stage is None:
            return "There is no stage: open one first."
        return why_not_listed(stage, self.survey, path)

    # -- contracts

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all contracts of the picked articulation, readable or not."""
        return tuple(self.authored)

    def issues_of(self, contract_id: str | None) -> tuple[Issue, ...]:
        """The findings about a contract; about the asset as a whole where None."""
        if contract_id is None:
            return tuple(one for one in self.issues if one.contract not in self.authored)
        return tuple(one for one in self.issues if one.contract == contract_id)

    @property
    def primary(self) -> str | None:
        """The selected contract that the form shows: the one that was selected last."""
        return self.selection[-1] if self.selection else None

    def select(self, *ids: str) -> None:
        """Select these contracts and no others; the last becomes the primary one."""
        chosen = tuple(dict.fromkeys(one for one in ids if one in self.authored))
        if chosen != self.selection:
            self.selection = chosen
            self._topics.mark(Topic.SELECTION)

    def toggle(self, contract_id: str) -> None:
        """Add a contract to the selection, or take it out."""
        rest = [one for one in self.selection if one != contract_id]
        self.select(*rest, *([] if contract_id in self.selection else [contract_id]))

    # -- reading

    def refresh(self) -> None:
        """Read the stage again, and mark what changed."""
        start = self._clock()
        self._stale = False
        stage = self.host.stage()
        before = (self.survey, self.picked, self.reading, self.authored, self.problem)
        try:
            self._read(stage)
        except ContractError as fault:
            self.survey, self.reading, self.authored = Survey(), None, {}
            self.picked, self.problem = None, sentence_of(fault.issues)
        if before[:2] != (self.survey, self.picked):
            self._topics.mark(Topic.ARTICULATIONS)
        if before[1:] != (self.picked, self.reading, self.authored, self.problem):
            self._deep = () if before[1] != self.picked else self._deep
            self._changed()
        took = self._clock() - start
        self._read_until = self._clock() + took * (1 / _SHARE - 1)

    def check(self) -> None:
        """Check the whole asset now, variants and stray contracts included."""
        self._begin_check()
        self._go_on_checking(float("inf"))

    def _begin_check(self) -> None:
        self._check_at, stage = None, self.host.stage()
        if stage is None or self.picked is None or self.reading is None:
            return
        hosts = {one.found.host for one in self.survey.entries}
        self._checking = iter(beyond(stage, self.reading, self.picked, hosts))
        self._found_deep = []

    def _go_on_checking(self, until: float) -> None:
        """Check a part; what a change of the stage has made stale begins anew, after a while."""
        parts = self._checking
        if parts is None:
            return
        try:
            for some in parts:
                self._found_deep += some
                if self._clock() >= until:
                    return
            self._deep = tuple(self._found_deep)
        except ContractError as fault:
            self._deep = fault.issues
        self._checking = None
        self._set_issues()

    def _read(self, stage: Usd.Stage | None) -> None:
        if stage is not None and self._read_changed(stage):
            return
        self._hear(None)
        self._read_from = _name_of(stage)
        self.survey = survey(stage) if stage is not None else Survey()
        if self.survey.entry(self.picked) is None:
            self.pinned = False
            meant = self._meant()
            first = self.survey.entries[0] if self.survey.entries else None
            chosen = meant or first
            self.picked = chosen.path if chosen else None
        entry = self.entry
        self.reading = read_found(stage, entry.found) if stage and entry else None
        self.authored = _authored(stage, self.reading) if stage and self.reading else {}
        self.problem = None if self.reading else _nothing(stage, self.survey)
        if stage is not None and self.reading is not None:
            self._hear(StageChanges(stage, self.reading.articulation.host))

    def _read_changed(self, stage: Usd.Stage) -> bool:
        """Read the contracts whose properties changed; False where more than that may have."""
        reading, changes, entry = self.reading, self._changes, self.entry
        if reading is None or changes is None or entry is None or reading.kept is None:
            return False
        found = reading.articulation
        if found is not entry.found or not changes.is_of(stage, found.host):
            return False
        changed = changes.take()
        if changed is None or not changed.keys() <= reading.kept.parts.keys():
            return False
        if len(self.survey.entries) > 1 and not only_values(changed):
            return False
        if changed:
            self.reading = reread(stage, reading, changed)
            self.authored = _authored(stage, self.reading)
        return True

    def _hear(self, changes: StageChanges | None) -> None:
        """Let the next reading begin where this one ended."""
        if self._changes is not None:
            self._changes.close()
        self._changes = changes

    def _changed(self) -> None:
        self._topics.mark(Topic.BUNDLE, Topic.ROWS)
        self._checking = None
        self._check_at = self._clock() + float(self.host.setting("check_delay", CHECK_DELAY))
        self.select(*self.selection)
        self._set_issues()
        self._note_joint()

    def _set_issues(self) -> None:
        quick = self._findings.of(self.reading) if self.reading else []
        issues = tuple(dict.fromkeys([*quick, *self._deep]))
        if issues != self.issues:
            self.issues = issues
            self._topics.mark(Topic.ISSUES, Topic.ROWS)

    def _pick(self, path: str) -> None:
        if path != self.picked:
            self.picked, self.selection = path, ()
            self._topics.mark(Topic.SELECTION)
            self.refresh()

    # -- what the host says

    def _stage_changed(self, change: StageChange) -> None:
        if change.opened and self._read_from != _name_of(self.host.stage()):
            self.picked, self.pinned, self.selection, self._deep = None, False, (), ()
            self._topics.mark(Topic.SELECTION, Topic.TARGET, Topic.UNDO)
            self.refresh()
            self._prim_selected()
        elif change.structure or (
            any(matters(path) for path in change.properties) and not self.host.is_playing()
        ):
            self._stale = True
            if self._checking is not None:  # of what is no more
                self._checking, self._check_at = None, self._clock() + CHECK_DELAY

    def _playing_changed(self) -> None:
        self._topics.mark(Topic.TARGET)
        self._stale = self._stale or not self.host.is_playing()

    def _prim_selected(self) -> None:
        """Follow the selection of the stage, unless the picked articulation is pinned."""
        meant = self._meant()
        if meant is not None and not self.pinned:
            self._pick(meant.path)
        self._note_joint()

    def _meant(self) -> Entry | None:
        for path in reversed(self.host.selection()):
            found = self.survey.at(path)
            if found is not None:
                return found
        return None

    def _note_joint(self) -> None:
        selected = self.host.selection()
        joint = self.joint(selected[-1]) if selected else None
        if joint != self.selected_joint:
            self.selected_joint = joint
            self._topics.mark(Topic.JOINT)


def _authored(stage: Usd.Stage, reading: Reading) -> dict[str, AuthoredContract]:
    """The articulation's contracts by id, as far as they can be read."""
    found = reading.articulation
    host = stage.GetPrimAtPath(found.host)
    readable = {one.id: one for one in reading.authored}
    told = {issue.contract for issue in errors_of(reading.issues)}
    broken = [one for one in applied_ids(host) if one in told and one not in readable]
    known = {one: read_contract(host, one, []) for one in broken}
    known = {one: contract for one, contract in known.items() if belongs(contract, found)}
    return dict(sorted({**readable, **known}.items()))


def _name_of(stage: Usd.Stage | None) -> tuple[str, ...]:
    """What tells one stage from another without keeping it open."""
    layers = [stage.GetRootLayer(), stage.GetSessionLayer()] if stage else []
    return tuple(layer.identifier for layer in layers if layer)


def _nothing(stage: Usd.Stage | None, found: Survey) -> str:
    """Why the panel is empty, and what to do next."""
    if stage is None:
        return "There is no stage: open one first."
    if found.unlisted:
        return f"{found.unlisted[0].path} {found.unlisted[0].reason}"
    return "This stage has no articulation: open an asset with joints, or add one."

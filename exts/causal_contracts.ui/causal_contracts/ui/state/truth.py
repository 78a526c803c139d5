# SPDX-License-Identifier: Apache-2.0
"""The stage to what the panel shows: articulations, contracts, joints, findings, selection."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from causal_contracts.core.articulation import Articulation, Joint
from causal_contracts.core.issue import Issue
from causal_contracts.core.model import Bundle
from causal_contracts.core.usd_bundle import Reading, absolute
from causal_contracts.core.usd_check import Findings
from causal_contracts.core.usd_contract import AuthoredContract

from ..host import Host, StageChange
from ..signals import Subscription, Subscriptions
from .asset_check import CHECK_DELAY, AssetCheck
from .stage_changes import matters
from .stage_reader import StageContents, StageReader
from .survey import Entry, Survey, why_not_listed
from .topics import Topic, Topics

_SHARE = 0.1
"""Share of the time that reading a changing stage again may take."""


class Truth:
    """What the stage says and what is chosen of it; the base of `EditorState`."""

    def __init__(self, host: Host, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.host = host
        self.pinned = False
        """Whether the picked articulation stays, whatever is selected on the stage."""
        self.issues: tuple[Issue, ...] = ()
        """What is worth knowing about the picked articulation and its contracts."""
        self.selection: tuple[str, ...] = ()
        """Ids of the selected contracts, in the order in which they were selected."""
        self.selected_joint: Joint | None = None
        """The joint of the picked articulation that is selected on the stage."""
        self._topics = Topics()
        self._clock = clock
        self._held = Subscriptions()
        self._contents = StageContents()
        self._reader = StageReader()
        self._findings = Findings()
        self._quick: list[Issue] = []
        self._joints: tuple[Articulation | None, tuple[tuple[Joint, ...], dict[str, Joint]]]
        self._joints = None, ((), {})
        self._asset_check = AssetCheck(clock)
        self._stale = False
        self._read_until = 0.0
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
        self._reader.close()

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
        if self._asset_check.is_due():
            self._begin_check()
        if self._asset_check.go_on():
            self._set_issues()
        self._topics.publish()

    # -- articulations

    @property
    def survey(self) -> Survey:
        """The articulations of the stage, and why others are not listed."""
        return self._contents.survey

    @property
    def picked(self) -> str | None:
        """Root path of the picked articulation."""
        return self._contents.picked

    @property
    def entry(self) -> Entry | None:
        """The picked articulation as the picker lists it."""
        return self._contents.entry

    @property
    def reading(self) -> Reading | None:
        """What was read from it; None where nothing can be."""
        return self._contents.reading

    @property
    def problem(self) -> str | None:
        """Why there is no reading, and what to do next."""
        return self._contents.problem

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
        return self._known_joints()[0]

    def joint(self, name: str) -> Joint | None:
        """The joint of that leaf name, path below the host, or prim path."""
        return self._known_joints()[1].get(name)

    def _known_joints(self) -> tuple[tuple[Joint, ...], dict[str, Joint]]:
        """The movable joints, and each by every name that it goes by, the first where two do.

        Kept for an articulation, since every field of the form asks for some at every edit.
        """
        found = self.articulation
        of, known = self._joints
        if of is not found:
            by_name: dict[str, Joint] = {}
            movable = found.movable if found else ()
            for joint in movable:
                for name in (joint.name, joint.path, absolute(joint, found) if found else ""):
                    by_name.setdefault(name, joint)
            known = movable, by_name
            self._joints = found, known
        return known

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
    def authored(self) -> dict[str, AuthoredContract]:
        """Its contracts by id in stage units, as far as they can be read."""
        return self._contents.authored

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
        self._read(self.picked)

    def check(self) -> None:
        """Check the whole asset now, variants and stray contracts included."""
        self._begin_check()
        if self._asset_check.go_on(float("inf")):
            self._set_issues()

    def _begin_check(self) -> None:
        self._asset_check.begin(self.host.stage(), self._contents, frozenset(self._quick))

    def _read(self, picked: str | None) -> None:
        """Read the stage with that articulation picked, where there is one of that path."""
        start = self._clock()
        self._stale = False
        before, asked = self._contents, replace(self._contents, picked=picked)
        now = self._reader.read(self.host.stage(), asked, self.host.selection())
        self._contents = now
        if now.picked != picked:
            self.pinned = False
        if (now.survey, now.picked) != (before.survey, before.picked):
            self._topics.mark(Topic.ARTICULATIONS)
        if now.picked != before.picked:
            self._asset_check.forget()
        if replace(before, survey=now.survey) != now:
            self._changed()
        took = self._clock() - start
        self._read_until = self._clock() + took * (1 / _SHARE - 1)

    def _changed(self) -> None:
        self._topics.mark(Topic.BUNDLE, Topic.ROWS)
        delay = float(self.host.setting("check_delay", CHECK_DELAY))
        self._asset_check.wait(delay)
        self.select(*self.selection)
        self._set_issues()
        self._note_joint()

    def _set_issues(self) -> None:
        self._quick = self._findings.of(self.reading) if self.reading else []
        issues = tuple(dict.fromkeys([*self._quick, *self._asset_check.issues]))
        if issues != self.issues:
            self.issues = issues
            self._topics.mark(Topic.ISSUES, Topic.ROWS)

    def _pick(self, path: str) -> None:
        if path != self.picked:
            self.selection = ()
            self._topics.mark(Topic.SELECTION)
            self._read(path)

    # -- what the host says

    def _stage_changed(self, change: StageChange) -> None:
        if change.opened and not self._reader.was_read_from(self.host.stage()):
            self.pinned, self.selection = False, ()
            self._asset_check.forget()
            self._topics.mark(Topic.SELECTION, Topic.TARGET, Topic.UNDO)
            self._read(None)
            self._prim_selected()
        elif change.structure or (
            any(matters(path) for path in change.properties) and not self.host.is_playing()
        ):
            self._stale = True
            if self._asset_check.running:  # it checks what is no more
                self._asset_check.wait(CHECK_DELAY)

    def _playing_changed(self) -> None:
        self._topics.mark(Topic.TARGET)
        self._stale = self._stale or not self.host.is_playing()

    def _prim_selected(self) -> None:
        """Follow the selection of the stage, unless the picked articulation is pinned."""
        meant = self._contents.meant_by(self.host.selection())
        if meant is not None and not self.pinned:
            self._pick(meant.path)
        self._note_joint()

    def _note_joint(self) -> None:
        selected = self.host.selection()
        joint = self.joint(selected[-1]) if selected else None
        if joint != self.selected_joint:
            self.selected_joint = joint
            self._topics.mark(Topic.JOINT)

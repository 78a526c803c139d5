# SPDX-License-Identifier: Apache-2.0
"""A stage to its articulations and the contracts of one of them; what changed is read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from causal_contracts.core.issue import ContractError, errors_of
from causal_contracts.core.usd_bundle import Reading, belongs, read_found, reread
from causal_contracts.core.usd_contract import AuthoredContract, applied_ids, read_contract
from pxr import Usd

from .refusal import sentence_of
from .stage_changes import StageChanges, only_values
from .survey import Entry, Survey, survey


@dataclass(frozen=True, slots=True)
class StageContents:
    """What a stage holds, and the articulation that is picked of it."""

    survey: Survey = field(default_factory=Survey)
    """Articulations that can be picked, and prims that cannot."""
    picked: str | None = None
    """Root path of the picked articulation."""
    reading: Reading | None = None
    """Its contracts, joints and findings; None where nothing can be read."""
    authored: dict[str, AuthoredContract] = field(default_factory=dict)
    """Its contracts by id in stage units, as far as they can be read."""
    problem: str | None = None
    """One sentence where there is no reading: why, and what to do next."""

    @property
    def entry(self) -> Entry | None:
        """The picked articulation as the picker lists it."""
        return self.survey.entry(self.picked)

    def meant_by(self, selected: Sequence[str]) -> Entry | None:
        """The articulation around the prim that was selected last of those inside one."""
        found = (self.survey.at(path) for path in reversed(selected))
        return next((one for one in found if one is not None), None)


class StageReader:
    """Reads one stage after another, or one many times; then what changed since alone."""

    def __init__(self) -> None:
        self._changes: StageChanges | None = None
        self._source: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether it hears what changes, so that the next reading begins where this one ended."""
        return self._changes is not None

    def close(self) -> None:
        """Hear of no stage any more: the next reading reads all of it."""
        if self._changes is not None:
            self._changes.close()
        self._changes = None

    def was_read_from(self, stage: Usd.Stage | None) -> bool:
        """Whether the last full reading was of that stage, or of none where there is none."""
        return self._source == _name_of(stage)

    def read(
        self, stage: Usd.Stage | None, before: StageContents, selected: Sequence[str]
    ) -> StageContents:
        """What the stage holds now.

        Args:
            stage: the stage that the host shows.
            before: what was read last, with the articulation that is to be picked.
            selected: paths of selected prims; they say what to pick where that one is gone.
        """
        try:
            contents = self._reread(stage, before) if stage is not None else None
            return contents or self._read(stage, before.picked, selected)
        except ContractError as fault:
            return StageContents(problem=sentence_of(fault.issues))

    def _read(
        self, stage: Usd.Stage | None, picked: str | None, selected: Sequence[str]
    ) -> StageContents:
        self.close()
        self._source = _name_of(stage)
        if stage is None:
            return StageContents(problem="There is no stage: open one first.")
        found = StageContents(survey(stage))
        entry = found.survey.entry(picked) or found.meant_by(selected)
        if entry is None:
            if not found.survey.entries:
                return replace(found, problem=_why_empty(found.survey))
            entry = found.survey.entries[0]
        reading = read_found(stage, entry.found)
        self._changes = StageChanges(stage, reading.articulation.host)
        return replace(
            found, picked=entry.path, reading=reading, authored=_authored(stage, reading)
        )

    def _reread(self, stage: Usd.Stage, before: StageContents) -> StageContents | None:
        """With the contracts whose properties changed; None where more than that may have."""
        reading, changes, entry = before.reading, self._changes, before.entry
        if reading is None or changes is None or entry is None or reading.kept is None:
            return None
        found = reading.articulation
        if found is not entry.found or not changes.is_of(stage, found.host):
            return None
        changed = changes.take()
        if changed is None or not changed.keys() <= reading.kept.parts.keys():
            return None
        if len(before.survey.entries) > 1 and not only_values(changed):
            return None
        if not changed:
            return before
        reading = reread(stage, reading, changed)
        return replace(before, reading=reading, authored=_authored(stage, reading))


def _authored(stage: Usd.Stage, reading: Reading) -> dict[str, AuthoredContract]:
    """The articulation's contracts by id, as far as they can be read."""
    found = reading.articulation
    readable = {one.id: one for one in reading.authored}
    told = {issue.contract for issue in errors_of(reading.issues)} - readable.keys()
    if not told:
        return dict(sorted(readable.items()))
    host = stage.GetPrimAtPath(found.host)
    broken = [one for one in applied_ids(host) if one in told]
    known = {one: read_contract(host, one, []) for one in broken}
    known = {one: contract for one, contract in known.items() if belongs(contract, found)}
    return dict(sorted({**readable, **known}.items()))


def _name_of(stage: Usd.Stage | None) -> tuple[str, ...]:
    """What tells one stage from another without keeping it open."""
    layers = [stage.GetRootLayer(), stage.GetSessionLayer()] if stage else []
    return tuple(layer.identifier for layer in layers if layer)


def _why_empty(found: Survey) -> str:
    """Why the panel shows no articulation of a stage, and what to do next."""
    if found.unlisted:
        return f"{found.unlisted[0].path} {found.unlisted[0].reason}"
    return "This stage has no articulation: open an asset with joints, or add one."

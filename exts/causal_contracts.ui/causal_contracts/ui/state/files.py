# SPDX-License-Identifier: Apache-2.0
"""couplings.json out and in, and texts to copy; each None, or one sentence why not."""

from __future__ import annotations

import os
from pathlib import Path

from causal_contracts.core.couplings_json import read_couplings, write_couplings
from causal_contracts.core.issue import ContractError, errors_of
from causal_contracts.core.usd_apply import Change, apply_bundle, plan_bundle
from pxr import Usd

from . import texts
from .import_plan import ImportPlan, differences, rest_notes
from .named_edits import NamedEdits
from .named_values import Ids
from .refusal import listed, sentence_of


class Files(NamedEdits):
    """Exports, imports and copies the contracts of the picked articulation."""

    # -- out

    def why_no_export(self) -> str | None:
        """Why there is no couplings.json to write; None where there is."""
        if self.reading is None:
            return self.problem or "There is no articulation: pick one first."
        if not self.authored:
            return "There is no contract to export: add one first."
        broken = {one.contract for one in errors_of(self.reading.issues)}
        if broken:
            ids = sorted(one for one in broken if one)
            what = f"{listed(ids)} cannot be read" if ids else "The asset has errors"
            return f"{what}: mend the findings first."
        return None

    def suggested_export(self) -> Path:
        """couplings.json beside the asset, named after the articulation where there are several."""
        stage = self.host.stage()
        name = "couplings.json"
        if len(self.survey.entries) > 1 and self.picked:
            name = f"{self.picked.strip('/').replace('/', '.')}.{name}"
        root = stage.GetRootLayer().realPath if stage else ""
        return (Path(root).parent if root else Path.cwd()) / name

    def export(self, path: Path) -> str | None:
        """Write couplings.json: the whole file, or none of it."""
        why = self.why_no_export()
        if why is not None:
            return self._refuse(why)
        try:
            write_couplings(self.bundle, path)
        except ContractError as fault:
            return self._refuse(sentence_of(fault.issues))
        return None

    # -- in

    def plan_import(self, path: Path) -> ImportPlan:
        """What importing that couplings.json would change; nothing is written."""
        stage, found = self.host.stage(), self.articulation
        why = self.why_no_edit()
        if why is not None or stage is None or found is None:
            return ImportPlan(path, why_not=why)
        try:
            bundle = read_couplings(path)
            plan = plan_bundle(stage, bundle, self.picked)
        except ContractError as fault:
            return ImportPlan(path, why_not=sentence_of(fault.issues))
        said = {one.id: one for one in self.bundle.contracts}
        changes = differences(plan, bundle, self.authored, said, found)
        return ImportPlan(path, bundle, changes, rest_notes(bundle, found))

    def apply_import(self, plan: ImportPlan, *, replace: bool = False) -> str | None:
        """Author the contracts of the plan's file as one undo step.

        Args:
            plan: what `plan_import` gave.
            replace: remove the contracts that the file lacks.
        """
        bundle = plan.bundle
        if plan.why_not is not None or bundle is None:
            return self._refuse(plan.why_not or "There is nothing to import.")
        written = [one.id for one in plan.changes if one.change in (Change.ADDED, Change.CHANGED)]

        def write(stage: Usd.Stage, _: str) -> None:
            apply_bundle(stage, bundle, self.picked, replace=replace)

        return self._edit(
            f"Import {plan.path.name}",
            [one.id for one in plan.changes],
            write,
            select=written or None,
        )

    # -- copies

    def why_no_copy(self, ids: Ids = None) -> str | None:
        """Why the contracts cannot be copied as text; None where they can."""
        chosen = self._chosen(ids)
        unread = [one for one in chosen if self.contract(one) is None]
        why = self._why_no_contract(chosen)
        return why or (f"{unread[0]} cannot be read: mend its findings first." if unread else None)

    def json_text(self, ids: Ids = None) -> str:
        """The contracts as a couplings.json; empty where `why_no_copy` says why."""
        if self.why_no_copy(ids) is not None:
            return ""
        return texts.as_json(self.bundle, self._chosen(ids))

    def command_text(self, ids: Ids = None) -> str:
        """The commands that author the contracts, one a line."""
        found, stage = self.articulation, self.host.stage()
        if self.why_no_copy(ids) is not None or found is None or stage is None:
            return ""
        path = stage.GetRootLayer().realPath
        asset = os.path.relpath(path) if path else "ASSET.usda"
        root = self.picked if len(self.survey.entries) > 1 else None
        lines = [
            texts.as_command(self.authored[one], found, asset, root) for one in self._chosen(ids)
        ]
        return "\n".join(lines)

    def lab_text(self) -> str:
        """The two lines of Isaac Lab code that run the exported contracts."""
        return texts.as_lab_code(str(self.suggested_export()))

    def copy(self, text: str) -> None:
        """Put a text on the clipboard."""
        self.host.copy(text)

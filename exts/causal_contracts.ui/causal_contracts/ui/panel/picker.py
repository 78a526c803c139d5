# SPDX-License-Identifier: Apache-2.0
"""Which articulation: a searchable list with joint and contract counts; pin, export, and more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import omni.ui as ui

from ..state.editor_state import EditorState
from . import style
from .controls import button
from .copies import copy_items
from .import_view import ImportView
from .menus import Item, open_menu, shut
from .search_combo import Choice, SearchCombo
from .section import Section

LONGEST = 640
"""Width of the list where the panel is wide [pixels]."""


class Picker(Section):
    """The first line of the panel.

    Args:
        tell: says a sentence, with a button by its text and what that does.
        roomy: whether the line is too long for one combo to fill it.
    """

    topics = ("articulations", "bundle", "issues", "target")

    def __init__(
        self,
        state: EditorState,
        tell: Callable[[str, str, Callable[[], object]], object],
        *,
        roomy: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(state)
        self._tell, self._roomy = tell, roomy
        self.combo: SearchCombo | None = None
        self.imports = ImportView(state)
        self.menu: ui.Menu | None = None

    def draw(self) -> None:
        """The list and its buttons."""
        state = self.state
        pin_says = (
            "Follow the selection on the stage again."
            if state.pinned
            else "Stay with this articulation, whatever is selected on the stage."
        )
        nothing = None if state.picked else "There is no articulation to stay with."
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            self._list()
            button(
                "Pinned" if state.pinned else "Pin",
                lambda: state.pin(not state.pinned),
                identifier="pin",
                says=pin_says,
                why_not=nothing,
                lit=state.pinned,
            )
            if self._roomy():
                ui.Spacer()
            button(
                "Export",
                self._export,
                identifier="export",
                says="Write the contracts to a couplings.json.",
                why_not=state.why_no_export(),
                lit=True,
            )
            button(
                "...",
                self._more,
                identifier="more",
                says="Import a couplings.json, or copy the selected contracts as text.",
                width=style.ROW,
            )

    def close(self) -> None:
        """Listen no longer, and take open lists away."""
        super().close()
        self.imports.destroy()
        if self.combo is not None:
            self.combo.destroy()
        if self.menu is not None:
            shut(self.menu)
            self.menu = None

    def _list(self) -> None:
        state = self.state
        entry, entries, unlisted = state.entry, state.survey.entries, state.survey.unlisted
        if self.combo is not None:
            self.combo.close()
        count = len(unlisted)
        title = f"{count} prim{'s are' if count > 1 else ' is'} not listed"
        says = f"{len(entries)} articulation{'s' * (len(entries) != 1)} on this stage."
        if entry is not None:
            says = f"{entry.path}, {_counts(entry.joints, entry.contracts)}. {says}"
        self.combo = SearchCombo(
            state.host,
            self._choices,
            shown=(entry.path, f"({_counts(entry.joints, entry.contracts)})")
            if entry
            else ("no articulation", ""),
            chosen=entry.path if entry else None,
            pick=state.pick,
            identifier="articulation",
            says=says if entry else state.problem or says,
            missing=(title, [(one.path, one.reason) for one in unlisted]) if unlisted else None,
            width=LONGEST if self._roomy() else None,
        )

    def _choices(self) -> list[Choice]:
        return [
            Choice(one.path, one.path, _counts(one.joints, one.contracts))
            for one in self.state.survey.entries
        ]

    def _more(self) -> None:
        state = self.state
        self.menu = open_menu(
            "more",
            [Item("Import couplings.json", self.read, "import", state.why_no_edit())],
            copy_items(state),
        )

    def read(self) -> None:
        """Ask for a couplings.json, and show what it would change."""
        self.state.host.ask_open("Import contracts", [".json"], self.imports.open)

    def _export(self) -> None:
        state = self.state
        if state.why_no_export() is not None:
            state.export(state.suggested_export())  # refused: the panel says why
            return
        state.host.ask_save("Export contracts", state.suggested_export(), self._write)

    def _write(self, path: Path) -> None:
        if self.state.export(path) is None:
            self.state.host.notify(f"Wrote {path}.")
            self._tell(f"Wrote {path}", "Copy path", lambda: self.state.copy(str(path)))


def _counts(joints: int, contracts: int) -> str:
    many = f"{joints} joint{'s' * (joints != 1)}"
    return f"{many}, {contracts} contract{'s' * (contracts != 1)}"

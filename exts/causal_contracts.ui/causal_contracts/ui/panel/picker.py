# SPDX-License-Identifier: Apache-2.0
"""Which articulation: a list with joint and contract counts, pin, export."""

from __future__ import annotations

from pathlib import Path

import omni.ui as ui

from . import style
from .controls import button, tip
from .section import Section


class Picker(Section):
    """The first line of the panel."""

    topics = ("articulations", "bundle", "issues")

    def draw(self) -> None:
        """The list and its two buttons."""
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
            button(
                "Export",
                self._export,
                identifier="export",
                says="Write the contracts to a couplings.json.",
                why_not=state.why_no_export(),
                lit=True,
            )

    def _list(self) -> None:
        entries = self.state.survey.entries
        paths = [one.path for one in entries]
        labels = [one.label for one in entries] or ["no articulation"]
        at = paths.index(self.state.picked) if self.state.picked in paths else 0
        combo = ui.ComboBox(at, *labels, identifier="articulation")
        unlisted = [f"{one.path} {one.reason}" for one in self.state.survey.unlisted]
        listed = [f"{len(paths)} articulations on this stage."] if len(paths) > 1 else []
        tip(combo, "\n".join([*listed, *unlisted]) or self.state.problem)

        def chosen(model: ui.AbstractItemModel, _: ui.AbstractItem) -> None:
            index = model.get_item_value_model().as_int
            if paths:
                self.state.pick(paths[index])

        combo.model.add_item_changed_fn(chosen)

    def _export(self) -> None:
        state = self.state
        if state.why_no_export() is not None:
            state.export(state.suggested_export())  # refused: the panel says why
            return
        state.host.ask_save("Export contracts", state.suggested_export(), self._write)

    def _write(self, path: Path) -> None:
        if self.state.export(path) is None:
            self.state.host.notify(f"Wrote {path}.")

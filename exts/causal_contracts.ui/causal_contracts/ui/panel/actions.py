# SPDX-License-Identifier: Apache-2.0
"""Above the contracts: their count, the layer that is written, filter, and buttons."""

from __future__ import annotations

import omni.ui as ui

from ..state.editor_state import EditorState
from . import style
from .controls import button, tip
from .redrawn import redrawn
from .search_combo import Choice, SearchCombo
from .section import Section

TARGET = 150
"""Width of the combo with the edit target."""


class Actions(Section):
    """Header, filter, and the buttons of the table."""

    topics = ("target", "selection", "articulations", "bundle")

    def __init__(self, state: EditorState) -> None:
        super().__init__(state)
        self.targets: SearchCombo | None = None
        self._pattern: ui.AbstractValueModel | None = None

    def draw(self) -> None:
        """How many contracts there are and are selected, and the edit target."""
        count, chosen = len(self.state.ids), len(self.state.selection)
        with ui.ZStack(height=style.ROW):
            ui.Rectangle(name="header")
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                ui.Label("Contracts", width=0)
                says = f"{chosen} of {count} selected" if chosen > 1 else str(count or "")
                ui.Label(says, name="dim", identifier="count", elided_text=True)
                ui.Label("edit target", name="dim", width=0)
                self._targets()

    def _targets(self) -> None:
        host = self.state.host
        now = host.edit_target()
        says = "The layer that edits are written to."
        if now is not None and now.why_not is not None:
            says = now.why_not
        if self.targets is not None:
            self.targets.close()
        self.targets = SearchCombo(
            host,
            self._choices,
            shown=(now.name if now else "none", ""),
            chosen=now.layer if now else None,
            pick=self._retarget,
            identifier="edit target",
            says=says,
            why_not=None if now else "There is no stage: open one first.",
            width=TARGET,
        )

    def _choices(self) -> list[Choice]:
        now = self.state.host.edit_target()
        return [
            Choice(
                one.layer,
                one.name,
                "takes the edits now" if now and one.layer == now.layer else "can be written",
                one.why_not,
            )
            for one in self.state.host.edit_targets()
        ]

    def _retarget(self, layer: str) -> None:
        self.state.host.set_edit_target(layer)

    def build(self, **how: object) -> None:
        """The header; beneath it the filter, which keeps its caret, and the buttons."""
        # A frame of no height at the edge of a scrolling one counts as hidden, and stays empty.
        super().build(**{"height": style.ROW, **how})
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            self._filter()
            self._buttons = redrawn(self._draw_buttons, width=0)

    def changed(self) -> None:
        """A topic changed."""
        super().changed()
        if self.frame is not None:
            self._buttons.rebuild()
            typed = self._pattern
            if typed is not None and typed.as_string != self.state.pattern:
                typed.as_string = self.state.pattern

    def close(self) -> None:
        """Listen no longer, and take an open list away."""
        super().close()
        self._pattern = None  # whose callbacks hold this section
        if self.targets is not None:
            self.targets.destroy()

    def _filter(self) -> None:
        with ui.ZStack():
            field = ui.StringField(identifier="filter")
            field.model.as_string = self.state.pattern
            self._pattern = field.model
            hint = ui.Label("   filter: door*", name="dim", visible=not self.state.pattern)
        tip(field, "Shows contracts whose id or joints match, e.g. door*; plain text anywhere.")

        def typed(model: ui.AbstractValueModel) -> None:
            self.state.pattern = model.as_string
            hint.visible = not model.as_string

        field.model.add_value_changed_fn(typed)

    def _draw_buttons(self) -> None:
        state = self.state
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            button(
                "+ Add",
                lambda: state.add(),
                identifier="add",
                says="Add a contract; joints and numbers are chosen for a start.",
                why_not=state.why_no_add(),
                lit=not state.authored,
            )
            button(
                "Duplicate",
                lambda: state.duplicate(),
                identifier="duplicate",
                says="Copy the selected contracts under new ids (Ctrl+D).",
                why_not=state.why_no_duplicate(),
            )
            button(
                "Delete",
                lambda: state.delete(),
                identifier="delete",
                says="Remove the selected contracts (Del).",
                why_not=state.why_no_delete(),
            )

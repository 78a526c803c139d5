# SPDX-License-Identifier: Apache-2.0
"""The contracts that an import would change, to pages of rows that a typed text narrows."""

from __future__ import annotations

import omni.ui as ui
from causal_contracts.core.usd_apply import Change

from ..state.import_plan import ContractChange, ImportPlan
from ..state.rows import fits
from . import style
from .controls import button, dot, tip
from .redrawn import redrawn

TALL, FIELD, NOTE = 41, 18, 36
"""Heights of a contract with the gap below it, of one of its fields, and of a note."""
PAGE = 100
"""Contracts that are drawn at a time."""
FEW = 8
"""No filter is needed for so many."""
LOOKS = {
    Change.ADDED: ("ok", "+"),
    Change.CHANGED: ("warning", "*"),
    Change.REMOVED: ("error", "-"),
    Change.KEPT: ("disabled", "="),
}
ORDER = [*LOOKS]


class ImportList:
    """Filter, rows, and beneath them which page it is; what changes most stands first."""

    def __init__(self, plan: ImportPlan) -> None:
        self._plan, self._replace = plan, False
        self._changes = sorted(plan.changes, key=lambda one: ORDER.index(one.change))
        self._pattern, self._page = "", 0
        self._scrolls = True
        self._rows: ui.Frame | None = None
        self._pager: ui.Frame | None = None

    @property
    def height(self) -> float:
        """What it needs to show everything without scrolling [pixels]."""
        rows = sum(TALL + FIELD * len(one.fields) for one in self._changes)
        many = len(self._changes) > FEW
        return rows + NOTE * len(self._plan.notes) + (style.ROW + 2 * style.GAP) * many

    def build(self, *, scrolls: bool) -> None:
        """Draw into the current container, and take all the height there is.

        Where all is in view nothing scrolls, and the rows take the gutter of the bar too.
        """
        self._scrolls = scrolls
        with ui.VStack(spacing=style.GAP):
            if len(self._changes) > FEW:
                self._filter()
            self._rows = redrawn(self._draw_rows)
            self._pager = redrawn(self._draw_pager, height=0)

    def replaces(self, on: bool) -> None:
        """Whether contracts that the file lacks go."""
        self._replace = on
        self._show()

    def close(self) -> None:
        """Let go of the frames, whose drawing holds this list."""
        self._rows = self._pager = None

    def _found(self) -> list[ContractChange]:
        return [
            one
            for one in self._changes
            if fits(self._pattern, one.id, one.sentence, self._becomes(one))
        ]

    def _becomes(self, one: ContractChange) -> str:
        stays = one.change is Change.REMOVED and not self._replace
        return "not in the file: stays" if stays else str(one.change)

    def _show(self) -> None:
        for frame in (self._rows, self._pager):
            if frame is not None:
                frame.rebuild()

    def _filter(self) -> None:
        with ui.ZStack(height=style.ROW):
            field = ui.StringField(identifier="import filter")
            hint = ui.Label("   filter: door*, added, changed", name="dim")
        tip(field, "Shows contracts whose id, sentence or change matches.")

        def typed(model: ui.AbstractValueModel) -> None:
            hint.visible = not model.as_string
            self._pattern, self._page = model.as_string, 0
            self._show()

        field.model.add_value_changed_fn(typed)

    def _draw_rows(self) -> None:
        found, policy = self._found(), ui.ScrollBarPolicy
        with (
            ui.ScrollingFrame(
                horizontal_scrollbar_policy=policy.SCROLLBAR_ALWAYS_OFF,
                vertical_scrollbar_policy=policy.SCROLLBAR_AS_NEEDED
                if self._scrolls
                else policy.SCROLLBAR_ALWAYS_OFF,
            ),
            ui.VStack(height=0, spacing=style.GAP),
        ):
            for note in self._plan.notes if not self._page and not self._pattern else ():
                with ui.HStack(height=0, spacing=2 * style.GAP):
                    dot("info", "i")
                    ui.Label(note, name="dim", word_wrap=True)
            for one in found[self._page * PAGE : (self._page + 1) * PAGE]:
                self._row(one)
            if not found and self._pattern:
                text = f"No contract matches '{self._pattern}': clear the filter to see all."
                ui.Label(text, name="dim", word_wrap=True, height=style.ROW)

    def _draw_pager(self) -> None:
        count = len(self._found())
        if count <= PAGE:
            ui.Spacer(height=0)
            return
        first = self._page * PAGE
        last = min(first + PAGE, count)
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            text = f"{first + 1} to {last} of {count}"
            ui.Label(text, name="dim", identifier="import page")
            button(
                "Previous",
                lambda: self._turn(-1),
                identifier="import previous",
                says=f"Show the {PAGE} before.",
                why_not=None if first else "These are the first.",
            )
            button(
                "Next",
                lambda: self._turn(1),
                identifier="import next",
                says=f"Show the next {min(PAGE, count - last)}.",
                why_not=None if last < count else "These are the last.",
            )

    def _turn(self, by: int) -> None:
        pages = -(-len(self._found()) // PAGE)
        self._page = min(max(self._page + by, 0), pages - 1)
        self._show()

    def _row(self, one: ContractChange) -> None:
        kind, glyph = LOOKS[one.change]
        what = self._becomes(one)
        stays = what != str(one.change)
        with ui.ZStack(height=0, identifier=f"change:{one.id}"):
            ui.Rectangle(name="box")
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                dot("disabled" if stays else kind, "=" if stays else glyph)
                with ui.VStack(height=0):
                    ui.Spacer(height=style.GAP)
                    with ui.HStack(height=0, spacing=2 * style.GAP):
                        ui.Label(one.id, height=0, elided_text=True)
                        ui.Label(what, name="dim", width=0, identifier=f"becomes:{one.id}")
                    said = ui.Label(one.sentence, name="dim", height=0, elided_text=True)
                    tip(said, one.sentence)
                    for field in one.fields:
                        with ui.HStack(height=FIELD, spacing=2 * style.GAP):
                            ui.Label(field.field, name="note", width=90)
                            ui.Label(field.before, name="note", width=0)
                            ui.Label("->", name="note", width=0)
                            ui.Label(field.after, width=0, style={"font_size": 13})
                    ui.Spacer(height=style.GAP)
                ui.Spacer(width=0)

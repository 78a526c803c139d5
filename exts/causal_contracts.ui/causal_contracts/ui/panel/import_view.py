# SPDX-License-Identifier: Apache-2.0
"""A couplings.json to the difference it would make, shown before one step writes it."""

from __future__ import annotations

from pathlib import Path

import omni.ui as ui
from causal_contracts.core.usd_apply import Change

from ..state.editor_state import EditorState
from ..state.import_plan import ContractChange, ImportPlan
from . import style
from .controls import button, dot
from .leaving import Leaving
from .redrawn import fill

SIZE = 460, 480
"""At most so large."""
TALL, FIELD, NOTE = 41, 18, 36
"""Heights of a contract, of one of its fields, and of a note."""
MOST = 200
"""Contracts that are drawn."""
_LOOKS = {
    Change.ADDED: ("ok", "+"),
    Change.CHANGED: ("warning", "*"),
    Change.REMOVED: ("error", "-"),
    Change.KEPT: ("disabled", "="),
}
_ORDER = [*_LOOKS]


class ImportView:
    """A window over the panel: contract by contract, merge or replace, Apply or Cancel."""

    def __init__(self, state: EditorState) -> None:
        self._state = state
        self.window: ui.Window | None = None
        self._leaving = Leaving(state.host)
        self._plan: ImportPlan | None = None
        self._replace = False

    def open(self, path: Path) -> None:
        """Show what importing that file would do."""
        self.close()
        self._plan, self._replace = self._state.plan_import(path), False
        room = ui.Workspace.get_main_window_width(), ui.Workspace.get_main_window_height()
        width = min(SIZE[0], room[0] - 4 * style.GAP)
        height = min(_height(self._plan), SIZE[1], room[1] - 4 * style.GAP)
        window = self.window = ui.Window(
            f"Import {path.name}",
            width=width,
            height=height,
            position_x=(room[0] - width) / 2,
            position_y=(room[1] - height) / 3,
            padding_x=2 * style.GAP,
            padding_y=2 * style.GAP,
            flags=ui.WINDOW_FLAGS_MODAL | ui.WINDOW_FLAGS_NO_RESIZE | ui.WINDOW_FLAGS_NO_COLLAPSE,
        )
        window.frame.set_style(style.POPUP)
        fill(window.frame, self._draw)

    def close(self) -> None:
        """Take it away; nothing is written."""
        window, self.window = self.window, None
        if window is not None:
            self._leaving.add(window)

    def destroy(self) -> None:
        """Take it away at once, since no other frame may come."""
        self.close()
        self._leaving.close()

    def _draw(self) -> None:
        plan = self._plan
        assert plan is not None
        with ui.VStack(spacing=2 * style.GAP):
            if plan.why_not is not None:
                with ui.HStack(spacing=2 * style.GAP):
                    dot("error", "x")
                    ui.Label(plan.why_not, word_wrap=True, identifier="import why not")
            else:
                ui.Label(self._summary(plan), height=0, identifier="import summary")
                self._changes(plan)
                self._kinds(plan)
            self._buttons(plan)

    def _summary(self, plan: ImportPlan) -> str:
        gone = "removed" if self._replace else "not in the file"
        said = {Change.REMOVED: gone}
        counts = [(said.get(kind, str(kind)), plan.count(kind)) for kind in _ORDER]
        return ", ".join(f"{count} {kind}" for kind, count in counts if count) or "no contracts"

    def _changes(self, plan: ImportPlan) -> None:
        changes = sorted(plan.changes, key=lambda one: _ORDER.index(one.change))
        with (
            ui.ScrollingFrame(horizontal_scrollbar_policy=ui.ScrollBarPolicy.SCROLLBAR_ALWAYS_OFF),
            ui.VStack(height=0, spacing=style.GAP),
        ):
            for note in plan.notes:
                with ui.HStack(height=0, spacing=2 * style.GAP):
                    dot("info", "i")
                    ui.Label(note, name="dim", word_wrap=True)
            for one in changes[:MOST]:
                self._change(one)
            if len(changes) > MOST:
                ui.Label(f"and {len(changes) - MOST} more", name="dim", height=style.ROW)

    def _change(self, one: ContractChange) -> None:
        kind, glyph = _LOOKS[one.change]
        stays = one.change is Change.REMOVED and not self._replace
        what = "not in the file: stays" if stays else str(one.change)
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
                    ui.Label(one.sentence, name="dim", height=0, elided_text=True)
                    for field in one.fields:
                        with ui.HStack(height=FIELD, spacing=2 * style.GAP):
                            ui.Label(field.field, name="note", width=90)
                            ui.Label(field.before, name="note", width=0)
                            ui.Label("->", name="note", width=0)
                            ui.Label(field.after, width=0, style={"font_size": 13})
                    ui.Spacer(height=style.GAP)
                ui.Spacer(width=0)

    def _kinds(self, plan: ImportPlan) -> None:
        gone = plan.count(Change.REMOVED)
        none = None if gone else "The file has every contract of the asset: nothing to remove."
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            button(
                "merge",
                lambda: self._choose(replace=False),
                identifier="import merge",
                says="Keep the contracts that the file lacks.",
                lit=not self._replace,
                width=ui.Fraction(1),
            )
            button(
                f"replace (removes {gone})" if gone else "replace",
                lambda: self._choose(replace=True),
                identifier="import replace",
                says="Remove the contracts that the file lacks.",
                why_not=none,
                lit=self._replace,
                width=ui.Fraction(1),
            )

    def _buttons(self, plan: ImportPlan) -> None:
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Spacer()
            if plan.why_not is None:
                button(
                    "Apply",
                    self._apply,
                    identifier="import apply",
                    says="Write the difference; one undo step.",
                    why_not=self._why_no_apply(plan),
                    lit=True,
                )
            button("Cancel", self.close, identifier="import cancel", says="Change nothing.")

    def _why_no_apply(self, plan: ImportPlan) -> str | None:
        """Grey where it would change nothing."""
        kinds = [Change.ADDED, Change.CHANGED, *([Change.REMOVED] if self._replace else [])]
        if any(plan.count(kind) for kind in kinds):
            return None
        return "Nothing differs: there is nothing to write."

    def _choose(self, *, replace: bool) -> None:
        self._replace = replace
        if self.window is not None:
            self.window.frame.rebuild()

    def _apply(self) -> None:
        plan, replace = self._plan, self._replace
        self.close()
        if plan is None:
            return
        why = self._why_no_apply(plan)
        if why is not None:
            self._state.refuse(why)
        elif self._state.apply_import(plan, replace=replace) is None:
            self._state.host.notify(f"Imported {plan.path.name}.")


def _height(plan: ImportPlan) -> float:
    """What the window needs to show the plan without scrolling."""
    if plan.why_not is not None:
        return 140
    rows = sum(TALL + FIELD * len(one.fields) for one in plan.changes)
    return 150 + rows + NOTE * len(plan.notes)

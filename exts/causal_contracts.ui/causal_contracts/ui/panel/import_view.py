# SPDX-License-Identifier: Apache-2.0
"""A couplings.json to the difference it would make, shown before one step writes it."""

from __future__ import annotations

from pathlib import Path

import omni.ui as ui
from causal_contracts.core.usd_apply import Change

from ..state.editor_state import EditorState
from ..state.import_plan import ImportPlan
from . import style
from .controls import button, dot
from .import_list import ORDER, ImportList
from .leaving import Leaving
from .redrawn import fill, redrawn

SIZE = 520, 560
"""At most so large."""


class ImportView:
    """A window over the panel: contract by contract, merge or replace, Apply or Cancel."""

    def __init__(self, state: EditorState) -> None:
        self._state = state
        self.window: ui.Window | None = None
        self._leaving = Leaving(state.host)
        self._plan: ImportPlan | None = None
        self._replace = False
        self._list: ImportList | None = None
        self._said: list[ui.Frame] = []
        self._whole = False

    def open(self, path: Path) -> None:
        """Show what importing that file would do."""
        self.close()
        self._plan, self._replace = self._state.plan_import(path), False
        self._list = ImportList(self._plan)
        room = ui.Workspace.get_main_window_width(), ui.Workspace.get_main_window_height()
        width = min(SIZE[0], room[0] - 4 * style.GAP)
        needed = 140.0 if self._plan.why_not is not None else 134 + self._list.height
        height = min(needed, SIZE[1], room[1] - 4 * style.GAP)
        self._whole = height >= needed
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
        if self._list is not None:
            self._list.close()
        self._list, self._said = None, []
        if window is not None:
            self._leaving.add(window)

    def destroy(self) -> None:
        """Take it away at once, since no other frame may come."""
        self.close()
        self._leaving.close()

    def _draw(self) -> None:
        plan, rows = self._plan, self._list
        assert plan is not None and rows is not None
        with ui.VStack(spacing=2 * style.GAP):
            if plan.why_not is not None:
                with ui.HStack(spacing=2 * style.GAP):
                    dot("error", "x")
                    ui.Label(plan.why_not, word_wrap=True, identifier="import why not")
                self._buttons(plan)
                return
            # Frames of their own: a choice between merge and replace keeps filter and scroll.
            summary = redrawn(lambda: self._summarise(plan), height=0)
            rows.build(scrolls=not self._whole)
            kinds = redrawn(lambda: self._kinds(plan), height=style.ROW)
            self._said = [summary, kinds, redrawn(lambda: self._buttons(plan), height=style.ROW)]

    def _summarise(self, plan: ImportPlan) -> None:
        ui.Label(self._summary(plan), height=0, identifier="import summary")

    def _summary(self, plan: ImportPlan) -> str:
        gone = "removed" if self._replace else "not in the file"
        said = {Change.REMOVED: gone}
        counts = [(said.get(kind, str(kind)), plan.count(kind)) for kind in ORDER]
        return ", ".join(f"{count} {kind}" for kind, count in counts if count) or "no contracts"

    def _kinds(self, plan: ImportPlan) -> None:
        gone = plan.count(Change.REMOVED)
        none = None if gone else "The file has every contract of the asset: nothing to remove."
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            button(
                "Merge",
                lambda: self._choose(replace=False),
                identifier="import merge",
                says="Keep the contracts that the file lacks.",
                lit=not self._replace,
                width=ui.Fraction(1),
            )
            button(
                f"Replace (removes {gone})" if gone else "Replace",
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
            button(
                "Cancel" if plan.why_not is None else "Close",
                self.close,
                identifier="import cancel",
                says="Change nothing.",
            )

    def _why_no_apply(self, plan: ImportPlan) -> str | None:
        """Grey where it would change nothing."""
        kinds = [Change.ADDED, Change.CHANGED, *([Change.REMOVED] if self._replace else [])]
        if any(plan.count(kind) for kind in kinds):
            return None
        return "Nothing differs: there is nothing to write."

    def _choose(self, *, replace: bool) -> None:
        self._replace = replace
        if self._list is not None:
            self._list.replaces(replace)
        for frame in self._said:
            frame.rebuild()

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

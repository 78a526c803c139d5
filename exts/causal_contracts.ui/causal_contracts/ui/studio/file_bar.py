# SPDX-License-Identifier: Apache-2.0
"""The line above a dialog's files: the folders that lead to them, and ways to others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import omni.ui as ui

from ..panel import style
from ..panel.above import on_press
from ..panel.controls import button, tip
from ..panel.redrawn import redrawn
from .file_choice import FileChoice
from .file_list import crumbs


class FileBar:
    """One line in the current container.

    Args:
        choice: which folder is listed.
        go: shows another one.
        toggle_recent: shows the files that were used last, or the folder again.
    """

    def __init__(
        self,
        choice: FileChoice,
        go: Callable[[Path], object],
        toggle_recent: Callable[[], object],
    ) -> None:
        self._choice, self._go, self._toggle_recent = choice, go, toggle_recent
        self._frame: ui.Frame | None = redrawn(self._draw, height=style.ROW)

    def redraw(self) -> None:
        """Another folder is listed."""
        if self._frame is not None:
            self._frame.rebuild()

    def close(self) -> None:
        """Let go of the widgets, whose callbacks hold this line."""
        self._frame = None

    def _draw(self) -> None:
        choice, asked = self._choice, self._choice.question
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            top = choice.place.parent == choice.place and not choice.recent
            button(
                "Up",
                lambda: self._go(choice.above()),
                identifier="dialog up",
                says="Show the folder above.",
                why_not="This is the topmost folder." if top else None,
            )
            button(
                "Home",
                lambda: self._go(Path.home()),
                identifier="dialog home",
                says="Show your home folder.",
            )
            if not asked.saves:
                button(
                    "Recent",
                    self._toggle_recent,
                    identifier="dialog recent",
                    says="Show the files that were used last.",
                    why_not=None if asked.recent else "No file of this kind was used yet.",
                    lit=choice.recent,
                )
            ui.Spacer(width=0)
            if choice.recent:
                ui.Label("Files that were used last", name="dim")
            else:
                self._crumbs()

    def _crumbs(self) -> None:
        parts = crumbs(self._choice.place, 3)
        with ui.HStack(spacing=0, identifier="dialog folder") as line:
            for at, (name, path) in enumerate(parts):
                last = at == len(parts) - 1
                if at and parts[at - 1][0] != "/":
                    ui.Label("/", name="dim", width=8, alignment=ui.Alignment.CENTER)
                with ui.ZStack(**({} if last else {"width": 0}), identifier=f"crumb:{at}") as crumb:
                    ui.Rectangle(name="line")
                    if last:
                        ui.Label(f" {name} ", elided_text=True)
                    else:
                        ui.Label(f" {_short(name)} ", name="dim", width=0)
                on_press(crumb, lambda x, y, b, m, path=path: self._go(path) if b == 0 else None)
        tip(line, str(self._choice.place))


def _short(name: str, most: int = 16) -> str:
    return name if len(name) <= most else f"{name[: most - 2]}.."

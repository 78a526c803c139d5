# SPDX-License-Identifier: Apache-2.0
"""A question for a file to its path: folders and files to choose from, and a name to type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import omni.ui as ui

from ..panel import style
from ..panel.controls import tip
from ..panel.key_codes import Chord
from .file_bar import FileBar
from .file_choice import FileChoice, Question, Verdict
from .file_foot import Asked, FileFoot
from .file_list import Entry
from .file_rows import FileRows

SIZE = 560, 460
"""At most so large."""


class FileDialog:
    """A window over the panel. Typing narrows the list; arrows, Enter and Escape work in it.

    Args:
        question: what is asked.
        leave: takes the window away; called once, before `question.then`.
    """

    def __init__(self, question: Question, leave: Callable[[], object]) -> None:
        self._asked, self._leave = question, leave
        self.choice = FileChoice(question)
        self._chord = Chord()
        self._model = ui.SimpleStringModel(self.choice.typed)
        self._typed: ui.StringField | None = None
        self.window = self._make_window()

    def close(self) -> None:
        """Let go of the widgets, whose callbacks hold this dialog."""
        for part in (self._bar, self._rows, self._foot):
            part.close()
        self._typed = None

    def _make_window(self) -> ui.Window:
        room = ui.Workspace.get_main_window_width(), ui.Workspace.get_main_window_height()
        width, height = (
            min(most, have - 4 * style.GAP) for most, have in zip(SIZE, room, strict=True)
        )
        window = ui.Window(
            self._asked.title,
            width=width,
            height=height,
            position_x=(room[0] - width) / 2,
            position_y=(room[1] - height) / 3,
            padding_x=2 * style.GAP,
            padding_y=2 * style.GAP,
            flags=ui.WINDOW_FLAGS_MODAL | ui.WINDOW_FLAGS_NO_RESIZE | ui.WINDOW_FLAGS_NO_COLLAPSE,
        )
        window.frame.set_style(style.POPUP)
        window.set_key_pressed_fn(self._key)
        # As far apart as the ring needs that omni.ui draws around the field with the caret.
        with window.frame, ui.VStack(spacing=2 * style.GAP):
            self._bar = FileBar(self.choice, self._go, self._toggle_recent)
            self._rows = FileRows(self.choice, self._select, self._take)
            self._field()
            self._foot = FileFoot(self.choice, self._accept, self._leave, self._keep)
        return window

    def _field(self) -> None:
        with ui.ZStack(height=style.ROW):
            self._typed = field = ui.StringField(self._model, identifier="dialog path")
            says = "   file name" if self._asked.saves else "   type to narrow the list, or a path"
            hint = ui.Label(says, name="dim", visible=not self._model.as_string)
        tip(field, "A name in this folder, or a path like ../other/ or ~/assets/.")

        def typed(model: ui.AbstractValueModel) -> None:
            hint.visible = not model.as_string
            if model.as_string != self.choice.typed:
                self.choice.typed = model.as_string
                self._changed()

        self._model.add_value_changed_fn(typed)
        field.focus_keyboard(True)

    def _type(self) -> None:
        """Let the keyboard write into the field, which shows what is typed so far."""
        self._model.as_string = self.choice.typed
        if self._typed is not None:
            self._typed.focus_keyboard(True)

    # -- what was done

    def _changed(self) -> None:
        """Other text was typed."""
        self._foot.asked = None
        if not self._asked.saves or "/" in self.choice.typed:
            self.choice.read()
            self._rows.redraw()
        self._bar.redraw()
        self._foot.redraw()

    def _go(self, folder: Path) -> None:
        """Show another folder."""
        self.choice.go(folder)
        self._foot.asked = None
        self._rows.redraw()
        self._bar.redraw()
        self._foot.redraw()
        self._type()

    def _toggle_recent(self) -> None:
        if self._asked.recent:
            self.choice.recent = not self.choice.recent
            self._changed()

    def _select(self, key: str | None) -> None:
        before = self.choice.at
        self.choice.select(key)
        self._model.as_string = self.choice.typed
        self._rows.selected(before, key)
        self._foot.redraw()

    def _take(self, one: Entry) -> None:
        """A double click: go in, or be done."""
        if one.is_folder:
            self._go(one.path)
        else:
            self._select(one.key)
            self._accept()

    def _accept(self) -> None:
        verdict, path = self.choice.judge(), self.choice.path()
        if path is None or verdict is Verdict.REFUSED:
            (self._foot if self.choice.entries else self._rows).redraw()
        elif verdict is Verdict.GONE_INTO:
            self._go(path)
        elif verdict is Verdict.REPLACES:
            self._ask(_replace(path, lambda: self._done(path)))
        elif verdict is Verdict.CREATES:
            self._ask(_create(self._named(path.parent), lambda: self._create(path)))
        else:
            self._done(path)

    def _ask(self, asked: Asked) -> None:
        self._foot.asked = asked
        self._foot.redraw()

    def _named(self, folder: Path) -> str:
        """A folder as it is called from the one that is shown, where it lies in that."""
        here = self.choice.folder
        return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)

    def _create(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True)
        except OSError as fault:
            self._foot.asked = None
            why = (fault.strerror or str(fault)).lower()
            self.choice.refuse(f"{path.parent} cannot be created: {why}.")
            self._rows.redraw()
            self._foot.redraw()
        else:
            self._done(path)

    def _keep(self) -> None:
        self._foot.asked = None
        self._foot.redraw()
        self._type()

    def _done(self, path: Path) -> None:
        self._leave()
        self._asked.then(path)

    def _key(self, code: int, modifier: int, down: bool) -> None:
        asked = self._foot.asked
        match self._chord.press(code, modifier, down):
            case "Escape":
                (self._leave if asked is None else self._keep)()
            case "Enter":
                (self._accept if asked is None else asked.does)()
            case "Up" | "Down" as key if self.choice.entries:
                self._select(self.choice.next(1 if key == "Down" else -1))
                self._type()  # the arrow moved the keyboard to the list


def _replace(path: Path, does: Callable[[], object]) -> Asked:
    return Asked(
        text=f"{path.name} is there already. Replace it?",
        yes="Replace",
        identifier="dialog replace",
        does=does,
        says="Write over it.",
        no="Keep it",
        unsays="Choose another name.",
        warns=True,
    )


def _create(folder: str, does: Callable[[], object]) -> Asked:
    return Asked(
        text=f"There is no folder {folder}. Create it?",
        yes="Create",
        identifier="dialog create",
        does=does,
        says="Create the folder, and save the file in it.",
        no="Go back",
        unsays="Choose another folder.",
        warns=False,
    )

# SPDX-License-Identifier: Apache-2.0
"""A question for a file to its path: folders and files to choose from, and a name to type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import omni.ui as ui

from ..panel import style
from ..panel.controls import button, dot, tip
from ..panel.key_codes import Chord
from ..panel.redrawn import redrawn
from ..panel.row_list import RowList
from .file_list import Entry, best, crumbs, entries, file_entries, named, place_of

SIZE = 560, 460
"""At most so large."""
LINE = 26


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    title: str
    ok: str
    """`Open` or `Save`."""
    suffixes: tuple[str, ...]
    """Of the files that are listed, lower case."""
    folder: Path
    """Where to begin."""
    then: Callable[[Path], object]
    name: str | None = None
    """The name to save under at first; None where a file is to be opened."""
    recent: tuple[Path, ...] = ()
    """Files that were used before."""

    @property
    def saves(self) -> bool:
        """Whether a file will be written."""
        return self.name is not None


class FileDialog:
    """A window over the panel. Typing narrows the list; arrows, Enter and Escape work in it.

    Args:
        question: what is asked.
        leave: takes the window away; called once, before `question.then`.
    """

    def __init__(self, question: Question, leave: Callable[[], object]) -> None:
        self._asked, self._leave = question, leave
        self.folder = question.folder
        self._recent = False
        self._at: str | None = None
        self._entries: dict[str, Entry] = {}
        self._fault = ""
        self._replaces: Path | None = None
        self._chord = Chord()
        self._model = ui.SimpleStringModel(question.name or "")
        self._rows: RowList | None = None
        self._frames: dict[str, ui.Frame] = {}
        self._typed: ui.StringField | None = None
        self._read()
        self.window = self._make_window()

    def close(self) -> None:
        """Let go of the widgets, whose callbacks hold this dialog."""
        self._frames.clear()
        self._typed = None
        if self._rows is not None:
            self._rows.close()

    def _redraw(self, *names: str) -> None:
        for name in names:
            if name in self._frames:
                self._frames[name].rebuild()

    def _type(self) -> None:
        """Let the keyboard write into the field."""
        if self._typed is not None:
            self._typed.focus_keyboard(True)

    # -- what is shown

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
            self._frames["bar"] = redrawn(self._draw_bar, height=style.ROW)
            self._frames["list"] = redrawn(self._draw_list)
            self._field()
            self._frames["foot"] = redrawn(self._draw_foot, height=0)
        return window

    def _field(self) -> None:
        with ui.ZStack(height=style.ROW):
            self._typed = field = ui.StringField(self._model, identifier="dialog path")
            saves = self._asked.saves
            says = "   file name" if saves else "   type to narrow the list, or a path"
            hint = ui.Label(says, name="dim", visible=not self._model.as_string)
        tip(field, "A name in this folder, or a path like ../other/ or ~/assets/.")

        def typed(model: ui.AbstractValueModel) -> None:
            hint.visible = not model.as_string
            self._changed()

        self._model.add_value_changed_fn(typed)
        field.focus_keyboard(True)

    def _draw_bar(self) -> None:
        recent = self._asked.recent
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            top = self._place.parent == self._place
            button(
                "Up",
                self._up,
                identifier="dialog up",
                says="Show the folder above.",
                why_not="This is the topmost folder." if top and not self._recent else None,
            )
            button(
                "Home",
                lambda: self._go(Path.home()),
                identifier="dialog home",
                says="Show your home folder.",
            )
            if not self._asked.saves:
                button(
                    "Recent",
                    self._toggle_recent,
                    identifier="dialog recent",
                    says="Show the files that were used last.",
                    why_not=None if recent else "No file of this kind was used yet.",
                    lit=self._recent,
                )
            ui.Spacer(width=0)
            if self._recent:
                ui.Label("Files that were used last", name="dim")
            else:
                self._crumbs()

    def _crumbs(self) -> None:
        parts = crumbs(self._place, 3)
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
                crumb.set_mouse_pressed_fn(
                    lambda x, y, b, m, path=path: self._go(path) if b == 0 else None
                )
        tip(line, str(self._place))

    def _draw_list(self) -> None:
        if self._rows is not None:
            self._rows.close()
            self._rows = None
        if not self._entries:
            with ui.ZStack():
                ui.Rectangle(name="box")
                ui.Label(
                    self._fault or self._nothing(),
                    name="dim",
                    alignment=ui.Alignment.CENTER,
                    word_wrap=True,
                    identifier="dialog empty",
                )
            return
        with ui.ZStack():
            ui.Rectangle(name="box")
            with ui.HStack():
                ui.Spacer(width=2)
                with ui.VStack():
                    ui.Spacer(height=2)
                    self._rows = RowList(self._draw_row, pitch=LINE, tall=LINE)
                    self._rows.build([*self._entries], height=ui.Fraction(1))
                    ui.Spacer(height=2)
                ui.Spacer(width=2)

    def _nothing(self) -> str:
        kinds = ", ".join(self._asked.suffixes)
        if self._pattern():
            return f"Nothing here matches '{self._pattern()}'."
        return f"This folder has no folders and no files that end in {kinds}."

    def _draw_row(self, key: str) -> None:
        one = self._entries.get(key)
        if one is None:
            return
        name = str(one.path) if self._recent else one.path.name
        with ui.ZStack(height=LINE, identifier=f"file:{one.path.name}") as row:
            ui.Rectangle(name="selected" if key == self._at else "line")
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                _sign(folder=one.is_folder)
                ui.Label(name, elided_text=True)
                ui.Label(one.about, name="dim", width=0)
                ui.Spacer(width=style.GAP)
        tip(row, str(one.path))
        row.set_mouse_pressed_fn(lambda x, y, b, m: self._select(key) if b == 0 else None)
        row.set_mouse_double_clicked_fn(lambda x, y, b, m: self._take(one) if b == 0 else None)

    def _draw_foot(self) -> None:
        with ui.VStack(spacing=style.GAP, height=0):
            if self._replaces is not None:
                with ui.HStack(spacing=2 * style.GAP, height=0):
                    dot("warning", "!")
                    text = f"{self._replaces.name} is there already. Replace it?"
                    ui.Label(text, word_wrap=True, identifier="dialog text")
                    self._button("Replace", self._replace, "dialog replace", "Write over it.")
                    self._button("Keep it", self._keep, "dialog keep", "Choose another name.")
                return
            with ui.HStack(spacing=style.GAP, height=style.ROW):
                ui.Label(self._remark(), name="dim", elided_text=True, identifier="dialog text")
                button(
                    self._asked.ok,
                    self._accept,
                    identifier="dialog ok",
                    says=f"{self._asked.ok} what is chosen (Enter).",
                    why_not=self.why_not(),
                    lit=True,
                )
                self._button("Cancel", self._leave, "dialog cancel", "Change nothing (Escape).")

    def _button(self, text: str, does: Callable[[], object], identifier: str, says: str) -> None:
        with ui.VStack(width=0):
            ui.Spacer()
            button(text, does, identifier=identifier, says=says, lit=text == "Replace")
            ui.Spacer()

    def _remark(self) -> str:
        if self._fault and self._entries:
            return self._fault
        count = sum(not one.is_folder for one in self._entries.values())
        kinds = ", ".join(self._asked.suffixes)
        return f"{count} file{'s' * (count != 1)} ({kinds})"

    # -- what is chosen

    def why_not(self) -> str | None:
        """Why nothing can be opened or saved yet; None where it can."""
        if self._chosen() is not None:
            return None
        if self._asked.saves:
            return "Type a name for the file."
        return "Choose a file of the list, or type its path."

    def _chosen(self) -> Path | None:
        """The folder to go into, or the file to open or save."""
        typed = self._model.as_string.strip()
        if self._asked.saves:
            return named(self.folder, typed, self._asked.suffixes[0]) if typed else None
        entry = self._entries.get(self._at or "")
        if entry is not None:
            return entry.path
        return named(self.folder, typed) if typed else None

    def _accept(self) -> None:
        path = self._chosen()
        if path is None:
            self._say(self.why_not() or "")
        elif path.is_dir():
            self._go(path)
        elif self._asked.saves and not path.parent.is_dir():
            self._say(f"There is no folder {path.parent}: create it first, or choose another.")
        elif self._asked.saves and path.exists():
            self._replaces = path
            self._redraw("foot")
        elif self._model.as_string.rstrip().endswith("/"):
            self._say(f"There is no folder {path}.")
        elif not self._asked.saves and not path.is_file():
            self._say(f"There is no file {path.name} in {path.parent}.")
        else:
            self._done(path)

    def _done(self, path: Path) -> None:
        self._leave()
        self._asked.then(path)

    def _replace(self) -> None:
        path = self._replaces
        if path is not None:
            self._done(path)

    def _keep(self) -> None:
        self._replaces = None
        self._redraw("foot")
        self._type()

    def _take(self, one: Entry) -> None:
        """A double click: go in, or be done."""
        if one.is_folder:
            self._go(one.path)
        else:
            self._select(one.key)
            self._accept()

    def _select(self, key: str | None) -> None:
        before, self._at = self._at, key
        entry = self._entries.get(key or "")
        if self._asked.saves and entry is not None and not entry.is_folder:
            self._model.as_string = entry.path.name
        for one in {before, key} - {None}:
            if self._rows is not None and one is not None:
                self._rows.redraw(one)
        if self._rows is not None and key is not None:
            self._rows.reveal(key)
        self._fault = ""
        self._redraw("foot")

    # -- where one is

    def _go(self, folder: Path) -> None:
        """Show another folder."""
        came_from, self.folder, self._recent = self.folder, folder, False
        if not self._asked.saves:
            self._model.as_string = ""
        elif "/" in self._model.as_string:
            self._model.as_string = place_of(folder, self._model.as_string)[1]
        self._read()
        if came_from.parent == folder:
            self._at = str(came_from)  # as it was left
        self._show()

    def _up(self) -> None:
        self._go(self.folder if self._recent else self._place.parent)

    def _toggle_recent(self) -> None:
        if self._asked.recent:
            self._recent = not self._recent
            self._changed()

    def _pattern(self) -> str:
        return "" if self._asked.saves else place_of(self.folder, self._model.as_string)[1]

    @property
    def _place(self) -> Path:
        """The folder that is listed: another one while a path is typed."""
        return place_of(self.folder, self._model.as_string)[0]

    def _read(self) -> None:
        """What the list has now."""
        self._fault, self._at = "", None
        asked, place = self._asked, self._place
        try:
            found = (
                file_entries(asked.recent, asked.suffixes, self._pattern())
                if self._recent
                else entries(place, asked.suffixes, self._pattern())
            )
        except OSError as fault:
            found = []
            self._fault = f"{place} cannot be read: {(fault.strerror or str(fault)).lower()}."
        self._entries = {one.key: one for one in found}
        if found and self._pattern():
            self._at = best(found, self._pattern()).key

    def _changed(self) -> None:
        """Other text was typed."""
        self._replaces = None
        if not self._asked.saves or "/" in self._model.as_string:
            self._read()
            self._redraw("list")
        self._redraw("bar")
        self._redraw("foot")

    def _show(self) -> None:
        self._replaces = None
        self._redraw("bar", "list", "foot")
        self._type()

    def _say(self, text: str) -> None:
        self._fault = text
        if self._entries:
            self._redraw("foot")
        else:
            self._redraw("list")

    def _key(self, code: int, modifier: int, down: bool) -> None:
        match self._chord.press(code, modifier, down):
            case "Escape" if self._replaces is not None:
                self._keep()
            case "Escape":
                self._leave()
            case "Enter" if self._replaces is not None:
                self._replace()
            case "Enter":
                self._accept()
            case "Up" | "Down" as key if self._entries:
                keys = [*self._entries]
                now = keys.index(self._at) if self._at in self._entries else -1
                by = 1 if key == "Down" else -1
                self._select(keys[min(max(now + by, 0), len(keys) - 1)])
                self._type()  # the arrow moved the keyboard to the list


def _short(name: str, most: int = 16) -> str:
    return name if len(name) <= most else f"{name[: most - 2]}.."


def _sign(*, folder: bool) -> None:
    """A folder, or a sheet."""
    with ui.VStack(width=14):
        ui.Spacer()
        if folder:
            with ui.HStack(height=2):
                ui.Rectangle(name="sign", width=6)
                ui.Spacer()
            ui.Rectangle(name="sign", height=8)
        else:
            with ui.HStack(height=12):
                ui.Spacer(width=2)
                ui.Rectangle(name="sheet", width=9)
                ui.Spacer()
        ui.Spacer()

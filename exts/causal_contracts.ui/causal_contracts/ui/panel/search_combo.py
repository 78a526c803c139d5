# SPDX-License-Identifier: Apache-2.0
"""Choices in, one picked: a combo whose list is searched by typing and driven by the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import omni.ui as ui

from ..host import Host
from ..state.rows import fits
from . import style
from .above import covers, on_press, uncovers
from .key_codes import Chord
from .leaving import Leaving
from .redrawn import redrawn
from .tips import tip, tip_above

WIDTH = 300
"""The list is at least so wide."""
LINE = 40
VISIBLE = 6
UNFOLDED = 120
"""Height of what the list lacks."""
LONG = 24
"""Letters of a name for which there is always room."""
MOST = 100
"""Lines that are drawn; typing narrows the rest."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list."""

    key: str
    """What is picked."""
    text: str
    note: str = ""
    """The second line, dim."""
    why_not: str | None = None
    """Why it cannot be picked; it is grey then, and says so in place of the note."""


def found(choices: Sequence[Choice], pattern: str) -> list[Choice]:
    """The choices that fit; those that cannot be picked come last."""
    fitting = [one for one in choices if fits(pattern, one.text)]
    return sorted(fitting, key=lambda one: one.why_not is not None)


class SearchCombo:
    """A combo that opens a list with a field to type into.

    Args:
        host: closes the list between frames.
        choices: asked each time the list opens.
        shown: text and dim note of the combo itself.
        pick: gets the key of the choice.
        chosen: key of the line to start at.
        says: the tip while it can be used.
        why_not: why it cannot be used; it opens all the same, so that one can read the list.
        refuse: gets the key of a grey line that is clicked, e.g. to say at length why.
        missing: what the list lacks: a title, and by name the reason, which unfold beneath it.
    """

    def __init__(
        self,
        host: Host,
        choices: Callable[[], Sequence[Choice]],
        *,
        shown: tuple[str, str],
        pick: Callable[[str], object],
        identifier: str,
        says: str,
        chosen: str | None = None,
        why_not: str | None = None,
        refuse: Callable[[str], object] | None = None,
        missing: tuple[str, Sequence[tuple[str, str]]] | None = None,
        width: float | ui.Length | None = None,
    ) -> None:
        self._choices, self._pick, self._leaving = choices, pick, Leaving(host)
        self._refuse = refuse
        self._missing, self._unfolded = missing, False
        self._chosen, self._why_not, self._identifier = chosen, why_not, identifier
        self.window: ui.Window | None = None
        self._list: ui.Frame | None = None
        self._fold: ui.Frame | None = None
        self._field: ui.StringField | None = None
        self._chord = Chord()
        self._at = 0
        self._lines: list[Choice] = []
        self._build(shown, says, width)

    @property
    def is_open(self) -> bool:
        """Whether the list is shown."""
        return self.window is not None and self.window.visible

    def open(self) -> None:
        """Show the list beneath the combo, or above it where there is no room."""
        if self.is_open:
            return
        self._everything = self._choices()
        self._narrow("")
        self._make_window()

    def close(self) -> None:
        """Take the list away."""
        window, self.window = self.window, None
        self._list = self._fold = self._field = None  # whose callbacks hold this combo
        if window is not None:
            uncovers(window)
            self._leaving.add(window)

    def destroy(self) -> None:
        """Take the list away at once, since no other frame may come."""
        self.close()
        self._leaving.close()

    # -- what another kind of list does otherwise

    line = LINE
    """Height of a line of the list."""
    least = WIDTH
    """Width of the list at least."""

    def _above(self) -> float:
        """Height of what stands above the lines."""
        return style.ROW + style.GAP

    # -- the combo

    def _build(self, shown: tuple[str, str], says: str, width: float | ui.Length | None) -> None:
        how = {} if width is None else {"width": width}
        with ui.ZStack(height=style.ROW, identifier=self._identifier, **how) as self._combo:
            ui.Rectangle(name="combo")
            with ui.HStack(spacing=2 * style.GAP):
                ui.Spacer(width=0)
                # The name keeps its width; what cannot be shown whole is the note, or a name that
                # is so long that it would push other widgets out of the window.
                with ui.HStack(spacing=6):
                    off = "off" if self._why_not else ""
                    if shown[1] and len(shown[0]) <= _whole(width):
                        ui.Label(shown[0], name=off, width=0)
                        ui.Label(shown[1], name="dim", elided_text=True)
                    else:
                        ui.Label(shown[0], name=off, elided_text=True)
                arrow()
                ui.Spacer(width=0)
        tip(self._combo, self._why_not or says)
        on_press(self._combo, lambda x, y, button, _: self.open() if not button else 0)

    # -- the list

    def _make_window(self) -> None:
        self.close()
        combo = self._combo
        room = ui.Workspace.get_main_window_width(), ui.Workspace.get_main_window_height()
        width = max(combo.computed_width, self.least)
        height = self._above() + self.line * min(max(len(self._lines), 1), VISIBLE)
        height += style.ROW + style.GAP if self._missing else 0
        height += 3 * style.GAP
        below = combo.screen_position_y + style.ROW + 2
        above = combo.screen_position_y - height - 2
        window = self.window = ui.Window(
            f"{self._identifier}##list",
            width=width,
            height=height,
            position_x=max(min(combo.screen_position_x, room[0] - width - style.GAP), 0),
            position_y=above if below + height > room[1] and above > 0 else below,
            padding_x=style.GAP,
            padding_y=style.GAP,
            flags=ui.WINDOW_FLAGS_POPUP
            | ui.WINDOW_FLAGS_NO_TITLE_BAR
            | ui.WINDOW_FLAGS_NO_RESIZE
            | ui.WINDOW_FLAGS_NO_MOVE
            | ui.WINDOW_FLAGS_NO_SCROLLBAR,
        )
        covers(window)
        window.frame.set_style(style.POPUP)
        window.set_key_pressed_fn(self._key)
        with window.frame, ui.VStack(spacing=style.GAP):
            if self._above():
                self._search()
            self._list = redrawn(self._draw_list)
            if self._missing:
                self._fold = redrawn(self._draw_missing, height=0)

    def _search(self) -> None:
        with ui.ZStack(height=style.ROW):
            field = self._field = ui.StringField(identifier="search")
            hint = ui.Label("   type to search, e.g. door*", name="dim")

        def typed(model: ui.AbstractValueModel) -> None:
            hint.visible = not model.as_string
            self._narrow(model.as_string)
            self._show()

        field.model.add_value_changed_fn(typed)
        field.focus_keyboard(True)

    def _show(self, *frames: ui.Frame | None) -> None:
        """Draw these anew, the lines where none is named."""
        for frame in frames or (self._list,):
            if frame is not None:
                frame.rebuild()

    def _type(self) -> None:
        """Let the keyboard write into the field."""
        if self._field is not None:
            self._field.focus_keyboard(True)

    def _narrow(self, pattern: str) -> None:
        self._lines = found(self._everything, pattern)
        keys = [one.key for one in self._lines]
        self._at = keys.index(self._chosen) if not pattern and self._chosen in keys else 0

    def _draw_list(self) -> None:
        if not self._lines:
            none = "nothing matches" if self._everything else "nothing to choose from"
            ui.Label(none, name="dim", height=self.line, alignment=ui.Alignment.CENTER)
            return
        policy = ui.ScrollBarPolicy
        fits_whole = len(self._lines) <= VISIBLE
        with (
            ui.ScrollingFrame(
                horizontal_scrollbar_policy=policy.SCROLLBAR_ALWAYS_OFF,
                vertical_scrollbar_policy=policy.SCROLLBAR_ALWAYS_OFF
                if fits_whole
                else policy.SCROLLBAR_AS_NEEDED,
            ) as scroll,
            ui.VStack(height=0),
        ):
            for index, one in enumerate(self._lines[:MOST]):
                self._line(index, one)
            if len(self._lines) > MOST:
                ui.Label(
                    f"   {len(self._lines) - MOST} more: type to narrow",
                    name="dim",
                    height=self.line,
                )
        scroll.scroll_y = max(self._at - VISIBLE + 2, 0) * self.line

    def _line(self, index: int, one: Choice) -> None:
        with ui.ZStack(height=self.line, identifier=f"choice:{one.key}") as line:
            ui.Rectangle(name="selected" if index == self._at else "line")
            with ui.HStack():
                ui.Spacer(width=2 * style.GAP)
                with ui.VStack():
                    ui.Spacer(height=3)
                    ui.Label(one.text, name="off" if one.why_not else "", elided_text=True)
                    if one.why_not or one.note:
                        ui.Label(one.why_not or one.note, name="note", elided_text=True)
                    ui.Spacer(height=3)
                ui.Spacer(width=2 * style.GAP)
        tip_above(line, one.why_not)
        line.set_mouse_pressed_fn(lambda x, y, button, _: self._take(one) if not button else None)

    def _draw_missing(self) -> None:
        assert self._missing is not None
        title, lines = self._missing
        with ui.VStack(height=0, spacing=style.GAP):
            with ui.ZStack(height=style.ROW, identifier="missing") as bar:
                ui.Rectangle(name="line")
                with ui.HStack():
                    ui.Spacer(width=2 * style.GAP)
                    arrow(aside=not self._unfolded)
                    ui.Spacer(width=2 * style.GAP)
                    ui.Label(title, name="dim")
            bar.set_mouse_pressed_fn(lambda x, y, button, _: self._toggle_missing())
            if not self._unfolded:
                return
            with ui.ScrollingFrame(height=UNFOLDED), ui.VStack(height=0, spacing=style.GAP):
                for name, reason in lines:
                    with ui.HStack(height=0):
                        ui.Spacer(width=2 * style.GAP)
                        with ui.VStack(height=0):
                            ui.Label(name, name="dim", height=0, elided_text=True)
                            ui.Label(reason, name="note", height=0, word_wrap=True)
                        ui.Spacer(width=2 * style.GAP)

    def _toggle_missing(self) -> None:
        self._unfolded = not self._unfolded
        if self.window is not None:
            self.window.height += UNFOLDED if self._unfolded else -UNFOLDED
            self._show(self._fold)
            self._type()

    def _take(self, one: Choice) -> None:
        take = self._pick if one.why_not is None else self._refuse
        if take is not None:
            self.close()
            take(one.key)

    def _key(self, code: int, modifier: int, down: bool) -> None:
        match self._chord.press(code, modifier, down):
            case "Escape":
                self.close()
            case "Enter" if self._lines:
                self._take(self._lines[self._at])
            case "Up" | "Down" as key if self._lines:
                by = 1 if key == "Down" else -1
                self._at = min(max(self._at + by, 0), min(len(self._lines), MOST) - 1)
                self._show()
                # The arrow moved the keyboard from the field to the list.
                self._type()


def _whole(width: float | ui.Length | None) -> int:
    """Letters of a name that is shown whole, with its note, in a combo so wide."""
    return max(int(width) // 10 - 16, LONG) if isinstance(width, int | float) else LONG


def arrow(*, aside: bool = False) -> None:
    """The triangle of a combo, or of a fold that is shut."""
    where = ui.Alignment.RIGHT_CENTER if aside else ui.Alignment.CENTER_BOTTOM
    with ui.VStack(width=8):
        ui.Spacer()
        ui.Triangle(name="arrow", height=6, alignment=where)
        ui.Spacer()

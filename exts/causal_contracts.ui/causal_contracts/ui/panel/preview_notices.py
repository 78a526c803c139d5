# SPDX-License-Identifier: Apache-2.0
"""What the author should know of the run, one line each; and why nothing runs, with what helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import omni.ui as ui

from ..preview import texts
from ..preview.engines import ENGINES, PYTHONS
from ..preview.preview_state import PreviewState
from ..preview.standby import Phase
from . import style
from .controls import button, dot
from .preview_part import PreviewPart

NATIVE = (
    "Native: contracts are off, the asset is as it is by itself. "
    "I: the trigger holds, and nothing answers it."
)
CHOOSE = "Choose Python"
SAYS = {
    "Restart": "Build the clones anew from what the panel shows.",
    "Cancel": "Stop this.",
    CHOOSE: "Name the interpreter of an environment in which causal-contracts[lab] is installed.",
}
"""Tips of the buttons."""
Action = tuple[str, Callable[[], object], str]
"""Text of a button, what it does, and its identifier."""
LINES = 96
"""Height of the worker's last lines."""


class Notices(PreviewPart):
    """Lines that come and go: refused, out of date, contracts off, log saved."""

    def look(self) -> object:
        """The sentences."""
        one = self.preview
        running = one.phase is Phase.RUNNING
        return (
            one.refused if one.refused != self._stands() else "",
            one.error if running else "",
            one.held_back,
            one.why_restart() if running else None,
            one.why_inert(),
            one.native,
            one.saved,
        )

    def fill(self) -> None:
        """One line for each."""
        one = self.preview
        refused, error, held_back, restart, inert, native, saved = self._parts()
        with ui.VStack(spacing=style.GAP, height=0):
            if native:
                _line("info", "i", NATIVE)
            for text in dict.fromkeys((refused, error, held_back)):
                if text:
                    _line("error", "x", text, choose_python(one, text))
            if inert:
                _line("warning", "!", f"Inert: {inert}.")
            if restart:
                _line("warning", "!", restart, ("Restart", one.restart, "restart"))
            if saved:
                copy = "Copy command", self._copy, "copy replay"
                _line("ok", "ok", f"Saved {saved.name}. The command runs it again.", copy)

    def _stands(self) -> str:
        """What `Standing` says beneath, which is not said twice."""
        one = self.preview
        return one.why_not_start() or "" if one.phase is Phase.EMPTY else one.error

    def _parts(self) -> tuple:
        look = self.look()
        assert isinstance(look, tuple)
        return look

    def _copy(self) -> None:
        command = self.preview.replay_command()
        self.preview.host.copy(command)
        self.preview.host.notify(f"Copied: {command}")


class Standing(PreviewPart):
    """What stands in the place of the grid while nothing runs."""

    def __init__(self, preview: PreviewState) -> None:
        super().__init__(preview)
        self._clock: ui.Label | None = None
        self._held.add(preview.host.on_frame(self._count))

    def look(self) -> object:
        """The sentence of the phase."""
        one = self.preview
        return one.phase, one.progress, one.error, one.lines, one.why_not_start()

    def changed(self) -> None:
        """The frame may have gone with the phase."""
        if self.preview.phase is not Phase.RUNNING:
            super().changed()

    def fill(self) -> None:
        """A box: what to do, what is being done, or what went wrong."""
        one = self.preview
        self._clock = None
        match one.phase:
            case Phase.FAILED | Phase.DIED:
                self._trouble()
            case Phase.BUILDING:
                self._building()
            case Phase.EMPTY:
                why = one.why_not_start() or ""
                _box(why, "preview empty", choose_python(one, why))
            case _:
                number = one.choices.num_envs
                who = "A clone obeys" if number == 1 else f"{number} clones obey"
                _box(
                    f"Play: {who} the contracts as they stand in the editor, edits and drags "
                    "included. Nothing is written, and the stage is not touched.",
                    "preview ready",
                )

    def _building(self) -> None:
        """What is done now, for how long it has all taken, and how long it may take."""
        one = self.preview
        cancel = "Cancel", one.stop, "cancel"
        wait = ENGINES[one.choices.sim].wait
        with _boxed(cancel):
            with ui.HStack(height=0):
                progress = one.progress or "Starting."
                ui.Label(progress, word_wrap=True, height=0, identifier="progress")
                if wait:
                    ui.Spacer(width=style.GAP)
                    said = texts.waited(one.waited)
                    self._clock = ui.Label(said, width=0, height=0, identifier="waited")
            if wait:
                ui.Label(wait, name="dim", word_wrap=True, height=0, identifier="wait")

    def _count(self) -> None:
        """Let the clock go on, in the widget that stands."""
        if self._clock is not None and self.preview.phase is Phase.BUILDING:
            said = texts.waited(self.preview.waited)
            if self._clock.text != said:
                self._clock.text = said

    def close(self) -> None:
        """Listen no longer."""
        super().close()
        self._clock = None

    def _trouble(self) -> None:
        one = self.preview
        with ui.VStack(spacing=style.GAP, height=0):
            _box(one.error, "preview error", ("Restart", one.restart, "restart"), bad=True)
            text = "\n".join(one.lines)
            if text:
                field = ui.StringField(
                    multiline=True,
                    read_only=True,
                    height=LINES,
                    identifier="last lines",
                    style={"font_size": 13},
                )
                field.model.as_string = text
                with ui.HStack(height=style.ROW):
                    ui.Label("Last lines of the preview's process", name="dim")
                    button(
                        "Copy lines",
                        lambda: one.host.copy(f"{one.error}\n{text}"),
                        identifier="copy lines",
                        says="Copy the sentence and these lines.",
                    )


def _line(
    kind: str,
    glyph: str,
    text: str,
    action: Action | None = None,
) -> None:
    with ui.HStack(spacing=2 * style.GAP, height=0):
        dot(kind, "" if glyph == "ok" else glyph)
        ui.Label(text, name="dim", word_wrap=True, identifier=f"notice:{kind}")
        if action is not None:
            _button(action)


def _box(
    text: str,
    identifier: str,
    action: Action | None = None,
    *,
    bad: bool = False,
) -> None:
    with _boxed(action, bad=bad):
        ui.Label(text, word_wrap=True, height=0, identifier=identifier)


@contextmanager
def _boxed(action: Action | None, *, bad: bool = False) -> Iterator[None]:
    """A filled box around a column, with a button at its right."""
    with ui.ZStack(height=0):
        ui.Rectangle(name="refusal" if bad else "box")
        with ui.HStack(spacing=2 * style.GAP):
            ui.Spacer(width=0)
            with ui.VStack(height=0):
                ui.Spacer(height=2 * style.GAP)
                yield
                ui.Spacer(height=2 * style.GAP)
            if action is not None:
                _button(action)
            ui.Spacer(width=0)


def choose_python(preview: PreviewState, text: str) -> Action | None:
    """The button beside `text`, where that says that an interpreter lacks Isaac Lab."""
    if not text or text != preview.why_choose_python():
        return None

    def chosen(python: Path) -> None:
        preview.set_python(python)  # refused: the section says why

    def ask() -> None:
        preview.host.ask_open("Choose a Python with Isaac Lab", PYTHONS, chosen)

    return CHOOSE, ask, "choose python"


def _button(action: Action) -> None:
    name, does, identifier = action
    with ui.VStack(width=0):
        ui.Spacer()
        made = button(name, does, identifier=identifier, says=SAYS.get(name, name), lit=True)
        if name == "Cancel":
            made.set_style({"background_color": style.SELECTED})
        ui.Spacer()

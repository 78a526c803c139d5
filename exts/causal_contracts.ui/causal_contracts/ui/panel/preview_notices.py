# SPDX-License-Identifier: Apache-2.0
"""What the author should know of the run, one line each; and why nothing runs, with what helps."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..preview.standby import Phase
from . import style
from .controls import button, dot
from .preview_part import PreviewPart

NATIVE = (
    "Native: contracts are off, the asset is as it is by itself. "
    "I: the trigger holds, and nothing answers it."
)
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
                    _line("error", "x", text)
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
        match one.phase:
            case Phase.FAILED | Phase.DIED:
                self._trouble()
            case Phase.BUILDING:
                progress = one.progress or "Starting."
                _box(progress, "progress", ("Cancel", one.stop, "cancel"))
            case Phase.EMPTY:
                _box(one.why_not_start() or "", "preview empty")
            case _:
                number = one.choices.num_envs
                who = "A clone obeys" if number == 1 else f"{number} clones obey"
                _box(
                    f"Play: {who} the contracts as they stand in the editor, edits and drags "
                    "included. Nothing is written, and the stage is not touched.",
                    "preview ready",
                )

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
    action: tuple[str, Callable[[], object], str] | None = None,
) -> None:
    with ui.HStack(spacing=2 * style.GAP, height=0):
        dot(kind, "" if glyph == "ok" else glyph)
        ui.Label(text, name="dim", word_wrap=True, identifier=f"notice:{kind}")
        if action is not None:
            _button(action)


def _box(
    text: str,
    identifier: str,
    action: tuple[str, Callable[[], object], str] | None = None,
    *,
    bad: bool = False,
) -> None:
    with ui.ZStack(height=0):
        ui.Rectangle(name="refusal" if bad else "box")
        with ui.HStack(spacing=2 * style.GAP):
            ui.Spacer(width=0)
            with ui.VStack(height=0):
                ui.Spacer(height=2 * style.GAP)
                ui.Label(text, word_wrap=True, height=0, identifier=identifier)
                ui.Spacer(height=2 * style.GAP)
            if action is not None:
                _button(action)
            ui.Spacer(width=0)


def _button(action: tuple[str, Callable[[], object], str]) -> None:
    name, does, identifier = action
    says = {"Restart": "Build the clones anew from what the panel shows.", "Cancel": "Stop this."}
    with ui.VStack(width=0):
        ui.Spacer()
        made = button(name, does, identifier=identifier, says=says.get(name, name), lit=True)
        if name == "Cancel":
            made.set_style({"background_color": style.SELECTED})
        ui.Spacer()

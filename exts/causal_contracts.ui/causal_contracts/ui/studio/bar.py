# SPDX-License-Identifier: Apache-2.0
"""What Studio adds above the panel: files, undo, the file's name, and the last message."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import omni.ui as ui
from causal_contracts.core.issue import ContractError

from ..host import Level, StageChange
from ..panel import style
from ..panel.controls import button, icon_button, tip
from ..panel.menus import Item, open_menu
from ..panel.search_combo import arrow
from ..panel.section import Section
from ..state.editor_state import EditorState
from ..state.refusal import sentence_of
from ..studio_host import StudioHost
from .dialogs import Answer, StudioDialogs
from .file_list import begin
from .recent import recent_files, remember

MESSAGE = 6.0
"""Seconds for which a message is shown in place of the file's name."""
USD = [".usd", ".usda", ".usdc"]
_NO_STAGE = "There is no stage: open one first."


class Bar(Section):
    """Open, recent files, undo, redo, save; nothing unsaved is lost without a question."""

    topics = ("undo", "target", "bundle")

    def __init__(self, state: EditorState, host: StudioHost, dialogs: StudioDialogs) -> None:
        super().__init__(state)
        self._host, self._dialogs = host, dialogs
        self._message, self._until = "", 0.0
        self.menu: ui.Menu | None = None
        self._note_file()
        self._held.add(host.notified.connect(self._told), host.on_frame(self._tick))
        self._held.add(host.watch_stage(self._stage_changed))

    @property
    def title(self) -> str:
        """The file and whether it has changes, e.g. `* car.usda`; empty without a stage."""
        stage = self._host.stage()
        if stage is None:
            return ""
        layer = stage.GetRootLayer()
        name = Path(layer.realPath).name if layer.realPath else "not saved yet"
        return f"* {name}" if self._host.unsaved() else name

    def draw(self) -> None:
        """One line above the panel."""
        state, host = self.state, self._host
        unsaved = host.unsaved()
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Spacer(width=style.GAP)
            button(
                "Open",
                self.open,
                identifier="open",
                says="Open another USD file (Ctrl+O).",
                lit=host.stage() is None,
            )
            recent = recent_files(host)
            icon_button(
                _arrow,
                self._recent,
                identifier="recent",
                says="Open a file again.",
                why_not=None if recent else "No file was opened yet.",
                width=22,
            )
            for name, does, why, step, key in (
                ("Undo", state.undo, state.why_no_undo(), host.can_undo(), "Ctrl+Z"),
                ("Redo", state.redo, state.why_no_redo(), host.can_redo(), "Ctrl+Y"),
            ):
                says = f"{name}: {step} ({key})."
                button(name, does, identifier=name.lower(), says=says, why_not=why)
            button(
                "Save",
                self.save,
                identifier="save",
                says=f"Write {', '.join(unsaved)} (Ctrl+S).",
                why_not=None if unsaved else "Nothing has changed since the file was written.",
                lit=bool(unsaved),
            )
            icon_button(
                _arrow,
                self._more,
                identifier="save more",
                says="Save under another name, or copy the file's path.",
                why_not=None if host.stage() else _NO_STAGE,
                width=22,
            )
            ui.Spacer(width=0)
            shown = self._message or self.title
            label = ui.Label(
                shown,
                name="dim",
                elided_text=True,
                identifier="message" if self._message else "file",
            )
            tip(label, shown)
            ui.Spacer(width=style.GAP)

    def open(self) -> None:
        """Ask for a file, after what is not saved."""
        self.leave("open another file", self._ask_file)

    def save(self) -> bool:
        """Write the changed layers; returns whether that went well."""
        try:
            written = self._host.save()
        except ContractError as fault:
            self._host.notify(sentence_of(fault.issues), Level.ERROR)
            return False
        if written:
            self._host.notify(f"Wrote {', '.join(one.name for one in written)}.")
        self.changed()
        return True

    def save_as(self) -> None:
        """Ask for another name, write the stage's file there, and open that."""
        stage = self._host.stage()
        if stage is None:
            self._host.notify(_NO_STAGE, Level.WARNING)
            return
        path = stage.GetRootLayer().realPath
        suggested = Path(path) if path else begin() / "asset.usda"
        self._host.ask_save("Save as", suggested, self._save_as)

    def _save_as(self, path: Path) -> None:
        stage = self._host.stage()
        if stage is not None and path == Path(stage.GetRootLayer().realPath or ""):
            self.save()
            return
        try:
            self._host.save_as(path)
        except ContractError as fault:
            self._host.notify(sentence_of(fault.issues), Level.ERROR)
        else:
            self._host.notify(f"Wrote {path}.")

    def _more(self) -> None:
        stage = self._host.stage()
        if stage is None:
            return
        path = stage.GetRootLayer().realPath
        none = None if path else "The stage is in no file yet."
        self.menu = open_menu(
            "save",
            [
                Item("Save as", self.save_as, "save as", key="Ctrl+Shift+S"),
                Item("Copy path", lambda: self._host.copy(path), "copy file path", none),
            ],
        )

    def leave(self, to: str, then: Callable[[], object]) -> None:
        """Run `then`, first asking what becomes of changes that are not saved."""
        unsaved = self._host.unsaved()
        if not unsaved:
            then()
            return
        names = ", ".join(unsaved)
        self._dialogs.ask(
            "Unsaved changes",
            f"{names} has changes that are not saved. Save them, or {to} without them?",
            [
                Answer(
                    "Save",
                    lambda: self.save() and then(),
                    f"Write {names} first.",
                    "dialog save",
                    main=True,
                ),
                Answer("Don't save", then, "The changes are lost.", "dialog discard"),
            ],
        )

    def _ask_file(self) -> None:
        self._host.ask_open("Open", USD, self._opened)

    def _opened(self, path: Path) -> None:
        try:
            self._host.open(path.expanduser())
        except ContractError as fault:
            self._host.notify(sentence_of(fault.issues), Level.ERROR)

    def _recent(self) -> None:
        files = recent_files(self._host)
        if files:
            self.menu = open_menu(
                "recent",
                [
                    Item(
                        str(path),
                        lambda path=path: self.leave(
                            f"open {path.name}", lambda: self._opened(path)
                        ),
                        f"recent:{path.name}",
                    )
                    for path in files
                ],
            )

    def _stage_changed(self, change: StageChange) -> None:
        if change.opened:
            self._note_file()

    def _note_file(self) -> None:
        stage = self._host.stage()
        if stage is not None and stage.GetRootLayer().realPath:
            remember(self._host, Path(stage.GetRootLayer().realPath))
        self.changed()

    def _told(self, text: str, _: Level) -> None:
        self._message, self._until = text, time.monotonic() + MESSAGE
        self.changed()

    def _tick(self) -> None:
        if self._message and time.monotonic() > self._until:
            self._message = ""
            self.changed()


def _arrow() -> None:
    with ui.HStack():
        ui.Spacer()
        arrow()
        ui.Spacer()

# SPDX-License-Identifier: Apache-2.0
"""The host of Kit: Isaac Sim's stage, selection, undo, settings and dialogs.

Alone in importing omni.usd, omni.kit.* and carb. It was written from the call sites listed in
docs/kit_calls.md and holds calls only: what can be decided without Kit stands elsewhere.
"""

# pyright: reportMissingImports=false
# No stubs of these are published.

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import carb.eventdispatcher
import carb.settings
import omni.kit.app
import omni.kit.commands
import omni.kit.undo
import omni.timeline
import omni.usd
from pxr import Usd

from . import edit_targets
from .host import EditTarget, Level, StageChange, Step
from .jobs import Job, Jobs, Outcome, Progress
from .signals import Closing, Signal, Subscription, Subscriptions
from .stage_watch import StageWatch

EXTENSION = "causal_contracts.ui"
_SESSION = f"/exts/{EXTENSION}/"
_KEPT = f"/persistent/exts/{EXTENSION}/"
_SESSION_KEYS = ("check_delay",)


class CausalContractEditCommand(omni.kit.commands.Command):
    """One edit of causal contracts as a command, so that Edit > Undo takes it back."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def do(self) -> None:
        """Make the edit; nothing where it stands."""
        self._step.do()

    def undo(self) -> None:
        """Take the edit back."""
        self._step.undo()


class KitHost:
    """Keeps the protocol `Host`. Made when the panel's extension starts, closed when it stops."""

    name = "Isaac Sim"

    def __init__(self) -> None:
        self.jobs = Jobs()
        self._context = omni.usd.get_context()
        self._settings = carb.settings.get_settings()
        self._stage_changed: Signal[StageChange] = Signal("stage")
        self._selected: Signal[()] = Signal("selection")
        self._undone: Signal[()] = Signal("undo")
        self._retargeted: Signal[()] = Signal("edit target")
        self._played: Signal[()] = Signal("playing")
        self._frames: Signal[()] = Signal("frame")
        self._watch: StageWatch | None = None
        self._opened = True
        self._dialog: Any = None
        self._commands = omni.kit.commands.register_all_commands_in_module(__name__)
        self._held = Subscriptions(*self._observed())
        omni.kit.undo.subscribe_on_change(self._undo_changed)

    def close(self) -> None:
        """Drop every subscription, dialog and command."""
        self._held.close()
        omni.kit.undo.unsubscribe_on_change(self._undo_changed)
        self._close_stage()
        self._close_dialog()
        self.jobs.cancel()
        unregister = getattr(omni.kit.commands, "unregister_module_commands", None)
        if unregister is not None:
            unregister(self._commands)

    # -- events

    def _observed(self) -> list[Subscription]:
        stage, timeline = omni.usd.StageEventType, omni.timeline
        name = self._context.stage_event_name
        return [
            _observe(name(stage.OPENED), lambda _: self._open()),
            _observe(name(stage.CLOSING), lambda _: self._close_stage()),
            _observe(name(stage.CLOSED), lambda _: self._open()),
            _observe(name(stage.SELECTION_CHANGED), lambda _: self._selected()),
            _observe(timeline.GLOBAL_EVENT_PLAY, lambda _: self._played()),
            _observe(timeline.GLOBAL_EVENT_PAUSE, lambda _: self._played()),
            _observe(timeline.GLOBAL_EVENT_STOP, lambda _: self._played()),
            _observe(omni.kit.app.GLOBAL_EVENT_UPDATE, lambda _: self._frame()),
        ]

    def _frame(self) -> None:
        self.jobs.deliver()
        if not self._frames:
            self._close_stage()  # hidden: nobody listens, so that notices cost nothing
            self._opened = True
            return
        if self._opened:
            self._opened = False
            stage = self.stage()
            self._watch = StageWatch(stage) if stage is not None else None
            self._stage_changed(StageChange(opened=True, structure=True))
            self._retargeted()
        elif self._watch is not None:
            change = self._watch.take()
            if change is not None:
                self._stage_changed(change)
            if self._watch.take_target():
                self._retargeted()
        self._frames()

    def _open(self) -> None:
        self._close_stage()
        self._opened = True

    def _close_stage(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def _undo_changed(self, _commands: object) -> None:
        self._undone()

    # -- the protocol

    def stage(self) -> Usd.Stage | None:
        return self._context.get_stage()

    def watch_stage(self, listener: Callable[[StageChange], None]) -> Subscription:
        return self._stage_changed.connect(listener)

    def selection(self) -> list[str]:
        return list(self._context.get_selection().get_selected_prim_paths())

    def select(self, paths: Sequence[str]) -> None:
        self._context.get_selection().set_selected_prim_paths(list(paths), True)

    def watch_selection(self, listener: Callable[[], None]) -> Subscription:
        return self._selected.connect(listener)

    def push(self, step: Step) -> None:
        omni.kit.commands.execute("CausalContractEdit", step=step)

    def undo(self) -> None:
        omni.kit.undo.undo()

    def redo(self) -> None:
        omni.kit.undo.redo()

    def can_undo(self) -> str | None:
        return "the last edit" if omni.kit.undo.can_undo() else None

    def can_redo(self) -> str | None:
        return "the last edit" if omni.kit.undo.can_redo() else None

    def watch_undo(self, listener: Callable[[], None]) -> Subscription:
        return self._undone.connect(listener)

    def edit_targets(self) -> list[EditTarget]:
        stage = self.stage()
        return edit_targets.edit_targets(stage) if stage is not None else []

    def edit_target(self) -> EditTarget | None:
        stage = self.stage()
        return edit_targets.edit_target(stage) if stage is not None else None

    def set_edit_target(self, layer: str) -> None:
        stage = self.stage()
        if stage is None:
            raise ValueError("there is no stage; open one first")
        edit_targets.set_edit_target(stage, layer)

    def watch_edit_target(self, listener: Callable[[], None]) -> Subscription:
        return self._retargeted.connect(listener)

    def is_playing(self) -> bool:
        return omni.timeline.get_timeline_interface().is_playing()

    def watch_playing(self, listener: Callable[[], None]) -> Subscription:
        return self._played.connect(listener)

    def on_frame(self, listener: Callable[[], None]) -> Subscription:
        return self._frames.connect(listener)

    def setting(self, key: str, default: Any) -> Any:
        value = self._settings.get((_SESSION if key in _SESSION_KEYS else _KEPT) + key)
        return default if value is None else value

    def set_setting(self, key: str, value: Any) -> None:
        self._settings.set((_SESSION if key in _SESSION_KEYS else _KEPT) + key, value)

    def notify(self, text: str, level: Level = Level.INFO) -> None:
        from omni.kit.notification_manager import NotificationStatus, post_notification

        # Kit's own code uses no level for errors.
        status = NotificationStatus.INFO if level is Level.INFO else NotificationStatus.WARNING
        post_notification(text, hide_after_timeout=True, duration=3, status=status)

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> None:
        from omni.kit.window.popup_dialog import MessageDialog

        def accept(dialog: Any) -> None:
            dialog.hide()
            then()

        self._show(
            MessageDialog(
                title=title,
                message=text,
                ok_label=ok,
                cancel_label="Cancel",
                ok_handler=accept,
                cancel_handler=lambda dialog: dialog.hide(),
            )
        )

    def ask_open(self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]) -> None:
        from omni.kit.window.filepicker import FilePickerDialog

        def fits(item: Any) -> bool:
            return item is None or item.is_folder or item.path.endswith(tuple(suffixes))

        def accept(filename: str, dirname: str) -> None:
            self._dialog.hide()
            then(Path(dirname) / filename)

        self._show(
            FilePickerDialog(
                title, apply_button_label="Open", click_apply_handler=accept, item_filter_fn=fits
            )
        )

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> None:
        from omni.kit.window.file_exporter import get_file_exporter

        def accept(
            filename: str, dirname: str, extension: str = "", selections: object = None
        ) -> None:
            name = filename if filename.endswith(extension) else filename + extension
            then(Path(dirname) / name)

        suffix = suggested.suffix
        get_file_exporter().show_window(
            title=title,
            export_button_label="Save",
            file_extension_types=[(suffix, suffix.lstrip(".").upper())],
            filename_url=str(suggested),
            export_handler=accept,
        )

    def copy(self, text: str) -> None:
        import omni.kit.clipboard

        omni.kit.clipboard.copy(text)

    def run(
        self,
        name: str,
        work: Callable[[Progress], Any],
        then: Callable[[Outcome], None] | None = None,
    ) -> Job:
        return self.jobs.start(name, work, then)

    def _show(self, dialog: Any) -> None:
        self._close_dialog()
        self._dialog = dialog
        dialog.show()

    def _close_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.hide()
            self._dialog.destroy()
            self._dialog = None


def _observe(event: str, listener: Callable[[Any], None]) -> Subscription:
    guard = carb.eventdispatcher.get_eventdispatcher().observe_event(
        observer_name=f"{EXTENSION}.{event}", event_name=event, on_event=listener
    )
    return Closing(guard.reset)

# SPDX-License-Identifier: Apache-2.0
"""The host of Kit: Isaac Sim's stage, selection, undo, settings and dialogs.

This file and its neighbours kit_*.py are alone in calling Kit. They were written from the call
sites listed in docs/kit_calls.md and hold calls only: what can be decided without Kit stands
elsewhere. Every extension but Kit's kernel may be absent; what is off then is logged once.
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
from pxr import Usd

from . import edit_targets
from .host import EditTarget, Level, StageChange, Step
from .jobs import Job, Jobs, Outcome, Progress
from .kit_dialogs import KitDialogs
from .kit_optional import optional
from .signals import Closing, Signal, Subscription, Subscriptions
from .stage_watch import StageWatch
from .undo_stack import UndoStack

EXTENSION = "causal_contracts.ui"
_SESSION = f"/exts/{EXTENSION}/"
_KEPT = f"/persistent/exts/{EXTENSION}/"
_SESSION_KEYS = ("check_delay", "dock_in", "open_at_start")


class KitHost:
    """Keeps the protocol `Host`. Made when the panel's extension starts, closed when it stops.

    It follows Kit only while somebody holds it; asleep it has no subscription and costs nothing.
    """

    name = "Isaac Sim"
    shows_stage = True

    def __init__(self) -> None:
        self.jobs = Jobs()
        self._usd = optional("omni.usd", "there is no stage to author on")
        self._timeline = optional("omni.timeline", "edits do not wait for a simulation to stop")
        self._context = self._usd.get_context() if self._usd else None
        self._settings = carb.settings.get_settings()
        self._undo = _undo_stack()
        self._dialogs = KitDialogs()
        self._stage_changed: Signal[StageChange] = Signal("stage")
        self._selected: Signal[()] = Signal("selection")
        self._retargeted: Signal[()] = Signal("edit target")
        self._played: Signal[()] = Signal("playing")
        self._frames: Signal[()] = Signal("frame")
        self._watch: StageWatch | None = None
        self._opened = self._woken = True
        self._holders = 0
        self._held = Subscriptions()
        self._kept = Subscriptions()

    def hold(self) -> Subscription:
        """Follow Kit until the subscription is closed, and longer where others hold it too."""
        self._holders += 1
        if self._holders == 1:
            self._opened = self._woken = True
            self._held.add(*self._observed())
        return Closing(self._let_go)

    def keep(self, *closing: Subscription) -> None:
        """Close these with the host at the latest, e.g. what owns a process."""
        self._kept.add(*closing)

    def close(self) -> None:
        """Drop every subscription, dialog and command."""
        self._kept.close()
        self._sleep()
        self._dialogs.close()
        self.jobs.cancel()
        close = getattr(self._undo, "close", None)
        if close is not None:
            close()

    # -- events

    def _observed(self) -> list[Subscription]:
        frames = _observe(omni.kit.app.GLOBAL_EVENT_UPDATE, lambda _: self._frame())
        watch = getattr(self._undo, "watch", None)
        undo = [watch()] if watch is not None else []
        return [frames, *undo, *self._stage_events(), *self._timeline_events()]

    def _stage_events(self) -> list[Subscription]:
        if self._usd is None or self._context is None:
            return []
        stage, name = self._usd.StageEventType, self._context.stage_event_name
        return [
            _observe(name(stage.OPENED), lambda _: self._open()),
            _observe(name(stage.CLOSING), lambda _: self._close_stage()),
            _observe(name(stage.CLOSED), lambda _: self._open()),
            _observe(name(stage.SELECTION_CHANGED), lambda _: self._selected()),
        ]

    def _timeline_events(self) -> list[Subscription]:
        timeline = self._timeline
        if timeline is None:
            return []
        return [
            _observe(timeline.GLOBAL_EVENT_PLAY, lambda _: self._played()),
            _observe(timeline.GLOBAL_EVENT_PAUSE, lambda _: self._played()),
            _observe(timeline.GLOBAL_EVENT_STOP, lambda _: self._played()),
        ]

    def _let_go(self) -> None:
        self._holders -= 1
        if self._holders == 0:
            self._sleep()

    def _sleep(self) -> None:
        self._held.close()
        self._close_stage()

    def _frame(self) -> None:
        self.jobs.deliver()
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
        if self._woken:  # what happened meanwhile was not heard
            self._woken = False
            for signal in (self._selected, self._undo.changed, self._played):
                signal()
        self._frames()

    def _open(self) -> None:
        self._close_stage()
        self._opened = True
        if isinstance(self._undo, UndoStack):
            self._undo.clear()

    def _close_stage(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    # -- the protocol

    def stage(self) -> Usd.Stage | None:
        return self._context.get_stage() if self._context else None

    def watch_stage(self, listener: Callable[[StageChange], None]) -> Subscription:
        return self._stage_changed.connect(listener)

    def selection(self) -> list[str]:
        if self._context is None:
            return []
        return list(self._context.get_selection().get_selected_prim_paths())

    def select(self, paths: Sequence[str]) -> None:
        if self._context is not None:
            self._context.get_selection().set_selected_prim_paths(list(paths), True)

    def watch_selection(self, listener: Callable[[], None]) -> Subscription:
        return self._selected.connect(listener)

    def push(self, step: Step) -> None:
        self._undo.push(step)

    def undo(self) -> None:
        self._undo.undo()

    def redo(self) -> None:
        self._undo.redo()

    def can_undo(self) -> str | None:
        return self._undo.next_undo()

    def can_redo(self) -> str | None:
        return self._undo.next_redo()

    def watch_undo(self, listener: Callable[[], None]) -> Subscription:
        return self._undo.changed.connect(listener)

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
        if self._timeline is None:
            return False
        return self._timeline.get_timeline_interface().is_playing()

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
        manager = optional("omni.kit.notification_manager", "notifications go to the log")
        if manager is None:
            (carb.log_info if level is Level.INFO else carb.log_warn)(f"{EXTENSION}: {text}")
            return
        # Kit's own code uses no level for errors.
        kinds = manager.NotificationStatus
        status = kinds.INFO if level is Level.INFO else kinds.WARNING
        manager.post_notification(text, hide_after_timeout=True, duration=3, status=status)

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> None:
        if not self._dialogs.confirm(title, text, ok, then):
            self._cannot_ask(title, "omni.kit.window.popup_dialog")

    def ask_open(self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]) -> None:
        if not self._dialogs.ask_open(title, suffixes, then):
            self._cannot_ask(title, "omni.kit.window.filepicker")

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> None:
        if not self._dialogs.ask_save(title, suggested, then):
            self._cannot_ask(title, "omni.kit.window.file_exporter")

    def copy(self, text: str) -> None:
        clipboard = optional("omni.kit.clipboard", "nothing can be copied")
        if clipboard is None:
            self._cannot_ask("Copy", "omni.kit.clipboard")
        else:
            clipboard.copy(text)

    def run(
        self,
        name: str,
        work: Callable[[Progress], Any],
        then: Callable[[Outcome], None] | None = None,
    ) -> Job:
        return self.jobs.start(name, work, then)

    def _cannot_ask(self, title: str, extension: str) -> None:
        text = f"{title} needs the extension {extension}: enable it in the Extensions window."
        self.notify(text, Level.WARNING)


def _undo_stack() -> Any:
    """Kit's undo stack; one of the panel's own where Kit has no commands."""
    if optional("omni.kit.commands", "edits are undone in the panel only") is None:
        return UndoStack()
    from .kit_undo import KitUndo

    return KitUndo()


def _observe(event: str, listener: Callable[[Any], None]) -> Subscription:
    guard = carb.eventdispatcher.get_eventdispatcher().observe_event(
        observer_name=f"{EXTENSION}.{event}", event_name=event, on_event=listener
    )
    return Closing(guard.reset)

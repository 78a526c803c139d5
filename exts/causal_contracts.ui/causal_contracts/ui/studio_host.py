# SPDX-License-Identifier: Apache-2.0
"""The host of Studio: a stage file, undo, settings and frames on pxr and plain Python."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from causal_contracts.core.issue import ContractError, error
from causal_contracts.core.usd_stage import open_stage
from pxr import Sdf, Usd

from . import edit_targets
from .host import EditTarget, Level, StageChange, Step
from .jobs import Job, Jobs, Outcome, Progress
from .signals import Closing, Signal, Subscription
from .stage_watch import StageWatch
from .studio_files import save_layer, says_as_file, unsaved_layers
from .studio_settings import Settings
from .undo_stack import UndoStack

_log = logging.getLogger(__name__)


class Dialogs(Protocol):
    """What draws questions in the window; see `Host` for the meaning of each."""

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> None: ...

    def ask_open(
        self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]
    ) -> None: ...

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> None: ...


class StudioHost:
    """Keeps the protocol `Host`. The program calls `frame` once a frame, and `close` at its end.

    Args:
        settings: where settings are kept; the user's own file where None.
        dialogs: draws questions; without any they are answered by a notification.
        clipboard: puts text on the clipboard; without one `copied` holds it.
    """

    name = "Studio"
    shows_stage = False

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        dialogs: Dialogs | None = None,
        clipboard: Callable[[str], object] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.dialogs = dialogs
        self.jobs = Jobs()
        self.undo_stack = UndoStack()
        self.notified: Signal[str, Level] = Signal("notified")
        self.copied = ""
        self.clipboard = clipboard
        self._stage: Usd.Stage | None = None
        self._watch: StageWatch | None = None
        self._selection: list[str] = []
        self._opened = False
        self._as_file: dict[str, bool] = {}
        """Whether a layer says what its file does, as far as it was compared."""
        self.undo_stack.changed.connect(self._as_file.clear)
        self._stage_changed: Signal[StageChange] = Signal("stage")
        self._selected: Signal[()] = Signal("selection")
        self._retargeted: Signal[()] = Signal("edit target")
        self._frames: Signal[()] = Signal("frame")

    # -- files

    def open(self, source: Path | Usd.Stage) -> None:
        """Make the stage of a file, or a stage, the current one.

        Raises:
            ContractError: the file cannot be read; the current stage stays.
        """
        self._use(open_stage(source))

    def close(self) -> None:
        """Let go of the stage, and ask every job to stop."""
        self.jobs.cancel()
        self._use(None)

    def unsaved(self) -> list[str]:
        """Names of the files whose layers were changed."""
        return [Path(layer.realPath).name for layer in self._unsaved()]

    def _unsaved(self) -> list[Sdf.Layer]:
        """USD calls a layer dirty also after undo led back to what its file says."""
        layers = unsaved_layers(self._stage) if self._stage else []
        if not layers or not self.undo_stack.as_saved:
            return layers
        for layer in layers:
            if layer.identifier not in self._as_file:
                self._as_file[layer.identifier] = says_as_file(layer)
        return [layer for layer in layers if not self._as_file[layer.identifier]]

    def save(self) -> list[Path]:
        """Write every changed layer to its file; returns the files.

        Raises:
            ContractError: a file cannot be written; it is as it was.
        """
        self._as_file.clear()
        layers = self._unsaved()
        for layer in layers:
            save_layer(layer)
        self._as_file.clear()
        self.undo_stack.mark_saved()
        return [Path(layer.realPath) for layer in layers]

    def save_as(self, path: Path) -> None:
        """Write the stage's root layer to another file, and open that.

        Raises:
            ContractError: the file cannot be written.
        """
        from causal_contracts.core.cli.save import WRITABLE, save

        if self._stage is None:
            raise ContractError(error(str(path), "there is no stage to save", "open one first"))
        if path.suffix.lower() not in WRITABLE:
            raise ContractError(
                error(str(path), "is no USD file that can be written", "name a .usda or .usdc")
            )
        root = self._stage.GetRootLayer()
        self.open(save(self._stage, Path(root.realPath or path), path))

    def frame(self) -> None:
        """Deliver what happened since the last frame."""
        if self._opened:
            self._opened = False
            self._stage_changed(StageChange(opened=True, structure=True))
            self._retargeted()
        elif self._watch is not None:
            change = self._watch.take()
            if change is not None:
                self._as_file.clear()
                self._stage_changed(change)
            if self._watch.take_target():
                self._retargeted()
        self.jobs.deliver()
        self._frames()

    def _use(self, stage: Usd.Stage | None) -> None:
        if self._watch is not None:
            self._watch.close()
        self._stage, self._selection, self._opened = stage, [], True
        self._watch = StageWatch(stage) if stage is not None else None
        self.undo_stack.clear()

    # -- the protocol

    def stage(self) -> Usd.Stage | None:
        return self._stage

    def watch_stage(self, listener: Callable[[StageChange], None]) -> Subscription:
        return self._stage_changed.connect(listener)

    def selection(self) -> list[str]:
        return list(self._selection)

    def select(self, paths: Sequence[str]) -> None:
        if list(paths) != self._selection:
            self._selection = list(paths)
            self._selected()

    def watch_selection(self, listener: Callable[[], None]) -> Subscription:
        return self._selected.connect(listener)

    def push(self, step: Step) -> None:
        self.undo_stack.push(step)

    def undo(self) -> None:
        self.undo_stack.undo()

    def redo(self) -> None:
        self.undo_stack.redo()

    def can_undo(self) -> str | None:
        return self.undo_stack.next_undo()

    def can_redo(self) -> str | None:
        return self.undo_stack.next_redo()

    def watch_undo(self, listener: Callable[[], None]) -> Subscription:
        return self.undo_stack.changed.connect(listener)

    def edit_targets(self) -> list[EditTarget]:
        return edit_targets.edit_targets(self._stage) if self._stage else []

    def edit_target(self) -> EditTarget | None:
        return edit_targets.edit_target(self._stage) if self._stage else None

    def set_edit_target(self, layer: str) -> None:
        if self._stage is None:
            raise ValueError("there is no stage; open one first")
        edit_targets.set_edit_target(self._stage, layer)

    def watch_edit_target(self, listener: Callable[[], None]) -> Subscription:
        return self._retargeted.connect(listener)

    def is_playing(self) -> bool:
        """Studio has no timeline: physics runs in the preview's own process."""
        return False

    def watch_playing(self, listener: Callable[[], None]) -> Subscription:
        return Closing(lambda: None)

    def on_frame(self, listener: Callable[[], None]) -> Subscription:
        return self._frames.connect(listener)

    def setting(self, key: str, default: Any) -> Any:
        return self.settings.get(key, default)

    def set_setting(self, key: str, value: Any) -> None:
        self.settings.set(key, value)

    def notify(self, text: str, level: Level = Level.INFO) -> None:
        if not self.notified:
            _log.info("%s: %s", level, text)
        self.notified(text, level)

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> None:
        if self.dialogs is None:
            self.notify(f"{title}: this window cannot ask.", Level.WARNING)
        else:
            self.dialogs.confirm(title, text, ok, then)

    def ask_open(self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]) -> None:
        if self.dialogs is None:
            self.notify(f"{title}: this window cannot ask for a file.", Level.WARNING)
        else:
            self.dialogs.ask_open(title, suffixes, then)

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> None:
        if self.dialogs is None:
            self.notify(f"{title}: this window cannot ask for a file.", Level.WARNING)
        else:
            self.dialogs.ask_save(title, suggested, then)

    def copy(self, text: str) -> None:
        self.copied = text
        if self.clipboard is not None:
            self.clipboard(text)

    def run(
        self,
        name: str,
        work: Callable[[Progress], Any],
        then: Callable[[Outcome], None] | None = None,
    ) -> Job:
        return self.jobs.start(name, work, then)

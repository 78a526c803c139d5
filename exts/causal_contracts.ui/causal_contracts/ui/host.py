# SPDX-License-Identifier: Apache-2.0
"""What the panel needs of the program around it: one protocol, kept by Kit and by Studio."""

# pyright: reportReturnType=false
# A protocol states what others return.

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from pxr import Usd

    from .jobs import Job, Outcome, Progress
    from .signals import Subscription


class Level(StrEnum):
    """How much a notification matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class StageChange:
    """What happened to the current stage since the last frame."""

    opened: bool = False
    """Another stage is current, or none."""
    structure: bool = False
    """Prims came, went or were composed anew."""
    properties: frozenset[str] = frozenset()
    """Paths of properties, or of prims with their metadata, whose values changed."""


@dataclass(frozen=True, slots=True)
class EditTarget:
    """A layer that edits may go to."""

    layer: str
    """Identifier of the layer."""
    name: str
    """What a person calls it, e.g. ``microwave.usda``."""
    why_not: str | None = None
    """Why it cannot be written; None where it can."""


class Step(Protocol):
    """One undo step. `do` may run when all is done already, and then changes nothing."""

    name: str
    """What the author did, e.g. ``Set threshold of 3 contracts``."""

    def do(self) -> None:
        """Make the change again, or the first time."""

    def undo(self) -> None:
        """Take the change back."""


class Host(Protocol):
    """The program around the panel. Callbacks run on the main thread, at most once a frame."""

    name: str
    """``Isaac Sim`` or ``Studio``, for messages."""
    shows_stage: bool
    """Whether authors see the stage beside the panel, and can select prims on it."""

    def stage(self) -> Usd.Stage | None:
        """The current stage."""

    def watch_stage(self, listener: Callable[[StageChange], None]) -> Subscription:
        """Hear of another stage, and of changes of the current one."""

    def selection(self) -> list[str]:
        """Paths of the selected prims."""

    def select(self, paths: Sequence[str]) -> None:
        """Select prims, and no others."""

    def watch_selection(self, listener: Callable[[], None]) -> Subscription:
        """Hear when the selected prims changed."""

    def push(self, step: Step) -> None:
        """Put a step that was done just now on the undo stack; may call its `do`."""

    def undo(self) -> None:
        """Take the newest step back; nothing where there is none."""

    def redo(self) -> None:
        """Make the step that was undone last again; nothing where there is none."""

    def can_undo(self) -> str | None:
        """Name of the step that undo takes back; None where there is none."""

    def can_redo(self) -> str | None:
        """Name of the step that redo makes again; None where there is none."""

    def watch_undo(self, listener: Callable[[], None]) -> Subscription:
        """Hear when the undo stack changed."""

    def edit_targets(self) -> list[EditTarget]:
        """The layers that edits of this stage may go to, strongest first."""

    def edit_target(self) -> EditTarget | None:
        """The layer that edits go to; None without a stage."""

    def set_edit_target(self, layer: str) -> None:
        """Let edits go to the layer of that identifier.

        Raises:
            ValueError: it is not one of `edit_targets`.
        """

    def watch_edit_target(self, listener: Callable[[], None]) -> Subscription:
        """Hear when edits go to another layer."""

    def is_playing(self) -> bool:
        """Whether a simulation runs on the stage, which then takes no edits."""

    def watch_playing(self, listener: Callable[[], None]) -> Subscription:
        """Hear when the simulation starts or stops."""

    def on_frame(self, listener: Callable[[], None]) -> Subscription:
        """Be called once a frame."""

    def setting(self, key: str, default: Any) -> Any:
        """The value that was kept under `key`, or `default`."""

    def set_setting(self, key: str, value: Any) -> None:
        """Keep `value` (bool, number, string or list of strings) beyond this run."""

    def notify(self, text: str, level: Level = Level.INFO) -> None:
        """Tell the author one sentence that goes away by itself."""

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> None:
        """Ask; `then` runs where the author says `ok`."""

    def ask_open(self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]) -> None:
        """Let the author choose a file to read; `then` gets it, or is never called."""

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> None:
        """Let the author choose a file to write; `then` gets it, or is never called."""

    def copy(self, text: str) -> None:
        """Put text on the clipboard."""

    def run(
        self,
        name: str,
        work: Callable[[Progress], Any],
        then: Callable[[Outcome], None] | None = None,
    ) -> Job:
        """Run `work` beside the panel; `then` gets its outcome on the main thread.

        `work` must not touch a stage.
        """

# SPDX-License-Identifier: Apache-2.0
"""Steps in, Kit's own undo stack out: each edit is a command, so that Edit > Undo takes it back."""

# pyright: reportMissingImports=false
# No stubs of these are published.

from __future__ import annotations

import omni.kit.commands
import omni.kit.undo

from .host import Step
from .signals import Closing, Signal, Subscription


class CausalContractEditCommand(omni.kit.commands.Command):
    """One edit of causal contracts as a command."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def do(self) -> None:
        """Make the edit; nothing where it stands."""
        self._step.do()

    def undo(self) -> None:
        """Take the edit back."""
        self._step.undo()


class KitUndo:
    """Kit's undo stack with the calls of `UndoStack`; close it when the extension stops."""

    def __init__(self) -> None:
        self.changed: Signal[()] = Signal("undo")
        self._commands = omni.kit.commands.register_all_commands_in_module(__name__)

    def push(self, step: Step) -> None:
        """Put a step that was done just now on the stack; Kit calls its `do` once more."""
        omni.kit.commands.execute("CausalContractEdit", step=step)

    def undo(self) -> None:
        """Take the newest command back, whoever made it."""
        omni.kit.undo.undo()

    def redo(self) -> None:
        """Make the command that was undone last again."""
        omni.kit.undo.redo()

    def next_undo(self) -> str | None:
        """What undo takes back; Kit tells no name."""
        return "the last edit" if omni.kit.undo.can_undo() else None

    def next_redo(self) -> str | None:
        """What redo makes again; Kit tells no name."""
        return "the last edit" if omni.kit.undo.can_redo() else None

    def watch(self) -> Subscription:
        """Pass Kit's changes on to `changed` until the subscription is closed."""
        listener = self._changed
        omni.kit.undo.subscribe_on_change(listener)
        return Closing(lambda: omni.kit.undo.unsubscribe_on_change(listener))

    def close(self) -> None:
        """Take the command out of Kit's registry; what stands on the stack stays there."""
        unregister = getattr(omni.kit.commands, "unregister_module_commands", None)
        if unregister is not None:
            unregister(self._commands)

    def _changed(self, _commands: object) -> None:
        self.changed()

# SPDX-License-Identifier: Apache-2.0
"""What hotkeys, menus and scripts can ask of the panel: actions by id, without Kit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .host import Level
from .panel_window import PanelWindow
from .state.editor_state import EditorState

OVERLAY = "overlay"
"""Setting: whether the viewport draws arrows from trigger to effect."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to ask for."""

    id: str
    name: str
    """As a menu shows it."""
    says: str
    """One sentence."""
    run: Callable[[], object]


class Actions:
    """The actions of one window and its state."""

    def __init__(self, state: EditorState, window: PanelWindow) -> None:
        self._state, self._host, self._window = state, state.host, window

    def all(self) -> list[Action]:
        """Every action, in the order of docs."""
        return [
            Action("show_panel", "Show Panel", "Show the panel.", self._show),
            Action("hide_panel", "Hide Panel", "Hide the panel.", lambda: self._window.show(False)),
            Action("toggle_panel", "Causal Contracts", "Show or hide the panel.", self.toggle),
            Action("add_contract", "Add Contract", "Add a contract to the articulation.", self.add),
            Action("export_couplings", "Export...", "Write couplings.json.", self.export),
            Action("import_couplings", "Import...", "Read a couplings.json.", self.read),
            Action(
                "toggle_overlay",
                "Contracts in Viewport",
                "Draw arrows from trigger to effect in the viewport, or none.",
                self.toggle_overlay,
            ),
            Action("start_preview", "Play Preview", "Run the contracts on clones.", self.play),
            Action("stop_preview", "Stop Preview", "End the clones of the preview.", self.stop),
        ]

    def toggle(self) -> None:
        """Show the panel, or hide it."""
        self._window.show(not self._window.visible)

    def add(self) -> None:
        """Add a contract, and show it."""
        self._show()
        self._told(self._state.add())

    def export(self) -> None:
        """Ask where couplings.json shall go, and write it."""
        self._show()
        if not self._told(self._state.why_no_export()):
            path = self._state.suggested_export()
            self._host.ask_save("Export couplings.json", path, self._write)

    def read(self) -> None:
        """Ask for a couplings.json, and show in a window what it would change."""
        self._show()
        panel = self._window.panel
        if panel is not None and not self._told(self._state.why_no_edit()):
            panel.picker.read()

    def toggle_overlay(self) -> None:
        """Let the viewport draw contracts, or let it be."""
        self._host.set_setting(OVERLAY, not self._host.setting(OVERLAY, True))

    def play(self) -> None:
        """Run what the panel shows on clones, or let it go on."""
        self._show()
        panel = self._window.panel
        if panel is not None:
            self._told(panel.live.play())

    def stop(self) -> None:
        """End what runs on clones; nothing where nothing does."""
        panel = self._window.panel
        if panel is not None:
            self._told(panel.live.stop())

    def _show(self) -> None:
        self._window.show()

    def _write(self, path: Path) -> None:
        if not self._told(self._state.export(path)):
            self._host.notify(f"Wrote {path}.")

    def _told(self, why: str | None) -> bool:
        """Whether there is a reason why not; the author hears it."""
        if why is not None:
            self._host.notify(why, Level.WARNING)
        return why is not None

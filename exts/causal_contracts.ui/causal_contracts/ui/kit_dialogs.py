# SPDX-License-Identifier: Apache-2.0
"""Questions in, Kit's dialogs out; one at a time."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .kit_optional import optional


class KitDialogs:
    """Kit's own dialogs. Each method says whether this Kit has the dialog."""

    def __init__(self) -> None:
        self._dialog: Any = None
        self._exporter: Any = None
        self._save: Callable[[Path], None] | None = None

    def confirm(self, title: str, text: str, ok: str, then: Callable[[], None]) -> bool:
        """Ask; `then` runs where the author says `ok`."""
        popup = optional("omni.kit.window.popup_dialog", "no question can be asked")
        if popup is None:
            return False

        def accept(dialog: Any) -> None:
            dialog.hide()
            then()

        self._show(
            popup.MessageDialog(
                title=title,
                message=text,
                ok_label=ok,
                cancel_label="Cancel",
                ok_handler=accept,
                cancel_handler=lambda dialog: dialog.hide(),
            )
        )
        return True

    def ask_open(self, title: str, suffixes: Sequence[str], then: Callable[[Path], None]) -> bool:
        """Let the author choose a file to read."""
        picker = optional("omni.kit.window.filepicker", "no file can be chosen to import")
        if picker is None:
            return False

        def fits(item: Any) -> bool:
            return item is None or item.is_folder or item.path.endswith(tuple(suffixes))

        def accept(filename: str, dirname: str) -> None:
            self._dialog.hide()
            then(Path(dirname) / filename)

        self._show(
            picker.FilePickerDialog(
                title, apply_button_label="Open", click_apply_handler=accept, item_filter_fn=fits
            )
        )
        return True

    def ask_save(self, title: str, suggested: Path, then: Callable[[Path], None]) -> bool:
        """Let the author choose a file to write."""
        exporter = optional("omni.kit.window.file_exporter", "no file can be chosen to export")
        if exporter is None:
            return False

        # Kit has one exporter for all, which may keep its last handler for ever.
        me = weakref.ref(self)

        def accept(
            filename: str, dirname: str, extension: str = "", selections: object = None
        ) -> None:
            name = filename if filename.endswith(extension) else filename + extension
            dialogs = me()
            if dialogs is not None:
                dialogs._saved(Path(dirname) / name)

        suffix = suggested.suffix
        self._save = then
        self._exporter = exporter.get_file_exporter()
        self._exporter.show_window(
            title=title,
            export_button_label="Save",
            file_extension_types=[(suffix, suffix.lstrip(".").upper())],
            filename_url=str(suggested),
            export_handler=accept,
        )
        return True

    def close(self) -> None:
        """Take what is shown away unanswered."""
        if self._dialog is not None:
            self._dialog.hide()
            self._dialog.destroy()
            self._dialog = None
        if self._exporter is not None:
            self._exporter.hide_window()
            self._exporter = self._save = None

    def _saved(self, path: Path) -> None:
        save, self._save = self._save, None
        if save is not None:
            save(path)

    def _show(self, dialog: Any) -> None:
        self.close()
        self._dialog = dialog
        dialog.show()

# SPDX-License-Identifier: Apache-2.0
"""A folder and what was typed to the files that a dialog lists; no widgets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..state.rows import fits

_UNITS = ("B", "kB", "MB", "GB")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    path: Path
    is_folder: bool
    size: int = 0
    """[bytes]."""
    modified: float = 0.0
    """[s] since the epoch."""

    @property
    def key(self) -> str:
        """What the list knows it by."""
        return str(self.path)

    @property
    def about(self) -> str:
        """Size and date, e.g. `12 kB   2026-11-21`; nothing of a folder."""
        if self.is_folder:
            return ""
        day = datetime.fromtimestamp(self.modified).strftime("%Y-%m-%d")
        return f"{shown_size(self.size)}   {day}"


def entries(folder: Path, suffixes: Sequence[str], pattern: str = "") -> list[Entry]:
    """Folders, then files of these suffixes, by name; hidden ones where the pattern begins so.

    Args:
        folder: what is listed.
        suffixes: how the names may end, in lower case; of a suffix, with its dot.
        pattern: as in the panel's filters: `door*`, or plain text anywhere.

    Raises:
        OSError: the folder is not there, or may not be read.
    """
    found = []
    with os.scandir(folder) as listing:
        for one in listing:
            hidden = one.name.startswith(".") and not pattern.startswith(".")
            if hidden or not fits(pattern, one.name):
                continue
            entry = _entry(one)
            if entry is not None and (entry.is_folder or _ends(entry.path, suffixes)):
                found.append(entry)
    return sorted(found, key=lambda one: (not one.is_folder, one.path.name.lower()))


def _entry(one: os.DirEntry[str]) -> Entry | None:
    """None for what went away meanwhile, and for links that lead nowhere."""
    try:
        if one.is_dir():
            return Entry(Path(one.path), True)
        about = one.stat()
    except OSError:
        return None
    return Entry(Path(one.path), False, about.st_size, about.st_mtime)


def _ends(path: Path, suffixes: Sequence[str]) -> bool:
    return path.name.lower().endswith(tuple(suffixes))


def file_entries(paths: Sequence[Path], suffixes: Sequence[str], pattern: str = "") -> list[Entry]:
    """These files in their order, as far as they are there and fit."""
    found = []
    for path in paths:
        if _ends(path, suffixes) and fits(pattern, path.name) and path.is_file():
            about = path.stat()
            found.append(Entry(path, False, about.st_size, about.st_mtime))
    return found


def best(found: Sequence[Entry], typed: str) -> Entry:
    """The entry that typed text means: of that name, else one that begins so, else a file."""
    text = typed.lower()

    def rank(one: Entry) -> tuple[bool, bool, bool]:
        name = one.path.name.lower()
        return name != text, not name.startswith(text), one.is_folder

    return min(found, key=rank)


def place_of(folder: Path, typed: str) -> tuple[Path, str]:
    """The folder that typed text names, and the rest of it: `../a/do` to `../a` and `do`."""
    text = typed.strip()
    text = f"{Path.home()}{text[1:]}" if text == "~" or text.startswith("~/") else text
    head, slash, rest = text.rpartition(os.sep)
    if not slash:
        return folder, text
    return Path(os.path.normpath(folder / (head or os.sep))), rest


def named(folder: Path, typed: str, suffix: str = "") -> Path:
    """The file that typed text names in a folder, with the suffix where it has none."""
    place, name = place_of(folder, typed)
    path = place / name
    return path if path.suffix or not name else path.with_name(name + suffix)


def begin() -> Path:
    """The folder from which the program was started; the author's own where that is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path.home()


def crumbs(folder: Path, most: int = 4) -> list[tuple[str, Path]]:
    """The folder's last few parents and itself, outermost first, each with what it is called."""
    chain = [*reversed(folder.parents), folder]
    return [(one.name or str(one), one) for one in chain[-most:]]


def shown_size(size: int) -> str:
    """Bytes as text, e.g. `12 kB`."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return (
        f"{value:.0f} {_UNITS[unit]}"
        if value >= 9.95 or unit == 0
        else f"{value:.1f} {_UNITS[unit]}"
    )

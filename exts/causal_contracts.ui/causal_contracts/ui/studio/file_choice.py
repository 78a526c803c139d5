# SPDX-License-Identifier: Apache-2.0
"""A question for a file, and what was typed and selected, to the path that is meant; no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from .file_list import Entry, best, entries, file_entries, named, place_of


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    title: str
    ok: str
    """`Open` or `Save`."""
    suffixes: tuple[str, ...]
    """Of the files that are listed, lower case."""
    folder: Path
    """Where to begin."""
    then: Callable[[Path], object]
    name: str | None = None
    """The name to save under at first; None where a file is to be opened."""
    recent: tuple[Path, ...] = ()
    """Files that were used before."""

    @property
    def saves(self) -> bool:
        """Whether a file will be written."""
        return self.name is not None

    @property
    def kinds(self) -> str:
        """How the files end, to be read."""
        return ", ".join(self.suffixes)


class Verdict(Enum):
    """What becomes of the path that was chosen."""

    TAKEN = auto()
    GONE_INTO = auto()
    """It is a folder."""
    REPLACES = auto()
    """There is such a file."""
    CREATES = auto()
    """There is no such folder."""
    REFUSED = auto()
    """`FileChoice.fault` says why."""


class FileChoice:
    """Which folder is listed, what of it, and what is selected.

    Args:
        question: what is asked.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.folder = question.folder
        self.typed = question.name or ""
        self.recent = False
        """Whether the files that were used last are listed."""
        self.at: str | None = None
        """Key of the selected entry."""
        self.entries: dict[str, Entry] = {}
        self.fault = ""
        self.read()

    @property
    def place(self) -> Path:
        """The folder that is listed: another one while a path is typed."""
        return place_of(self.folder, self.typed)[0]

    @property
    def pattern(self) -> str:
        """What the names must fit."""
        return "" if self.question.saves else place_of(self.folder, self.typed)[1]

    def read(self) -> None:
        """List anew."""
        self.fault, self.at = "", None
        asked, place = self.question, self.place
        try:
            found = (
                file_entries(asked.recent, asked.suffixes, self.pattern)
                if self.recent
                else entries(place, asked.suffixes, self.pattern)
            )
        except FileNotFoundError:
            found = []
            later = " yet: it can be created when the file is saved" if asked.saves else ""
            self.fault = f"There is no folder {place}{later}."
        except OSError as fault:
            found = []
            self.fault = f"{place} cannot be read: {(fault.strerror or str(fault)).lower()}."
        self.entries = {one.key: one for one in found}
        if found and self.pattern:
            self.at = best(found, self.pattern).key

    def go(self, folder: Path) -> None:
        """List another folder; the one that was left is selected."""
        came_from, self.folder, self.recent = self.folder, folder, False
        if not self.question.saves:
            self.typed = ""
        elif "/" in self.typed:
            self.typed = place_of(folder, self.typed)[1]
        self.read()
        if came_from.parent == folder:
            self.at = str(came_from)

    def above(self) -> Path:
        """Where Up leads."""
        return self.folder if self.recent else self.place.parent

    def next(self, by: int) -> str:
        """Key of the entry so many lines further; there must be one."""
        keys = [*self.entries]
        now = keys.index(self.at) if self.at in self.entries else -1
        return keys[min(max(now + by, 0), len(keys) - 1)]

    def select(self, key: str | None) -> None:
        """Select an entry; a file's name is the one to save under."""
        self.at, self.fault = key, ""
        entry = self.entries.get(key or "")
        if self.question.saves and entry is not None and not entry.is_folder:
            self.typed = entry.path.name

    # -- what is meant

    def path(self) -> Path | None:
        """The folder to go into, or the file to open or save."""
        typed = self.typed.strip()
        if self.question.saves:
            return named(self.folder, typed, self.question.suffixes[0]) if typed else None
        entry = self.entries.get(self.at or "")
        if entry is not None:
            return entry.path
        return named(self.folder, typed) if typed else None

    def why_not(self) -> str | None:
        """Why nothing can be opened or saved yet; None where it can."""
        if self.path() is not None:
            return None
        if self.question.saves:
            return "Type a name for the file."
        return "Choose a file of the list, or type its path."

    def judge(self) -> Verdict:
        """What becomes of `path` where the author says Open or Save."""
        path, saves = self.path(), self.question.saves
        if path is None:
            return self.refuse(self.why_not() or "")
        if path.is_dir():
            return Verdict.GONE_INTO
        if self.typed.rstrip().endswith("/"):
            return self.refuse(f"There is no folder {path}.")
        if saves and not path.parent.is_dir():
            return Verdict.CREATES
        if saves and path.exists():
            return Verdict.REPLACES
        if not saves and not path.is_file():
            return self.refuse(f"There is no file {path.name} in {path.parent}.")
        return Verdict.TAKEN

    def refuse(self, why: str) -> Verdict:
        """Let the dialog say why."""
        self.fault = why
        return Verdict.REFUSED

    # -- what is said

    def nothing(self) -> str:
        """Why the list is empty."""
        if self.fault:
            return self.fault
        if self.pattern:
            return f"Nothing here matches '{self.pattern}'."
        return f"This folder has no folders and no files that end in {self.question.kinds}."

    def remark(self) -> str:
        """What is said of a list that is not empty."""
        if self.fault and self.entries:
            return self.fault
        count = sum(not one.is_folder for one in self.entries.values())
        return f"{count} file{'s' * (count != 1)} ({self.question.kinds})"

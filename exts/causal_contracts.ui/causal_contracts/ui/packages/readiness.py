# SPDX-License-Identifier: Apache-2.0
"""A host to the worker's interpreter and folders, or to what lacks and why it lacks."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..host import Host
from .interpreter import System, find_interpreter, has_module, import_folders, this_system
from .wheels import Wheel, read_wheels, why_no_wheel

STAMP = "causal_contracts.json"
"""File in the folder that names what was installed there, written last."""
SPARE = 1.05
"""Free space that is asked for, over what the wheels and their files take."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be installed, and where."""

    wheels: tuple[Wheel, ...]
    folder: Path
    """Its own, and replaced whole."""
    python: Path
    """The interpreter that installs, and later runs the worker."""
    source: str = ""
    """A folder with the wheels, for machines without a network; the package index where empty."""

    @property
    def download(self) -> int:
        """Size of all wheels [bytes]."""
        return sum(wheel.download for wheel in self.wheels)

    @property
    def installed(self) -> int:
        """Size of all their files [bytes]."""
        return sum(wheel.installed for wheel in self.wheels)


@dataclass(frozen=True, slots=True)
class Ready:
    """The preview can start: `LiveClient(python=ready.python, paths=ready.paths)`."""

    python: Path
    paths: tuple[Path, ...] = ()
    size: int = 0
    """What our own folder holds [bytes]; 0 where the packages are the interpreter's."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The preview cannot start."""

    lacking: tuple[Wheel, ...]
    """What is not there; of an older installation, what it has otherwise."""
    plan: Plan | None
    """What installing would do; None where there is no interpreter."""
    why_not: str | None = None
    """One sentence why it cannot be installed; None where it can."""
    outdated: bool = False
    """Whether other versions were installed before, which installing replaces."""


def state(
    host: Host,
    *,
    wheels: Sequence[Wheel] | None = None,
    python: Path | None = None,
    system: System | None = None,
) -> Ready | Missing:
    """Whether the worker's packages are there; asks the file system alone, in under 2 ms.

    Args:
        host: for the settings `packages_folder` and `packages_source`.
        wheels: those of wheels.json where None.
        python: the interpreter of the worker; that of this process where None.
        system: the present one where None.
    """
    wanted = tuple(read_wheels() if wheels is None else wheels)
    found = python or find_interpreter()
    if found is None:
        return Missing(wanted, None, "There is no Python interpreter beside this program.")
    plan = Plan(wanted, packages_folder(host), found, str(host.setting("packages_source", "")))
    folders = import_folders(found)
    lacking = [one for one in wanted if not all(has_module(m, folders) for m in one.modules)]
    if not lacking:
        return Ready(found)
    stamp = read_stamp(plan.folder)
    lacking = [one for one in wanted if one.pin not in stamp]
    if not lacking:
        return Ready(found, (plan.folder,), plan.installed)
    why = why_no_wheel(wanted, system or this_system()) or why_no_space(plan)
    return Missing(tuple(lacking), plan, why, outdated=bool(stamp))


def packages_folder(host: Host) -> Path:
    """The folder that is installed into: the setting, else one below the user's data."""
    given = str(host.setting("packages_folder", ""))
    if given:
        return Path(given).expanduser() / "packages"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(base) / "causal_contracts" / "packages"


def read_stamp(folder: Path) -> list[str]:
    """Pins of what was installed there; none where nothing was, or not to the end."""
    try:
        said = json.loads((folder / STAMP).read_bytes())
    except (OSError, ValueError):
        return []
    return said if isinstance(said, list) else []


def why_no_space(plan: Plan) -> str | None:
    """One sentence why the disk is too full; None where it is not."""
    there = next(one for one in (plan.folder, *plan.folder.parents) if one.exists())
    free, wanted = shutil.disk_usage(there).free, SPARE * (plan.download + plan.installed)
    if free >= wanted:
        return None
    return f"{there} has {megabytes(free)} free, and {megabytes(int(wanted))} are needed meanwhile."


def megabytes(size: int) -> str:
    """A size for people, e.g. `230 kB`, `419 MB` or `1.3 GB`."""
    if size < 999.5e3:
        return f"{max(1, round(size / 1e3))} kB"
    return f"{size / 1e9:.1f} GB" if size >= 999.5e6 else f"{round(size / 1e6)} MB"

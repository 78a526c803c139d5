# SPDX-License-Identifier: Apache-2.0
"""This process to the Python interpreter that runs the worker, and the system it runs on."""

from __future__ import annotations

import os
import platform
import site
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

KIT_PYTHON = Path("python/bin/python3")
"""Where Kit has its interpreter, seen from the folder of its executable."""


@dataclass(frozen=True, slots=True)
class System:
    """What a wheel must fit."""

    python: tuple[int, int]
    platform: str
    """As `sys.platform` says, e.g. `linux`."""
    machine: str
    glibc: tuple[int, int]
    """(0, 0) where there is none."""


def this_system() -> System:
    """The system of this process. Kit's own Python is of the same version as its interpreter."""
    name, _, version = (_confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    glibc = version.split(".")[:2] if name == "glibc" else ["0", "0"]
    return System(
        sys.version_info[:2], sys.platform, platform.machine(), (int(glibc[0]), int(glibc[1]))
    )


def find_interpreter(
    executable: str | None = None, prefix: str | None = None, app: str | None = None
) -> Path | None:
    """The interpreter for processes beside this one; None where there is none.

    Kit embeds Python: `sys.executable` is then Kit itself, which would start another Kit.

    Args:
        executable: `sys.executable` where None.
        prefix: `sys.prefix` where None.
        app: the folder of Kit's executable; `CARB_APP_PATH`, which Kit sets, where None.
    """
    executable = sys.executable if executable is None else executable
    prefix = sys.prefix if prefix is None else prefix
    app = os.environ.get("CARB_APP_PATH", "") if app is None else app
    usable = (one for one in _candidates(executable, prefix, app) if os.access(one, os.X_OK))
    return next((one for one in usable if one.is_file()), None)


def _candidates(executable: str, prefix: str, app: str) -> Iterator[Path]:
    if executable and Path(executable).name.startswith("python"):
        yield Path(executable)
    if executable:
        yield Path(executable).parent / KIT_PYTHON
    if app:
        yield Path(app) / KIT_PYTHON
    if prefix:
        yield Path(prefix) / "bin/python3"


def import_folders(python: Path) -> list[str]:
    """Folders from which a process of that interpreter imports, the standard library apart.

    Not `sys.path`: in Kit it names folders of extensions, which another process does not have.
    """
    given = [*filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    if str(python) == sys.executable:
        own = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
        return [*given, *own, *site.getsitepackages()]
    version = "python{}.{}".format(*sys.version_info[:2])
    return [*given, str(python.parent.parent / "lib" / version / "site-packages")]


def has_module(name: str, folders: Iterable[str]) -> bool:
    """Whether the top of a dotted module name can be found there; imports nothing."""
    return PathFinder.find_spec(name.partition(".")[0], [*folders]) is not None


def _confstr(name: str) -> str | None:
    try:
        return os.confstr(name)
    except (AttributeError, ValueError, OSError):  # no glibc
        return None

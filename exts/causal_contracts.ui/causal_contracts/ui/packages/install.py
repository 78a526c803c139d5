# SPDX-License-Identifier: Apache-2.0
"""A plan to a folder of packages: written beside it, tried in a fresh process, then renamed."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ..jobs import Progress
from .child import Child
from .faults import InstallFault, fault_of
from .readiness import STAMP, Plan, megabytes, why_no_space

_PROBE = "import importlib.util as u; print(bool(u.find_spec('pip')))"
_IMPORT = (
    "import importlib, sys\nsys.path.insert(0, sys.argv[1])\n"
    "for name in sys.argv[2:]: importlib.import_module(name)"
)
_LOADED, TRIED = 0.7, 0.97
"""Shares that are done when all is downloaded, and when all is unpacked."""


def install(plan: Plan, progress: Progress) -> None:
    """Fill the plan's folder; may be cancelled. Nothing is left where it fails.

    Raises:
        InstallFault: in one sentence, with what the installer wrote last.
        Cancelled: the author did not want it any more.
    """
    half = plan.folder.with_name(plan.folder.name + ".tmp")
    try:
        with _alone(plan.folder) as lock:
            why = why_no_space(plan)
            if why is not None:
                raise InstallFault(why)
            _remove(half)
            try:
                _fill(plan, half, lock, progress)
                _try(plan, half, lock, progress)
                (half / STAMP).write_text(json.dumps([wheel.pin for wheel in plan.wheels]))
                _replace(half, plan.folder)
            finally:
                _remove(half)
    except OSError as fault:
        where = fault.filename or plan.folder
        raise InstallFault(f"{where} cannot be written: {fault.strerror}.") from fault


def uninstall(folder: Path) -> None:
    """Remove what was installed, and what an interrupted installation left.

    Raises:
        InstallFault: something of it cannot be removed, or is being installed.
    """
    try:
        with _alone(folder):
            for suffix in ("", ".tmp", ".old"):
                _remove(folder.with_name(folder.name + suffix))
    except OSError as fault:
        raise InstallFault(f"{fault.filename} cannot be removed: {fault.strerror}.") from fault


def sweep(folder: Path) -> None:
    """Remove what an installation left that was killed; nothing while one runs."""
    with suppress(InstallFault, OSError), _alone(folder):
        for suffix in (".tmp", ".old"):
            _remove(folder.with_name(folder.name + suffix))


def left_over(folder: Path) -> bool:
    """Whether there is something to sweep, or an installation under way."""
    return any(folder.with_name(folder.name + suffix).exists() for suffix in (".tmp", ".old"))


def _fill(plan: Plan, half: Path, lock: int, progress: Progress) -> None:
    """Let pip or uv download, check and unpack the wheels."""
    scratch = half / ".scratch"
    scratch.mkdir(parents=True)
    wanted = scratch / "requirements.txt"
    wanted.write_text("".join(f"{wheel.requirement}\n" for wheel in plan.wheels))
    largest = 0

    def tell(child: Child) -> None:
        nonlocal largest  # at its end the installer removes what it downloaded
        largest = max(largest, _size(half))
        progress(*_told(plan, largest, child.lines))

    progress(0.0, "Starting the installer")
    command = [*_installer(plan.python), "--target", str(half), *_options(wanted, plan.source)]
    # Both installers put what they download below TMPDIR: it goes with the half-written folder.
    child = Child(command, {"TMPDIR": str(scratch), "PIP_USER": "0"}, keep=lock)
    code = child.follow(tell)
    if code != 0:
        raise fault_of(code, child.lines)
    shutil.rmtree(scratch)


def _installer(python: Path) -> list[str]:
    """Pip of that interpreter, else uv for it."""
    probe = [str(python), "-I", "-c", _PROBE]
    try:
        done = subprocess.run(probe, capture_output=True, text=True, timeout=30)
    except subprocess.TimeoutExpired as fault:
        raise InstallFault(f"{python} does not answer.") from fault
    if done.returncode != 0:
        raise InstallFault(f"{python} does not run.", done.stderr.splitlines())
    if done.stdout.strip() == "True":
        quiet = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        return [str(python), "-I", "-m", "pip", "install", "--no-compile", "--no-cache-dir", *quiet]
    uv = shutil.which("uv")
    if uv is None:
        raise InstallFault(f"{python} has no pip, and there is no uv: install one of them.")
    return [uv, "pip", "install", "--python", str(python), "--no-cache", "--no-progress"]


def _options(wanted: Path, source: str) -> list[str]:
    where = ["--no-index", "--find-links", source] if source else []
    exactly = ["--no-deps", "--only-binary", ":all:", "--require-hashes"]
    return [*exactly, *where, "-r", str(wanted)]


def _try(plan: Plan, half: Path, lock: int, progress: Progress) -> None:
    """Import everything in a fresh process, which sees this folder first."""
    modules = [module for wheel in plan.wheels for module in wheel.modules]
    child = Child([str(plan.python), "-I", "-B", "-c", _IMPORT, str(half), *modules], {}, keep=lock)
    if child.follow(lambda _: progress(TRIED, "Trying the packages")) != 0:
        last = child.lines[-1] if child.lines else "no reason was given"
        raise InstallFault(f"The packages do not load here: {last.rstrip('.')}.", child.lines)


def _replace(half: Path, folder: Path) -> None:
    old = folder.with_name(folder.name + ".old")
    _remove(old)
    if folder.exists():
        folder.rename(old)  # a worker that runs keeps the files that it opened
    half.rename(folder)
    _remove(old)


def _told(plan: Plan, size: int, lines: Sequence[str]) -> tuple[float, str]:
    """Share that is done, and a sentence, where the half-written folder holds `size` bytes."""
    if size < plan.download:
        done, total, what = size, plan.download, f"Downloading {_package(plan, lines)}".strip()
        share = _LOADED * done / max(1, total)
    else:
        done, total, what = size - plan.download, plan.installed, "Unpacking"
        share = _LOADED + (TRIED - _LOADED) * min(1.0, done / max(1, total))
    return share, f"{what}: {megabytes(min(done, total))} of {megabytes(total)}"


def _package(plan: Plan, lines: Sequence[str]) -> str:
    """The package that the installer named last; empty where it named none."""
    for line in reversed(lines):
        found = re.match(r"\s*(?:Collecting|Downloading|Processing) (\S+)", line)
        if found:
            file = found[1].rpartition("/")[2].replace("_", "-")
            return next((one.name for one in plan.wheels if file.startswith(one.name)), "")
    return ""


def _size(folder: Path) -> int:
    """Bytes of all files below; what vanishes meanwhile is left out."""
    total = 0
    for root, _, files in os.walk(folder):
        for file in files:
            with suppress(OSError):
                total += os.lstat(os.path.join(root, file)).st_size  # noqa: PTH118 - faster
    return total


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[int]:
    """Hold the folder's lock. Its installer holds it too, so that one left alone counts."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.with_name(folder.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InstallFault(
                "Another window installs the packages at this moment: wait for it."
            ) from None
        yield lock
    finally:
        os.close(lock)

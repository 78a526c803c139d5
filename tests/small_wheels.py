# SPDX-License-Identifier: Apache-2.0
"""Real wheels of a few bytes in a folder, which pip and uv install without a network."""

from __future__ import annotations

import base64
import hashlib
import sys
import zipfile
from pathlib import Path

from causal_contracts.ui.jobs import Job, Progress
from causal_contracts.ui.packages.readiness import Plan, state
from causal_contracts.ui.packages.wheels import Wheel
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings

PYTHON = Path(sys.executable)
"""Has no pip where uv made the environment, so that uv installs for it, which is quick."""
BASE = Path(getattr(sys, "_base_executable", sys.executable))
"""The interpreter behind this environment, without its packages; it often has pip."""


def make_wheel(folder: Path, name: str, source: str = "ANSWER = 42\n", version="1.0") -> Wheel:
    """Write NAME-1.0-py3-none-any.whl with one module of that source."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{path},sha256={digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,"]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in files.items():
            archive.writestr(inner, text)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    size = sum(map(len, files.values()))
    return Wheel(name, version, path.name, sha256, path.stat().st_size, size, (name,))


def digest(text: str) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def make_host(folder: Path) -> StudioHost:
    """A host whose settings name a folder to install to and one with wheels."""
    host = StudioHost(settings=Settings(folder / "settings.json"))
    host.set_setting("packages_folder", str(folder / "data"))
    host.set_setting("packages_source", str(folder / "wheels"))
    return host


def plan_of(host: StudioHost, *wheels: Wheel, python: Path = PYTHON) -> Plan:
    """What installing these would do."""
    found = state(host, wheels=wheels, python=python)
    return found.plan


def progress(job: Job | None = None) -> Progress:
    """What an installation reports to."""
    return Progress(job or Job("install"))


def within(folder: Path) -> list[str]:
    """Names in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())

# SPDX-License-Identifier: Apache-2.0
"""wheels.json to the wheels that the preview's worker needs, and why a system cannot use them.

The file is written by tools/packages from uv.lock: pins, hashes and sizes stand there alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .interpreter import System

WHEELS = Path(__file__).with_name("wheels.json")


@dataclass(frozen=True, slots=True)
class Wheel:
    """One package, exactly this file of it."""

    name: str
    version: str
    file: str
    """Name of the wheel, whose end says where it runs."""
    sha256: str
    download: int
    """Size of the wheel [bytes]."""
    installed: int
    """Size of its files [bytes], without what Python compiles from them."""
    modules: tuple[str, ...]
    """What must import where the package works."""

    @property
    def requirement(self) -> str:
        """A line of a requirements file, with the hash."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"

    @property
    def pin(self) -> str:
        """Name and version, e.g. `numpy==2.5.5`."""
        return f"{self.name}=={self.version}"


def read_wheels(path: Path = WHEELS) -> tuple[Wheel, ...]:
    """The wheels of a file, in its order."""
    return tuple(
        Wheel(**{**one, "modules": tuple(one["modules"])}) for one in json.loads(path.read_bytes())
    )


def why_no_wheel(wheels: Iterable[Wheel], system: System) -> str | None:
    """One sentence why these wheels do not run there; None where they do."""
    for wheel in wheels:
        python, _, platform = wheel.file.removesuffix(".whl").split("-")[-3:]
        if python.startswith("cp") and python != "cp{}{}".format(*system.python):
            here = "{}.{}".format(*system.python)
            wants = f"{python[2]}.{python[3:]}"
            return f"{wheel.name} needs Python {wants}, and this program has {here}."
        if platform == "any":
            continue
        if system.platform != "linux" or not platform.endswith(system.machine):
            here = f"{system.platform} {system.machine}"
            return f"{wheel.name} runs on linux x86_64, and this is {here}."
        why = _why_no_glibc(wheel, platform, system.glibc)
        if why is not None:
            return why
    return None


def _why_no_glibc(wheel: Wheel, platform: str, glibc: Sequence[int]) -> str | None:
    known = [(int(a), int(b)) for a, b in re.findall(r"manylinux_(\d+)_(\d+)", platform)]
    if not known or tuple(glibc) >= min(known):  # several: the oldest will do
        return None
    wants, here = ("{}.{}".format(*one) for one in (min(known), glibc))
    return f"{wheel.name} needs glibc {wants} or newer, and this system has {here}."

# SPDX-License-Identifier: Apache-2.0
"""A choice of the physics engine to the interpreter that runs it, or to a sentence why not."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from causal_contracts.preview.clones import EXTRAS, GROUP

from ..host import Host
from ..packages.interpreter import has_module, import_folders
from ..packages.readiness import Ready

PYTHON = "isaaclab_python"
"""Setting: an interpreter that has Isaac Lab, where the preview's own has not; or empty."""
PYTHONS = ("python", "python3", "python3.12")
"""How the file of an interpreter may be called."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What the author is told of an engine."""

    name: str
    short: str
    """The name in a combo with little room."""
    says: str
    """One sentence: what sets it apart."""
    wait: str = ""
    """One sentence for whoever waits; empty where nobody has to."""

    @property
    def is_isaac_lab(self) -> bool:
        """Whether it needs more than the preview's own packages."""
        return bool(self.wait)


_SLOW = "As training runs it; starts in some 15 s."
_WAIT = "Isaac Lab takes some 15 s to start."
_FIRST = "The first time on a machine Warp compiles its kernels, which takes two minutes."
ENGINES = {
    "physx": Engine("PhysX", "PhysX", "Starts at once."),
    "isaaclab-newton": Engine("Newton (Isaac Lab)", "Newton", _SLOW, f"{_WAIT} {_FIRST}"),
    "isaaclab-physx": Engine("PhysX (Isaac Lab)", "PhysX (Lab)", _SLOW, _WAIT),
}
"""By the names in the worker's `Start`, in the order of the list on screen."""


def worker_of(sim: str, host: Host, ready: Ready) -> Ready:
    """The interpreter for a worker on `sim`; `ready` is that of the preview's own packages.

    Isaac Lab brings its own Warp and NumPy, so the folder of packages that were installed for the
    preview is left out there.
    """
    if not ENGINES[sim].is_isaac_lab:
        return ready
    given = str(host.setting(PYTHON, ""))
    return Ready(Path(given).expanduser() if given else ready.python)


def why_no_engine(sim: str, host: Host, ready: Ready) -> str | None:
    """Why `sim` cannot run on this machine; None where it can. Asks the file system alone."""
    engine = ENGINES[sim]
    if not engine.is_isaac_lab:
        return None
    python, given = worker_of(sim, host, ready).python, host.setting(PYTHON, "")
    if given and not (python.is_file() and os.access(python, os.X_OK)):
        return (
            f"{engine.name} cannot run: there is no Python interpreter at {python}. {_other(sim)}"
        )
    folders = import_folders(python)
    lacks = not _has(folders, "isaaclab")
    if not lacks and _offers(folders, sim):
        return None
    where = f"the Python that runs the preview ({python}) does not have"
    if lacks and ready.paths and not given:
        where = "the packages that were installed for the preview do not include"
    what = "Isaac Lab" if lacks else f"causal-contracts with its extra '{EXTRAS[sim]}'"
    return f"{engine.name} needs {what}, which {where}. {_way(sim)}"


def _other(sim: str) -> str:
    return f"Choose one that has causal-contracts[{EXTRAS[sim]}]."


def _way(sim: str) -> str:
    wheel = f"'causal-contracts[{EXTRAS[sim]}]'"
    if Path(sys.executable).name.startswith("python"):
        return f"Install it with: pip install {wheel}; or choose a Python that has it."
    version = "{}.{}".format(*sys.version_info[:2])
    return (
        f"Make a virtual environment of Python {version}, install it there with: pip install "
        f"{wheel}; then choose the Python of that environment."
    )


def _has(folders: list[str], package: str) -> bool:
    """Whether a package is there; one that is installed to be edited shows as metadata alone."""
    return has_module(package, folders) or any(distributions(name=package, path=folders))


def _offers(folders: list[str], sim: str) -> bool:
    """Whether causal-contracts is installed there, and brings that engine."""
    ours = distributions(name="causal-contracts", path=folders)
    points = (point for one in ours for point in one.entry_points)
    return any(point.group == GROUP and point.name == sim for point in points)

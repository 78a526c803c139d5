# SPDX-License-Identifier: Apache-2.0
"""How tests start the real Kit kernel: arguments and environment, or why it cannot run here."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SERVICES = [
    "omni.kit.actions.core",
    "omni.kit.clipboard",
    "omni.kit.commands",
    "omni.kit.context_menu",
    "omni.kit.menu.utils",
    "omni.kit.notification_manager",
    "omni.kit.property.usd",
    "omni.kit.viewport.menubar.core",
    "omni.kit.viewport.menubar.display",
    "omni.kit.viewport.registry",
    "omni.kit.window.file_exporter",
    "omni.kit.window.filepicker",
    "omni.kit.window.popup_dialog",
    "omni.kit.window.property",
    "omni.timeline",
    "omni.usd",
]
"""Stand-ins in tests/kit_exts for what the panel uses where it is there."""


def kernel_missing() -> str | None:
    """Why the kernel cannot run here; None where it can."""
    try:
        metadata.distribution("omniverse-kit")
    except metadata.PackageNotFoundError:
        return "omniverse-kit, the Kit kernel, is not installed (extra kit)"
    if os.environ.get("OMNI_KIT_ACCEPT_EULA", "").lower() not in ("y", "yes", "1"):
        return "skipped: licence: omniverse-kit needs OMNI_KIT_ACCEPT_EULA=yes of you"
    return None


def start(script, home, arguments, *, exts=ROOT / "exts", extra=None, timeout=300):
    """A finished child process with the kernel in it.

    Args:
        script: the Python file to run, with what comes before Kit's own arguments.
        home: a folder for settings, logs and pictures.
        arguments: Kit's own arguments, besides those that every test needs.
        exts: the folder of the extensions that are tested.
        extra: more of the environment.
    """
    kernel = metadata.distribution("omniverse-kit").locate_file("omni/kernel/py")
    # Without a run loop (an extension of full Kit) the kernel would quit at once.
    always = ["--no-window", "--portable-root", str(home), "--/app/runWithoutRunloop=true"]
    always += ["--ext-folder", str(exts), "--ext-folder", str(ROOT / "tests/kit_exts")]
    always += ["--allow-root"] if os.geteuid() == 0 else []
    return subprocess.run(
        [sys.executable, *map(str, script), *always, *arguments],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, "PYTHONPATH": str(kernel), "HOME": str(home), **(extra or {})},
    )


def seen(run):
    """What the child says it saw."""
    lines = [line for line in run.stdout.splitlines() if line.startswith("SEEN ")]
    assert len(lines) == 1, run.stdout + run.stderr
    return json.loads(lines[0].removeprefix("SEEN "))

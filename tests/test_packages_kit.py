# SPDX-License-Identifier: Apache-2.0
"""Inside the real Kit kernel: which interpreter runs the worker, and what it has."""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from kit_kernel import kernel_missing

pytestmark = pytest.mark.skipif(bool(kernel_missing()), reason=str(kernel_missing()))

CHILD = """
import json, os, subprocess, sys
from omni.kit_app import KitApp
app = KitApp()
app.startup(sys.argv[1:])
app.update()
from causal_contracts.ui.packages.interpreter import find_interpreter, import_folders
from causal_contracts.ui.packages.readiness import Ready, state

class Host:
    def setting(self, key, default):
        return default

def answers(python):
    command = [str(python), "-c", "import sys; print(sys.version_info[:2] == (3, 12))"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() == "True"

ours = find_interpreter()
sys.executable = os.path.join(os.environ["CARB_APP_PATH"], "kit")  # as where Kit embeds Python
embedded = find_interpreter()
seen = {
    "ours": str(ours),
    "answers": [answers(ours), answers(embedded)],
    "is kit": embedded.name == "kit",
    "folders": [one for one in import_folders(embedded) if "/exts" in one],
    "ready": isinstance(state(Host(), python=ours), Ready),
}
print("SEEN", json.dumps(seen), flush=True)
os._exit(0)
"""


def test_kit_finds_an_interpreter_that_is_not_kit_and_sees_its_packages(tmp_path):
    kernel = metadata.distribution("omniverse-kit").locate_file("omni/kernel/py")
    arguments = ["--no-window", "--portable-root", tmp_path, "--/app/runWithoutRunloop=true"]
    arguments += ["--allow-root"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(kernel), "HOME": str(tmp_path)},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("SEEN ")]
    assert len(lines) == 1, done.stdout + done.stderr
    seen = json.loads(lines[0].removeprefix("SEEN "))
    assert seen == {
        "ours": sys.executable,
        "answers": [True, True],
        "is kit": False,
        "folders": [],
        "ready": True,
    }


def test_the_kernel_wheel_has_no_interpreter_of_its_own():
    app = Path(str(metadata.distribution("omniverse-kit").locate_file("omni")))
    assert not (app / "python/bin/python3").exists()  # where it is in Isaac Sim: see interpreter.py

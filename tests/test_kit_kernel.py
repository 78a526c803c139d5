# SPDX-License-Identifier: Apache-2.0
"""The real Kit kernel loads, disables and enables our extensions.

The kernel wheel has neither omni.usd.libs nor omni.kit.pipapi: tests/kit_exts stands for them.
"""

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALL = [f"causal_contracts.{name}" for name in ("core", "lab", "preview", "schema")]
LEFT_AFTER_DISABLING = {"lab": ALL[:1] + ALL[2:], "preview": [ALL[0], ALL[3]], "core": [ALL[3]]}


def kernel_missing() -> str | None:
    """Why the kernel cannot run here; None where it can."""
    try:
        metadata.distribution("omniverse-kit")
    except metadata.PackageNotFoundError:
        return "omniverse-kit, the Kit kernel, is not installed (extra kit)"
    if os.environ.get("OMNI_KIT_ACCEPT_EULA", "").lower() not in ("y", "yes", "1"):
        return "NVIDIA's licence of omniverse-kit is not accepted (OMNI_KIT_ACCEPT_EULA=yes)"
    return None


pytestmark = pytest.mark.skipif(bool(kernel_missing()), reason=str(kernel_missing()))


@pytest.fixture(scope="module", params=[True, False], ids=["fast_importer", "plain_importer"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The finished child process, once for each of Kit's two ways to import."""
    kernel = metadata.distribution("omniverse-kit").locate_file("omni/kernel/py")
    home = str(tmp_path_factory.mktemp("kit"))
    # Without a run loop (an extension of full Kit) the kernel would quit at once.
    arguments = ["--no-window", "--portable-root", home, "--/app/runWithoutRunloop=true"]
    arguments += ["--ext-folder", str(ROOT / "exts"), "--ext-folder", str(ROOT / "tests/kit_exts")]
    arguments += ["--enable", "causal_contracts.lab"]
    arguments += [f"--/app/extensions/fastImporter/enabled={str(request.param).lower()}"]
    arguments += ["--allow-root"] if os.geteuid() == 0 else []
    return subprocess.run(
        [sys.executable, ROOT / "tests/kit_kernel_child.py", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(kernel), "HOME": home},
    )


@pytest.fixture
def seen(run: subprocess.CompletedProcess) -> dict:
    lines = [line for line in run.stdout.splitlines() if line.startswith("SEEN ")]
    assert len(lines) == 1, run.stdout + run.stderr
    return json.loads(lines[0].removeprefix("SEEN "))


def test_enabling_lab_brings_all_four(seen: dict):
    assert seen["enabled"] == ALL


def test_kit_imports_each_package_from_its_extension_folder(seen: dict):
    folders = {name: [str(ROOT / "exts" / name / name.replace(".", "/"))] for name in ALL}
    assert seen["folders"] == folders


def test_the_schema_is_active(seen: dict):
    assert seen["schema"] == [True, None]


def test_loading_imports_no_physics_no_torch_and_no_warp(seen: dict):
    assert seen["heavy"] == []


def test_disabling_twice_leaves_nothing_and_enabling_brings_everything_back(seen: dict):
    once = [names for left in LEFT_AFTER_DISABLING.values() for names in (left, ALL)]
    assert [enabled for enabled, _ in seen["cycles"]] == once * 2
    assert [loaded for _, loaded in seen["cycles"]] == once * 2


def test_the_kernel_reports_no_fault_of_ours(run: subprocess.CompletedProcess):
    log = (run.stdout + run.stderr).splitlines()
    faults = [line for line in log if "[Error]" in line]
    faults += [line for line in log if "[Warning]" in line and "causal_contracts" in line]
    assert (run.returncode, faults) == (0, [])

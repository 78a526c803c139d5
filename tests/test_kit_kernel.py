# SPDX-License-Identifier: Apache-2.0
"""The real Kit kernel loads, disables and enables our extensions.

The kernel wheel has neither omni.usd.libs nor omni.kit.pipapi: tests/kit_exts stands for them.
"""

import subprocess

import pytest
from kit_kernel import ROOT, kernel_missing, start
from kit_kernel import seen as seen_by

ALL = [f"causal_contracts.{name}" for name in ("core", "lab", "preview", "schema")]
LEFT_AFTER_DISABLING = {"lab": ALL[:1] + ALL[2:], "preview": [ALL[0], ALL[3]], "core": [ALL[3]]}

pytestmark = pytest.mark.skipif(bool(kernel_missing()), reason=str(kernel_missing()))


@pytest.fixture(scope="module", params=[True, False], ids=["fast_importer", "plain_importer"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """The finished child process, once for each of Kit's two ways to import."""
    arguments = ["--enable", "causal_contracts.lab"]
    arguments += [f"--/app/extensions/fastImporter/enabled={str(request.param).lower()}"]
    home = tmp_path_factory.mktemp("kit")
    return start([ROOT / "tests/kit_kernel_child.py"], home, arguments)


@pytest.fixture
def seen(run: subprocess.CompletedProcess) -> dict:
    return seen_by(run)


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

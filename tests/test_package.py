# SPDX-License-Identifier: Apache-2.0
"""The archive of tools/package: complete, the same every time, and enough for the Kit kernel."""

import json
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from kit_kernel import ROOT, kernel_missing, seen, start

OURS = [f"causal_contracts.{name}" for name in ("core", "lab", "preview", "schema", "ui")]
COUPLINGS = ROOT / "data/microwave/couplings.json"


def package(*arguments):
    return subprocess.run(
        [sys.executable, ROOT / "tools/package", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    done = package("--out", tmp_path_factory.mktemp("out"), "--json")
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout)["path"])


def test_it_says_version_and_platform_in_its_name(archive):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert archive.name == f"causal-contracts-exts-{version}-linux-x86_64-cp312.zip"


def test_two_runs_give_the_same_bytes(archive, tmp_path):
    done = package("--out", tmp_path / "again.zip")
    assert done.returncode == 0 and "again.zip: " in done.stdout
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_entries_are_sorted_and_tell_no_time_and_no_bytecode(archive):
    entries = zipfile.ZipFile(archive).infolist()
    names = [one.filename for one in entries]
    assert names == sorted(names)
    assert {one.date_time for one in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_every_tracked_file_of_the_extensions_is_in_it(archive):
    listed = subprocess.run(
        ["git", "ls-files", "exts", "config/*.kit", "LICENSE"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:
        pytest.skip("this is no checkout, so nothing says what is tracked")
    assert {*listed.stdout.splitlines()} <= {*zipfile.ZipFile(archive).namelist()}


def test_msgspec_is_in_it_with_its_licence_and_the_network_is_asked_for_nothing(archive):
    inside = zipfile.ZipFile(archive)
    found = "exts/causal_contracts.core/pip_prebundle/msgspec"
    licence = inside.read(f"{found}-{metadata.version('msgspec')}.dist-info/licenses/LICENSE")
    assert b"Redistribution and use" in licence
    toml = tomllib.loads(inside.read("exts/causal_contracts.core/config/extension.toml").decode())
    assert toml["python"]["module"][0] == {"path": "pip_prebundle"}
    assert "pipapi" not in toml["python"] and "omni.kit.pipapi" not in toml["dependencies"]


def test_help_has_examples():
    shown = package("--help").stdout
    assert "tools/package --out dist/" in shown and "--enable causal_contracts.ui" in shown


@pytest.mark.skipif(bool(kernel_missing()), reason=str(kernel_missing()))
def test_the_unpacked_archive_runs_in_the_kernel_without_network_pip_or_this_checkout(
    archive, tmp_path
):
    place = tmp_path / "unpacked"
    zipfile.ZipFile(archive).extractall(place)
    child = [ROOT / "tests/kit_extension_child.py", "packaged", COUPLINGS]
    wanted = ["omni.kit.async_engine", "omni.ui", "causal_contracts.ui", "causal_contracts.lab"]
    enabled = [part for name in wanted for part in ("--enable", name)]
    done = start(child, tmp_path, enabled, exts=place / "exts", extra={"OMNIUI_HEADLESS": "1"})
    saw = seen(done)
    assert saw["folders"] == {
        name: str(place / "exts" / name) for name in OURS if "lab" not in name
    }
    assert "omni.kit.pipapi" not in saw["enabled"]
    for ids, files in (saw["first"], saw["again"]):
        assert ids == ["press_opens_door"]
        assert all(Path(one).is_relative_to(place / "exts/causal_contracts.core") for one in files)
    assert saw["gone"] == []
    assert [line for line in done.stdout.splitlines() if "[Error]" in line] == []

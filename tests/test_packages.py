# SPDX-License-Identifier: Apache-2.0
"""The preview's packages: pinned once, installed into a folder of their own, tried, and removed."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest
from causal_contracts.ui.packages import readiness
from causal_contracts.ui.packages.faults import InstallFault
from causal_contracts.ui.packages.install import install
from causal_contracts.ui.packages.interpreter import has_module
from causal_contracts.ui.packages.readiness import Missing, Ready, megabytes, state
from causal_contracts.ui.packages.wheels import read_wheels
from small_wheels import BASE, PYTHON, make_host, make_wheel, progress

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def host(tmp_path):
    host = make_host(tmp_path)
    yield host
    host.close()


def test_the_wheels_are_those_of_the_lock():
    done = subprocess.run([sys.executable, ROOT / "tools/packages", "--check"])
    assert done.returncode == 0


def test_the_wheels_are_the_pins_that_this_environment_runs():
    pins = {wheel.name: wheel.version for wheel in read_wheels()}
    assert {"ovphysx", "ovstage", "usd-exchange", "warp-lang", "numpy"} <= pins.keys()
    for name, version in pins.items():
        if name != "packaging":  # of two versions the lock takes one for each extra
            assert metadata.version(name) == version


def test_the_sizes_are_those_of_real_packages():
    for wheel in read_wheels():
        files = metadata.distribution(wheel.name).files
        if wheel.version == metadata.version(wheel.name):
            own = [file for file in files if file.suffix != ".pyc" and ".." not in file.parts]
            assert wheel.installed == sum(file.size or 0 for file in own)
        assert 10_000 < wheel.download < wheel.installed


def linked(folder, wheels):
    """The packages of this environment, and no others, in a folder of links."""
    folder.mkdir()
    for wheel in wheels:
        for file in metadata.distribution(wheel.name).files:
            top, whole = folder / file.parts[0], Path(file.locate())
            if file.parts[0] not in ("..", "__pycache__") and not top.exists():
                source = whole.parents[len(file.parts) - 2] if len(file.parts) > 1 else whole
                if wheel.installed < 1e6 and source.is_dir():
                    shutil.copytree(source, top)  # USD finds no plugin behind a link
                else:
                    top.symlink_to(source)
    return folder


def test_the_worker_needs_these_packages_and_no_others(tmp_path):
    from causal_contracts.preview.live.client import LiveClient
    from live_runs import running, steps

    bare = subprocess.run([BASE, "-c", "import ovphysx"], capture_output=True)
    if bare.returncode == 0:
        pytest.skip("the base interpreter has the packages itself")
    client = LiveClient(python=BASE, paths=[linked(tmp_path / "packages", read_wheels())])
    try:
        running(client)
        steps(client, 3)
        assert client.frame.step == 3 and client.frame.joint_pos.shape[0] == 4
    finally:
        client.close()


def test_nothing_is_imported_to_see_whether_it_is_there(tmp_path):
    make_wheel(tmp_path, "loud", "raise SystemExit(3)")
    (tmp_path / "loud.py").write_text("raise SystemExit(3)")
    assert has_module("loud.inner", [str(tmp_path)])
    assert not has_module("quiet", [str(tmp_path)])


def test_this_environment_is_ready(host):
    assert state(host) == Ready(Path(sys.executable))


def test_looking_takes_no_time(host):
    state(host)
    began = time.perf_counter()
    for _ in range(10):
        state(host, python=BASE)
    assert (time.perf_counter() - began) / 10 < 0.02


def test_what_lacks_is_named_with_its_size_and_place(tmp_path, host):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    found = state(host, wheels=[wheel], python=PYTHON)
    assert isinstance(found, Missing) and found.lacking == (wheel,) and found.why_not is None
    assert found.plan.folder == tmp_path / "data/packages"
    assert (found.plan.download, found.plan.installed) == (wheel.download, wheel.installed)


def test_a_disk_that_is_too_full_is_told_before(tmp_path, host):
    wheel = dataclasses.replace(make_wheel(tmp_path / "wheels", "cc_small"), installed=10**15)
    found = state(host, wheels=[wheel], python=PYTHON)
    assert found.why_not.endswith("are needed meanwhile.") and str(tmp_path) in found.why_not
    with pytest.raises(InstallFault, match="are needed meanwhile"):
        install(found.plan, progress())


def test_without_a_setting_the_folder_lies_below_the_users_data(tmp_path, host, monkeypatch):
    host.set_setting("packages_folder", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert readiness.packages_folder(host) == tmp_path / "share/causal_contracts/packages"


def test_sizes_read_well():
    assert [*map(megabytes, (1, 230_377, 419_000_000, 999_400_000, 1_276_000_000))] == [
        "1 kB",
        "230 kB",
        "419 MB",
        "999 MB",
        "1.3 GB",
    ]

# SPDX-License-Identifier: Apache-2.0
"""The preview's packages installed into a folder of their own, tried, kept whole, and removed."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from causal_contracts.ui.jobs import Cancelled, Job
from causal_contracts.ui.packages import faults, readiness
from causal_contracts.ui.packages.faults import InstallFault
from causal_contracts.ui.packages.install import install, left_over, sweep, uninstall
from causal_contracts.ui.packages.installation import Installation
from causal_contracts.ui.packages.readiness import Missing, Ready, state
from small_wheels import BASE, PYTHON, make_host, make_wheel, plan_of, progress, within

UV = Path(__file__).resolve().parents[1] / ".tools/uv/bin"
each_installer = pytest.mark.parametrize("python", [BASE, PYTHON], ids=["base", "environment"])


@pytest.fixture(autouse=True)
def tools(monkeypatch):
    """The uv of tools/setup, for interpreters without pip."""
    monkeypatch.setenv("PATH", f"{UV}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.fixture
def host(tmp_path):
    host = make_host(tmp_path)
    yield host
    host.close()


@each_installer
def test_an_installation_imports_in_a_fresh_process_and_is_found_again(tmp_path, host, python):
    wheels = [make_wheel(tmp_path / "wheels", name) for name in ("cc_small", "cc_other")]
    plan, job = plan_of(host, *wheels, python=python), Job("install")
    install(plan, progress(job))
    ready = state(host, wheels=wheels, python=python)
    assert ready == Ready(python, (plan.folder,), plan.installed)
    says = f"import sys; sys.path.insert(0, {str(plan.folder)!r}); import cc_small; print(cc_small)"
    done = subprocess.run([python, "-I", "-B", "-c", says], capture_output=True, text=True)
    assert str(plan.folder / "cc_small.py") in done.stdout
    assert within(plan.folder.parent) == ["packages", "packages.lock"]
    assert (job.done, job.says) == (0.97, "Trying the packages")
    assert not [*plan.folder.rglob("*.pyc")]


def test_another_version_replaces_the_one_before(tmp_path, host):
    old = make_wheel(tmp_path / "wheels", "cc_small")
    install(plan_of(host, old), progress())
    new = make_wheel(tmp_path / "wheels", "cc_small", "ANSWER = 43\n", "2.0")
    found = state(host, wheels=[new], python=PYTHON)
    assert found.outdated and found.lacking == (new,)
    install(found.plan, progress())
    assert (found.plan.folder / "cc_small.py").read_text() == "ANSWER = 43\n"
    assert not (found.plan.folder / "cc_small-1.0.dist-info").exists()


def test_a_failure_keeps_what_was_installed_before(tmp_path, host):
    old = make_wheel(tmp_path / "wheels", "cc_small")
    plan = plan_of(host, old)
    install(plan, progress())
    broken = make_wheel(tmp_path / "wheels", "cc_small", "import no_such_module_here", "2.0")
    with pytest.raises(InstallFault) as caught:
        install(plan_of(host, broken), progress())
    assert caught.value.says == (
        "The packages do not load here: ModuleNotFoundError: No module named 'no_such_module_here'."
    )
    assert any("cc_small.py" in line for line in caught.value.lines)
    assert within(plan.folder.parent) == ["packages", "packages.lock"]
    assert isinstance(state(host, wheels=[old], python=PYTHON), Ready)


@each_installer
def test_a_wheel_that_differs_from_the_recorded_one_is_refused(tmp_path, host, python):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    make_wheel(tmp_path / "wheels", "cc_small", "ANSWER = 'other'\n")
    with pytest.raises(InstallFault, match="differs from the one that was recorded"):
        install(plan_of(host, wheel, python=python), progress())
    assert within(tmp_path / "data") == ["packages.lock"]


@each_installer
def test_a_wheel_that_is_not_there_is_named_in_the_last_lines(tmp_path, host, python):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    (tmp_path / "wheels" / wheel.file).unlink()
    with pytest.raises(InstallFault, match="has no fitting wheel") as caught:
        install(plan_of(host, wheel, python=python), progress())
    assert any("cc_small" in line or "cc-small" in line for line in caught.value.lines)


def test_no_network_is_said_in_one_sentence(tmp_path, host, monkeypatch):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    plan = dataclasses.replace(plan_of(host, wheel), source="")
    for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")  # nobody listens there
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(InstallFault, match="index cannot be reached: check the network"):
        install(plan, progress())


def test_a_folder_that_cannot_be_written_is_named(tmp_path, host):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    (tmp_path / "data").write_text("a file, where the folder should be")
    with pytest.raises(InstallFault, match=r"data.* cannot be written: "):
        install(plan_of(host, wheel), progress())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Temporary failure in name resolution", "cannot be reached"),
        ("ERROR: x.whl is not a supported wheel on this platform.", "no fitting wheel"),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "cannot be written"),
        ("something unheard of", "ended with code 2"),
    ],
)
def test_the_cause_is_read_from_the_last_lines(line, says):
    fault = faults.fault_of(2, ["Collecting numpy", line])
    assert says in fault.says and fault.lines[-1] == line


def test_an_installation_that_is_cancelled_leaves_nothing(tmp_path, host):
    slow = "import time, pathlib\npathlib.Path(__file__).with_name('started').touch()\n"
    wheel = make_wheel(tmp_path / "wheels", "cc_slow", slow + "time.sleep(60)\n")
    plan, job, ended = plan_of(host, wheel), Job("install"), []

    def work():
        try:
            install(plan, progress(job))
        except Cancelled:
            ended.append("cancelled")

    thread = threading.Thread(target=work)
    thread.start()
    half = plan.folder.with_name("packages.tmp")
    end = time.monotonic() + 30
    while not (half / "started").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    with pytest.raises(InstallFault, match="Another window installs the packages"):
        install(plan, progress())
    job.cancel()
    thread.join(10)
    assert ended == ["cancelled"]
    assert within(plan.folder.parent) == ["packages.lock"]


def test_what_a_killed_installation_left_is_swept(tmp_path, host):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    plan = plan_of(host, wheel)
    half = plan.folder.with_name("packages.tmp")
    half.mkdir(parents=True)
    (half / "cc_small.py").write_text("half")
    assert left_over(plan.folder)
    assert isinstance(state(host, wheels=[wheel], python=PYTHON), Missing)
    sweep(plan.folder)
    assert not left_over(plan.folder) and within(plan.folder.parent) == ["packages.lock"]


def test_a_folder_without_its_stamp_does_not_count(tmp_path, host):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    plan = plan_of(host, wheel)
    install(plan, progress())
    (plan.folder / readiness.STAMP).unlink()
    assert isinstance(state(host, wheels=[wheel], python=PYTHON), Missing)


def test_uninstalling_removes_the_folder(tmp_path, host):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    plan = plan_of(host, wheel)
    install(plan, progress())
    uninstall(plan.folder)
    assert within(plan.folder.parent) == ["packages.lock"]


def settle(host, packages):
    end = time.monotonic() + 30
    while packages.busy:
        assert time.monotonic() < end
        host.frame()
        time.sleep(0.02)


def installation(host, *wheels):
    return Installation(host, lambda one: state(one, wheels=wheels, python=PYTHON))


def test_a_panel_installs_hears_of_it_and_removes_it_again(tmp_path, host):
    packages = installation(host, make_wheel(tmp_path / "wheels", "cc_small"))
    heard, said = [], []
    held = [packages.changed.connect(lambda: heard.append(packages.busy))]
    held.append(host.notified.connect(lambda text, level: said.append(text)))
    assert packages.ready is None and packages.install() is None
    assert packages.busy and packages.install() == "The packages are being installed."
    settle(host, packages)
    assert packages.ready.paths == (tmp_path / "data/packages",) and heard == [True, False]
    assert said == ["The preview's packages are there (1 kB)."]
    assert packages.uninstall() is None
    settle(host, packages)
    assert packages.ready is None and not (tmp_path / "data/packages").exists()
    for one in held:
        one.close()


def test_a_failure_is_shown_and_a_second_try_succeeds(tmp_path, host):
    wheel = make_wheel(tmp_path / "wheels", "cc_small")
    shutil.move(tmp_path / "wheels" / wheel.file, tmp_path / wheel.file)
    packages = installation(host, wheel)
    packages.install()
    settle(host, packages)
    assert "no fitting wheel" in packages.failure.says and packages.failure.lines
    shutil.move(tmp_path / wheel.file, tmp_path / "wheels" / wheel.file)
    packages.install()
    assert packages.failure is None
    settle(host, packages)
    assert packages.failure is None and packages.ready


def test_the_stamp_holds_the_pins(tmp_path, host):
    plan = plan_of(host, make_wheel(tmp_path / "wheels", "cc_small"))
    install(plan, progress())
    assert json.loads((plan.folder / readiness.STAMP).read_text()) == ["cc_small==1.0"]

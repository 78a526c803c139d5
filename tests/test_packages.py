# SPDX-License-Identifier: Apache-2.0
"""The preview's packages: pinned once, installed into a folder of their own, tried, and removed."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from importlib import metadata
from pathlib import Path

import pytest
from causal_contracts.ui.jobs import Cancelled, Job, Progress
from causal_contracts.ui.packages import faults, readiness
from causal_contracts.ui.packages.faults import InstallFault
from causal_contracts.ui.packages.install import install, left_over, sweep, uninstall
from causal_contracts.ui.packages.installation import Installation
from causal_contracts.ui.packages.interpreter import System, find_interpreter, has_module
from causal_contracts.ui.packages.readiness import Missing, Ready, megabytes, state
from causal_contracts.ui.packages.wheels import read_wheels, why_no_wheel
from small_wheels import BASE, PYTHON, make_host, make_wheel, plan_of

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".tools/uv/bin"
each_installer = pytest.mark.parametrize("python", [BASE, PYTHON], ids=["base", "environment"])
LINUX = System((3, 12), "linux", "x86_64", (2, 35))


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


def progress(job=None):
    return Progress(job or Job("install"))


def within(folder):
    return sorted(path.name for path in folder.iterdir())


# -- one place for the pins


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


# -- interpreter and system


def test_a_python_is_its_own_interpreter():
    assert find_interpreter() == Path(sys.executable)


def kit_folder(folder):
    """Folders as in Isaac Sim: kit/kit beside kit/python/bin/python3."""
    binary = folder / "kit/python/bin"
    binary.mkdir(parents=True)
    (folder / "kit/kit").write_bytes(b"")
    (folder / "kit/kit").chmod(0o755)  # it is a program, and no Python
    (binary / "python3").symlink_to(BASE)
    return folder / "kit"


def test_kit_runs_the_python_beside_its_executable(tmp_path):
    kit = kit_folder(tmp_path)
    assert find_interpreter(str(kit / "kit"), "", "") == kit / "python/bin/python3"
    assert find_interpreter("", "", str(kit)) == kit / "python/bin/python3"
    assert find_interpreter("", str(kit / "python"), "") == kit / "python/bin/python3"
    assert find_interpreter(str(tmp_path / "kit/kit"), "", "").resolve() == BASE.resolve()


def test_a_program_without_an_interpreter_is_told_so(tmp_path, host, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "kit"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.delenv("CARB_APP_PATH", raising=False)
    found = state(host)
    assert (found.plan, found.why_not) == (
        None,
        "There is no Python interpreter beside this program.",
    )


@pytest.mark.parametrize(
    ("system", "why"),
    [
        (LINUX, None),
        (
            dataclasses.replace(LINUX, python=(3, 11)),
            "msgspec needs Python 3.12, and this program has 3.11.",
        ),
        (
            dataclasses.replace(LINUX, glibc=(2, 31)),
            "ovphysx needs glibc 2.35 or newer, and this system has 2.31.",
        ),
        (
            dataclasses.replace(LINUX, machine="aarch64"),
            "msgspec runs on linux x86_64, and this is linux aarch64.",
        ),
    ],
)
def test_a_system_that_no_wheel_fits_is_told_why(system, why):
    assert why_no_wheel(read_wheels(), system) == why


def test_nothing_is_imported_to_see_whether_it_is_there(tmp_path):
    make_wheel(tmp_path, "loud", "raise SystemExit(3)")
    (tmp_path / "loud.py").write_text("raise SystemExit(3)")
    assert has_module("loud.inner", [str(tmp_path)])
    assert not has_module("quiet", [str(tmp_path)])


# -- what is there


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


# -- installing


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


# -- as the panel has it


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

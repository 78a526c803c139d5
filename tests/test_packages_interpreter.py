# SPDX-License-Identifier: Apache-2.0
"""Which Python runs the worker, and why a program or a system has none."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
from causal_contracts.ui.packages.interpreter import System, find_interpreter
from causal_contracts.ui.packages.readiness import state
from causal_contracts.ui.packages.wheels import read_wheels, why_no_wheel
from small_wheels import BASE, make_host

LINUX = System((3, 12), "linux", "x86_64", (2, 35))


@pytest.fixture
def host(tmp_path):
    host = make_host(tmp_path)
    yield host
    host.close()


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

# SPDX-License-Identifier: Apache-2.0
"""Which engines the preview offers, and in which process each runs; real workers, no widget."""

from __future__ import annotations

import shutil
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from causal_contracts.preview.live.client import LiveClient, State
from causal_contracts.ui.packages.readiness import Ready
from causal_contracts.ui.preview import texts
from causal_contracts.ui.preview.engines import ENGINES, why_no_engine, worker_of
from causal_contracts.ui.preview.preview_state import PreviewState
from causal_contracts.ui.preview.standby import Phase
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings
from editor_stage import editor
from live_runs import MICROWAVE, ends, start, until

NEWTON = "isaaclab-newton"
HERE = Ready(Path(sys.executable))
lab = pytest.mark.skipif(find_spec("isaaclab") is None, reason="Isaac Lab is not installed")


@pytest.fixture
def host(tmp_path):
    return StudioHost(settings=Settings(tmp_path / "settings.json"))


@pytest.fixture
def bare(tmp_path):
    """An interpreter with nothing but the standard library."""
    python = tmp_path / "bare/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return python


def installed(python, *, engine=NEWTON):
    """Isaac Lab and causal-contracts beside `python`, as packages that are edited in place show."""
    folder = python.parents[1] / "lib/python{}.{}/site-packages".format(*sys.version_info[:2])
    for name in ("isaaclab", "causal_contracts"):
        info = folder / f"{name}-3.0.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        written = name.replace("_", "-")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {written}\nVersion: 3.0.0\n")
    points = (
        f"[causal_contracts.clones]\n{engine} = causal_contracts.lab.newton_clones:NewtonClones\n"
    )
    (info / "entry_points.txt").write_text(points)


def test_physx_needs_what_the_preview_needs_and_no_more(host, bare):
    assert why_no_engine("physx", host, Ready(bare)) is None
    ready = Ready(bare, (Path("/packages"),))
    assert worker_of("physx", host, ready) == ready


@lab
def test_isaac_lab_runs_where_the_wheel_and_its_extra_are_installed(host):
    assert [why_no_engine(sim, host, HERE) for sim in ENGINES] == [None] * len(ENGINES)


def test_a_python_without_isaac_lab_is_named_with_the_way_to_install_it(host, bare):
    why = why_no_engine(NEWTON, host, Ready(bare))
    assert why == (
        f"Newton (Isaac Lab) needs Isaac Lab, which the Python that runs the preview ({bare}) does "
        "not have. Install it with: pip install 'causal-contracts[lab]'; or choose a Python that "
        "has it."
    )


def test_in_kit_the_packages_of_first_use_do_not_include_isaac_lab(host, bare, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/isaac-sim/kit/kit")
    why = why_no_engine(NEWTON, host, Ready(bare, (Path("/packages"),)))
    assert "which the packages that were installed for the preview do not include" in why
    assert "Make a virtual environment of Python" in why and "'causal-contracts[lab]'" in why


def test_isaac_lab_that_is_edited_in_place_counts_once_causal_contracts_offers_it(host, bare):
    installed(bare, engine="isaaclab-physx")
    why = why_no_engine(NEWTON, host, Ready(bare))
    assert "needs causal-contracts with its extra 'lab', which the Python" in why
    installed(bare)
    assert why_no_engine(NEWTON, host, Ready(bare)) is None


def test_the_python_of_the_setting_runs_isaac_lab_without_the_packages_of_first_use(host, bare):
    installed(bare)
    host.set_setting("isaaclab_python", str(bare))
    ready = Ready(Path("/isaac-sim/python3"), (Path("/packages"),))
    assert worker_of(NEWTON, host, ready) == Ready(bare)
    assert why_no_engine(NEWTON, host, ready) is None
    host.set_setting("isaaclab_python", "/no/such/python")
    assert "no Python interpreter at /no/such/python" in why_no_engine(NEWTON, host, ready)


def test_a_kept_engine_that_lacks_starts_no_worker_and_says_why(tmp_path, bare):
    state = editor(tmp_path, Path(shutil.copy(MICROWAVE, tmp_path)))
    state.host.set_setting("preview_engine", NEWTON)
    state.host.set_setting("isaaclab_python", str(bare))
    preview = PreviewState(state.host, state)
    preview.unfold()
    state.host.frame()
    assert preview.phase is Phase.EMPTY and preview.client is None
    assert preview.play() == preview.why_choose_python() and "needs Isaac Lab" in preview.refused
    assert preview.set_python(bare.with_name("python9")) == preview.why_choose_python()
    assert state.host.setting("isaaclab_python", "") == str(bare)
    assert preview.set_engine("physx") is None and preview.why_choose_python() is None
    state.host.frame()
    assert preview.phase is Phase.READY and preview.choices.sim == "physx"
    preview.close()


@lab
def test_another_engine_runs_in_another_process_and_no_build_is_waited_for():
    client = LiveClient()
    client.prepare(NEWTON)
    loading = client.pid
    client.start(start())
    assert client.pid != loading and ends(loading)
    until(client, lambda: client.frame is not None)
    physx = client.pid
    client.start(start(sim=NEWTON))
    building = client.pid
    assert building != physx and ends(physx)
    until(client, lambda: "Isaac Lab" in client.progress)
    began = time.perf_counter()
    client.start(start(sim=NEWTON, num_envs=2))
    assert time.perf_counter() - began < 0.5
    assert client.pid != building and ends(building) and client.state is State.BUILDING
    last = client.pid
    client.close(wait=0.0)
    assert ends(last)


def test_a_run_that_is_on_begins_again_in_its_own_process():
    client = LiveClient()
    client.start(start())
    until(client, lambda: client.frame is not None)
    pid = client.pid
    client.start(start(num_envs=2))
    until(client, lambda: client.frame is not None)
    assert client.pid == pid and client.ready.num_envs == 2
    client.close()


def test_the_clock_of_a_build_counts_whole_seconds_and_minutes():
    said = [texts.waited(seconds) for seconds in (0.0, 12.9, 59.99, 60.0, 125.0)]
    assert said == ["0 s", "12 s", "59 s", "1:00 min", "2:05 min"]

# SPDX-License-Identifier: Apache-2.0
"""Deaths: of the worker, of its parent, and by close; nothing is left of any of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from causal_contracts.preview.live import deaths
from causal_contracts.preview.live.client import LiveClient, State
from live_runs import MICROWAVE, ends, folders, gone, running, steps

PARENT = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from live_runs import LiveClient, running
client = LiveClient()
running(client, playing=True, speed=1.0)
if sys.argv[2] == "held" and os.fork() == 0:
    time.sleep(8)  # it holds the worker's pipe open
    os._exit(0)
print(client.pid, flush=True)
while True:
    client.poll()
    time.sleep(0.01)
"""


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where clients put the folders of their workers."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def dead(client):
    end = time.monotonic() + 10
    while client.state is not State.DIED and time.monotonic() < end:
        client.poll()
        time.sleep(0.005)
    return client


def test_a_killed_worker_is_noticed_explained_and_restarted(scratch):
    client = LiveClient()
    running(client)
    steps(client, 3)
    first = client.pid
    os.kill(first, signal.SIGKILL)
    dead(client)
    assert client.state is State.DIED
    assert client.error == (
        "The preview's process ended while it ran (SIGKILL): it was killed from outside, "
        "or the system ran out of memory; restart it."
    )
    assert gone(first) and folders(scratch) == []
    client.restart()
    assert client.error == "" and client.pid != first
    from live_runs import until

    until(client, lambda: client.frame is not None)
    second = client.pid
    client.close()
    client.close()
    assert client.state is State.CLOSED and ends(second, scratch)


def test_a_forgotten_client_takes_its_worker_along(scratch):
    client = LiveClient()
    client.prepare()
    pid = client.pid
    assert len(folders(scratch)) == 1
    del client
    assert ends(pid, scratch)


def test_a_worker_that_cannot_start_says_why(scratch):
    client = LiveClient(python="/bin/false")
    client.prepare()
    assert "exit code 1" in dead(client).error
    bare = scratch / "bare"
    bare.mkdir()
    (bare / "warp.py").write_text("import no_such_package")
    client = LiveClient(paths=[bare])
    client.prepare()
    assert "lacks a Python package" in dead(client).error
    assert "no_such_package" in client.error and folders(scratch) == []


@pytest.mark.parametrize("pipe", ["closed", "held"])
def test_the_death_of_the_parent_ends_the_worker(tmp_path, pipe):
    """The pipe ends with the parent, unless a process that it forked holds it, too."""
    here = str(Path(__file__).parent)
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, here, pipe],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as parent:
        worker = int(parent.stdout.readline())
        assert not gone(worker)
        parent.kill()
    end = time.monotonic() + 4
    while not gone(worker) and time.monotonic() < end:
        time.sleep(0.02)
    assert gone(worker) and folders(tmp_path) == []


def test_folders_of_the_dead_are_swept_and_those_of_the_living_stay(scratch):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    for pid in (child.pid, os.getpid()):
        (scratch / f"causal_contracts_live_{pid}_x").mkdir()
    (scratch / "causal_contracts_other").mkdir()
    deaths.sweep("causal_contracts_live_")
    assert sorted(folders(scratch)) == [
        f"causal_contracts_live_{os.getpid()}_x",
        "causal_contracts_other",
    ]


def test_a_client_that_stops_reading_makes_no_queue(scratch):
    """A run at full speed goes on, and one frame waits."""
    client = LiveClient()
    running(client, num_envs=64, playing=True)
    time.sleep(1.0)
    client.poll()
    first = client.frame.step
    arrived = len([event for event in client.poll() if type(event).__name__ == "FrameSent"])
    assert arrived <= 1
    time.sleep(0.3)
    client.poll()
    time.sleep(0.3)
    client.poll()
    assert client.frame.step > first + 50
    client.close()


def test_the_authors_file_is_not_touched(scratch):
    before = MICROWAVE.stat()
    client = running(LiveClient())
    steps(client, 2)
    client.close()
    assert MICROWAVE.stat() == before
    assert sorted(p.name for p in MICROWAVE.parent.iterdir()) == sorted(
        ["couplings.json", "microwave.png", "microwave.usda", "preview.png"]
    )

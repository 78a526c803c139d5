# SPDX-License-Identifier: Apache-2.0
"""The end of a worker: nobody waits while the kernel frees it, and nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from causal_contracts.preview.live import ending, process
from causal_contracts.preview.live.client import LiveClient, State
from causal_contracts.preview.live.wire import GoneError
from live_runs import ends, folders, gone

HELD = 0.8
"""Seconds that the kernel is made to take to free a killed process."""
LEAVING = """
import sys, tempfile
tempfile.tempdir = sys.argv[1]
from causal_contracts.preview.live.client import LiveClient
client = LiveClient()
client.prepare()
print(client.pid, flush=True)
if sys.argv[2] == "closed":
    client.close(wait=0.0)
"""


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


class Heavy(subprocess.Popen):
    """A real worker whose memory takes the kernel a while to free once it is killed."""

    killed: float | None = None

    def kill(self):
        super().kill()
        self.killed = time.monotonic()

    def poll(self):
        return None if self._is_held() else super().poll()

    def wait(self, timeout=None):
        while self._is_held():
            time.sleep(0.01)
        return super().wait(timeout)

    def _is_held(self):
        return self.killed is not None and time.monotonic() < self.killed + HELD


@pytest.fixture
def heavy(scratch, monkeypatch):
    monkeypatch.setattr(process.subprocess, "Popen", Heavy)
    return scratch


def took(act):
    began = time.monotonic()
    act()
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["close", "forget", "restart"])
def test_nobody_waits_for_the_kernel_and_nothing_is_left(heavy, how):
    client = LiveClient()
    client.prepare()
    pid = client.pid
    if how == "close":
        assert took(lambda: client.close(wait=0.0)) < HELD / 4
        assert client.state is State.CLOSED and not gone(pid)
    elif how == "forget":
        held = [client]
        del client
        assert took(held.clear) < HELD / 4
    else:
        assert took(lambda: (client._stop(), client.prepare())) < HELD / 4
        assert client.pid != pid
        client.close(wait=0.0)
    assert ends(pid, heavy)
    assert ending.await_ends(5.0)
    assert not any("end of the preview" in one.name for one in threading.enumerate())


def test_close_waits_as_long_as_it_is_told_to(heavy):
    client = LiveClient()
    client.prepare()
    pid = client.pid
    assert 0.2 <= took(lambda: client.close(wait=0.2)) < 0.2 + HELD / 2
    assert ends(pid, heavy)


def test_a_pipe_that_is_closed_lets_a_poll_wait_for_nothing(scratch):
    """A worker whose pipe is closed is there for a while; polls find it and return."""
    client = LiveClient()
    client.prepare()
    os.kill(client.pid, signal.SIGSTOP)  # stopped, so that it does not end by itself
    client._worker.link.poll = closed
    end, longest = time.monotonic() + 5, 0.0
    while client.state is not State.DIED and time.monotonic() < end:
        longest = max(longest, took(client.poll))
        time.sleep(0.01)
    assert client.state is State.DIED and "closed its connection" in client.error
    assert longest < 0.09


def closed(seconds=0.0):
    raise GoneError


@pytest.mark.parametrize("how", ["closed", "forgotten"])
def test_the_exit_of_the_program_leaves_neither_process_nor_folder(tmp_path, how):
    done = subprocess.run(
        [sys.executable, "-c", LEAVING, str(tmp_path), how],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    assert not Path(f"/proc/{int(done.stdout)}").exists() and folders(tmp_path) == []

# SPDX-License-Identifier: Apache-2.0
"""A start that finds no worker standing: what it loads, what reads for it, what is left of that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from causal_contracts.preview.live import process
from causal_contracts.preview.live.client import LiveClient, State
from causal_contracts.preview.live.messages import Pattern, Press, Step
from live_runs import BUTTON, DATA, MICROWAVE, column, ends, running, start, steps, until
from pxr import Usd, UsdPhysics

TOLD = """
import sys, threading
from causal_contracts.preview.live import reading, worker
named = {name: getattr(worker, name) for name in ("stand", "_leave")}

def tell(when):
    heavy = ("torch", "pxr", "warp", "ovphysx", "isaaclab", "omni", "matplotlib")
    loaded = " ".join(name for name in heavy if name in sys.modules)
    print(f"{when}: {loaded}; {threading.active_count()} threads", file=sys.stderr, flush=True)

def stand(*given, **named_too):
    named["stand"](*given, **named_too)
    tell("standing")

def leave(code):
    tell("leaving")
    named["_leave"](code)

worker.stand, worker._leave = stand, leave
read = reading.Reader.__init__

def made(reader, start, **given):
    tell("reader")
    read(reader, start, **given)

reading.Reader.__init__ = made
worker.main(int(sys.argv[1]), sys.argv[2])
"""
"""The worker, which says on stderr what it has loaded."""
APART = """
import os, signal, sys
from pathlib import Path
from causal_contracts.core.issue import ContractError, error
from causal_contracts.preview.live.apart import Apart
from causal_contracts.preview.live.reading import read

here = os.getpid()
def faulty(): raise ContractError(error("a", "b", "c"))
def deadly(): return "here" if os.getpid() == here else os.kill(os.getpid(), signal.SIGKILL)
def found(): return read(Path(sys.argv[1]), articulation=None, bundle=None)

print(Apart(lambda: "here" if os.getpid() == here else "elsewhere").answer())
try:
    Apart(faulty).answer()
except ContractError as fault:
    print(fault)
print(Apart(deadly).answer())
print(Apart(found).answer() == found())
"""
"""Calls in forks of a process with one thread."""


@pytest.fixture
def client():
    made = LiveClient()
    yield made
    made.close()


@pytest.fixture
def telling(monkeypatch):
    """A client whose worker tells what it loads."""
    popen = subprocess.Popen

    def told(arguments, **given):
        python, _, module, *rest = arguments
        assert module == "causal_contracts.preview.live"
        return popen([python, "-c", TOLD, *rest], **given)

    monkeypatch.setattr(process.subprocess, "Popen", told)
    made = LiveClient()
    yield made
    made.close()


def said(client):
    """What the worker told, by when."""
    client.close(wait=10)
    rows = [line.partition(": ") for line in client.lines]
    return {when: rest for when, colon, rest in rows if colon}


def test_a_worker_that_must_start_at_once_loads_no_usd_itself(telling):
    running(telling)
    told = said(telling)
    assert told["reader"] == "; 1 threads"
    assert told["standing"] == told["leaving"] == "warp ovphysx; 2 threads"


def test_a_worker_that_stands_ready_has_loaded_what_a_start_needs_and_no_more(telling):
    telling.prepare()
    until(telling, lambda: telling.progress != "")
    running(telling)
    told = said(telling)
    assert told["standing"] == told["reader"] == told["leaving"]
    assert told["standing"] == "pxr warp ovphysx; 2 threads"


@pytest.mark.parametrize("name", ["car", "microwave"])
def test_a_cold_start_and_a_prepared_one_take_the_same_steps_bit_for_bit(client, name, tmp_path):
    asset = DATA / name / f"{name}.usda"
    if name == "microwave":  # the preview lends its button a drive
        stage = Usd.Stage.Open(str(asset))
        button = next(prim for prim in stage.Traverse() if prim.GetName() == BUTTON)
        UsdPhysics.DriveAPI(button, "linear").GetStiffnessAttr().Set(0.0)
        asset = tmp_path / asset.name
        stage.Export(str(asset))
    cold = LiveClient()
    client.prepare()
    until(client, lambda: client.progress != "")
    logs = []
    try:
        for one in (cold, client):
            running(one, asset=str(asset), pattern=Pattern(settle=0.1, window=0.5))
            steps(one, 200)
            until(one, lambda one=one: one.metrics and one.metrics.step == 200)
            logs.append((one.ready, one.log()))
    finally:
        cold.close()
    assert logs[0] == logs[1] and logs[0][1].digest
    assert set(logs[0][0].given_drives) == ({BUTTON} if name == "microwave" else set())


def test_what_was_sent_right_after_a_cold_start_is_done_before_its_first_step(client):
    client.start(start())
    client.send(Press(clones=(2,)))
    client.send(Step(count=120))
    until(client, lambda: client.frame is not None and client.frame.step == 120)
    assert [(entry.step, entry.change) for entry in client.changes] == [(0, Press(clones=(2,)))]
    assert (column(client, BUTTON) < -0.005).tolist() == [False, False, True, False]


def test_a_new_start_takes_nothing_of_the_run_that_it_ends(client):
    running(client, playing=True)
    time.sleep(0.1)  # its next frame waits in the pipe
    client.start(start(num_envs=3))
    until(client, lambda: client.frame is not None)
    assert client.frame.joint_pos.shape == (3, 2) and client.frame.step == 0
    assert client.ready.num_envs == 3


def test_what_a_fork_cannot_read_gets_its_sentence_and_the_worker_waits(client, tmp_path):
    client.start(start(asset=str(tmp_path / "none.usda")))
    until_failed(client)
    assert "is no file" in client.error
    pid = client.pid
    running(client)
    assert client.pid == pid


def test_an_answer_comes_from_a_fork_a_fault_is_raised_and_after_a_death_the_call_is_made_here():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", APART, str(MICROWAVE)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split("\n") == ["elsewhere", "a: b; c", "here", "True", ""]


def test_a_reader_ends_with_its_worker_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    asset = tmp_path / "never.usda"
    asset.write_bytes(MICROWAVE.read_bytes())
    worker = LiveClient()
    worker.start(start(asset=str(asset)))
    child = child_of(worker.pid)
    os.kill(child, signal.SIGSTOP)  # as one that hangs in a file system
    pid = worker.pid
    worker.close(wait=0.0)
    assert ends(pid, tmp_path) and ends(child)


def child_of(pid):
    """The process that a worker forked."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # It gives up the worker's pipes once it is bound to end with it.
        if found and not Path(f"/proc/{found[0]}/fd/0").exists():
            return int(found[0])
        time.sleep(0.001)
    raise AssertionError("no fork was seen")


def until_failed(client):
    end = time.monotonic() + 20
    while client.state is not State.FAILED and time.monotonic() < end:
        client.poll()
        time.sleep(0.002)
    assert client.state is State.FAILED

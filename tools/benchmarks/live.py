# SPDX-License-Identifier: Apache-2.0
"""The live preview's worker, timed from its client: start, edits, speed, and memory over time."""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from causal_contracts.core.model import Bundle, JointThreshold
from causal_contracts.preview.live.changes import Swap, bundle_of, couplings_of
from causal_contracts.preview.live.client import LiveClient, State
from causal_contracts.preview.live.messages import Play, Speed, Start

from . import floor
from .report import write_json

ASSET = Path(__file__).resolve().parents[2] / "data/microwave/microwave.usda"
TICK = 1 / 60
"""Seconds between two polls, as a panel has them."""
EDITS = 20
PATIENCE = 120.0


def run(options: argparse.Namespace) -> int:
    """Exit code 0; raises where a worker dies."""
    result: dict[str, Any] = {
        "benchmark": "live",
        "device": floor.device_name("cpu"),
        "date": floor.today(),
        "load": os.getloadavg()[0],
        "cases": [],
    }
    print(f"{result['device']}, load {result['load']:.1f}; {ASSET.name} on PhysX")
    for number in options.envs or [16, 64, 256]:
        row = measure(number, options.seconds, options.starts)
        result["cases"].append(row)
        print(block(row), flush=True)
    if options.minutes:
        result["memory"] = memory(options.minutes)
        print(
            "{minutes:g} simulated minutes of 16 clones: worker {first_mb:.1f} MB after a tenth, "
            "{last_mb:.1f} MB at the end; client {client_first_mb:.1f} and {client_last_mb:.1f} MB"
            "".format(**result["memory"])
        )
    if options.json:
        write_json(options.json, result)
    return 0


def block(row: dict[str, Any]) -> str:
    """A case in four lines."""
    return (
        f"{row['num_envs']} clones\n"
        f"  start to first frame   {row['cold_s']:8.2f} s, {row['prepared_s']:.2f} s in a process "
        f"that stands ready (CPU {row['cold_cpu_s']:.2f} s); at best {row['cold_best_s']:.2f} and "
        f"{row['prepared_best_s']:.2f} s of {row['starts']}\n"
        f"  edit to running rule   {row['edit_ms']['median']:8.1f} ms, "
        f"at most {row['edit_ms']['max']:.1f} ms\n"
        f"  steps per second       {row['steps_per_second']:8,.0f}\n"
        f"  a poll of the client   {row['poll_us']['median']:8.0f} us, a frame "
        f"{row['frame_bytes'] / 1e3:.1f} kB\n"
    )


def start_times(num_envs: int, starts: int = 3) -> dict[str, Any]:
    """Seconds to the first frame: of a new process, and of one that stands ready; medians."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    _start(num_envs, prepared=False)  # leaves bytecode, as an installation does
    found: dict[str, Any] = {"num_envs": num_envs, "starts": starts}
    for name in ("cold", "prepared"):
        rows = [_start(num_envs, prepared=name == "prepared") for _ in range(starts)]
        wall, cpu = zip(*rows, strict=True)
        found[f"{name}_s"], found[f"{name}_best_s"] = statistics.median(wall), min(wall)
        found[f"{name}_cpu_s"] = statistics.median(cpu)
    return found


def _start(num_envs: int, *, prepared: bool) -> tuple[float, float]:
    """Seconds of one start to its first frame, and of CPU of its process."""
    client = LiveClient()
    try:
        if prepared:
            _stand_ready(client)
        return _started(client, num_envs), _cpu(client)
    finally:
        client.close()


def measure(num_envs: int, seconds: float, starts: int) -> dict[str, Any]:
    """One number of clones."""
    times = start_times(num_envs, starts)
    client = LiveClient()
    try:
        _stand_ready(client)
        _started(client, num_envs)
        edits = [_edit(client, number) for number in range(EDITS)]
        client.send(Speed(times=None))
        first, began, polls = client.frame, time.perf_counter(), []
        while time.perf_counter() - began < seconds:
            polls.append(_tick(client))
        last, took = client.frame, time.perf_counter() - began
        assert first is not None and last is not None
        frame = sum(a.nbytes for a in (last.joint_pos, last.targets, last.flags))
        return {
            **times,
            "edit_ms": _spread(edits, 1e3),
            "steps_per_second": (last.step - first.step) / took,
            "poll_us": _spread(polls, 1e6),
            "frame_bytes": frame,
        }
    finally:
        client.close()


def memory(minutes: float) -> dict[str, float]:
    """Resident memory [MB] of worker and client after a tenth of the time and after all of it."""
    client = LiveClient()
    try:
        _started(client, 16)
        client.send(Speed(times=None))
        found: list[float] = []
        for share in (0.1, 1.0):
            wanted = share * minutes * 60
            _until(client, lambda at=wanted: client.frame is not None and client.frame.time >= at)
            found += [resident(client.pid), resident(os.getpid())]
        return {
            "minutes": minutes,
            "first_mb": found[0],
            "last_mb": found[2],
            "client_first_mb": found[1],
            "client_last_mb": found[3],
        }
    finally:
        client.close()


def _stand_ready(client: LiveClient) -> None:
    client.prepare()
    _until(client, lambda: client.progress != "", patience=PATIENCE)


def _started(client: LiveClient, num_envs: int) -> float:
    began = time.perf_counter()
    client.start(Start(asset=str(ASSET), num_envs=num_envs))
    _until(client, lambda: client.frame is not None, tick=0.002, patience=PATIENCE)
    took = time.perf_counter() - began
    client.send(Play())
    return took


def _edit(client: LiveClient, number: int) -> float:
    """Seconds from sending another threshold to knowing that it runs."""
    assert client.rule is not None
    bundle = bundle_of(client.rule.couplings)
    first = bundle.contracts[0]
    assert isinstance(first.trigger, JointThreshold)
    trigger = replace(first.trigger, threshold=-0.004 - 1e-5 * number)
    couplings = couplings_of(Bundle((replace(first, trigger=trigger),)))
    known = len(client.changes)
    began = time.perf_counter()
    client.send(Swap(couplings=couplings))
    _until(client, lambda: len(client.changes) > known, tick=0.0005)
    took = time.perf_counter() - began
    time.sleep(0.05)
    return took


def _tick(client: LiveClient) -> float:
    """Seconds that a poll takes, a tick after the last one."""
    time.sleep(TICK)
    began = time.perf_counter()
    client.poll()
    took = time.perf_counter() - began
    assert client.state is State.RUNNING, client.error
    return took


def _until(
    client: LiveClient,
    truth: Callable[[], bool],
    *,
    tick: float = TICK,
    patience: float = float("inf"),
) -> None:
    end = time.monotonic() + patience
    while not truth():
        client.poll()
        assert client.state not in (State.DIED, State.FAILED), client.error
        assert time.monotonic() < end, client.progress
        time.sleep(tick)


def _spread(seconds: list[float], factor: float) -> dict[str, float]:
    return {"median": statistics.median(seconds) * factor, "max": max(seconds) * factor}


def _cpu(client: LiveClient) -> float:
    """CPU seconds of the worker so far, and of the children that it waited for."""
    fields = Path(f"/proc/{client.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int | None) -> float:
    """Resident memory of a process [MB]."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

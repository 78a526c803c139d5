# SPDX-License-Identifier: Apache-2.0
"""The real panel off-screen: cost of a frame, start, edits, the worker's start, and memory."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from . import floor, live
from .crowd import write_crowd
from .report import write_json

HERE = Path(__file__).resolve().parent
GOALS = "goals: 8 ms over an empty window, start 1.5 s, edit 100 ms, worker 1 s"
PATIENCE = 900


def run(options: argparse.Namespace) -> int:
    """Exit code 0; raises where a child process fails."""
    quick = options.quick
    sizes = {"joints": 10, "contracts": 20} if quick else {"joints": 64, "contracts": 500}
    clones = 4 if quick else 256
    few = 2 if quick else 16
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        crowd = write_crowd(folder / "crowd.usda", **sizes)
        result: dict[str, Any] = {
            "benchmark": "panel",
            "device": floor.device_name("cpu"),
            "cores": os.cpu_count(),
            "date": floor.today(),
            "load": os.getloadavg()[0],
            "start": starts(folder, 1 if quick else 5),
            "frames": [],
            "edits": [],
        }
        print(f"{result['device']}, {result['cores']} cores, load {result['load']:.1f}; {GOALS}")
        print("\n".join(map(_start_line, result["start"])), flush=True)
        cases = [(live.ASSET, 1, few), (live.ASSET, 1, clones), (crowd, sizes["contracts"], clones)]
        for asset, contracts, number in cases[2 * quick :]:
            frames = 3 if quick else 100
            edits = 2 if quick else 10
            seen = _child(folder, "panel_frames", asset, number, frames, edits)
            case = {"contracts": contracts, "clones": number}
            result["frames"] += [{**case, **row} for row in seen["frames"]]
            result["edits"] += [{**case, **row} for row in seen["edits"]]
        print("\n".join(_table(result)), flush=True)
        result["worker"] = live.start_times(few)
        print(_worker_line(result["worker"]), flush=True)
        if options.minutes:
            asked = ("panel_memory", live.ASSET, few, options.minutes)
            result["memory"] = _child(folder, *asked)
            print(_memory_line(result["memory"]))
    if options.json:
        write_json(options.json, result)
    return 0


def starts(folder: Path, times: int) -> list[dict[str, Any]]:
    """Studio on the microwave from its process to its first frame, the best of some times."""
    first = _start(folder)  # leaves bytecode, and says what it reads
    rows = []
    for cache in ("warm", "cold"):
        found = []
        for _ in range(times):
            if cache == "cold":
                forget(first["files"])
            found.append(_start(folder))
        best = min(found, key=lambda one: one["wall_s"])
        rows.append({"cache": cache, "wall_s": best["wall_s"], "cpu_s": best["cpu_s"]})
    return rows


def forget(files: Iterable[str]) -> None:
    """Drop files from the page cache, as far as no other process has them mapped."""
    for name in files:
        with contextlib.suppress(OSError):
            descriptor = os.open(name, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def _start(folder: Path) -> dict[str, Any]:
    began = time.time()
    seen = _child(folder, "panel_start", live.ASSET)
    return {**seen, "wall_s": seen["drawn_at"] - began}


def _child(folder: Path, module: str, *arguments: object) -> dict[str, Any]:
    """What a module of this folder prints as its last line, run off-screen in its own process."""
    paths = [str(HERE.parent), *(path for path in sys.path if path)]
    settings = {
        "OMNIUI_HEADLESS": "1",
        "XDG_CONFIG_HOME": tempfile.mkdtemp(dir=folder),
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def _start_line(row: dict[str, Any]) -> str:
    return (
        f"start to first frame, {row['cache']} file cache: {row['wall_s']:.2f} s "
        f"(CPU {row['cpu_s']:.2f} s)"
    )


def _table(result: dict[str, Any]) -> list[str]:
    lines = [
        "contracts clones  a frame of            main thread  over empty   whole process  worst",
    ]
    lines += [
        f"{row['contracts']:9} {row['clones']:6}  {row['what']:20} {row['main_ms']:8.2f} ms "
        f"{row['over_ms']:8.2f} ms  {row['process_ms']:10.2f} ms {row['worst_ms']:7.1f} ms"
        for row in result["frames"]
    ]
    lines += [
        "contracts clones  an edit, to the rule that runs    median     most   told the panel   "
        "main thread"
    ]
    lines += [
        f"{row['contracts']:9} {row['clones']:6}  {row['how']:32} {row['median_ms']:7.1f} ms "
        f"{row['max_ms']:6.1f} ms {row['heard_ms']:11.1f} ms {row['main_ms']:10.1f} ms"
        for row in result["edits"]
    ]
    return lines


def _worker_line(row: dict[str, Any]) -> str:
    return (
        f"worker to first frame, {row['num_envs']} clones on PhysX: prepared "
        f"{row['prepared_s']:.2f} s, cold {row['cold_s']:.2f} s (CPU {row['cold_cpu_s']:.2f} s)"
    )


def _memory_line(row: dict[str, Any]) -> str:
    return (
        f"{row['minutes']:g} simulated minutes: worker {row['worker_first_mb']:.1f} MB after a "
        f"tenth, {row['worker_last_mb']:.1f} MB at the end; panel {row['panel_first_mb']:.1f} and "
        f"{row['panel_last_mb']:.1f} MB"
    )

# SPDX-License-Identifier: Apache-2.0
"""Spoilt files through the readers: a result or an addressed error, no hang, no write, no crash.

USD cases run in worker processes, because USD's C++ may end a process on a corrupt binary file:
damaged path tables let it recurse until memory is gone (3 of 6,000 with USD 26.8). Such deaths are
the library's; they are counted, and bounded here so that a new kind is noticed.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from broken_assets import healthy_box
from causal_contracts.core import ContractError, read_bundle, read_couplings
from causal_contracts.core.couplings_json import encode_couplings
from mutations import mutate
from pxr import Usd, UsdGeom

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ("microwave", "coffee_maker", "car", "stove")
SECONDS = 120.0
"""Longest that one file may take: USD follows some damaged paths for 25 s on a busy machine."""


class Worker:
    """One `fuzz_worker.py`, started again where it died or hung."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None

    def ask(self, path: Path) -> dict[str, object]:
        if self.process is None:
            paths = [str(ROOT / "tests"), *(str(one) for one in sorted((ROOT / "exts").iterdir()))]
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "tests/fuzz_worker.py"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            )
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{path}\n".encode())
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        line = self.process.stdout.readline() if ready else b""
        if line:
            return json.loads(line)
        code = self.stop()
        return {"hang": SECONDS} if not ready else {"died": code}

    def stop(self) -> int:
        """End the process; its exit code, negative for a signal."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        try:
            process.communicate(timeout=1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return process.returncode


@pytest.fixture(scope="module")
def originals(tmp_path_factory) -> dict[str, bytes]:
    """By file name: a box and the samples without their meshes, as text and binary; JSON."""
    folder = tmp_path_factory.mktemp("originals")
    stages = [healthy_box(folder / "box.usda")]
    found: dict[str, bytes] = {}
    for name in SAMPLES:
        whole = Usd.Stage.Open(str(ROOT / f"data/{name}/{name}.usda"))
        stage = Usd.Stage.Open(whole.Flatten())
        for prim in stage.Traverse():
            if prim.IsA("Mesh"):
                for prop in prim.GetAuthoredProperties():
                    prim.RemoveProperty(prop.GetName())
        UsdGeom.SetStageMetersPerUnit(stage, 1.0)
        stages.append(stage)
        found[f"{name}.json"] = encode_couplings(read_bundle(stage))
    for name, stage in zip(("box", *SAMPLES), stages, strict=True):
        for suffix in ("usda", "usdc"):
            path = folder / f"{name}.out.{suffix}"
            stage.GetRootLayer().Export(str(path))
            found[path.name] = path.read_bytes()
    return found


def spoil(originals: dict[str, bytes], suffix: str, seeds: range, folder: Path) -> Counter:
    """Outcomes of that many spoilt files of one kind; asserts what must never be."""
    names = [name for name in originals if name.endswith(suffix)]
    worker, seen, faults = Worker(), Counter(), []
    for seed in seeds:
        name = names[seed % len(names)]
        data = mutate(originals[name], seed)
        path = folder / f"{seed}.{suffix}"
        path.write_bytes(data)
        outcome = worker.ask(path)
        if "fault" in outcome or "hang" in outcome:
            faults.append((name, seed, outcome))
        assert [one.name for one in folder.iterdir()] == [path.name], (name, seed)
        assert path.read_bytes() == data, (name, seed)
        path.unlink()
        key = next(iter(outcome)) if set(outcome) & {"died", "fault", "hang"} else None
        seen[f"{key} {outcome[key]}" if key == "died" else key or str(outcome)] += 1
    worker.stop()
    deaths = sum(count for key, count in seen.items() if key.startswith("died"))
    assert not faults, faults[:3]
    assert deaths <= (len(seeds) / 200 if suffix == "usdc" else 0), seen
    print(f"{suffix}: {dict(seen)}")
    return seen


def read_spoilt_json(originals: dict[str, bytes], seeds: range) -> Counter:
    names = [name for name in originals if name.endswith(".json")]
    seen: Counter = Counter()
    for seed in seeds:
        data = mutate(originals[names[seed % len(names)]], seed)
        try:
            bundle = read_couplings(data)
            assert read_couplings(encode_couplings(bundle)) == bundle, seed
            seen["fine"] += 1
        except ContractError as refused:
            assert all(one.address and one.what for one in refused.issues), seed
            seen["refused"] += 1
    print(f"json: {dict(seen)}")
    return seen


def test_spoilt_json_is_read_or_refused_with_an_address(originals):
    seen = read_spoilt_json(originals, range(3000))
    assert min(seen["fine"], seen["refused"]) > 100


@pytest.mark.parametrize("suffix", ["json", "usda", "usdc"])
def test_a_spoilt_file_gives_no_traceback_no_hang_and_no_write(originals, tmp_path, suffix):
    seen = spoil(originals, suffix, range(150), tmp_path)
    assert seen.total() == 150
    assert len(seen) > 1


@pytest.mark.parametrize("section", ["TOKENS", "FIELDS", "PATHS", "SPECS"])
def test_a_count_that_no_section_can_hold_is_refused_before_usd_believes_it(
    originals, tmp_path, section
):
    data = bytearray(originals["box.out.usdc"])
    row = data.rindex(section.encode() + b"\0")
    start = int.from_bytes(data[row + 16 : row + 24], "little")
    data[start + 2] ^= 0x40  # four million more
    path = tmp_path / "box.usdc"
    path.write_bytes(data)
    with pytest.raises(ContractError, match=f"section {section} of .* bytes says"):
        read_bundle(path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("suffix", "count"), [("json", 4000), ("usda", 6000), ("usdc", 6000)])
def test_thousands_of_spoilt_files(originals, tmp_path, suffix, count):
    if suffix == "json":
        read_spoilt_json(originals, range(10_000, 60_000))
    assert spoil(originals, suffix, range(10_000, 10_000 + count), tmp_path).total() == count

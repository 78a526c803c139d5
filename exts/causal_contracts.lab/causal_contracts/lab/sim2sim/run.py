# SPDX-License-Identifier: Apache-2.0
"""An asset and the names of engines to what each engine measured, each in a process of its own.

A process holds one Isaac Lab simulation and one ovphysx instance; engines also load libraries that
do not bear each other.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
from causal_contracts.core.issue import ContractError, Issue, error, nearest
from causal_contracts.preview.clones import available
from causal_contracts.preview.episode import Settings
from causal_contracts.preview.report import PreviewReport

DEFAULT = Settings(num_envs=64)
SAYS = "progress: "
"""Before each line of progress on the child's stderr."""
TASK, REPORT, POSITIONS, ISSUES = "task.json", "report.json", "positions.npy", "issues.json"


@dataclass(frozen=True, slots=True)
class Task:
    """What a child process is asked to do."""

    asset: str
    settings: Settings
    couplings: str | None
    articulation: str | None


@dataclass(frozen=True, slots=True)
class EngineRun:
    """What one engine measured."""

    report: PreviewReport
    joint_names: tuple[str, ...]
    positions: np.ndarray
    """Joint positions [rad or m], float32, shape (num_samples, num_envs, num_joints)."""


def run_engines(
    asset: str | Path,
    sims: Sequence[str],
    *,
    settings: Settings = DEFAULT,
    couplings: str | Path | None = None,
    articulation: str | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> list[EngineRun]:
    """The same seeded presses on every engine, one after the other; `settings.sim` is not read.

    Raises ContractError where fewer than two engines are named or one twice, and with every issue
    of the first engine that cannot run.
    """
    require_engines(sims)
    texts = [None if given is None else str(given) for given in (couplings, articulation)]
    tasks = [Task(str(asset), replace(settings, sim=sim), *texts) for sim in sims]
    return [_run(task, progress) for task in tasks]


def require_engines(sims: Sequence[str]) -> None:
    """Raise ContractError where fewer than two engines are named, one twice, or one not there."""
    if len(sims) < 2 or len(set(sims)) < len(sims):
        what = f"{', '.join(sims) or 'nothing'} cannot be compared"
        raise ContractError(error("--sim", what, "name two different simulations or more"))
    offered = sorted(available())
    unknown = [sim for sim in sims if sim not in offered]
    if unknown:  # said now, not after the first engine has run
        there = f"there are {', '.join(offered)}"
        raise ContractError(
            error("--sim", f"no simulation is called '{sim}'; {there}", nearest(sim, offered))
            for sim in unknown
        )


def _run(task: Task, progress: Callable[[str], None]) -> EngineRun:
    sim = task.settings.sim
    progress(f"{sim}: starting ...")
    with tempfile.TemporaryDirectory(prefix="causal_contracts_") as folder:
        Path(folder, TASK).write_bytes(msgspec.json.encode(task))
        command = [sys.executable, "-m", f"{__package__}.child", folder]
        tail: deque[str] = deque(maxlen=6)
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as child:
            assert child.stderr is not None
            for line in map(str.rstrip, child.stderr):
                if line.startswith(SAYS):
                    progress(f"{sim}: {line.removeprefix(SAYS)}")
                elif line:
                    tail.append(line)
        return _read(Path(folder), sim, child.returncode, "\n".join(tail))


def _read(folder: Path, sim: str, code: int, tail: str) -> EngineRun:
    if (issues := folder / ISSUES).exists():
        raise ContractError(msgspec.json.decode(issues.read_bytes(), type=list[Issue]))
    if code or not (folder / POSITIONS).exists():
        what = f"the process of '{sim}' ended with code {code}: {tail or 'it said nothing'}"
        fix = f"see: causal-contracts preview ASSET --sim {sim}"
        raise ContractError(error("--sim", what, fix))
    report, names = msgspec.json.decode(
        (folder / REPORT).read_bytes(), type=tuple[PreviewReport, tuple[str, ...]]
    )
    return EngineRun(report, names, np.load(folder / POSITIONS))

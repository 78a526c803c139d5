# SPDX-License-Identifier: Apache-2.0
"""Gates in child processes, one after the other: each asset ends in a report or in its issues.

A child holds the one simulation that a process may have, and what kills it kills no other. It
shows its training on stderr, and answers with one JSON document on stdout.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from causal_contracts.core.cli.output import issue_dicts, stderr
from causal_contracts.core.issue import ContractError, Issue, error

from .arm import Arm, Iteration
from .gate import GateRequest, run_gate
from .own_stdout import prints_to_stderr
from .report import FILE_NAME, TrainingReport, read_training_report
from .settings import Settings
from .table import LIVE_HEADER, live_row


@dataclass(frozen=True, slots=True)
class Gate:
    """What became of one asset."""

    request: GateRequest
    report: TrainingReport | None
    """None where there are issues."""
    issues: tuple[Issue, ...] = ()


class _Answer(msgspec.Struct):
    issues: list[Issue]


def gate_requests(assets: Sequence[Path], out: Path, settings: Settings) -> list[GateRequest]:
    """One request an asset, each with a folder of its own below `out`, named for the asset."""
    requests, taken = [], set()
    for asset in assets:
        name, number = asset.stem, 2
        while name in taken:
            name, number = f"{asset.stem}_{number}", number + 1
        taken.add(name)
        requests.append(GateRequest(asset=asset, folder=out / name, settings=settings))
    return requests


def run_gates(requests: Sequence[GateRequest]) -> Iterator[Gate]:
    """Run one gate after the other, each in a process of its own; never raises for an asset."""
    for request in requests:
        issues = _issues_of_child(request)
        report = None if issues else read_training_report(request.folder / FILE_NAME)
        yield Gate(request, report, tuple(issues))


def _issues_of_child(request: GateRequest) -> list[Issue]:
    asked = msgspec.json.encode(request, enc_hook=str).decode()
    command = [sys.executable, "-m", __name__, asked]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        answer, _ = child.communicate()
    finally:
        child.kill()
        child.wait()
    try:
        return msgspec.json.decode(answer, type=_Answer).issues
    except msgspec.DecodeError:
        return [_died(str(request.asset), child.returncode)]


def _died(asset: str, code: int) -> Issue:
    how = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
    fix = "its last words stand above; fewer environments need less memory"
    return error(asset, f"training it ended the process ({how})", fix)


def _run_as_child(request: GateRequest) -> list[Issue]:
    """Train, showing each iteration on stderr; what was wrong with the input."""
    console = stderr()
    shown: list[Arm] = []

    def on_iteration(arm: Arm, row: Iteration) -> None:
        if arm not in shown:
            shown.append(arm)
            console.print(LIVE_HEADER, style="dim", markup=False)
        console.print(live_row(arm, row, of=request.settings.iterations), markup=False)

    try:
        run_gate(
            request,
            on_iteration=on_iteration,
            progress=lambda line: console.print(line, style="dim", markup=False),
        )
    except ContractError as fault:
        return list(fault.issues)
    return []


if __name__ == "__main__":
    asked = msgspec.json.decode(
        sys.argv[1], type=GateRequest, dec_hook=lambda kind, value: kind(value)
    )
    with prints_to_stderr():
        found = _run_as_child(asked)
    sys.stdout.buffer.write(msgspec.json.encode({"issues": issue_dicts(found)}))

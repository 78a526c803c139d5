# SPDX-License-Identifier: Apache-2.0
"""The sim-to-sim report: its published form, and the file it is written to and read from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import msgspec
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.json_bytes import decoded, indented, schema_bytes
from causal_contracts.preview.report import Cells, HandRow, Reason, Verdict

VERSION = 1


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Tolerances(_Row, frozen=True, kw_only=True):
    """How far two engines may be apart in any clone."""

    latency: float = 0.1
    """[s]"""
    angle: float = 0.05
    """Of a revolute effect joint [rad]."""
    length: float = 0.002
    """Of a prismatic effect joint [m]."""


class Spread(_Row, frozen=True, kw_only=True):
    """One quantity over clones; seconds for a latency, else [rad or m]."""

    clones: int
    min: float
    median: float
    max: float


class Measured(_Row, frozen=True, kw_only=True):
    """One contract on one engine."""

    sim: str
    cells: Cells
    effect_given_cause: float | None
    """P(effect | cause); null where no cause was counted."""
    effect_given_no_cause: float | None
    """P(effect | no cause)."""
    latency: Spread | None
    """From cause to effect [s], of counted effects; null where there was none."""
    steady_error: Spread | None
    """Effect joint minus target at the last sample at which the contract holds, by clone."""
    rest_error: Spread | None
    """Effect joint minus rest at the last sample, of clones without a cause."""


class Apart(_Row, frozen=True, kw_only=True):
    """One engine against the first, clone by clone: the sizes of the differences."""

    sim: str
    against: str
    cells: list[int]
    """Clones that count as one thing on one engine and as another on the other."""
    latency: Spread | None
    """[s], of clones with a counted effect on both."""
    steady: Spread | None
    """[rad or m], of clones with a steady error on both."""
    rest: Spread | None
    """[rad or m], of clones with a rest error on both."""


class ContractRow(_Row, frozen=True, kw_only=True):
    """One contract on every engine."""

    id: str
    sentence: str
    mode: str
    trigger: str
    op: str
    threshold: float
    """[rad or m]"""
    trigger_unit: str | None
    effect: str
    target: float
    """[rad or m]"""
    rest: float | None
    """[rad or m]; null: each clone's position once it has settled."""
    effect_unit: str | None
    tolerance: float
    """For the effect joint [rad or m]."""
    engines: list[Measured]
    apart: list[Apart]
    """Every engine but the first, against the first."""


class EngineRow(_Row, frozen=True, kw_only=True):
    """One engine, and what its own preview says."""

    sim: str
    engine: str
    device: str
    versions: dict[str, str]
    hand: list[HandRow]
    nan_clones: list[int]
    verdict: Verdict


class Sim2SimReport(_Row, frozen=True, kw_only=True):
    """The same presses on several engines. Same inputs and seed give the same bytes."""

    version: Literal[1] = VERSION
    asset: str
    articulation_root: str | None
    seed: int
    num_envs: int
    press: float
    """Share of the clones in which each trigger is pressed."""
    dt: float
    seconds: float
    settle: float
    window: float
    """Seconds: `dt` a step, `seconds` the episode, `window` the time T an effect may take."""
    tolerances: Tolerances
    engines: list[EngineRow]
    contracts: list[ContractRow]
    skipped: list[Reason]
    verdict: Verdict
    """Whether the contracts act as they say on every engine, and alike on all."""


def to_json(report: Sim2SimReport) -> bytes:
    """Deterministic bytes, indented, in field order, with a final newline."""
    return indented(report)


def read_report(source: str | Path | bytes) -> Sim2SimReport:
    """Reads what `write_report` wrote; raises `msgspec.ValidationError` with the JSON path."""
    return decoded(source, Sim2SimReport)


def write_report(report: Sim2SimReport, path: str | Path) -> None:
    """Writes the report in one move: a reader sees the old file or the whole new one."""
    write_atomically(Path(path), to_json(report))


def json_schema() -> bytes:
    """The JSON Schema of the report, as published in config/sim2sim_report.schema.json."""
    return schema_bytes(Sim2SimReport)


if __name__ == "__main__":
    sys.stdout.buffer.write(json_schema())

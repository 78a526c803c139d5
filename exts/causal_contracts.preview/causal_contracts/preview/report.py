# SPDX-License-Identifier: Apache-2.0
"""The preview's report: its published form, and the file it is written to and read from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import msgspec
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.json_bytes import decoded, indented, schema_bytes

from .causality import Cell

VERSION = 1


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Cells(_Row, frozen=True, kw_only=True):
    """How many clones counted, and how many could not be counted and why."""

    cause_effect: int
    cause_no_effect: int
    no_cause_effect: int
    no_cause_no_effect: int
    late: int
    """Causes with less than the window left in the episode."""
    released: int
    """Causes of a level contract whose trigger let go before the window was over."""
    confounded: int
    """Clones in which something else may have moved the effect joint."""
    nan: int
    """Clones with a position that was not finite."""


class Latency(_Row, frozen=True, kw_only=True):
    """Seconds from cause to effect over the counted effects."""

    min: float
    median: float
    max: float


class Rates(_Row, frozen=True, kw_only=True):
    """The four cells as rates; null where the denominator is 0."""

    cells: Cells
    effect_given_cause: float | None
    """P(effect | cause)."""
    effect_given_cause_n: int
    effect_given_cause_interval: tuple[float, float] | None
    """95 % Wilson score interval."""
    effect_given_no_cause: float | None
    """P(effect | no cause)."""
    effect_given_no_cause_n: int
    effect_given_no_cause_interval: tuple[float, float] | None
    latency: Latency | None
    spontaneous_fires: int
    """Clones whose condition became true though nobody had moved the trigger."""


class CloneRow(_Row, frozen=True, kw_only=True):
    """One clone under one contract; times in seconds since the first sample."""

    clone: int
    cell: Cell
    pressed: float | None
    """When the hand began to press this clone's trigger; null where it never did."""
    active: bool
    """Whether the term reported the contract active at any sample."""
    cause: float | None
    effect: float | None
    latency: float | None
    spontaneous: bool


class ContractRow(Rates, frozen=True, kw_only=True):
    """One contract that was judged."""

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
    """[rad or m]; null: measured from the settled position."""
    effect_unit: str | None
    clones: list[CloneRow]


class HandRow(_Row, frozen=True, kw_only=True):
    """One press that the preview's hand makes, as data and as a sentence."""

    joint: str
    op: str
    rest: float
    pressed: float
    """Drive targets [rad or m]."""
    unit: str | None
    ramp: float
    hold: float
    """[s]"""
    clones: list[int]
    given_drive: tuple[float, float] | None
    """Stiffness and damping lent by the preview; null where the asset has its own."""
    text: str


class Reason(_Row, frozen=True, kw_only=True):
    """Why a contract was not run, or cannot move its effect joint."""

    contract: str
    why: str


class IssueRow(_Row, frozen=True, kw_only=True):
    """One finding of the check."""

    severity: str
    address: str
    what: str
    fix: str
    contract: str | None


class ResetRow(_Row, frozen=True, kw_only=True):
    """The end of the episode: half of the clones are reset."""

    reset: list[int]
    cleared: list[int]
    kept: list[int]
    exact: bool
    """Exactly the latches of the reset clones were cleared, and no other."""


class Verdict(_Row, frozen=True, kw_only=True):
    """Whether everything acted as the contracts say."""

    ok: bool
    reasons: list[str]
    """Why not; empty where `ok`."""
    notes: list[str]
    """What the reader should know all the same."""


class PreviewReport(_Row, frozen=True, kw_only=True):
    """What a preview saw. Same inputs and seed give the same bytes: it holds no wall-clock time."""

    version: Literal[1] = VERSION
    asset: str
    articulation_root: str | None
    sim: str
    engine: str
    device: str
    versions: dict[str, str]
    arm: Literal["contracts", "native"]
    """`native`: no contract acted, to show what the asset does by itself."""
    seed: int
    num_envs: int
    press: float
    """Share of the clones in which each trigger is pressed."""
    dt: float
    seconds: float
    settle: float
    window: float
    """Seconds: `dt` a step, `seconds` the episode, `window` the time T an effect may take."""
    hand: list[HandRow]
    overall: Rates
    contracts: list[ContractRow]
    inert: list[Reason]
    skipped: list[Reason]
    issues: list[IssueRow]
    nan_clones: list[int]
    latch_reset: ResetRow | None
    verdict: Verdict


def to_json(report: PreviewReport) -> bytes:
    """Deterministic bytes, indented, in field order, with a final newline."""
    return indented(report)


def read_report(source: str | Path | bytes) -> PreviewReport:
    """Reads what `write_report` wrote; raises `msgspec.ValidationError` with the JSON path."""
    return decoded(source, PreviewReport)


def write_report(report: PreviewReport, path: str | Path) -> None:
    """Writes the report in one move: a reader sees the old file or the whole new one."""
    write_atomically(Path(path), to_json(report))


def json_schema() -> bytes:
    """The JSON Schema of the report, as published in config/preview_report.schema.json."""
    return schema_bytes(PreviewReport)


if __name__ == "__main__":
    sys.stdout.buffer.write(json_schema())

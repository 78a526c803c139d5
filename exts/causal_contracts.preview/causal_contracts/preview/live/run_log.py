# SPDX-License-Identifier: Apache-2.0
"""A run of the live preview as JSON: what was started and every change at its physics step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import msgspec
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.issue import ContractError, error
from causal_contracts.core.json_bytes import decoded, indented, schema_bytes

from .changes import Change, Pattern

VERSION = 1


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change."""

    step: int
    """It took effect before the positions of this step were read."""
    change: Change


class PreviewLog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that determines a run. Pauses and speed do not: they change no step."""

    version: Literal[1] = VERSION
    asset: str
    """File name."""
    asset_sha256: str
    """Of the file that was simulated."""
    articulation: str
    sim: str
    engine: str
    versions: dict[str, str]
    num_envs: int
    dt: float
    seed: int
    pattern: Pattern
    loop: bool
    native: bool
    couplings: dict[str, Any]
    """Content of the couplings.json that ran at first."""
    steps: int
    """Steps run."""
    digest: str
    """Of every position, target and flag of these steps; empty where the run did not say."""
    changes: tuple[Entry, ...] = ()
    """In the order in which they took effect."""


def to_json(log: PreviewLog) -> bytes:
    """Deterministic bytes, indented, in field order, with a final newline."""
    return indented(log)


def write_log(log: PreviewLog, path: str | Path) -> None:
    """Writes the log in one move."""
    write_atomically(Path(path), to_json(log))


def read_log(source: str | Path | bytes) -> PreviewLog:
    """Reads what `write_log` wrote; raises `ContractError` with the JSON path of a fault."""
    name = "log" if isinstance(source, bytes) else str(source)
    try:
        log = decoded(source, PreviewLog)
    except OSError as fault:
        raise ContractError(error(name, f"cannot be read: {fault.strerror}")) from fault
    except msgspec.MsgspecError as fault:
        what = f"is no log of a live preview: {fault}"
        raise ContractError(error(name, what, "save it again from the preview")) from fault
    steps = [entry.step for entry in log.changes]
    if steps != sorted(steps):
        raise ContractError(error(f"{name}: changes", "are not in the order of their steps"))
    return log


def asset_beside(log: PreviewLog, path: Path) -> Path:
    """The file of the name that the log holds, in the log's own folder.

    Raises `ContractError` where there is none.
    """
    # The name alone: a log from elsewhere opens no file outside its folder.
    asset = path.parent / Path(log.asset).name
    if not asset.is_file():
        what = f"'{log.asset}' does not lie beside the log"
        raise ContractError(error(f"{path}: asset", what, "name it: preview ASSET --replay LOG"))
    return asset


def json_schema() -> bytes:
    """The JSON Schema of the log, as published in config/preview_log.schema.json."""
    return schema_bytes(PreviewLog)


if __name__ == "__main__":
    sys.stdout.buffer.write(json_schema())

# SPDX-License-Identifier: Apache-2.0
"""An asset and the log of a live preview to the same trace again, step by step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from causal_contracts.core.issue import ContractError, error
from causal_contracts.core.json_bytes import indented

from ..loop import Frame
from .build import build
from .changes import bundle_of
from .reading import read
from .run_log import PreviewLog
from .session import Session


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found."""

    steps: int
    changes: int
    digest: str
    same: bool | None
    """Whether the trace is the log's, bit for bit; None where the log holds no digest."""
    notes: tuple[str, ...]
    """What differs between then and now, one sentence each."""

    @property
    def sentence(self) -> str:
        """What came of it."""
        ran = f"replayed {self.steps} steps with {self.changes} changes"
        match self.same:
            case None:
                return f"{ran}; the log holds no digest to compare with ({self.digest})"
            case True:
                return f"{ran}: the same trace, bit for bit ({self.digest})"
            case False:
                return f"{ran}: NOT the trace of the log (now {self.digest})"


def to_json(found: Replayed) -> bytes:
    """Indented, with a final newline."""
    return indented(found)


def replay(
    asset: Path,
    log: PreviewLog,
    *,
    trace: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
    on_frame: Callable[[Frame], None] | None = None,
) -> Replayed:
    """Run `log` on clones of `asset`, and write every step to `trace` where given.

    Raises `ContractError` where the asset cannot be simulated or a change cannot be made.
    """
    beyond = [entry.step for entry in log.changes if not 0 <= entry.step <= log.steps]
    if beyond:
        what = f"there is a change at step {beyond[0]}, of {log.steps} steps"
        raise ContractError(error("changes", what))
    built = build(
        asset,
        lambda: read(asset, articulation=log.articulation, bundle=bundle_of(log.couplings)),
        sim=log.sim,
        num_envs=log.num_envs,
        dt=log.dt,
        progress=progress,
    )
    with closing(built.clones):
        session = Session(
            built.clones,
            built.reading.articulation,
            built.reading.bundle,
            pattern=log.pattern,
            seed=log.seed,
            loop=log.loop,
            native=log.native,
            trace=trace is not None,
        )
        _run(session, log, on_frame)
        if trace is not None and session.trace is not None:
            session.trace.write(trace)
        digest = session.digest.hexdigest()
        return Replayed(
            session.step,
            len(log.changes),
            digest,
            digest == log.digest if log.digest else None,
            tuple(_differences(log, built.reading.sha256, built.clones.engine)),
        )


def _run(session: Session, log: PreviewLog, on_frame: Callable[[Frame], None] | None) -> None:
    left = list(log.changes)[::-1]

    def before(step: int) -> bool:
        if step >= log.steps:
            return False
        while left and left[-1].step == step:
            session.apply(left.pop().change)
        return True

    for frame in session.run(before):
        if on_frame is not None:
            on_frame(frame)


def _differences(log: PreviewLog, sha256: str, engine: str) -> list[str]:
    notes = []
    if sha256 != log.asset_sha256:
        notes.append("the asset is not the file that was previewed: its bytes differ")
    if engine != log.engine:
        notes.append(f"the engine is {engine}; the log was made on {log.engine}")
    return notes

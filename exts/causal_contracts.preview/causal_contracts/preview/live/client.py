# SPDX-License-Identifier: Apache-2.0
"""The panel's side: starts a worker process, asks it for a run, and shows what it last said."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from causal_contracts.core.issue import ContractError, error
from msgspec.structs import replace

from ..clones import OWN
from .changes import Swap, amended
from .deaths import last_words
from .ending import await_ends
from .messages import (
    Building,
    Changed,
    Command,
    Ended,
    Event,
    Failed,
    FrameSent,
    Metrics,
    Quit,
    Ready,
    Rule,
    Seen,
    Start,
)
from .process import GRACE, WorkerProcess
from .run_log import Entry, PreviewLog
from .view import LiveFrame, frame_of
from .wire import GoneError


class State(StrEnum):
    """What the worker is at."""

    IDLE = "idle"
    """Nothing was asked for."""
    BUILDING = "building"
    RUNNING = "running"
    """The clones stand; they step, or are paused."""
    FAILED = "failed"
    """The clones could not be built; `error` says why. The worker waits for another start."""
    DIED = "died"
    """The process ended without being asked to; `error` says how. `restart` begins again."""
    CLOSED = "closed"


class LiveClient:
    """One worker process and what it last said. Only `close` may wait, for half a second at most.

    Call `poll` once a tick; read `state`, `frame`, `metrics`, `rule`, `progress`, `error` at will.
    """

    def __init__(
        self,
        *,
        python: str | Path | None = None,
        paths: Sequence[str | Path] = (),
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            python: the interpreter of the worker; this process's own where None.
            paths: folders with Python packages that the worker needs, before all others.
            on_event: called from `poll` with every event, after the properties took it in.
        """
        self._python = str(python or sys.executable)
        self._paths = [str(path) for path in paths]
        self.on_event = on_event
        self._worker: WorkerProcess | None = None
        self._last_lines: tuple[str, ...] = ()
        self._loaded = OWN.name
        self._start: Start | None = None
        self._changes: list[Entry] = []
        self._forget()
        self.state = State.IDLE

    def prepare(self, sim: str = OWN.name) -> None:
        """Start the process, so that it loads the libraries of `sim` before `start` is called."""
        if self._worker is None:
            self._loaded = sim
            self._worker = WorkerProcess(self._python, self._paths, sim)

    def start(self, start: Start) -> None:
        """Build clones and run them; a run that is on ends first.

        In the same process, unless it has loaded another engine, or is still building for one that
        takes longer to build than a process to start.
        """
        building = self.state is State.BUILDING and self._loaded != OWN.name
        if self._worker is not None and (building or self._loaded != start.sim):
            self._stop()
        loading = self.progress if self.state is State.IDLE else ""
        self.prepare(start.sim)
        self._start = start
        self._forget()
        self.state, self.progress = State.BUILDING, loading or "Starting the worker."
        self._send(start)

    def restart(self) -> None:
        """The last start again, in a new process; raises `ContractError` where there was none."""
        if self._start is None:
            raise ContractError(error("preview", "nothing was started yet", "call start first"))
        self._stop()
        self.start(self._start)

    def send(self, command: Command) -> None:
        """Ask for something; while nothing runs it is dropped, as there is nothing to change."""
        if isinstance(command, Start):
            self.start(command)
        elif self.state in (State.BUILDING, State.RUNNING):
            self._send(command)

    def poll(self) -> list[Event]:
        """Take in what the worker said since the last call; never waits."""
        worker = self._worker
        if worker is None:
            return []
        events: list[Event] = []
        gone = False
        worker.read_lines()
        try:
            events = worker.link.poll()
            if any(isinstance(event, FrameSent) for event in events):
                worker.link.send(Seen())
        except GoneError:
            gone = True
        for event in events:
            self._take(event)
        if worker.has_ended(closed=gone) and not events:
            self._bury(worker)
        if self.on_event is not None:
            for event in events:
                self.on_event(event)
        return events

    def close(self, *, wait: float = GRACE) -> None:
        """End the worker, by force after `wait` seconds; may be repeated.

        What the kernel has not freed by then goes in the background, and before this process.
        """
        until = time.monotonic() + wait
        if self._worker is not None and self._worker.code is None:
            try:
                self._worker.link.send(Quit())
                self._hear_out(self._worker, until)
            except GoneError:
                pass
        self._stop()
        await_ends(until - time.monotonic())
        self.state = State.CLOSED

    def log(self) -> PreviewLog:
        """The run so far, for `causal-contracts preview ASSET --replay LOG`.

        It reaches to the last metrics, a fifth of a second ago at most.
        Raises `ContractError` where nothing has run.
        """
        if self._start is None or self.ready is None:
            raise ContractError(error("preview", "nothing has run yet", "start it first"))
        start, ready = self._start, self.ready
        return PreviewLog(
            asset=Path(start.asset).name,
            asset_sha256=ready.asset_sha256,
            articulation=ready.articulation,
            sim=ready.sim,
            engine=ready.engine,
            versions=ready.versions,
            num_envs=ready.num_envs,
            dt=ready.dt,
            seed=start.seed,
            pattern=start.pattern,
            loop=start.loop,
            native=start.native,
            couplings=ready.rule.couplings,
            steps=self._logged[0],
            digest=self._logged[1],
            # What came after has changed no step that the digest knows.
            changes=tuple(entry for entry in self._changes if entry.step < self._logged[0]),
        )

    @property
    def pid(self) -> int | None:
        """Of the worker; None where there is none."""
        return None if self._worker is None else self._worker.pid

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines that the worker wrote to stderr."""
        return self._last_lines if self._worker is None else tuple(self._worker.lines)

    @property
    def changes(self) -> tuple[Entry, ...]:
        """Every change of this run with the step at which it took effect."""
        return tuple(self._changes)

    def _forget(self) -> None:
        self.ready: Ready | None = None
        self.rule: Rule | None = None
        self.frame: LiveFrame | None = None
        self.metrics: Metrics | None = None
        self.progress = ""
        self.error = ""
        self._changes.clear()
        self._logged = (0, "")

    def _send(self, command: Command) -> None:
        assert self._worker is not None
        try:
            self._worker.link.send(command)
        except GoneError:
            return  # poll finds out, and says how it died

    def _take(self, event: Event) -> None:
        match event:
            case FrameSent() | Metrics() | Changed() | Ended() if self.ready is None:
                return  # of the run that this start ends
            case Building(text=text):
                self.progress = text
            case Ready():
                self.state, self.ready, self.rule, self.progress = (
                    State.RUNNING,
                    event,
                    event.rule,
                    "",
                )
            case FrameSent():
                assert self.ready is not None
                self.frame = frame_of(event, self.ready)
            case Metrics():
                self.metrics, self._logged = event, (event.step, event.digest)
            case Changed():
                self._changes.append(Entry(step=event.step, change=event.change))
                self.rule = self._completed(event) or self.rule
                self.error = ""
            case Failed():
                self.error = event.text
                if event.fatal:
                    self.state = State.FAILED
            case Ended():
                self._logged = (event.step, event.digest)

    def _completed(self, event: Changed) -> Rule | None:
        """The rule that runs now, where a swap of a part brought that part alone."""
        rule, before = event.rule, self.rule
        if (
            rule is None
            or before is None
            or not (isinstance(event.change, Swap) and event.change.partly)
        ):
            return rule
        return replace(rule, couplings=amended(before.couplings, rule.couplings))

    def _hear_out(self, worker: WorkerProcess, until: float) -> None:
        """Take in the last words of a worker that was asked to end."""
        while worker.code is None and time.monotonic() < until:
            worker.read_lines()
            for event in worker.link.poll(0.01):
                self._take(event)

    def _bury(self, worker: WorkerProcess) -> None:
        """Say how the process ended, and clear what it left."""
        worker.read_lines()
        building = self.state is State.BUILDING
        self.error = last_words(worker.code, tuple(worker.lines), building=building)
        self._stop()
        self.state, self.progress = State.DIED, ""

    def _stop(self) -> None:
        """End the process, if there is one, without waiting for it."""
        if self._worker is not None:
            self._last_lines = tuple(self._worker.lines)
            self._worker.end()
            self._worker = None

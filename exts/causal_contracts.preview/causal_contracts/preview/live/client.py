# SPDX-License-Identifier: Apache-2.0
"""The panel's side: starts a worker process, asks it for a run, and shows what it last said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

import causal_contracts
from causal_contracts.core.issue import ContractError, error

from ..clones import OWN
from .deaths import last_words, sweep
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
from .run_log import Entry, PreviewLog
from .view import LiveFrame, frame_of
from .wire import GoneError, Link

LINES = 40
"""Last lines of the worker's stderr that are kept."""
GRACE = 0.5
"""Seconds that a worker is given to end by itself."""
FOLDER = "causal_contracts_live_"


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
        self._process: subprocess.Popen[bytes] | None = None
        self._link: Link[Event] | None = None
        self._end: Callable[[], object] = _nothing
        self._loaded = OWN.name
        self._lines: deque[str] = deque(maxlen=LINES)
        self._partial = b""
        self._start: Start | None = None
        self._changes: list[Entry] = []
        self._forget()
        self.state = State.IDLE

    def prepare(self, sim: str = OWN.name) -> None:
        """Start the process, so that it loads the libraries of `sim` before `start` is called."""
        if self._process is None:
            self._loaded = sim
            self._spawn()

    def start(self, start: Start) -> None:
        """Build clones and run them; a run that is on ends first.

        In the same process, unless it has loaded another engine, or is still building for one that
        takes longer to build than a process to start.
        """
        building = self.state is State.BUILDING and self._loaded != OWN.name
        if self._process is not None and (building or self._loaded != start.sim):
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
        if self._process is None or self._link is None:
            return []
        events: list[Event] = []
        gone = False
        self._read_lines()
        try:
            events = self._link.poll()
            if any(isinstance(event, FrameSent) for event in events):
                self._link.send(Seen())
        except GoneError:
            gone = True
        for event in events:
            self._take(event)
        if (gone or self._process.poll() is not None) and not events:
            self._bury()
        if self.on_event is not None:
            for event in events:
                self.on_event(event)
        return events

    def close(self, *, wait: float = GRACE) -> None:
        """End the worker, by force after `wait` seconds; nothing of it is left. May be repeated."""
        if self._process is not None and self._link is not None and self._process.poll() is None:
            try:
                self._link.send(Quit())
                self._await_end(time.monotonic() + wait)
            except GoneError:
                pass
        self._stop()
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
        return None if self._process is None else self._process.pid

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines that the worker wrote to stderr."""
        return tuple(self._lines)

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

    def _spawn(self) -> None:
        sweep(FOLDER)
        folder = tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}_")
        module = "causal_contracts.preview.live"
        command = [self._python, "-m", module, str(os.getpid()), self._loaded]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(folder),
            start_new_session=True,  # Ctrl-C in a terminal is the panel's to answer
        )
        assert process.stdin and process.stdout and process.stderr
        os.set_blocking(process.stderr.fileno(), False)
        self._link = Link(process.stdout.fileno(), process.stdin.fileno(), Event)
        self._process = process
        self._lines.clear()
        self._partial = b""
        # Also where this object is forgotten, and at the interpreter's exit.
        self._end = weakref.finalize(self, _end, process, folder)

    def _environment(self, folder: str) -> dict[str, str]:
        """Ours, with the packages that this process found, and one folder for what is written."""
        roots = [str(Path(part).parent) for part in causal_contracts.__path__]
        paths = [*self._paths, *roots, *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "TMPDIR": folder,
            "CAUSAL_CONTRACTS_LIVE_FOLDER": folder,
        }

    def _send(self, command: Command) -> None:
        assert self._link is not None
        try:
            self._link.send(command)
        except GoneError:
            return  # poll finds out, and says how it died

    def _take(self, event: Event) -> None:
        match event:
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
                self.rule = event.rule or self.rule
                self.error = ""
            case Failed():
                self.error = event.text
                if event.fatal:
                    self.state = State.FAILED
            case Ended():
                self._logged = (event.step, event.digest)

    def _await_end(self, until: float) -> None:
        """Take in the last words of a worker that was asked to end."""
        assert self._process is not None and self._link is not None
        while self._process.poll() is None and time.monotonic() < until:
            self._read_lines()
            for event in self._link.poll(0.01):
                self._take(event)

    def _bury(self) -> None:
        """Say how the process ended, and clear what it left."""
        assert self._process is not None
        try:
            code = self._process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            code = None  # it closed its pipe, and is on its way
        self._read_lines()
        self.error = last_words(code, self.lines, building=self.state is State.BUILDING)
        self._stop()
        self.state, self.progress = State.DIED, ""

    def _stop(self) -> None:
        self._end()
        self._end = _nothing
        self._process = self._link = None

    def _read_lines(self) -> None:
        assert self._process is not None and self._process.stderr is not None
        descriptor = self._process.stderr.fileno()
        for _ in range(16):  # a worker that never stops writing must not keep us
            try:
                some = os.read(descriptor, 1 << 16)
            except BlockingIOError:
                return
            if not some:
                return
            *lines, self._partial = (self._partial + some).split(b"\n")
            self._partial = self._partial[-(1 << 12) :]
            self._lines.extend(line.decode(errors="replace") for line in lines)


def _end(process: subprocess.Popen[bytes], folder: str) -> None:
    """Kill a process that still runs, close its pipes and remove its folder."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue
    shutil.rmtree(folder, ignore_errors=True)


def _nothing() -> None:
    """There is no process to end."""

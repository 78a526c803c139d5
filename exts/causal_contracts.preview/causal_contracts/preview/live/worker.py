# SPDX-License-Identifier: Apache-2.0
"""Commands on stdin to a run of clones and events on stdout: the process behind the panel."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections import deque
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from causal_contracts.core.issue import ContractError
from msgspec.structs import replace

from .changes import Loop, Native, Press, Release, Reset, SetPattern, Swap, bundle_of
from .messages import (
    Building,
    Changed,
    Command,
    Ended,
    Failed,
    Pause,
    Play,
    Quit,
    Ready,
    Rule,
    Seen,
    Speed,
    Start,
    Step,
    Watch,
)
from .pace import Pace
from .reading import Reader
from .standing import stand
from .wire import GoneError, Link

if TYPE_CHECKING:
    from .build import Built

STANDING = "The worker stands ready."
METRICS_EVERY = 0.2
"""Seconds between two messages of metrics."""
ORPHANED_EVERY = 0.5
"""Seconds between two looks whether the parent is there."""


def main(parent: int, sim: str) -> None:
    """Serve the process `parent` until it says so, closes its pipe or is gone; never returns.

    The libraries of the engine `sim` are loaded first. Where a start waits already, its asset is
    read in a fork meanwhile, which takes longer than all else that needs no engine.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    events = os.dup(1)
    os.dup2(2, 1)  # whatever libraries print is no message
    link: Link[Command] = Link(0, events, Command)
    with suppress(GoneError):
        commands = link.poll()
        start, _ = _begins(commands)
        reader = None if start is None else Reader(start, closing=(0, events))
        # A fork takes one thread along, so that the watch begins after it.
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
        stand(sim, lambda text: link.send(Building(text=text)), usd=not (reader and reader.apart))
        if reader is None:
            link.send(Building(text=STANDING))
        serve(link, commands, reader)
    _leave(0)


def serve(link: Link[Command], commands: list[Command], reader: Reader | None = None) -> None:
    """Run one start after another until `Quit`; `reader` reads for the first of `commands`."""
    while not any(isinstance(command, Quit) for command in commands):
        start, rest = _begins(commands)
        if start is None:
            commands = link.poll(None)
            continue
        run = _Run(link, start, rest)
        with closing(reader or Reader(start)) as reading:
            reader = None
            try:
                commands = run.go(reading)
            except ContractError as fault:
                link.send(Failed(text=str(fault), fatal=True))
                commands = []


def _begins(commands: list[Command]) -> tuple[Start | None, list[Command]]:
    """The last start and what came after it; what came before was meant for another run."""
    for at, command in reversed([*enumerate(commands)]):
        if isinstance(command, Start):
            return command, commands[at + 1 :]
    return None, []


class _Run:
    """One start: builds the clones, then steps them and listens in between."""

    def __init__(self, link: Link[Command], start: Start, commands: list[Command]) -> None:
        self.link, self.start = link, start
        self.commands = deque(commands)
        """Heard, and not yet obeyed."""
        self.pace = Pace(start.dt, playing=start.playing, speed=start.speed)
        self.over = False
        self.seen = self.fresh = self.counting = True
        self.sent_at = self.measured_at = 0.0
        self.every = 1.0 / max(start.frames_per_second, 1e-3)

    def go(self, reader: Reader) -> list[Command]:
        """Run until the end; the commands that stand out then, a `Start` or `Quit` first."""
        from .build import build
        from .outlook import Outlook
        from .session import Session

        start = self.start
        built = build(
            reader.asset,
            reader.reading,
            sim=start.sim,
            num_envs=start.num_envs,
            dt=start.dt,
            progress=lambda text: self.link.send(Building(text=text)),
        )
        with closing(built.clones):
            self.session = Session(
                built.clones,
                built.reading.articulation,
                built.reading.bundle,
                pattern=start.pattern,
                seed=start.seed,
                loop=start.loop,
                native=start.native,
                trace=start.trace is not None,
            )
            self.outlook = Outlook(self.session, start.watch)
            self.link.send(self._ready(built))
            self._loop()
        return [*self.commands]

    def _loop(self) -> None:
        session = self.session
        for frame in session.run(self._before):
            self.outlook.add(frame)
            self.pace.took()
            self.fresh = self.counting = True
            self._show(time.perf_counter())
        if self.start.trace is not None and session.trace is not None:
            session.trace.write(Path(self.start.trace))
        self.link.send(self.outlook.metrics())
        self.link.send(Ended(step=session.step, digest=session.digest.hexdigest()))
        if any(isinstance(command, Quit) for command in self.commands):
            self._drain()

    def _before(self, step: int) -> bool:
        """Listen until the next step is due; whether there is one."""
        del step
        while True:
            now = time.perf_counter()
            wait = self.pace.wait(now)
            if not self.commands:
                self.commands += self.link.poll(self._until(wait, now))
            while self.commands:
                self._take(self.commands[0])
                if self.over:
                    return False  # that command is the next one's
                self.commands.popleft()
            now = time.perf_counter()
            wait = self.pace.wait(now)
            if wait is not None and wait <= 0.0:
                return True
            self._show(now)

    def _until(self, wait: float | None, now: float) -> float | None:
        """Seconds to sleep at most: until the next step, or until something may be shown."""
        due = [] if wait is None else [wait]
        if self.fresh and self.seen:
            due.append(max(0.0, self.sent_at + self.every - now))
        if self.counting:
            due.append(max(0.0, self.measured_at + METRICS_EVERY - now))
        return min(due, default=None)

    def _take(self, command: Command) -> None:
        try:
            match command:
                case Seen():
                    self.seen = True
                case Play():
                    self.pace.play()
                case Pause():
                    self.pace.pause()
                case Step(count=count):
                    self.pace.step(count)
                case Speed(times=times):
                    self.pace.at(times)
                case Watch(clones=clones):
                    self.outlook.watch(clones)
                case Start() | Quit():
                    self.over = True
                case Press() | Release() | Reset() | Swap() | Native() | SetPattern() | Loop():
                    self._change(command)
        except ContractError as fault:
            self.link.send(Failed(text=str(fault)))
        if isinstance(command, Play | Pause | Step):
            self._news()

    def _change(self, change: Press | Release | Reset | Swap | Native | SetPattern | Loop) -> None:
        session = self.session
        session.apply(change)
        if isinstance(change, Reset | SetPattern):
            self.outlook.reset(change.clones if isinstance(change, Reset) else None)
        rule = session.rule() if isinstance(change, Swap | Native) else None
        if rule is not None and isinstance(change, Swap) and change.partly:
            rule = _only(rule, {one.id for one in bundle_of(change.couplings).contracts})
        at = time.monotonic()
        self.link.send(Changed(step=session.step, at=at, change=change, rule=rule))
        self._news()

    def _news(self) -> None:
        """Show what a command did; at once where no later step would show it."""
        self.fresh = self.counting = True
        if not self.pace.playing:
            self.measured_at = 0.0

    def _show(self, now: float) -> None:
        """Send what is new, if the client has read the last of it and the time has come."""
        if self.counting and self.link.idle and now - self.measured_at >= METRICS_EVERY:
            self.counting, self.measured_at = False, now
            self.link.send(self.outlook.metrics())
        if self.fresh and self.seen and self.link.idle and now - self.sent_at >= self.every:
            self.fresh, self.seen, self.sent_at = False, False, now
            self.link.send(self.outlook.frame(playing=self.pace.playing))

    def _drain(self) -> None:
        """Let the last messages leave."""
        until = time.perf_counter() + 1.0
        while not self.link.idle and time.perf_counter() < until:
            self.link.poll(0.01)
            self.link.flush()

    def _ready(self, built: Built) -> Ready:
        from ..versions import package_versions

        session = self.session
        clones = session.clones
        return Ready(
            joint_names=tuple(clones.joint_names),
            num_envs=clones.num_envs,
            dt=clones.dt,
            sim=self.start.sim,
            engine=clones.engine,
            articulation=built.reading.path,
            asset_sha256=built.reading.sha256,
            rule=session.rule(),
            rest=tuple(float(value) for value in session.rest),
            given_drives=dict(clones.given_drives),
            skeleton=built.reading.skeleton,
            versions=dict(package_versions()),
        )


def _only(rule: Rule, ids: set[str]) -> Rule:
    """The rule with the content of these contracts alone: the client has that of the others."""
    rows = [row for row in rule.couplings["couplings"] if row["id"] in ids]
    return replace(rule, couplings={**rule.couplings, "couplings": rows})


def _die_with(parent: int) -> None:
    """End this process when its parent is gone, whatever the main thread does."""
    while os.getppid() == parent:
        time.sleep(ORPHANED_EVERY)
    _leave(3)


def _leave(code: int) -> None:
    """End at once, and with this process its folder for temporary files."""
    folder = os.environ.get("CAUSAL_CONTRACTS_LIVE_FOLDER")
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stderr.flush()
    os._exit(code)

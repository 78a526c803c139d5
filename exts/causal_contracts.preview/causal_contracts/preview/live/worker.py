# SPDX-License-Identifier: Apache-2.0
"""Commands on stdin to a run of clones and events on stdout: the process behind the panel."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from causal_contracts.core.issue import ContractError
from msgspec.structs import replace

from ..clones import warm_up
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

    The libraries of the engine `sim` are loaded first.
    """
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    events = os.dup(1)
    os.dup2(2, 1)  # whatever libraries print is no message
    link: Link[Command] = Link(0, events, Command)
    with suppress(GoneError):
        serve(link, sim)
    _leave(0)


def serve(link: Link[Command], sim: str) -> None:
    """Run one start after another until `Quit`."""
    _warm_up(sim, lambda text: link.send(Building(text=text)))
    link.send(Building(text=STANDING))
    start: Start | None = None
    while True:
        if start is None:
            for command in link.poll(None):
                match command:
                    case Start():
                        start = command
                    case Quit():
                        return
                    case _:
                        continue  # meant for a run that could not be built or has ended
            continue
        try:
            start = _Run(link, start).go()
        except ContractError as fault:
            link.send(Failed(text=str(fault), fatal=True))
            start = None
        except _QuitError:
            return


class _QuitError(Exception):
    """The client said `Quit`."""


class _Run:
    """One start: builds the clones, then steps them and listens in between."""

    def __init__(self, link: Link[Command], start: Start) -> None:
        self.link, self.start = link, start
        self.pace = Pace(start.dt, playing=start.playing, speed=start.speed)
        self.next: Start | None = None
        self.over = self.quit = False
        self.seen = self.fresh = self.counting = True
        self.sent_at = self.measured_at = 0.0
        self.every = 1.0 / max(start.frames_per_second, 1e-3)

    def go(self) -> Start | None:
        """Run until the end; what to start then. Raises `_QuitError` on `Quit`."""
        from .build import build
        from .outlook import Outlook
        from .session import Session

        start = self.start
        with tempfile.TemporaryDirectory(prefix="snapshot_") as folder:
            asset = _asset(start, Path(folder))
            built = build(
                asset,
                articulation=start.articulation,
                bundle=None if start.couplings is None else bundle_of(start.couplings),
                sim=start.sim,
                num_envs=start.num_envs,
                dt=start.dt,
                progress=lambda text: self.link.send(Building(text=text)),
            )
            with closing(built.clones):
                self.session = Session(
                    built.clones,
                    built.articulation,
                    built.bundle,
                    pattern=start.pattern,
                    seed=start.seed,
                    loop=start.loop,
                    native=start.native,
                    trace=start.trace is not None,
                )
                self.outlook = Outlook(self.session, start.watch)
                self.link.send(self._ready(built, asset))
                self._loop()
        if self.quit:
            raise _QuitError
        return self.next

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
        if not self.next:
            self._drain()

    def _before(self, step: int) -> bool:
        """Listen until the next step is due; whether there is one."""
        del step
        while True:
            now = time.perf_counter()
            wait = self.pace.wait(now)
            for command in self.link.poll(self._until(wait, now)):
                self._take(command)
                if self.over:
                    return False
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
                case Start():
                    self.next, self.over = command, True
                case Quit():
                    self.over = self.quit = True
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

    def _ready(self, built: Built, asset: Path) -> Ready:
        from ..episode import package_versions
        from .usd_skeleton import read_skeleton

        session = self.session
        clones = session.clones
        return Ready(
            joint_names=tuple(clones.joint_names),
            num_envs=clones.num_envs,
            dt=clones.dt,
            sim=self.start.sim,
            engine=clones.engine,
            articulation=built.path,
            asset_sha256=built.sha256,
            rule=session.rule(),
            rest=tuple(float(value) for value in session.rest),
            given_drives=dict(clones.given_drives),
            skeleton=read_skeleton(asset, session.articulation),
            versions=dict(package_versions()),
        )


def _only(rule: Rule, ids: set[str]) -> Rule:
    """The rule with the content of these contracts alone: the client has that of the others."""
    rows = [row for row in rule.couplings["couplings"] if row["id"] in ids]
    return replace(rule, couplings={**rule.couplings, "couplings": rows})


def _asset(start: Start, folder: Path) -> Path:
    """The file to simulate: the author's, or what was not saved yet, under the same name."""
    if start.snapshot is None:
        return Path(start.asset)
    path = folder / f"{Path(start.asset).stem or 'asset'}.usda"
    path.write_text(start.snapshot)
    return path


def _warm_up(sim: str, progress: Callable[[str], None]) -> None:
    """Load what every start on `sim` needs, while the author is still choosing."""
    gc.disable()  # a tenth of the time goes into looking for garbage that imports do not make
    from ..quiet_start import start_warp

    start_warp()
    from . import build, outlook, session, usd_skeleton

    del build, outlook, session, usd_skeleton
    with suppress(ModuleNotFoundError, ContractError):  # the start says it, with a way out
        warm_up(sim, progress)
    gc.freeze()
    gc.enable()


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

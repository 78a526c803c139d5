# SPDX-License-Identifier: Apache-2.0
"""Functions in, outcomes out: work on threads of its own, told about on the main thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

_log = logging.getLogger(__name__)


class Cancelled(Exception):  # noqa: N818 - it is no fault
    """Raised inside a job whose author does not want it any more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job."""

    value: Any = None
    fault: Exception | None = None
    """What the work raised."""
    cancelled: bool = False


@dataclass
class Job:
    """One piece of work under way."""

    name: str
    done: float = 0.0
    """Share that is done, 0 to 1."""
    says: str = ""
    """What it does just now."""
    outcome: Outcome | None = None
    """None while it runs."""
    _stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask it to stop; its outcome comes as cancelled."""
        self._stop.set()


class Progress:
    """What a job's work calls now and then; raises `Cancelled` where it shall stop."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def __call__(self, done: float, says: str = "") -> None:
        """Say how far it is, 0 to 1, and what it does."""
        if self._job._stop.is_set():
            raise Cancelled(self._job.name)
        self._job.done, self._job.says = done, says or self._job.says


class Jobs:
    """Starts work on daemon threads; `deliver` hands the outcomes over."""

    def __init__(self) -> None:
        self.running: list[Job] = []
        """Jobs whose outcome was not delivered yet."""
        self._finished: SimpleQueue[tuple[Job, Outcome, Callable[[Outcome], None] | None]]
        self._finished = SimpleQueue()

    def start(
        self,
        name: str,
        work: Callable[[Progress], Any],
        then: Callable[[Outcome], None] | None = None,
    ) -> Job:
        """Run `work` on a thread; `then` gets its outcome from `deliver`."""
        job = Job(name)
        self.running.append(job)
        thread = threading.Thread(
            target=lambda: self._finished.put((job, _outcome(job, work), then)),
            name=f"causal_contracts: {name}",
            daemon=True,
        )
        thread.start()
        return job

    def deliver(self) -> None:
        """Hand over what is finished; call it once a frame on the main thread."""
        while True:
            try:
                job, outcome, then = self._finished.get_nowait()
            except Empty:
                return
            job.outcome = outcome
            self.running.remove(job)
            if then is not None:
                then(outcome)
            elif outcome.fault is not None:
                _log.error("%s failed", job.name, exc_info=outcome.fault)

    def cancel(self) -> None:
        """Ask all of them to stop."""
        for job in self.running:
            job.cancel()


def _outcome(job: Job, work: Callable[[Progress], Any]) -> Outcome:
    try:
        value = work(Progress(job))
    except Cancelled:
        return Outcome(cancelled=True)
    except Exception as fault:
        return Outcome(fault=fault)
    return Outcome(cancelled=True) if job._stop.is_set() else Outcome(value)

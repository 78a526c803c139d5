# SPDX-License-Identifier: Apache-2.0
"""A host to the preview's packages as a panel shows them: there, lacking, under way or failed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ..host import Host, Level
from ..jobs import Job, Outcome
from ..signals import Signal
from . import install as installing
from .faults import InstallFault
from .readiness import Missing, Ready, megabytes, state


class Installation:
    """What was found, and the one job that changes it.

    Args:
        host: runs the job and keeps the settings.
        find: looks again; `readiness.state` by default.
    """

    def __init__(self, host: Host, find: Callable[[Host], Ready | Missing] = state) -> None:
        self.host = host
        self.changed: Signal[()] = Signal("packages")
        self.failure: InstallFault | None = None
        self.job: Job | None = None
        self._find = find
        self._closed = False
        self._began = 0.0
        self.found = find(host)
        folder = self._folder()
        if folder is not None and installing.left_over(folder):
            host.run("sweep packages", lambda _: installing.sweep(folder))

    @property
    def ready(self) -> Ready | None:
        """Interpreter and folders for the worker, where all is there."""
        return self.found if isinstance(self.found, Ready) else None

    @property
    def busy(self) -> bool:
        """Whether packages are being installed or removed."""
        return self.job is not None

    @property
    def left(self) -> float | None:
        """Seconds that the job may still take; None where that cannot be said."""
        if self.job is None or not 0.05 < self.job.done < installing.TRIED:
            return None
        return (time.monotonic() - self._began) * (1 / self.job.done - 1)

    def why_no_install(self) -> str | None:
        """Why nothing can be installed; None where it can."""
        if self.busy:
            return "The packages are being installed."
        return self.found.why_not if isinstance(self.found, Missing) else "The packages are there."

    def install(self) -> str | None:
        """Install what lacks, as the author agreed to; says why not."""
        self.refresh()
        why = self.why_no_install()
        if why is None:
            assert isinstance(self.found, Missing) and self.found.plan is not None
            plan = self.found.plan
            self._run("install packages", lambda progress: installing.install(plan, progress))
        return why

    def uninstall(self) -> str | None:
        """Remove our own folder; says why not."""
        folder = self._folder()
        if self.busy or folder is None:
            return "The packages are being installed." if self.busy else "Nothing was installed."
        self._run("remove packages", lambda _: installing.uninstall(folder))
        return None

    def cancel(self) -> None:
        """Stop installing; what was written is removed."""
        if self.job is not None:
            self.job.says = "Stopping"
            self.job.cancel()

    def refresh(self) -> None:
        """Look again, e.g. after a setting changed."""
        before, self.found = self.found, self._find(self.host)
        if before != self.found:
            self.changed()

    def close(self) -> None:
        """Stop, and tell nobody."""
        self._closed = True
        self.cancel()

    def _run(self, name: str, work: Callable[..., None]) -> None:
        self.failure, self._began = None, time.monotonic()
        self.job = self.host.run(name, work, self._ended)
        self.changed()

    def _ended(self, outcome: Outcome) -> None:
        if self._closed:
            return
        self.job = None
        if isinstance(outcome.fault, InstallFault):
            self.failure = outcome.fault
        elif outcome.fault is not None:
            self.failure = InstallFault(f"This went wrong: {outcome.fault}.")
        self.found = self._find(self.host)
        if self.ready is not None and self.failure is None and not outcome.cancelled:
            self.host.notify(f"The preview's packages are there ({megabytes(self.ready.size)}).")
        elif self.failure is not None:
            self.host.notify(self.failure.says, Level.ERROR)
        self.changed()

    def _folder(self) -> Path | None:
        if isinstance(self.found, Ready):
            return self.found.paths[0] if self.found.paths else None
        return self.found.plan.folder if self.found.plan is not None else None

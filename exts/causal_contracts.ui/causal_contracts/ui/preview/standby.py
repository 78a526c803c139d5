# SPDX-License-Identifier: Apache-2.0
"""One worker from unfolding to folding: whether it stands by, runs or died, and what it said."""

from __future__ import annotations

from enum import StrEnum

from causal_contracts.preview.live.client import LiveClient, State
from causal_contracts.preview.live.messages import Event, Metrics, Rule
from causal_contracts.preview.live.view import LiveFrame

from ..host import Host, StageChange
from ..jobs import Job
from ..packages.installation import Installation
from ..signals import Signal, Subscription, Subscriptions
from ..state.editor_state import EditorState
from .choices import Choices
from .engines import why_no_engine, worker_of


class Phase(StrEnum):
    """What the section shows."""

    FOLDED = "folded"
    """Nothing runs and nothing costs."""
    LACKING = "lacking"
    """The worker's packages are not installed."""
    EMPTY = "empty"
    """There is nothing to preview; `why_not_start` says why."""
    READY = "ready"
    """A worker stands by."""
    BUILDING = "building"
    RUNNING = "running"
    """Clones stand; they step, or are paused."""
    FAILED = "failed"
    DIED = "died"


class Standby:
    """Owns the worker; the base of `PreviewState`. Signals are told at most once a frame.

    Args:
        host: the program around the panel.
        state: whose articulation and contracts are previewed.
        packages: what the worker needs, and the interpreter that has it.
    """

    def __init__(
        self, host: Host, state: EditorState, *, packages: Installation | None = None
    ) -> None:
        self.host, self.state = host, state
        self.packages = packages or Installation(host)
        self.choices = Choices(host)
        self.client: LiveClient | None = None
        self.wants_play = False
        """What the author asked for last: to play, or to stand."""
        self.refused: str | None = None
        """Why the last action was refused; None where it was not."""
        self.changed: Signal[()] = Signal("preview")
        """Phase, progress, choices or anything but numbers changed."""
        self.framed: Signal[()] = Signal("preview frame")
        """`frame` is another step."""
        self.measured: Signal[()] = Signal("preview metrics")
        self._subject: tuple[object, ...] | None = None
        self._no_engine: dict[str, str | None] = {}
        self._copying: Job | None = None
        self._shown: tuple[object, ...] = ()
        self._look_again = True
        self._held = Subscriptions()
        self._ticking: Subscription | None = None
        self.resume()

    # -- life

    def resume(self) -> None:
        """Follow the host, after `suspend` or at the start."""
        self.suspend()
        self._held.add(
            self.host.watch_stage(self._stage_changed),
            self.state.listen("articulations", self._again),
            self.state.listen("bundle", self._again),
            self.packages.changed.connect(self._packages_changed),
        )
        self._look_again = True
        self._wake()

    def suspend(self) -> None:
        """End the worker and cost nothing, e.g. while the panel is hidden."""
        self._held.close()
        self._sleep()
        self._drop()

    def close(self) -> None:
        """Let go of everything; nothing is left running."""
        self.suspend()
        self.packages.close()

    def unfold(self, on: bool = True) -> None:
        """Open the section, which prepares a worker; or fold it, which ends one."""
        if on != self.choices.unfolded:
            self.choices.unfolded = on
            if on:
                self._look_again = True
                self._no_engine.clear()
                self._wake()
            else:
                self._sleep()
                self._drop()
            self.changed()

    @property
    def unfolded(self) -> bool:
        """Whether the section is open."""
        return self.choices.unfolded

    # -- what is shown

    @property
    def phase(self) -> Phase:
        """What the section shows."""
        if not self.unfolded:
            return Phase.FOLDED
        if self._copying is not None:
            return Phase.BUILDING
        if self.packages.ready is None:
            return Phase.LACKING
        state = self.client.state if self.client else State.CLOSED
        match state:
            case State.BUILDING | State.RUNNING | State.FAILED | State.DIED:
                return Phase(state.value)
        return Phase.EMPTY if self.why_not_start() else Phase.READY

    @property
    def frame(self) -> LiveFrame | None:
        """The newest step; None while nothing runs."""
        return self.client.frame if self.client and self.phase is Phase.RUNNING else None

    @property
    def rule(self) -> Rule | None:
        """The rule that runs."""
        return self.client.rule if self.client else None

    @property
    def metrics(self) -> Metrics | None:
        """Cause and effect so far."""
        return self.client.metrics if self.client else None

    @property
    def playing(self) -> bool:
        """Whether the clones step, or will once they are built."""
        return self.wants_play and self.phase in (Phase.BUILDING, Phase.RUNNING)

    @property
    def progress(self) -> str:
        """What it does while it builds."""
        if self._copying is not None:
            return "Copying what was not saved."
        return self.client.progress if self.client else ""

    @property
    def error(self) -> str:
        """Why it does not run, or why the last command could not be done."""
        return self.client.error if self.client else ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The last lines that the worker wrote."""
        return self.client.lines if self.client else ()

    def why_not_start(self) -> str | None:
        """Why there is nothing to preview; None where there is."""
        if self.packages.ready is None:
            return "The preview's packages are not installed: install them first."
        why = self.why_not_engine(self.choices.sim)
        if why is not None:
            return why
        if self.state.articulation is None:
            return self.state.problem or "There is no articulation: pick one first."
        if not self.state.bundle.contracts:
            return "There is no contract to preview: add one first."
        return None

    def why_not_engine(self, sim: str) -> str | None:
        """Why that engine cannot run here, a key of `ENGINES`; None where it can.

        Unfolding looks again.
        """
        ready = self.packages.ready
        if ready is None:
            return None
        if sim not in self._no_engine:
            self._no_engine[sim] = why_no_engine(sim, self.host, ready)
        return self._no_engine[sim]

    # -- for the layers above

    def _heard(self, events: list[Event]) -> None:
        """The worker said something."""

    def _before_poll(self) -> None:
        """A frame of the program begins."""

    def _refuse(self, why: str) -> str:
        self.refused = why
        self.changed()
        return why

    def _done(self) -> None:
        self.refused = None
        self.changed()

    # -- frames

    def tick(self) -> None:
        """Hear the worker, and tell the listeners; the host calls it each frame."""
        if self._look_again:
            self._look()
        client = self.client
        if client is None:
            self._tell()
            return
        before, measured = client.frame, client.metrics
        self._before_poll()
        events = client.poll()
        self._heard(events)
        self._tell()
        if client.metrics is not measured:
            self.measured()
        if client.frame is not before:
            self.framed()

    def _tell(self) -> None:
        """Say that something but numbers changed, where it did."""
        client = self.client
        now = (
            self.phase,
            self.progress,
            self.error,
            client.rule if client else None,
            self.frame.playing if self.frame else None,
            self.why_not_start(),
        )
        if any(new is not old and new != old for new, old in _pairs(now, self._shown)):
            self._shown = now
            self.changed()

    def _stage_changed(self, change: StageChange) -> None:
        self._look_again = self._look_again or change.opened

    def _again(self) -> None:
        self._look_again = True

    def _packages_changed(self) -> None:
        """They came, or go: a worker that runs keeps what it has loaded."""
        self._no_engine.clear()
        self._look_again = True
        self.changed()

    def _look(self) -> None:
        """End the worker of another asset; let one stand by where there is something to run."""
        self._look_again = False
        stage = self.host.stage()
        layer = stage.GetRootLayer().identifier if stage else None
        subject = (layer, self.state.picked)
        if subject != self._subject:
            self._subject = subject
            self.wants_play = False
            self.refused = None
            self._drop()
        if self.state.articulation is None:
            self._drop()
        elif self.client is None and self.unfolded and self._has_engine():
            self.client = self._new_client()
            self.client.prepare(self.choices.sim)

    def _has_engine(self) -> bool:
        """Whether a worker could load what was chosen."""
        return self.packages.ready is not None and self.why_not_engine(self.choices.sim) is None

    def _new_client(self) -> LiveClient:
        """A worker's client, on the interpreter and the folders that have the packages."""
        ready = self.packages.ready
        assert ready is not None, "asked for without its packages"
        worker = worker_of(self.choices.sim, self.host, ready)
        return LiveClient(python=worker.python, paths=worker.paths)

    def _wake(self) -> None:
        if self.unfolded and self._ticking is None:
            self._ticking = self.host.on_frame(self.tick)

    def _sleep(self) -> None:
        if self._ticking is not None:
            self._ticking.close()
            self._ticking = None

    def _drop(self) -> None:
        """End the worker at once: what it would say is of no more use."""
        self._cancel_copy()
        client, self.client = self.client, None
        if client is not None:
            client.close(wait=0.0)

    def _cancel_copy(self) -> None:
        job, self._copying = self._copying, None
        if job is not None:
            job.cancel()


def _pairs(now: tuple[object, ...], shown: tuple[object, ...]) -> zip[tuple[object, object]]:
    return zip(now, shown or (None,) * len(now), strict=True)

# SPDX-License-Identifier: Apache-2.0
"""What the panel shows to a run in the worker: the asset, saved or copied, and its contracts."""

from __future__ import annotations

import time
from collections.abc import Callable

from causal_contracts.core.issue import ContractError
from causal_contracts.preview.live.content import Content
from causal_contracts.preview.live.messages import Start

from ..host import Host
from ..jobs import Outcome
from ..packages.installation import Installation
from ..state.editor_state import EditorState
from ..state.refusal import sentence_of
from .source import Source, source_of
from .standby import Standby


class Run(Standby):
    """Starts, restarts and stops runs of the worker that stands by."""

    def __init__(
        self, host: Host, state: EditorState, *, packages: Installation | None = None
    ) -> None:
        self._content = Content()
        self._waiting: list[Callable[[], None]] = []
        """What to send once the asset is copied and the run started."""
        super().__init__(host, state, packages=packages)

    _began = 0.0

    @property
    def waited(self) -> float:
        """Seconds since the last start was asked for."""
        return time.monotonic() - self._began

    def start(self, *, playing: bool = True) -> str | None:
        """Build clones of what the panel shows now and run them; says why it cannot."""
        self.unfold()
        why = self.why_not_start()
        stage, found = self.host.stage(), self.state.articulation
        if why is not None or stage is None or found is None or self.state.picked is None:
            return self._refuse(why or "There is no articulation: pick one first.")
        self._look()
        self._cancel_copy()
        self.wants_play, self._began = playing, time.monotonic()
        source = source_of(stage, self.state.picked, found.host)
        self._about_to_start()
        if source.copy is None:
            return self._send_start(source, None)
        copy = source.copy

        def copied(outcome: Outcome) -> None:
            if self._copying is not job:
                return
            self._copying = None
            if outcome.fault is not None:
                self.wants_play = False
                self._refuse(f"The asset could not be copied: {outcome.fault}.")
            elif not outcome.cancelled:
                self._send_start(source, str(outcome.value))

        job = self.host.run("copy", lambda _: copy.ExportToString(), copied)
        self._copying = job
        return self._done()

    def restart(self) -> str | None:
        """Run again what the panel shows now, as it was played; after a death in a new process."""
        return self.start(playing=self.wants_play)

    def stop(self) -> str | None:
        """End the run, or the building of one; another worker stands by."""
        self._drop()
        self.wants_play = False
        self._look_again = True
        return self._done()

    def _send_start(self, source: Source, snapshot: str | None) -> str | None:
        try:
            couplings = self._content.of(self.state.live_bundle)
        except ContractError as fault:
            return self._refuse(sentence_of(fault.issues))
        choices = self.choices
        if self.client is None:
            self.client = self._new_client()
        self.client.start(
            Start(
                asset=source.asset,
                articulation=source.articulation,
                couplings=couplings,
                snapshot=snapshot,
                sim=choices.sim,
                num_envs=choices.num_envs,
                pattern=choices.pattern,
                seed=choices.seed,
                loop=choices.loop,
                native=self._native(),
                playing=self.wants_play,
                speed=choices.speed,
                watch=self._watched(),
            )
        )
        waiting, self._waiting = self._waiting, []
        for send in waiting:
            send()
        return self._done()

    def _when_started(self, send: Callable[[], None]) -> None:
        """Send something after the start, which may still copy the asset."""
        if self._copying is None:
            send()
        else:
            self._waiting.append(send)

    def _cancel_copy(self) -> None:
        super()._cancel_copy()
        self._waiting.clear()

    # -- for the layers above

    def _about_to_start(self) -> None:
        """A start is on its way."""

    def _native(self) -> bool:
        return False

    def _watched(self) -> tuple[int, ...]:
        return ()

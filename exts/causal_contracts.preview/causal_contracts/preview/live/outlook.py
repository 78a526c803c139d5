# SPDX-License-Identifier: Apache-2.0
"""A session's present state to the messages that show it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from ..loop import Frame
from .messages import ContractRates, FrameSent, Metrics
from .session import Session

SAMPLES = 256
"""Steps kept between two frames; where there are more every second one is dropped."""


class Watched:
    """The steps of some clones since the last frame, in bounded memory."""

    def __init__(self, clones: Sequence[int], num_joints: int) -> None:
        self.clones = tuple(clones)
        self._steps = np.zeros(SAMPLES, dtype=np.int64)
        self._pos = np.zeros((SAMPLES, len(self.clones), num_joints), dtype=np.float32)
        self._count, self._stride = 0, 1

    def add(self, frame: Frame) -> None:
        """Take one step."""
        if not self.clones or frame.index % self._stride:
            return
        if self._count == SAMPLES:
            half = SAMPLES // 2
            self._steps[:half] = self._steps[::2]
            self._pos[:half] = self._pos[::2]
            self._count, self._stride = half, 2 * self._stride
        self._steps[self._count] = frame.index
        self._pos[self._count] = frame.joint_pos[list(self.clones)]
        self._count += 1

    def take(self) -> tuple[bytes, bytes]:
        """Steps and positions since the last call."""
        taken = self._steps[: self._count].tobytes(), self._pos[: self._count].tobytes()
        self._count, self._stride = 0, 1
        return taken


class Outlook:
    """Frames and metrics of a session."""

    def __init__(self, session: Session, watch: Sequence[int]) -> None:
        self._session = session
        self._targets = np.tile(session.rest, (session.clones.num_envs, 1)).astype(np.float32)
        self._pos = session.clones.joint_pos().numpy().copy()
        self._counted = (time.perf_counter(), 0)
        self.watched = Watched((), len(session.clones.joint_names))
        self.watch(watch)

    def watch(self, clones: Sequence[int]) -> None:
        """Carry these clones' steps; raises `ContractError` where one is not there."""
        wanted = self._session.fingers.clones(clones)
        self.watched = Watched(wanted, len(self._session.clones.joint_names))

    def add(self, frame: Frame) -> None:
        """Take one step."""
        self._pos[:] = frame.joint_pos
        self._targets[:] = frame.targets
        self.watched.add(frame)

    def reset(self, clones: Sequence[int] | None) -> None:
        """Look at clones that were put back (None: all), which no step has measured yet."""
        some = slice(None) if clones is None else list(clones)
        self._pos[some] = self._session.clones.joint_pos().numpy()[some]
        self._targets[some] = self._session.rest

    def frame(self, *, playing: bool) -> FrameSent:
        """The newest step, or what a reset has made of it."""
        session = self._session
        steps, positions = self.watched.take()
        step = session.step
        return FrameSent(
            step=step,
            time=step * session.clones.dt,
            episode=session.episode,
            episode_step=step - session.fingers.episode_step,
            playing=playing,
            joint_pos=self._pos.tobytes(),
            targets=self._targets.tobytes(),
            flags=self._flags().tobytes(),
            ids=session.compiled.ids,
            traced=self.watched.clones,
            trace_steps=steps,
            trace_pos=positions,
        )

    def metrics(self) -> Metrics:
        """Cause and effect so far, and the speed since the last call."""
        session, tally = self._session, self._session.tally
        verdicts = tally.verdicts(session.fingers.touched, session.step)
        overall, rows = tally.rates(verdicts)
        then, before = self._counted
        self._counted = now, done = time.perf_counter(), session.step
        return Metrics(
            step=session.step,
            overall=overall,
            contracts=tuple(
                ContractRates(
                    id=contract.id,
                    rates=rates,
                    codes=codes.tobytes(),
                    spontaneous=tuple(np.flatnonzero(alone).tolist()),
                )
                for (contract, rates), codes, alone in zip(
                    rows, verdicts.cells, verdicts.spontaneous, strict=True
                )
            ),
            nan_clones=tuple(int(clone) for clone in np.flatnonzero(tally.lost)),
            steps_per_second=(done - before) / max(now - then, 1e-9),
            digest=session.digest.hexdigest(),
        )

    def _flags(self) -> np.ndarray:
        """Bits of `messages`, uint8, shape (num_envs, num_contracts)."""
        term, tally = self._session.term, self._session.tally
        flags = term.fired.numpy() | term.latched.numpy() * np.uint8(2)
        flags = (flags | term.active.numpy() * np.uint8(4)).astype(np.uint8)
        columns = {name: column for column, name in enumerate(self._session.compiled.ids)}
        pairs = [
            (row, columns[contract.id])
            for row, contract in enumerate(tally.contracts)
            if contract.id in columns
        ]
        judged, shown = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
        flags[:, shown] |= tally.now_reached[:, judged] * np.uint8(8)
        return flags

# SPDX-License-Identifier: Apache-2.0
"""PreviewState: the one truth of the preview. Widgets draw from it and call its named actions."""

from __future__ import annotations

import shlex
from pathlib import Path

from causal_contracts.core.issue import ContractError
from causal_contracts.preview.live.changes import Loop, Native, SetPattern
from causal_contracts.preview.live.messages import MAX_CLONES, Command, Pause, Play, Speed, Step
from causal_contracts.preview.live.run_log import write_log

from ..state.refusal import sentence_of
from .choices import MAX_SEED, PATTERNS, SPEEDS
from .engines import ENGINES, PYTHON
from .hands import Hands
from .standby import Phase

LIVE = (Phase.BUILDING, Phase.RUNNING)


class PreviewState(Hands):
    """Transport, choices and the log on top of its bases; each action None or a sentence."""

    is_native = False
    """Contracts are off; not kept beyond this run."""
    no_engine = "isaaclab-newton"
    """The engine that was asked for last and cannot run here."""
    _why_no_engine: str | None = None
    saved: Path | None = None
    """Where the log of this run was saved last."""

    # -- transport

    def why_not_play(self) -> str | None:
        """Why it can neither start nor go on; None where it can."""
        return None if self.phase in LIVE else self.why_not_start()

    def play(self) -> str | None:
        """Start, or go on."""
        if self.phase not in LIVE:
            return self.start()
        self.wants_play = True
        self._send(Play())
        return self._done()

    def pause(self) -> str | None:
        """Stand still; what is changed meanwhile counts."""
        if self.phase not in LIVE:
            return self._refuse(self.why_not_pause() or "")
        self.wants_play = False
        self._send(Pause())
        return self._done()

    def why_not_pause(self) -> str | None:
        """Why there is nothing to pause; None where there is."""
        return None if self.phase in LIVE else "Nothing runs: choose Play first."

    def step(self) -> str | None:
        """Pause, and take one physics step; starts where nothing runs."""
        if self.phase not in LIVE:
            why = self.start(playing=False)
            if why is not None:
                return why
        self.wants_play = False
        self._send(Step(count=1))
        return self._done()

    def why_not_reset(self) -> str | None:
        """Why there is nothing to reset; None where there is."""
        return None if self.phase is Phase.RUNNING else "Nothing runs: choose Play first."

    # -- choices

    def set_speed(self, times: float | None) -> str | None:
        """Simulated seconds per second; None: as fast as possible."""
        if (times or 0.0) not in SPEEDS:
            return self._refuse(f"{times:g} is no speed of the list.")
        self.choices.speed = times
        self._send(Speed(times=times))
        return self._done()

    def set_loop(self, on: bool) -> str | None:
        """Whether another episode follows, with the next seed."""
        self.choices.loop = on
        self._send(Loop(on=on))
        return self._done()

    def set_native(self, on: bool) -> str | None:
        """Contracts off, to see the asset as it is by itself; or on again."""
        self.is_native = on
        self._send(Native(on=on))
        return self._done()

    def set_pattern(self, kind: str) -> str | None:
        """What the hand does by itself: a key of `PATTERNS`."""
        if kind not in PATTERNS:
            return self._refuse(f"'{kind}' is no press pattern.")
        self.choices.kind = kind
        return self._repattern()

    def why_no_fraction(self) -> str | None:
        """Why the share of pressed clones does not matter; None where it does."""
        if self.choices.kind in ("fraction", "hold"):
            return None
        name = PATTERNS[self.choices.kind]
        return f"The pattern '{name}' presses {'all' if name == 'sweep' else 'no'} clones."

    def enter_fraction(self, text: str) -> str | None:
        """Share of the clones that the hand presses, as `50 %` or `0.5`."""
        typed = text.strip()
        try:
            share = float(typed.removesuffix("%")) / (1 if _is_share(typed) else 100)
        except ValueError:
            return self._refuse(f"'{typed}' is no share: type e.g. 50 %.")
        if not 0.0 <= share <= 1.0:
            return self._refuse(f"'{typed}' is no share: it goes from 0 to 100 %.")
        self.choices.fraction = share
        return self._repattern()

    def enter_seed(self, text: str) -> str | None:
        """Which clones press and when: a whole number."""
        seed = _whole(text)
        if seed is None or seed > MAX_SEED:
            return self._refuse(f"'{text}' is no seed: type a whole number from 0.")
        self.choices.seed = seed
        return self._repattern()

    def enter_clones(self, text: str) -> str | None:
        """How many clones, 1 to 256; a run that is on begins again with so many."""
        number = _whole(text)
        if number is None or not 1 <= number <= MAX_CLONES:
            return self._refuse(f"'{text}' clones cannot be shown: type 1 to {MAX_CLONES}.")
        if number == self.choices.num_envs:
            return self._done()
        self.choices.num_envs = number
        return self.restart() if self.phase in LIVE else self._done()

    def set_engine(self, sim: str) -> str | None:
        """Which engine moves the clones; a run that is on begins again on it, in a new process."""
        if sim not in ENGINES:
            return self._refuse(f"'{sim}' is no engine.")
        why = self.why_not_engine(sim)
        if why is not None:
            return self._refuse_engine(sim, why)
        if sim == self.choices.sim:
            return self._done()
        was_live = self.phase in LIVE
        self._drop()
        self.choices.sim = sim
        self._look_again = True
        return self.restart() if was_live else self._done()

    def why_choose_python(self) -> str | None:
        """Why the engine that was asked for, or is kept, cannot run; None where it can."""
        if self.refused is not None and self.refused == self._why_no_engine:
            return self.refused
        return self.why_not_engine(self.choices.sim)

    def _refuse_engine(self, sim: str, why: str) -> str:
        self.no_engine, self._why_no_engine = sim, why
        return self._refuse(why)

    def set_python(self, python: Path) -> str | None:
        """Which interpreter has Isaac Lab; the engine that lacked it is chosen then."""
        sim = self.choices.sim if self.why_not_engine(self.choices.sim) else self.no_engine
        before = self.host.setting(PYTHON, "")
        self.host.set_setting(PYTHON, str(python))
        self._no_engine.clear()
        why = self.why_not_engine(sim)
        if why is not None:
            self.host.set_setting(PYTHON, before)
            self._no_engine.clear()
            return self._refuse_engine(sim, why)
        self._look_again = True
        return self.set_engine(sim)

    # -- the log

    def why_no_log(self) -> str | None:
        """Why there is no log to save; None where there is."""
        if self.client is None or self.client.ready is None:
            return "Nothing has run yet: choose Play first."
        return None

    def suggested_log(self) -> Path:
        """A name beside the asset."""
        stage = self.host.stage()
        root = stage.GetRootLayer().realPath if stage else ""
        path = Path(root) if root else Path.cwd() / "asset"
        return path.with_name(f"{path.stem}.preview.json")

    def save_log(self, path: Path) -> str | None:
        """Write all that determines this run; `replay_command` runs it again."""
        why = self.why_no_log()
        if why is not None or self.client is None:
            return self._refuse(why or "")
        try:
            write_log(self.client.log(), path)
        except ContractError as fault:
            return self._refuse(sentence_of(fault.issues))
        self.saved = path.resolve()
        return self._done()

    def replay_command(self) -> str:
        """The command that runs the saved log again and compares it bit for bit."""
        stage = self.host.stage()
        asset = (stage.GetRootLayer().realPath if stage else "") or "ASSET.usda"
        parts = ("causal-contracts", "preview", asset, "--replay", str(self.saved or "LOG.json"))
        return shlex.join(parts)

    # -- the worker

    def _native(self) -> bool:
        return self.is_native

    def _about_to_start(self) -> None:
        super()._about_to_start()
        self.saved = None

    def _repattern(self) -> str | None:
        self._send(SetPattern(pattern=self.choices.pattern, seed=self.choices.seed))
        return self._done()

    def _send(self, command: Command) -> None:
        """Ask the run that is on, or that is on its way."""

        def send() -> None:
            if self.client is not None:
                self.client.send(command)

        self._when_started(send)


def _is_share(text: str) -> bool:
    """Whether a number without a unit is a share and no percentage."""
    return not text.endswith("%") and "." in text and float(text) <= 1.0


def _whole(text: str) -> int | None:
    typed = text.strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 12 else None

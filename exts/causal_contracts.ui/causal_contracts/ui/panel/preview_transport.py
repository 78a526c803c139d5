# SPDX-License-Identifier: Apache-2.0
"""Play, pause, step, reset; and what is chosen before: pattern, share, seed, clones, speed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import omni.ui as ui

from ..preview import texts
from ..preview.choices import PATTERNS, SPEEDS
from ..preview.engines import ENGINES
from ..preview.preview_state import PreviewState
from . import style
from .controls import button, tip
from .drop_down import DropDown
from .preview_part import PreviewPart
from .search_combo import Choice

BUTTON = 88
"""Width of a button where the line is longer than they need."""


class Transport(PreviewPart):
    """One row of buttons."""

    def __init__(self, preview: PreviewState, *, wide: Callable[[], bool]) -> None:
        super().__init__(preview)
        self._wide = wide

    def look(self) -> object:
        """Which buttons are lit, grey, or say something else."""
        one = self.preview
        return (
            one.playing,
            one.choices.loop,
            one.native,
            one.why_not_play(),
            one.why_not_reset(),
            one.why_no_log(),
            self._wide(),
        )

    def fill(self) -> None:
        """The buttons; a grey one says why."""
        one = self.preview
        wide = ui.Pixel(BUTTON) if self._wide() else ui.Fraction(1)
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            if one.playing:
                says = "Stand still; what is changed meanwhile counts."
                button("Pause", one.pause, identifier="play", says=says, lit=True, width=62)
            else:
                says, why = "Start the clones, or let them go on.", one.why_not_play()
                lit = why is None
                button(
                    "Play", one.play, identifier="play", says=says, why_not=why, lit=lit, width=62
                )
            button(
                "Step",
                one.step,
                identifier="step",
                says="Pause, and take one physics step.",
                why_not=one.why_not_play(),
                width=wide,
            )
            button(
                "Reset",
                lambda: one.reset(),
                identifier="reset",
                says="Put all clones back to the authored pose; the pattern begins again.",
                why_not=one.why_not_reset(),
                width=wide,
            )
            button(
                "Loop",
                lambda: one.set_loop(not one.choices.loop),
                identifier="loop",
                says="Begin another episode when one is over, with the next seed.",
                lit=one.choices.loop,
                width=wide,
            )
            button(
                "Native",
                lambda: one.set_native(not one.native),
                identifier="native",
                says="Switch the contracts off, to see the asset as it is by itself.",
                lit=one.native,
                width=wide,
            )
            if self._wide():
                ui.Spacer()
            button(
                "Save log",
                self._save,
                identifier="save log",
                says="Write all that determines this run, to run it again bit for bit.",
                why_not=one.why_no_log(),
                width=76,
            )

    def _save(self) -> None:
        one = self.preview
        if one.why_no_log() is not None:
            one.save_log(one.suggested_log())  # refused: the section says why
            return
        one.host.ask_save("Save the log", one.suggested_log(), self._write)

    def _write(self, path: Path) -> None:
        self.preview.save_log(path)


HANDS = {
    "fraction": "Some clones, at random times.",
    "sweep": "All clones, each deeper than the one before.",
    "hold": "Some clones, and they stay pressed.",
    "by_hand": "Only your clicks.",
}
"""What each pattern does."""
LACKS = "Not installed here: choose it to see how."
"""Beside an engine that cannot run; a click on it is refused with the whole sentence."""


class Settings(PreviewPart):
    """What a run is made of; two lines, or one where there is room.

    Args:
        preview: what is chosen.
        wide: whether one line is long enough.
        spare: whether it is longer than needed.
    """

    def __init__(
        self, preview: PreviewState, *, wide: Callable[[], bool], spare: Callable[[], bool]
    ) -> None:
        super().__init__(preview)
        self._wide, self._spare = wide, spare
        self.combos: dict[str, DropDown] = {}

    def close(self) -> None:
        """Listen no longer, and take open lists away."""
        super().close()
        for one in self.combos.values():
            one.destroy()

    def look(self) -> object:
        """Everything chosen."""
        one, kept = self.preview, self.preview.choices
        chosen = kept.kind, kept.fraction, kept.seed, kept.num_envs, kept.speed, kept.sim
        return chosen, one.refused, self._wide(), self._spare()

    def fill(self) -> None:
        """Combos and fields."""
        if self._wide():
            with ui.HStack(spacing=style.GAP, height=style.ROW):
                self._pattern()
                ui.Spacer(width=style.GAP)
                self._clones()
            return
        with ui.VStack(spacing=style.GAP, height=0):
            with ui.HStack(spacing=style.GAP, height=style.ROW):
                self._pattern()
            with ui.HStack(spacing=style.GAP, height=style.ROW):
                self._clones()

    def _tight(self) -> bool:
        """Whether all stands in one line that is just long enough."""
        return self._wide() and not self._spare()

    def _pattern(self) -> None:
        one, kept = self.preview, self.preview.choices
        tight = self._tight()
        _label("Pattern")
        self._choice(
            "pattern",
            [Choice(kind, name, HANDS[kind]) for kind, name in PATTERNS.items()],
            kept.kind,
            one.set_pattern,
            "Which clones the hand presses, and when.",
            width=84 if tight else 132,
            fixed=tight,
        )
        why = one.why_no_fraction()
        self._field(
            "fraction",
            f"{100 * kept.fraction:g} %",
            one.enter_fraction,
            why or "Share of the clones that the hand presses.",
            width=52,
            off=why is not None,
        )
        _label("seed", 30)
        says = "Chooses which clones press, and when; the next episode takes the next seed."
        self._field("seed", str(kept.seed), one.enter_seed, says, width=52)

    def _clones(self) -> None:
        one, kept = self.preview, self.preview.choices
        tight = self._tight()
        _label("Clones")
        says = "How many environments, 1 to 256. A run begins again with so many."
        self._field("clones", str(kept.num_envs), one.enter_clones, says, width=44)
        _label("at", 14)
        self._choice(
            "speed choice",
            [Choice(str(times), texts.speed(times)) for times in SPEEDS],
            str(kept.speed or 0.0),
            lambda key: one.set_speed(float(key) or None),
            "Simulated seconds per second; max: as fast as the worker can.",
            width=64,
            fixed=True,
        )
        _label("on", 16)
        self._choice(
            "engine",
            [
                Choice(sim, engine.name, engine.says, LACKS if one.why_not_engine(sim) else None)
                for sim, engine in ENGINES.items()
            ],
            kept.sim,
            one.set_engine,
            "The engine that moves the clones. A run that is on begins again on another.",
            width=160,
            shown=ENGINES[kept.sim].short if tight else None,
        )
        if self._spare():
            ui.Spacer()

    def _choice(
        self,
        identifier: str,
        choices: list[Choice],
        chosen: str,
        pick: Callable[[str], object],
        says: str,
        *,
        width: float,
        fixed: bool = False,
        shown: str | None = None,
    ) -> None:
        if identifier in self.combos:
            self.combos[identifier].close()
        self.combos[identifier] = DropDown(
            self.preview.host,
            choices,
            chosen,
            pick=pick,
            identifier=identifier,
            says=says,
            shown=shown,
            width=width if fixed or self._spare() else None,
        )

    def _field(
        self,
        identifier: str,
        text: str,
        enter: Callable[[str], str | None],
        says: str,
        *,
        width: float,
        off: bool = False,
    ) -> None:
        field = ui.StringField(
            width=width, identifier=identifier, name="off" if off else "", read_only=off
        )
        field.model.as_string = text
        tip(field, says)

        def ended(model: ui.AbstractValueModel) -> None:
            if model.as_string != text and enter(model.as_string) is not None:
                model.as_string = text

        field.model.add_end_edit_fn(ended)


def _label(text: str, width: float = 48) -> None:
    ui.Label(text, name="dim", width=width)

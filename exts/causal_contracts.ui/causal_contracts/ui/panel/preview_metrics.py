# SPDX-License-Identifier: Apache-2.0
"""Cause and effect so far: four counts, two rates, latency, and what should be nought."""

from __future__ import annotations

import omni.ui as ui

from ..preview import texts
from ..preview.preview_state import PreviewState
from . import style
from .controls import tip
from .preview_part import PreviewPart

FOUR = (
    ("cause + effect", "The trigger crossed its threshold, and the effect came in time."),
    ("cause only", "The trigger crossed its threshold, and no effect came in time."),
    ("effect only", "The effect came without a cause."),
    ("neither", "The trigger never crossed its threshold, and no effect came."),
)
MORE = (
    ("effect | cause", "P(effect given cause), with its 95 % interval."),
    ("effect | no cause", "P(effect given no cause), with its 95 % interval; 0 shows no leak."),
    ("latency", "From cause to effect: the median, and from the fastest to the slowest."),
    ("faults", "Fires though nobody moved the trigger, and clones that are not finite."),
    ("not counted", "Causes whose time is not over, and clones where something else moved."),
    ("", ""),
)


class FourCells(PreviewPart):
    """Of the contract that the grid shows; measured positions judge, never the rule's own flags."""

    topics = ("selection",)

    def __init__(self, preview: PreviewState) -> None:
        super().__init__(preview)
        self._labels: list[ui.Label] = []
        self._held.add(preview.measured.connect(self._measure))

    def look(self) -> object:
        """Only numbers change."""
        return True

    def changed(self) -> None:
        """Another contract."""
        super().changed()
        self._measure()

    def fill(self) -> None:
        """Four boxes, and the other values beneath."""
        self._labels = []
        with ui.VStack(spacing=style.GAP, height=0):
            with ui.HStack(spacing=style.GAP, height=40):
                for name, says in FOUR:
                    self._box(name, says)
            for pair in (MORE[:2], MORE[2:4], MORE[4:]):
                with ui.HStack(spacing=style.GAP, height=18):
                    for name, says in pair:
                        with ui.HStack(spacing=style.GAP) as value:
                            ui.Label(name, style=_SMALL, width=0)
                            self._labels.append(
                                ui.Label("", style=_VALUE, elided_text=True, identifier=name)
                            )
                        tip(value, says)
        self._measure()

    def _box(self, name: str, says: str) -> None:
        with ui.ZStack() as box:
            ui.Rectangle(name="box")
            with ui.VStack():
                ui.Spacer(height=2)
                middle = ui.Alignment.CENTER
                self._labels.append(
                    ui.Label("-", alignment=middle, height=20, identifier=f"cell:{name}")
                )
                ui.Label(name, alignment=middle, style=_SMALL, height=14)
                ui.Spacer()
        tip(box, says)

    def _measure(self) -> None:
        if self.frame is None or not self._labels:
            return
        one = self.preview.contract
        row = texts.rates_of(self.preview.metrics, one.id if one else None)
        rates = row.rates if row else None
        said = (
            *texts.four(rates),
            texts.given_cause(rates),
            texts.given_no_cause(rates),
            texts.latency(rates),
            texts.faults(self.preview.metrics, row),
            texts.uncounted(rates),
            "",
        )
        for label, text in zip(self._labels, said, strict=True):
            if label.text != text:
                label.text = text


_SMALL = {"font_size": 13, "color": style.DIM}
_VALUE = {"font_size": 13}

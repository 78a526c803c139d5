# SPDX-License-Identifier: Apache-2.0
"""A position with its unit: text in, one edit out; contracts that differ show `mixed`."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from . import style
from .controls import tip

EXAMPLES = "Type 5mm, 90deg or 1.57rad; a bare number is in the unit shown. Enter writes it."


class NumberField:
    """A field that shows what `text` says and hands to `enter` what was typed.

    Args:
        text: the number with its unit; None where the selected contracts differ.
        enter: returns None, or why the text cannot be taken.
    """

    def __init__(
        self,
        text: Callable[[], str | None],
        enter: Callable[[str], str | None],
        *,
        identifier: str,
        why_not: str | None,
        says: str = EXAMPLES,
    ) -> None:
        self._text, self._enter, self._editing = text, enter, False
        with ui.ZStack(width=style.NUMBER):
            field = ui.StringField(
                name="off" if why_not else "",
                identifier=identifier,
                read_only=why_not is not None,
            )
            mixed = ui.Label("   mixed", name="dim", identifier=f"{identifier} mixed")
        self._shown: tuple[ui.AbstractValueModel, ui.Label] | None = field.model, mixed
        tip(field, why_not or says)
        self.refresh()
        field.model.add_value_changed_fn(lambda _: self._hint())
        field.model.add_begin_edit_fn(lambda _: self._begin())
        field.model.add_end_edit_fn(self._ended)

    def refresh(self) -> None:
        """Show the value again, unless another one is being typed."""
        if self._shown is not None and not self._editing:
            self._shown[0].as_string = self._text() or ""
            self._hint()

    def close(self) -> None:
        """Let go of the widgets, whose callbacks hold this field."""
        self._shown = None

    def _hint(self) -> None:
        if self._shown is not None:
            model, mixed = self._shown
            mixed.visible = self._text() is None and not model.as_string

    def _begin(self) -> None:
        self._editing = True

    def _ended(self, model: ui.AbstractValueModel) -> None:
        self._editing = False
        typed = model.as_string
        if typed != (self._text() or ""):
            self._enter(typed)
            self.refresh()

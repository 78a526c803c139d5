# SPDX-License-Identifier: Apache-2.0
"""A joint and the contract selected in the panel to two buttons that join them."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..state.editor_state import EditorState
from ..state.joint_menu import USE, JointMenu
from . import style
from .controls import button, tip
from .section import Section


class JointUses(Section):
    """One line of a property window; nothing where the context menu would offer nothing either.

    Args:
        panel: the panel's state.
        show: shows the panel after something was done.
        path: the prim that the property window shows.
    """

    topics = ("selection", "bundle", "articulations", "target")

    def __init__(self, panel: EditorState, show: Callable[[], object], path: str) -> None:
        super().__init__(panel)
        self._menu, self._path = JointMenu(panel, show), path

    def draw(self) -> None:
        """The id of the contract, and a button for each role."""
        offers = {role: self._menu.offer(role, [self._path]) for role in USE}
        if not all(one.shown for one in offers.values()):
            ui.Spacer(height=0)
            return
        name = self.state.primary or ""
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            said = ui.Label(f"In {name}:", name="dim", elided_text=True, identifier="prim use")
            tip(said, f"{name} is selected in the Causal Contracts panel.")
            for role, one in offers.items():
                button(
                    f"Use as {role}",
                    lambda role=role: self._menu.choose(role, [self._path]),
                    identifier=f"prim use:{role}",
                    says=f"Let this joint be the {role} of {name}.",
                    why_not=one.why_not,
                )

# SPDX-License-Identifier: Apache-2.0
"""Which joint: a searchable combo of the articulation's joints, and one that takes the selected."""

from __future__ import annotations

import math

import omni.ui as ui
from causal_contracts.core.articulation import Joint

from ..state.editor_state import EditorState
from ..state.named_values import Role
from ..state.values import show, shown_unit
from .controls import icon_button
from .search_combo import Choice, SearchCombo


class JointField:
    """Trigger or effect joint of the selected contracts.

    Args:
        joint: the joint that all of them name; None where they differ or name none.
        mixed: whether they differ.
        why_not: why nothing can be edited.
    """

    def __init__(
        self,
        state: EditorState,
        role: Role,
        joint: Joint | None,
        *,
        mixed: bool,
        why_not: str | None,
    ) -> None:
        self._state = state
        self._role: Role = role
        if joint is not None:
            shown, says = (joint.name, str(joint.type)), f"{joint.name}, {about(joint)}."
        elif mixed:
            shown, says = ("mixed", ""), "The selected contracts differ: a choice sets them all."
        else:
            shown, says = (
                ("choose a joint", ""),
                "The contract names no joint of this articulation.",
            )
        self.combo = SearchCombo(
            state.host,
            self._choices,
            shown=shown,
            chosen=joint.path if joint else None,
            pick=self._set,
            identifier=f"{role} joint",
            says=says,
            why_not=why_not,
        )
        self._use_selected(why_not)

    def _choices(self) -> list[Choice]:
        found = self._state.articulation
        joints = found.joints if found else ()
        return [
            Choice(one.path, one.name, about(one), self._state.why_no_role(self._role, one.path))
            for one in joints
        ]

    def _set(self, joint: str) -> str | None:
        state = self._state
        return state.set_trigger(joint) if self._role == "trigger" else state.set_effect(joint)

    def _use_selected(self, why_not: str | None) -> None:
        """A small target: take the joint that is selected on the stage."""
        state, joint = self._state, self._state.selected_joint
        why = why_not or state.why_no_role(self._role, joint.path if joint else None)
        says = f"Use {joint.name}, which is selected on the stage." if joint else ""
        icon_button(
            lambda: _aim(off=why is not None),
            self._take_selected,
            identifier=f"use selected:{self._role}",
            says=says,
            why_not=why,
            width=22,
        )

    def _take_selected(self) -> None:
        state, joint = self._state, self._state.selected_joint
        if joint is None:
            state.refuse(state.why_no_edit() or state.why_no_joint(None) or "")
        else:
            self._set(joint.path)


def _aim(*, off: bool) -> None:
    fixed = ui.CircleSizePolicy.FIXED
    ui.Circle(name="aimoff" if off else "aim", radius=6, size_policy=fixed)
    ui.Circle(name="aimdotoff" if off else "aimdot", radius=2, size_policy=fixed)


def about(joint: Joint) -> str:
    """Type, limits, drive and unit in a few words: `revolute, 0 to 110 deg, drive`."""
    if not joint.movable:
        return str(joint.type)
    drive = "drive" if joint.drive else "no drive"
    unit = shown_unit(joint)
    if math.isinf(joint.lower) and math.isinf(joint.upper):
        return f"{joint.type}, no limits, {drive}, in {unit}"
    lower = show(joint.lower, joint).removesuffix(f" {unit}")
    return f"{joint.type}, {lower} to {show(joint.upper, joint)}, {drive}"

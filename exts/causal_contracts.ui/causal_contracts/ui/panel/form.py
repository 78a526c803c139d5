# SPDX-License-Identifier: Apache-2.0
"""The sentence as a form: when a joint crosses, then another gets a target, stay or only while."""

from __future__ import annotations

import omni.ui as ui

from ..state.editor_state import EditorState
from ..state.named_values import Role
from . import style
from .chosen import Chosen
from .controls import button, header, tip
from .joint_field import JointField
from .number_field import NumberField
from .range_bar import RangeBar
from .section import Section

_REST = (
    "Where the drive of the effect joint goes while no contract is active: authored on the joint."
)


class Form(Section):
    """The selected contracts; one edit of all of them is one undo step."""

    topics = ("selection", "bundle", "draft", "target", "refused", "joint")

    def __init__(self, state: EditorState) -> None:
        super().__init__(state)
        self._numbers: list[NumberField] = []
        self._bars: list[RangeBar] = []
        self.joints: dict[Role, JointField] = {}
        self._shape: object = None

    def changed(self) -> None:
        """Put numbers into the fields; draw anew where more than numbers differ."""
        if self._shape_now() != self._shape:
            super().changed()
            return
        for one in (*self._numbers, *self._bars):
            one.refresh()

    def close(self) -> None:
        """Listen no longer, take open lists away, and let go of widgets that hold the form."""
        super().close()
        for one in self.joints.values():
            one.combo.destroy()
        self._drop()

    def _shape_now(self) -> object:
        """Everything on screen apart from the numbers."""
        state, said = self.state, Chosen.of(self.state)
        shown = (said.joints, said.ops, said.modes) if said else None
        reasons = state.why_no_edit(), state.why_no_rest()
        some = bool(state.authored)
        return state.selection, some, state.joints, state.selected_joint, shown, reasons

    def draw(self) -> None:
        """Header with the id, and the lines of the sentence."""
        self._drop()
        self._shape = self._shape_now()
        state, why = self.state, self.state.why_no_edit()
        with ui.VStack(spacing=style.GAP, height=0):
            if state.primary is None:
                if state.authored:
                    header("No contract selected", "choose a row")
                else:
                    ui.Spacer(height=0)  # the table says what to do
                return
            self._id(why)
            said = Chosen.of(state)
            if said is None:
                ui.Label("This contract cannot be shown as a form: see its findings.", height=0)
                return
            self._when(said, why)
            self._then(said, why)
            self._rest(said)
            self._modes(said, why)

    def _when(self, said: Chosen, why: str | None) -> None:
        state = self.state
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Label("When", name="dim", width=style.LABEL)
            self._joint("trigger", said, why)
            for op, says in ((">", "above"), ("<", "below")):
                button(
                    op,
                    lambda op=op: state.set_op(op),
                    identifier=f"op:{op}",
                    says=f"Fires where the joint is {says} the threshold.",
                    why_not=why,
                    lit=said.ops == {op},
                    width=style.ROW,
                )
            self._number("trigger", why)
        self._bar("trigger", said, why)

    def _then(self, said: Chosen, why: str | None) -> None:
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Label("then", name="dim", width=style.LABEL)
            self._joint("effect", said, why)
            self._number("effect", why)
        self._bar("effect", said, why)

    def _drop(self) -> None:
        for one in (*self._numbers, *self._bars):
            one.close()
        self._numbers, self._bars = [], []

    def _id(self, why: str | None) -> None:
        state, shown = self.state, self.state.primary or ""
        more = len(state.selection) - 1
        with ui.ZStack(height=style.ROW):
            ui.Rectangle(name="header")
            with ui.HStack(spacing=style.GAP):
                field = ui.StringField(
                    name="off" if why else "",
                    identifier="id",
                    read_only=why is not None or more > 0,
                    style={"background_color": style.HEADER},
                )
                if more:
                    text = f"and {more} more; edits reach all {more + 1}"
                    ui.Label(text, name="dim", width=0, identifier="edits reach")
                    ui.Spacer(width=style.GAP)
        field.model.as_string = shown
        one = "Select one contract to rename it." if more else None
        tip(field, why or one or "The contract's id: type another one to rename it.")

        def renamed(model: ui.AbstractValueModel) -> None:
            if model.as_string != shown and state.rename(shown, model.as_string) is not None:
                model.as_string = shown

        field.model.add_end_edit_fn(renamed)

    def _joint(self, role: Role, said: Chosen, why: str | None) -> None:
        if role in self.joints:
            self.joints[role].combo.close()
        self.joints[role] = JointField(
            self.state, role, said.joint(role), mixed=said.mixed(role), why_not=why
        )

    def _number(self, role: Role, why: str | None) -> None:
        state = self.state
        self._numbers.append(
            NumberField(
                lambda: said.number(role) if (said := Chosen.of(state)) else None,
                state.enter_threshold if role == "trigger" else state.enter_target,
                identifier="threshold" if role == "trigger" else "target",
                why_not=why,
            )
        )

    def _bar(self, role: Role, said: Chosen, why: str | None) -> None:
        state, joint = self.state, said.joint(role)
        if joint is None:
            if said.mixed(role):
                text = f"The selected contracts have several {role} joints: no range to draw."
                ui.Label(text, name="dim", height=0, elided_text=True)
            return
        op = said.ops.pop() if role == "trigger" and len(said.ops) == 1 else None
        self._bars.append(
            RangeBar(
                state,
                joint,
                values=lambda: said.values(role) if (said := Chosen.of(state)) else (),
                put=state.set_threshold if role == "trigger" else state.set_target,
                identifier=f"{role} range",
                role=role,
                op=op,
                rest=self._rest_value if role == "effect" else None,
                why_not=why,
            )
        )

    def _rest_value(self) -> float | None:
        said = Chosen.of(self.state)
        rests = set(said.rests()) if said else set()
        return rests.pop() if len(rests) == 1 else None

    def _rest(self, said: Chosen) -> None:
        state, joint = self.state, said.joint("effect")
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Label("else", name="dim", width=style.LABEL)
            name = joint.name if joint else "the effect joint"
            text = ui.Label(f"{name} rests at", elided_text=True)
            tip(text, _REST)
            self._numbers.append(
                NumberField(
                    lambda: now.rest() if (now := Chosen.of(state)) else None,
                    state.enter_rest,
                    identifier="rest",
                    why_not=state.why_no_rest(),
                    says=_REST,
                )
            )

    def _modes(self, said: Chosen, why: str | None) -> None:
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Label("and", name="dim", width=style.LABEL)
            for one, text, says in (
                ("latching", "stay (latching)", "Once fired, the effect stays until a reset."),
                ("level", "only while (level)", "The effect holds while the trigger does."),
            ):
                button(
                    text,
                    lambda one=one: self.state.set_mode(one),
                    identifier=f"mode:{one}",
                    says=says,
                    why_not=why,
                    lit=said.modes == {one},
                    width=ui.Fraction(1),
                )

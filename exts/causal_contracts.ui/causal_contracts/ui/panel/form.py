# SPDX-License-Identifier: Apache-2.0
"""The sentence as a form: when a joint crosses, then another gets a target, stay or only while."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui
from causal_contracts.core.articulation import Joint
from causal_contracts.core.model import Contract, JointThreshold, SetDriveTarget

from ..state.editor_state import EditorState
from ..state.named_values import Role
from ..state.values import show
from . import style
from .controls import button, header, tip
from .range_bar import RangeBar
from .section import Section

_EXAMPLES = "Type 5mm, 90deg or 1.57rad; a bare number is in the unit shown. Enter writes it."


class Form(Section):
    """The selected contract; one edit is one undo step."""

    topics = ("selection", "bundle", "draft", "target", "refused")

    def __init__(self, state: EditorState) -> None:
        super().__init__(state)
        self._fields: dict[Role, ui.StringField] = {}
        self._bars: list[RangeBar] = []
        self._shape: object = None

    def changed(self) -> None:
        """Put numbers into the fields; draw anew where more than numbers differ."""
        if self._shape_now() != self._shape:
            super().changed()
            return
        for role, field in self._fields.items():
            field.model.as_string = self._text(role)
        for bar in self._bars:
            bar.redraw()

    def _shape_now(self) -> object:
        """Everything on screen apart from the two numbers."""
        state, one = self.state, self.state.contract(self.state.primary)
        joints = state.joints
        parts = _parts(one)
        said = (parts[0].joint, parts[0].op, parts[1].joint) if parts else None
        return state.selection, joints, said, one and one.mode, state.why_no_edit()

    def draw(self) -> None:
        """Header with the id, and the three lines of the sentence."""
        self._drop()
        self._shape = self._shape_now()
        state, why = self.state, self.state.why_no_edit()
        contract = state.contract(state.primary)
        with ui.VStack(spacing=style.GAP, height=0):
            if state.primary is None:
                header("No contract selected", "choose a row" if state.authored else "")
                return
            self._id(why)
            parts = _parts(contract)
            if contract is None or parts is None:
                ui.Label("This contract cannot be shown as a form: see its findings.", height=0)
                return
            with ui.HStack(spacing=style.GAP, height=style.ROW):
                ui.Label("When", name="dim", width=style.LABEL)
                self._joint("trigger", state.set_trigger, why)
                for op, says in ((">", "above"), ("<", "below")):
                    button(
                        op,
                        lambda op=op: state.set_op(op),
                        identifier=f"op:{op}",
                        says=f"Fires where the joint is {says} the threshold.",
                        why_not=why,
                        lit=parts[0].op == op,
                    )
                self._number("trigger", state.enter_threshold, why)
            self._bar("trigger", state.set_threshold, why, parts[0].op)
            with ui.HStack(spacing=style.GAP, height=style.ROW):
                ui.Label("then", name="dim", width=style.LABEL)
                self._joint("effect", state.set_effect, why)
                self._number("effect", state.enter_target, why)
            self._bar("effect", state.set_target, why)
            self._modes(str(contract.mode), why)

    def close(self) -> None:
        """Listen no longer, and let go of the widgets, whose callbacks hold the form."""
        super().close()
        self._drop()

    def _drop(self) -> None:
        while self._bars:
            self._bars.pop().close()
        self._fields = {}

    def _id(self, why: str | None) -> None:
        state, shown = self.state, self.state.primary or ""
        more = len(state.selection) - 1
        with ui.ZStack(height=style.ROW):
            ui.Rectangle(name="header")
            with ui.HStack(spacing=style.GAP):
                field = ui.StringField(
                    name="off" if why else "",
                    identifier="id",
                    read_only=why is not None,
                    style={"background_color": style.HEADER},
                )
                if more:
                    ui.Label(f"and {more} more; edits reach all", name="dim", width=0)
                    ui.Spacer(width=style.GAP)
        field.model.as_string = shown
        tip(field, why or "The contract's id: type another one to rename it.")

        def renamed(model: ui.AbstractValueModel) -> None:
            if model.as_string != shown and state.rename(shown, model.as_string) is not None:
                model.as_string = shown

        field.model.add_end_edit_fn(renamed)

    def _joint(self, role: Role, choose: Callable[[str], str | None], why: str | None) -> None:
        state = self.state
        joints, chosen = state.joints, state.joint_of(state.primary, role)
        names = [f"{joint.name}   {joint.type}" for joint in joints]
        missing = [] if chosen else ["choose a joint"]
        at = joints.index(chosen) if chosen else 0
        with ui.HStack():
            combo = ui.ComboBox(at, *missing, *names, identifier=f"{role} joint")
        combo.enabled = why is None
        tip(combo, why or _about(chosen))

        def picked(model: ui.AbstractItemModel, _: ui.AbstractItem) -> None:
            index = model.get_item_value_model().as_int - len(missing)
            if index < 0 or joints[index] == chosen:
                return
            if choose(joints[index].path) is not None:
                self._shape = None  # refused: the next frame shows what the stage says

        combo.model.add_item_changed_fn(picked)

    def _number(self, role: Role, enter: Callable[[str], str | None], why: str | None) -> None:
        field = ui.StringField(
            width=style.NUMBER,
            name="off" if why else "",
            identifier="threshold" if role == "trigger" else "target",
            read_only=why is not None,
        )
        field.model.as_string = self._text(role)
        tip(field, why or _EXAMPLES)
        self._fields[role] = field

        def ended(model: ui.AbstractValueModel) -> None:
            if model.as_string != self._text(role):
                enter(model.as_string)
                model.as_string = self._text(role)

        field.model.add_end_edit_fn(ended)

    def _text(self, role: Role) -> str:
        return show(self._value(role), self.state.joint_of(self.state.primary, role))

    def _value(self, role: Role) -> float | None:
        parts = _parts(self.state.contract(self.state.primary))
        if parts is None:
            return None
        return parts[0].threshold if role == "trigger" else parts[1].target

    def _bar(
        self,
        role: Role,
        put: Callable[[float], str | None],
        why: str | None,
        op: str | None = None,
    ) -> None:
        joint = self.state.joint_of(self.state.primary, role)
        if joint is None:
            return
        self._bars.append(
            RangeBar(
                self.state,
                joint,
                value=lambda: self._value(role),
                put=put,
                identifier=f"{role} range",
                op=op,
                why_not=why,
            )
        )

    def _modes(self, mode: str, why: str | None) -> None:
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
                    lit=mode == one,
                    width=ui.Fraction(1),
                )


def _parts(contract: Contract | None) -> tuple[JointThreshold, SetDriveTarget] | None:
    """Trigger and effect where the form can say them: a joint's threshold, a drive target."""
    if contract is None:
        return None
    trigger, effect = contract.trigger, contract.effect
    if isinstance(trigger, JointThreshold) and isinstance(effect, SetDriveTarget):
        return trigger, effect
    return None


def _about(joint: Joint | None) -> str:
    if joint is None:
        return "The contract names no joint of this articulation: choose one."
    lower, upper = show(joint.lower, joint), show(joint.upper, joint)
    drive = "with a drive" if joint.drive else "without a drive"
    return f"{joint.name}, {joint.type}, limits {lower} to {upper}, {drive}."

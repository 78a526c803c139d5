# SPDX-License-Identifier: Apache-2.0
"""The values that an author can set, by name. Each call returns None, or one sentence why not.

Positions are in radians and metres; `ids` left out means the selected contracts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from causal_contracts.core.articulation import Articulation, Joint
from causal_contracts.core.model import Mode, Op
from causal_contracts.core.quantity import from_si
from causal_contracts.core.usd_bundle import absolute, joint_fault
from pxr import Usd

from .drives import drive_properties, write_drive
from .editing import Editing
from .fresh import TOKEN_OF_OP, fresh_values
from .values import parse

Role = Literal["trigger", "effect"]
Ids = Sequence[str] | None


class NamedValues(Editing):
    """Edits of values; one call is one undo step, or part of a drag."""

    def joint_of(self, contract_id: str | None, role: Role) -> Joint | None:
        """The trigger or effect joint of a contract, where it is one of the articulation's."""
        one = self.authored.get(contract_id or "")
        if one is None:
            return None
        targets = one.trigger_joints if role == "trigger" else one.effect_joints
        return self.joint(targets[0]) if len(targets) == 1 else None

    def set_enabled(self, enabled: bool, ids: Ids = None) -> str | None:
        """Switch contracts on or off."""
        values = {one: {"enabled": enabled} for one in self._chosen(ids)}
        return self._set("Enable" if enabled else "Disable", values)

    def set_op(self, op: Op | str, ids: Ids = None) -> str | None:
        """Set the comparison, `>` or `<`."""
        token = TOKEN_OF_OP[Op(op)]
        return self._set("Set op of", {one: {"triggerOp": token} for one in self._chosen(ids)})

    def set_mode(self, mode: Mode | str, ids: Ids = None) -> str | None:
        """Let the effect stay (`latching`), or hold only while (`level`)."""
        value = str(Mode(mode))
        return self._set("Set mode of", {one: {"mode": value} for one in self._chosen(ids)})

    def set_threshold(self, value: float, ids: Ids = None) -> str | None:
        """Set the threshold [rad or m]."""
        return self._set_position("Set threshold of", "trigger", value, ids)

    def set_target(self, value: float, ids: Ids = None) -> str | None:
        """Set the drive target while active [rad or m]."""
        return self._set_position("Set target of", "effect", value, ids)

    def enter_threshold(self, text: str, ids: Ids = None) -> str | None:
        """Set the threshold to what was typed: `5mm`, `90deg`, `1.57rad`, `5`."""
        return self._enter("Set threshold of", "trigger", text, ids)

    def enter_target(self, text: str, ids: Ids = None) -> str | None:
        """Set the target to what was typed."""
        return self._enter("Set target of", "effect", text, ids)

    def enter_rest(self, text: str, ids: Ids = None) -> str | None:
        """Set the rest target to what was typed."""
        why = self.why_no_rest(ids)
        if why is not None:
            return self._refuse(why)
        try:
            values = [parse(text, one) for one in self._effects(ids) if one is not None]
        except ValueError as fault:
            return self._refuse(f"{fault}.")
        return self.set_rest(values[0], ids)

    def set_trigger(self, joint: str, ids: Ids = None) -> str | None:
        """Choose the trigger joint; op and threshold start anew where its kind is another."""
        return self._set_joint("trigger", joint, ids)

    def set_effect(self, joint: str, ids: Ids = None) -> str | None:
        """Choose the effect joint; the target starts anew where its kind is another."""
        return self._set_joint("effect", joint, ids)

    def set_rest(self, value: float, ids: Ids = None) -> str | None:
        """Set the rest target [rad or m], which is the drive target on the effect joint itself."""
        chosen, joints = self._chosen(ids), self._effects(ids)
        why = self.why_no_rest(ids)
        if why is not None:
            return self._refuse(why)
        found = self.articulation
        paths = {absolute(joint, found): joint for joint in joints if joint and found}
        if _kinds(list(paths.values())) > 1:
            return self._refuse(_TWO_KINDS)

        if self.in_gesture:
            return self._set("Set rest of", {one: {"rest": float(value)} for one in chosen})

        def write(stage: Usd.Stage, _: str) -> None:
            for path, joint in paths.items():
                write_drive(stage, path, joint, targetPosition=value)

        also = {path: drive_properties(joint) for path, joint in paths.items()}
        return self._edit(f"Set rest of {named(chosen)}", [], write, also=also)

    def end_gesture(self) -> str | None:
        """Write the draft as one undo step; says why it cannot be written, and drops it."""
        rests = {one: given["rest"] for one, given in self.draft.items() if "rest" in given}
        if not rests:
            return super().end_gesture()
        self.cancel_gesture()
        return self.set_rest(next(iter(rests.values())), list(rests))

    # -- reasons

    def why_no_rest(self, ids: Ids = None) -> str | None:
        """Why the rest target cannot be set; None where it can."""
        chosen = self._chosen(ids)
        why = self.why_no_edit() or self._why_no_contract(chosen)
        for one, joint in zip(chosen, self._effects(ids), strict=True):
            if why is None and (joint is None or joint.drive is None):
                name = joint.name if joint else f"The effect joint of {one}"
                why = f"{name} has no drive: add one first."
        return why

    def why_no_joint(self, joint: str | None) -> str | None:
        """Why a joint cannot be trigger or effect, e.g. the one selected on the stage."""
        found = self.articulation
        if found is None:
            return self.problem or "There is no articulation: pick one first."
        if joint is None:
            if not self.host.shows_stage:
                return f"{self.host.name} shows no stage to select on: choose from the list."
            return "No joint of this articulation is selected on the stage: select one."
        one = self.joint(joint) or _rigid(found, joint)
        if one is None:
            return f"{joint} is no movable joint of this articulation."
        fault = joint_fault((absolute(one, found),), found)
        return f"{fault[0]}: {fault[1]}." if fault else None

    def why_no_role(self, role: Role, joint: str | None, ids: Ids = None) -> str | None:
        """Why a joint cannot become trigger or effect of these contracts; None where it can."""
        chosen = self._chosen(ids)
        other: Role = "effect" if role == "trigger" else "trigger"
        why = self._why_no_contract(chosen) or self.why_no_joint(joint)
        if why is not None or joint is None:
            return why
        one = self.joint(joint)
        if one in [self.joint_of(contract, other) for contract in chosen]:
            return f"{one.name if one else joint} is the {other} joint already: choose another one."
        return None

    # -- how

    def _effects(self, ids: Ids) -> list[Joint | None]:
        return [self.joint_of(one, "effect") for one in self._chosen(ids)]

    def _chosen(self, ids: Ids) -> list[str]:
        return list(dict.fromkeys(self.selection if ids is None else ids))

    def _why_no_contract(self, ids: Sequence[str]) -> str | None:
        if not ids:
            return "No contract is selected: select one in the table."
        gone = [one for one in ids if one not in self.authored]
        return f"There is no contract '{gone[0]}'." if gone else None

    def _enter(self, what: str, role: Role, text: str, ids: Ids) -> str | None:
        joints = [self.joint_of(one, role) for one in self._chosen(ids)]
        known = [joint for joint in joints if joint is not None]
        try:
            values = [parse(text, joint) for joint in known]
        except ValueError as fault:
            return self._refuse(f"{fault}.")
        return self._set_position(what, role, values[0] if values else 0.0, ids)

    def _set_position(self, what: str, role: Role, value: float, ids: Ids) -> str | None:
        chosen = self._chosen(ids)
        why = self._why_no_contract(chosen)
        joints = {one: self.joint_of(one, role) for one in chosen}
        if why is None and None in joints.values():
            lost = next(one for one, joint in joints.items() if joint is None)
            why = f"The {role} joint of {lost} is not known: choose one first."
        if why is None and _kinds([joint for joint in joints.values() if joint]) > 1:
            why = _TWO_KINDS
        if why is None and not math.isfinite(value):
            why = f"{value} is not finite: give a number."
        if why is not None:
            return self._refuse(why)
        name = "triggerThreshold" if role == "trigger" else "effectTarget"
        values = {
            one: {name: from_si(float(value), joint.authored_unit or "m")}
            for one, joint in joints.items()
            if joint is not None
        }
        return self._set(what, values)

    def _set_joint(self, role: Role, joint: str, ids: Ids) -> str | None:
        chosen = self._chosen(ids)
        one = self.joint(joint)
        why = self.why_no_role(role, joint, chosen)
        if why is None and self.in_gesture:
            why = "Finish the drag first."
        found = self.articulation
        if why is not None or one is None or found is None:
            return self._refuse(why or f"{joint} is no joint.")
        values = {}
        for contract in chosen:
            was = self.joint_of(contract, role)
            values[contract] = {f"{role}Joint": absolute(one, found)}
            if was is None or was.type is not one.type:
                values[contract] |= fresh_values(role, one)
        return self._set(f"Set {role} joint of", values)


def _rigid(found: Articulation, joint: str) -> Joint | None:
    """A joint that does not move, by name, path below the host, or prim path."""
    for one in found.joints:
        if joint in (one.name, one.path, absolute(one, found)):
            return one
    return None


_TWO_KINDS = (
    "The selected contracts have revolute and prismatic joints here: "
    "select contracts of one kind to set them together."
)


def _kinds(joints: Sequence[Joint]) -> int:
    return len({joint.type for joint in joints})


def named(ids: Sequence[str]) -> str:
    """The contract's id, or how many there are, for the name of an undo step."""
    return ids[0] if len(ids) == 1 else f"{len(ids)} contracts"

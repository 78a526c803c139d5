# SPDX-License-Identifier: Apache-2.0
"""A finding to the buttons that mend it, where mending is safe; each is one undo step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from causal_contracts.core.articulation import Joint
from causal_contracts.core.issue import Issue
from causal_contracts.core.model import JointThreshold, SetDriveTarget, is_valid_id
from causal_contracts.core.usd_bundle import absolute
from causal_contracts.core.usd_contract import (
    ATTRIBUTES,
    PREFIX,
    PROPERTIES,
    applied_ids,
    read_contract,
)
from causal_contracts.core.usd_edit import change_contract, remove_contract, write_contract
from pxr import Usd

from ..edit_targets import edit_target
from .drives import GAIN_UNITS, drive_properties, suggested_gains, write_drive
from .files import Files
from .fresh import fresh_id, inside
from .refusal import Refusal
from .values import show


@dataclass(frozen=True, slots=True)
class Fix:
    """One button beside a finding."""

    label: str
    says: str
    """What it writes, in one sentence."""
    apply: Callable[[], str | None]
    """Mends it; returns None, or one sentence why it cannot."""


class Fixes(Files):
    """Mends what can be mended without a guess that an author would have to undo."""

    def fixes(self, issue: Issue) -> list[Fix]:
        """The fixes of a finding, best first; none where only the author can decide."""
        one = issue.contract
        if one is not None and "properties of a contract" in issue.what:
            return [self._orphans(issue, one)]
        if one is None or one not in self.authored:
            return []
        if not is_valid_id(one) or one in PROPERTIES:
            return [self._valid_id(one)]
        role = issue.address.rpartition(".")[0].rpartition(".")[2]
        if issue.address.endswith(f"{one}.effect.joint"):
            return self._drive(one)
        if issue.address.endswith(f"{one}.trigger.threshold") and "limit" in issue.what:
            return self._threshold(one)
        if role == "effect" and issue.address.endswith(".target") and "limits" in issue.what:
            return self._target(one)
        if issue.address.endswith(f"{one}.enabled"):
            says = f"Switches {one} on."
            return [Fix("Enable", says, lambda: self.set_enabled(True, [one]))]
        if issue.what.startswith("is not authored"):
            return self._unauthored(one)
        return []

    def add_drive(self, joint: Joint, stiffness: float, damping: float) -> str | None:
        """Give the joint a drive with these gains [SI], at rest where the joint starts."""
        assert self.articulation is not None
        path = absolute(joint, self.articulation)
        values = {"stiffness": stiffness, "damping": damping}
        if joint.drive is None:
            values["targetPosition"] = joint.position or 0.0

        def write(stage: Usd.Stage, _: str) -> None:
            write_drive(stage, path, joint, **values)

        also = {path: drive_properties(joint)}
        verb = "Add drive to" if joint.drive is None else "Set gains of"
        return self._edit(f"{verb} {joint.name}", [], write, also=also)

    def _drive(self, contract_id: str) -> list[Fix]:
        joint = self.joint_of(contract_id, "effect")
        if joint is None or (joint.drive is not None and joint.drive.stiffness != 0.0):
            return []
        stiffness, damping = suggested_gains(joint, self.joints)
        units = GAIN_UNITS[joint.type]
        gains = f"stiffness {stiffness:.4g} {units[0]}, damping {damping:.4g} {units[1]}"
        label = "Add drive" if joint.drive is None else "Set gains"
        return [
            Fix(
                label,
                f"Writes a drive on {joint.name}: {gains}.",
                lambda: self.add_drive(joint, stiffness, damping),
            )
        ]

    def _threshold(self, contract_id: str) -> list[Fix]:
        joint, contract = self.joint_of(contract_id, "trigger"), self.contract(contract_id)
        if joint is None or contract is None or not isinstance(contract.trigger, JointThreshold):
            return []
        value = inside(contract.trigger.threshold, joint)
        if value == contract.trigger.threshold or not joint.lower < value < joint.upper:
            return []
        says = f"Sets the threshold to {show(value, joint)}, inside the limits of {joint.name}."
        return [Fix("Clamp", says, lambda: self.set_threshold(value, [contract_id]))]

    def _target(self, contract_id: str) -> list[Fix]:
        joint, contract = self.joint_of(contract_id, "effect"), self.contract(contract_id)
        if joint is None or contract is None or not isinstance(contract.effect, SetDriveTarget):
            return []
        value = min(max(contract.effect.target, joint.lower), joint.upper)
        if value == contract.effect.target:
            return []
        says = f"Sets the target to {show(value, joint)}, the limit of {joint.name}."
        return [Fix("Clamp", says, lambda: self.set_target(value, [contract_id]))]

    def _valid_id(self, contract_id: str) -> Fix:
        new_id = fresh_id(contract_id, self._taken())

        def write(stage: Usd.Stage, host: str) -> None:
            one = read_contract(stage.GetPrimAtPath(host), contract_id, [])
            write_contract(stage, replace(one, id=new_id))
            remove_contract(stage, host, contract_id)

        name = f"Rename {contract_id} to {new_id}"
        ids = [contract_id, new_id]
        return Fix("Rename", f"{name}.", lambda: self._edit(name, ids, write, select=[new_id]))

    def _unauthored(self, contract_id: str) -> list[Fix]:
        def write(stage: Usd.Stage, host: str) -> None:
            prim = stage.GetPrimAtPath(host)
            missing = {
                name: fallback
                for name, (_, fallback) in ATTRIBUTES.items()
                if not prim.GetAttribute(f"{PREFIX}:{contract_id}:{name}").HasAuthoredValue()
            }
            change_contract(stage, host, contract_id, missing)

        name = f"Author all of {contract_id}"
        says = "Writes the values that it reads as, so that no reader has to guess."
        return [Fix("Author", says, lambda: self._edit(name, [contract_id], write))]

    def _orphans(self, issue: Issue, contract_id: str) -> Fix:
        path, _, _ = issue.address.partition(".")
        prefix = f"{PREFIX}:{contract_id}:"

        def write(stage: Usd.Stage, _: str) -> None:
            target = stage.GetEditTarget()
            spec = target.GetPrimSpecForScenePath(path)
            for prop in (
                [one for one in spec.properties if one.name.startswith(prefix)] if spec else ()
            ):
                spec.RemoveProperty(prop)
            prim = stage.GetPrimAtPath(path)
            left = prim.GetAuthoredPropertiesInNamespace(prefix.rstrip(":"))
            if left and contract_id not in applied_ids(prim):
                raise Refusal(
                    f"{edit_target(stage).name} does not hold all of them: "
                    "make the layer that does the edit target"
                )

        also = {path: lambda name: name.startswith(prefix)}
        name = f"Remove orphans of {contract_id}"
        says = f"Removes the properties {prefix}* from {path}."
        return Fix("Remove", says, lambda: self._edit(name, [contract_id], write, also=also))

# SPDX-License-Identifier: Apache-2.0
"""The selected contracts to what the form shows: a value that all share, or that they differ."""

from __future__ import annotations

from dataclasses import dataclass

from causal_contracts.core.articulation import Joint
from causal_contracts.core.model import Contract, JointThreshold, SetDriveTarget

from ..state.editor_state import EditorState
from ..state.named_values import Role
from ..state.values import show

Parts = tuple[JointThreshold, SetDriveTarget]


@dataclass(frozen=True)
class Chosen:
    """The selected contracts that the form can say; `primary` is the one whose range is drawn."""

    contracts: tuple[Contract, ...]
    parts: tuple[Parts, ...]
    joints: dict[Role, tuple[Joint | None, ...]]
    """By role, one a contract, in the order of `contracts`."""

    @staticmethod
    def of(state: EditorState) -> Chosen | None:
        """None where the primary contract cannot be shown as a form."""
        contracts, parts = [], []
        for one in (state.contract(contract_id) for contract_id in state.selection):
            said = _parts(one)
            if one is not None and said is not None:
                contracts.append(one)
                parts.append(said)
        if not contracts or contracts[-1].id != state.primary:
            return None
        joints: dict[Role, tuple[Joint | None, ...]] = {
            "trigger": tuple(state.joint_of(one.id, "trigger") for one in contracts),
            "effect": tuple(state.joint_of(one.id, "effect") for one in contracts),
        }
        return Chosen(tuple(contracts), tuple(parts), joints)

    @property
    def ops(self) -> set[str]:
        """The comparisons; several where the contracts differ."""
        return {str(trigger.op) for trigger, _ in self.parts}

    @property
    def modes(self) -> set[str]:
        """The modes; several where the contracts differ."""
        return {str(one.mode) for one in self.contracts}

    def joint(self, role: Role) -> Joint | None:
        """The joint that all name."""
        return self.joints[role][-1] if len(set(self.joints[role])) == 1 else None

    def mixed(self, role: Role) -> bool:
        """Whether they name different joints."""
        return len(set(self.joints[role])) > 1

    def values(self, role: Role) -> tuple[float, ...]:
        """Thresholds or targets [rad or m]."""
        if role == "trigger":
            return tuple(trigger.threshold for trigger, _ in self.parts)
        return tuple(effect.target for _, effect in self.parts)

    def rests(self) -> tuple[float | None, ...]:
        """Rest targets [rad or m]."""
        return tuple(effect.rest for _, effect in self.parts)

    def number(self, role: Role) -> str | None:
        """The threshold or target as text; None where they differ."""
        return _shared(self.values(role), self.joints[role])

    def rest(self) -> str | None:
        """The rest target as text; None where they differ."""
        return _shared(self.rests(), self.joints["effect"])


def _shared(values: tuple[float | None, ...], joints: tuple[Joint | None, ...]) -> str | None:
    texts = {show(value, joint) for value, joint in zip(values, joints, strict=True)}
    return texts.pop() if len(texts) == 1 else None


def _parts(contract: Contract | None) -> Parts | None:
    """Trigger and effect where the form can say them: a joint's threshold, a drive target."""
    if contract is None:
        return None
    trigger, effect = contract.trigger, contract.effect
    if isinstance(trigger, JointThreshold) and isinstance(effect, SetDriveTarget):
        return trigger, effect
    return None

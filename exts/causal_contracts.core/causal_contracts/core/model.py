# SPDX-License-Identifier: Apache-2.0
"""What an author said: frozen contracts and bundles, in SI units and joint names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Unit = Literal["rad", "m"]

ID_PATTERN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
MAX_ID_LENGTH = 128


class Op(StrEnum):
    """Comparison of the trigger position with the threshold; both are strict."""

    GREATER = ">"
    LESS = "<"


class Mode(StrEnum):
    """What happens when the condition is no longer true."""

    LATCHING = "latching"
    """Once fired, the effect stays until reset."""
    LEVEL = "level"
    """The effect holds only while the condition is true."""


@dataclass(frozen=True, slots=True)
class JointThreshold:
    """``fired = position(joint) op threshold``."""

    joint: str
    """Leaf name of the trigger joint."""
    op: Op | str
    """Comparison; a string that is no `Op` is kept and later skipped with a reason."""
    threshold: float
    """Position [rad or m]."""
    unit: Unit | None = None
    """Unit of `threshold`; None where a minimal file does not say."""
    path: str | None = None
    """Joint path relative to the prim that hosts the contract."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "op", _member(Op, self.op))


@dataclass(frozen=True, slots=True)
class SetDriveTarget:
    """``drive_target(joint) := target`` while active, `rest` otherwise."""

    joint: str
    """Leaf name of the effect joint."""
    target: float
    """Drive position target while active [rad or m]."""
    rest: float | None = None
    """Drive position target while inactive [rad or m]; None where nothing says."""
    unit: Unit | None = None
    """Unit of `target` and `rest`; None where a minimal file does not say."""
    path: str | None = None
    """Joint path relative to the prim that hosts the contract."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A trigger or effect of a kind outside the language: kept, never run."""

    type: str
    """The kind as written, e.g. ``contact``."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Everything else that was written, as decoded JSON."""

    def __hash__(self) -> int:
        return hash((self.type, tuple(sorted(self.fields))))

    def __str__(self) -> str:
        return f"<{self.type}>"


@dataclass(frozen=True, slots=True)
class Contract:
    """When the trigger joint satisfies a condition, the effect joint gets a drive target."""

    id: str
    trigger: JointThreshold | Foreign
    effect: SetDriveTarget | Foreign
    mode: Mode | str = Mode.LATCHING
    """A string that is no `Mode` is kept and later skipped with a reason."""
    enabled: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", _member(Mode, self.mode))

    def __str__(self) -> str:
        return f"{self.id}: {_condition(self.trigger)} => {_action(self.effect)}, {self.mode}" + (
            "" if self.enabled else " (disabled)"
        )


@dataclass(frozen=True, slots=True)
class Bundle:
    """The contracts of one articulation of one asset, in id order."""

    contracts: tuple[Contract, ...] = ()
    asset: str | None = None
    """File name of the asset, e.g. ``microwave.usda``."""
    articulation_root: str | None = None
    """Path of the articulation root relative to the host prim; ``.`` is the host itself."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "contracts", tuple(sorted(self.contracts, key=lambda c: c.id)))

    def __str__(self) -> str:
        return "\n".join(str(contract) for contract in self.contracts) or "no contracts"

    def __getitem__(self, contract_id: str) -> Contract:
        for contract in self.contracts:
            if contract.id == contract_id:
                return contract
        raise KeyError(contract_id)


def is_valid_id(text: str) -> bool:
    """Whether `text` is one ASCII identifier of bearable length."""
    return len(text) <= MAX_ID_LENGTH and ID_PATTERN.match(text) is not None


def _member[E: (Op, Mode)](kind: type[E], text: E | str) -> E | str:
    """The member that `text` spells, else `text` itself."""
    return kind(text) if text in list(kind) else text


def _condition(trigger: JointThreshold | Foreign) -> str:
    if isinstance(trigger, Foreign):
        return str(trigger)
    return f"{trigger.joint} {trigger.op} {_quantity(trigger.threshold, trigger.unit)}"


def _action(effect: SetDriveTarget | Foreign) -> str:
    if isinstance(effect, Foreign):
        return str(effect)
    return f"{effect.joint} := {_quantity(effect.target, effect.unit)}"


def _quantity(value: float, unit: Unit | None) -> str:
    return f"{value:.4g} {unit}" if unit else f"{value:.4g}"

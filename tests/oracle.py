# SPDX-License-Identifier: Apache-2.0
"""The six lines of the semantics, one environment and one contract at a time, in plain Python.

Positions and targets come and go as float32 bit patterns, so that NaN payloads and signed zeros
count. Nothing of the compiler, the kernels or torch is used.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from causal_contracts.core import Bundle, Contract, Mode, Op

Rows = list[list[int]]
"""One list per environment, one float32 bit pattern per joint."""


def bits_of(value: float) -> int:
    """The bit pattern of `value` rounded to float32."""
    return struct.unpack("<I", struct.pack("<f", value))[0]


def float_of(bits: int) -> float:
    """The float32 behind a bit pattern, as a Python float."""
    return struct.unpack("<f", struct.pack("<I", bits))[0]


class Oracle:
    """Flags by environment and contract id; `apply`, `reset` and `swap` as the design says."""

    def __init__(self, bundle: Bundle, joint_names: Iterable[str], num_envs: int) -> None:
        self.joint = {name: index for index, name in enumerate(joint_names)}
        self.contracts = by_id(bundle)
        self.fired = [dict.fromkeys(self.contracts, False) for _ in range(num_envs)]
        self.latched = [dict.fromkeys(self.contracts, False) for _ in range(num_envs)]
        self.active = [dict.fromkeys(self.contracts, False) for _ in range(num_envs)]
        self.parameters = [
            {name: written(contract) for name, contract in self.contracts.items()}
            for _ in range(num_envs)
        ]
        """Threshold and target as bit patterns, and enabled; a test may write them."""

    def apply(self, joint_pos: Rows, targets: Rows) -> Rows:
        """The targets of every environment; neither argument is changed."""
        return [
            self._apply_one(env, measured, list(given))
            for env, (measured, given) in enumerate(zip(joint_pos, targets, strict=True))
        ]

    def _apply_one(self, env: int, measured: list[int], result: list[int]) -> list[int]:
        for name, contract in self.contracts.items():
            position = float_of(measured[self.joint[contract.trigger.joint]])
            numbers = self.parameters[env][name]
            enabled = numbers["enabled"]
            fired = enabled and is_true(contract, position, float_of(numbers["threshold"]))
            if contract.mode is Mode.LATCHING:
                self.latched[env][name] = enabled and (self.latched[env][name] or fired)
                active = self.latched[env][name]
            else:
                active = fired
            self.fired[env][name] = fired
            self.active[env][name] = active
            if active:
                result[self.joint[contract.effect.joint]] = numbers["target"]
        return result

    def reset(self, envs: Iterable[int]) -> None:
        """Clear every flag of these environments."""
        for env in envs:
            for flags in (self.fired[env], self.latched[env], self.active[env]):
                flags.update(dict.fromkeys(flags, False))

    def swap(self, bundle: Bundle) -> None:
        """Keep the flags of a contract whose trigger, op and mode stayed and which is enabled.

        A number that the bundle says anew is rewritten everywhere, the others stay as they were.
        """
        old, self.contracts = self.contracts, by_id(bundle)
        self.parameters = [
            {
                contract_id: {
                    **(new := written(contract)),
                    **{
                        name: value
                        for name, value in was.get(contract_id, {}).items()
                        if written(old[contract_id])[name] == new[name]
                    },
                }
                for contract_id, contract in self.contracts.items()
            }
            for was in self.parameters
        ]
        for name in ("fired", "latched", "active"):
            flags = [
                {
                    contract_id: was.get(contract_id, False)
                    and numbers[contract_id]["enabled"]
                    and same_condition(old[contract_id], contract)
                    for contract_id, contract in self.contracts.items()
                }
                for was, numbers in zip(getattr(self, name), self.parameters, strict=True)
            ]
            setattr(self, name, flags)

    def rows(self, name: str) -> list[list[bool]]:
        """`fired`, `latched` or `active`, one list per environment in id order."""
        return [list(flags.values()) for flags in getattr(self, name)]


def by_id(bundle: Bundle) -> dict[str, Contract]:
    return {
        contract.id: contract
        for contract in sorted(bundle.contracts, key=lambda contract: contract.id)
    }


def written(contract: Contract) -> dict[str, int | bool]:
    """The numbers of a contract as its author gave them."""
    return {
        "threshold": bits_of(contract.trigger.threshold),
        "target": bits_of(contract.effect.target),
        "enabled": contract.enabled,
    }


def is_true(contract: Contract, position: float, threshold: float) -> bool:
    if position != position:
        return False
    if contract.trigger.op is Op.GREATER:
        return position > threshold
    return position < threshold


def same_condition(old: Contract, new: Contract) -> bool:
    return (
        old.trigger.joint == new.trigger.joint
        and old.trigger.op == new.trigger.op
        and old.mode == new.mode
    )

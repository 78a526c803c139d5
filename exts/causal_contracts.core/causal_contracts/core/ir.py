# SPDX-License-Identifier: Apache-2.0
"""CompiledCouplings: what runs, as packed arrays; with its verifier and its printed form."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .model import Contract


@dataclass(frozen=True, slots=True)
class Skipped:
    """A contract that was read and cannot be compiled."""

    id: str
    address: str
    """Which field of which contract, e.g. ``press_opens_door.effect.joint``."""
    reason: str
    """One sentence."""

    def __str__(self) -> str:
        return f"{self.id}: {self.reason}"


@dataclass(frozen=True, eq=False)
class CompiledCouplings:
    """A bundle against one order of joints; row ``c`` of every array is contract ``ids[c]``.

    ``fired[e, c] = enabled[c] and (pos[e, trigger[c]] > threshold[c] if greater[c] else < )``
    """

    contracts: tuple[Contract, ...]
    """The contracts behind the rows, in id order."""
    joint_names: tuple[str, ...]
    """Joint order of the articulation that the indices refer to."""
    skipped: tuple[Skipped, ...]
    """What could not be compiled, with the reason."""
    trigger: np.ndarray
    """Index of the trigger joint, int32, shape (num_contracts,)."""
    greater: np.ndarray
    """True for op ``>``, False for ``<``, bool, shape (num_contracts,)."""
    threshold: np.ndarray
    """Trigger threshold [rad or m], float32, shape (num_contracts,)."""
    effect: np.ndarray
    """Index of the effect joint, int32, shape (num_contracts,)."""
    target: np.ndarray
    """Drive target while active [rad or m], float32, shape (num_contracts,)."""
    rest: np.ndarray
    """Drive target while inactive [rad or m], NaN if unknown, float32, shape (num_contracts,)."""
    latching: np.ndarray
    """True for mode latching, False for level, bool, shape (num_contracts,)."""
    enabled: np.ndarray
    """False where the author switched the contract off, bool, shape (num_contracts,)."""

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Contract ids in row order, which is id order."""
        return tuple(contract.id for contract in self.contracts)

    @property
    def num_contracts(self) -> int:
        """Number of rows."""
        return len(self.contracts)

    @property
    def num_joints(self) -> int:
        """Number of joints that `joint_pos` and `targets` have."""
        return len(self.joint_names)

    @cached_property
    def effect_joints(self) -> np.ndarray:
        """The joints that some contract drives, ascending, int32, shape (num_effect_joints,)."""
        joints = np.unique(self.effect).astype(np.int32)
        joints.flags.writeable = False
        return joints

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over joint names, ids and rules: equal where two rules would do the same."""
        digest = hashlib.sha256()
        for name in (*self.joint_names, "", *self.ids):
            digest.update(name.encode() + b"\0")
        for array in self.arrays().values():
            digest.update(array.tobytes())
        return digest.hexdigest()

    def arrays(self) -> dict[str, np.ndarray]:
        """The packed arrays by name, in a fixed order."""
        return {name: getattr(self, name) for name in DTYPES}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompiledCouplings) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __str__(self) -> str:
        lines = [
            f"{self.num_contracts} compiled on {self.num_joints} joints, "
            f"{len(self.skipped)} skipped, fingerprint {self.fingerprint[:12]}"
        ]
        for row, contract in enumerate(self.contracts):
            joints = f"joints {self.trigger[row]} -> {self.effect[row]}"
            lines.append(f"  {row}  {contract}  [{joints}]")
        lines += [f"  -  {skipped}" for skipped in self.skipped]
        return "\n".join(lines)


DTYPES = {
    "trigger": np.int32,
    "greater": np.bool_,
    "threshold": np.float32,
    "effect": np.int32,
    "target": np.float32,
    "rest": np.float32,
    "latching": np.bool_,
    "enabled": np.bool_,
}
"""Packed arrays of the IR and their dtypes."""


def verify(compiled: CompiledCouplings) -> None:
    """Assert every invariant of the IR; a failure is a fault of ours, never of the author.

    Raises:
        AssertionError: naming the array and the row.
    """
    ids = compiled.ids
    assert list(ids) == sorted(set(ids)), f"rows are not in strict id order: {ids}"
    assert len(set(compiled.joint_names)) == compiled.num_joints, "joint names repeat"
    for name, array in compiled.arrays().items():
        assert array.dtype == DTYPES[name], f"{name} is {array.dtype}, not {DTYPES[name]}"
        assert array.shape == (len(ids),), f"{name} has shape {array.shape}, not ({len(ids)},)"
        assert not array.flags.writeable, f"{name} can be written"
    for name in ("trigger", "effect"):
        outside = [
            ids[i]
            for i, j in enumerate(getattr(compiled, name))
            if not 0 <= j < compiled.num_joints
        ]
        assert not outside, f"{name} index outside {compiled.num_joints} joints in {outside}"
    for name in ("threshold", "target"):
        assert np.isfinite(getattr(compiled, name)).all(), f"{name} is not finite"
    assert not np.isinf(compiled.rest).any(), "rest is infinite"
    assert not set(ids) & {skipped.id for skipped in compiled.skipped}, "skipped and compiled"

# SPDX-License-Identifier: Apache-2.0
"""States of a world model, normalised and relative to a default pose, to joint positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from causal_contracts.core.ir import CompiledCouplings
from causal_contracts.core.issue import ContractError, Issue, error, nearest

Values = float | Sequence[float] | np.ndarray | torch.Tensor


class JointColumns(NamedTuple):
    """``joint_pos[:, j] = states[:, column[j]] * scale[j] + offset[j]``, in the rule's joint order.

    NaN at joints that the model does not predict, which no contract may name.
    """

    column: torch.Tensor
    """Column of each joint, int64, shape (num_joints,)."""
    scale: torch.Tensor
    """[rad or m] per unit of the column, float32, shape (num_joints,)."""
    offset: torch.Tensor
    """Position where the column is 0 [rad or m], NaN without a column, float32, (num_joints,)."""

    @classmethod
    def of(
        cls,
        compiled: CompiledCouplings,
        columns: Mapping[str, int] | Sequence[str | None],
        *,
        default_joint_pos: Mapping[str, float] | None = None,
        mean: Values = 0.0,
        std: Values = 1.0,
        device: torch.device | str = "cpu",
    ) -> JointColumns:
        """Find the columns of the joints that the contracts name.

        Args:
            compiled: the rule, whose joint order the positions get.
            columns: the column by joint name, or the names of all columns in order; what is no
                joint position is None or any other name.
            default_joint_pos: what the model's positions are relative to [rad or m], by joint
                name; 0 where a joint is not in it.
            mean: of the model's normaliser, one value or one per column of the state [rad or m].
            std: of the model's normaliser, likewise.
            device: where the states will be.

        Raises:
            ContractError: trigger or effect joints without a column (all are listed, with the
                nearest names), or defaults of joints that the rule does not know.
        """
        known = _by_name(columns)
        default = dict(default_joint_pos or {})
        names = compiled.joint_names
        if faults := [*_missing(compiled, known), *_unknown(default, names)]:
            raise ContractError(faults)
        index = np.array([known.get(name, 0) for name in names], np.int64)
        there = np.array([name in known for name in names], bool)
        middle, spread = (_per_joint(values, index) for values in (mean, std))
        offset = middle + np.array([default.get(name, 0.0) for name in names])
        return cls(
            torch.from_numpy(index).to(device),
            torch.from_numpy(spread.astype(np.float32)).to(device),
            torch.from_numpy(np.where(there, offset, np.nan).astype(np.float32)).to(device),
        )

    def joint_pos(self, states: torch.Tensor) -> torch.Tensor:
        """Positions [rad or m], float32, shape (num_envs, num_joints), of (num_envs, columns)."""
        return states.index_select(-1, self.column) * self.scale + self.offset


def _by_name(columns: Mapping[str, int] | Sequence[str | None]) -> dict[str, int]:
    if isinstance(columns, Mapping):
        return dict(columns)
    return {name: column for column, name in enumerate(columns) if name is not None}


def _missing(compiled: CompiledCouplings, known: Mapping[str, int]) -> list[Issue]:
    return [
        error(
            f"{contract.id}.{role}.joint",
            f"the world model has no column for '{compiled.joint_names[joint]}'",
            nearest(compiled.joint_names[joint], [*known]),
            contract.id,
        )
        for contract, *joints in zip(
            compiled.contracts, compiled.trigger, compiled.effect, strict=True
        )
        for role, joint in zip(("trigger", "effect"), joints, strict=True)
        if compiled.joint_names[joint] not in known
    ]


def _unknown(default: Mapping[str, float], names: Sequence[str]) -> list[Issue]:
    return [
        error(f"default_joint_pos[{name!r}]", "no joint of that name", nearest(name, names))
        for name in default
        if name not in names
    ]


def _per_joint(values: Values, index: np.ndarray) -> np.ndarray:
    array = values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else values
    array = np.asarray(array, np.float64)
    return np.broadcast_to(array, index.shape) if array.ndim == 0 else array.reshape(-1)[index]

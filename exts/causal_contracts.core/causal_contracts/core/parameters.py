# SPDX-License-Identifier: Apache-2.0
# pyright: reportOptionalMemberAccess=false, reportOptionalOperand=false, reportArgumentType=false
# pyright: reportGeneralTypeIssues=false
# (Warp types the fields of its arrays loosely.)
"""The numbers of a rule that may differ per environment: threshold, target and enabled."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

from .arrays import on_host
from .ir import CompiledCouplings

PARAMETERS = {"threshold": np.float32, "target": np.float32, "enabled": np.bool_}
"""Names and dtypes."""


class Parameters:
    """One array per name, shape (num_envs, num_contracts), or (1, num_contracts) shared by all."""

    def __init__(
        self, num_envs: int, compiled: CompiledCouplings, device: wp.Device, *, per_env: bool
    ) -> None:
        self.num_envs = num_envs
        self.device = device
        self.rows = num_envs if per_env else 1
        self.per_env = per_env
        self._compiled = compiled
        self._allocate()
        self.write(self.of(compiled))

    def of(self, compiled: CompiledCouplings) -> dict[str, np.ndarray]:
        """What the author said, repeated for every row."""
        return {name: np.repeat([getattr(compiled, name)], self.rows, 0) for name in PARAMETERS}

    def row_per_env(self, name: str) -> wp.array:
        """The array as the kernels index it, by environment: one shared row has a stride of 0."""
        array = getattr(self, name)
        if self.per_env or array.size == 0:
            return array
        return wp.array(
            ptr=array.ptr,
            dtype=array.dtype,
            shape=(self.num_envs, array.shape[1]),
            strides=(0, array.strides[1]),
            device=self.device,
        )

    def carry_to(self, compiled: CompiledCouplings) -> bool:
        """Take what the new rule says otherwise than the old one; True where arrays stayed.

        A value that someone wrote stays where the compiled value did.
        """
        old, was, now = self._compiled, self.numpy(), self.of(compiled)
        before, after = rows_of_both(old, compiled)
        for name, values in now.items():
            said, says = _bits(getattr(old, name)[before]), _bits(getattr(compiled, name)[after])
            same = said == says  # 0.0 and -0.0 differ
            values[:, after[same]] = was[name][:, before[same]]
        stays = compiled.num_contracts == old.num_contracts
        self._compiled = compiled
        if not stays:
            self._allocate()
        self.write(now)
        return stays

    def restored(self, state: dict[str, Any]) -> dict[str, np.ndarray]:
        """The values for this rule in a state, by id; the author's where the state has none.

        Raises TypeError or ValueError where the state does not fit; changes nothing.
        """
        values, ids = self.of(self._compiled), list(state["ids"])
        found = sorted(PARAMETERS.keys() & state.keys())
        if found and not self.per_env:
            raise ValueError(
                f"the state has {', '.join(found)} per environment; build the term with "
                "per_env=True, or remove them from the state"
            )
        for name in found:
            saved = on_host(state[name])
            if saved.dtype != PARAMETERS[name]:
                raise TypeError(
                    f"state['{name}'] has dtype {saved.dtype}; it is {PARAMETERS[name].__name__}"
                )
            if saved.shape != (self.num_envs, len(ids)):
                raise ValueError(
                    f"state['{name}'] has shape {saved.shape}; this term has "
                    f"{self.num_envs} environments and the state {len(ids)} ids"
                )
            for row, contract_id in enumerate(self._compiled.ids):
                if contract_id in ids:
                    values[name][:, row] = saved[:, ids.index(contract_id)]
        return values

    def numpy(self) -> dict[str, np.ndarray]:
        """Host copies by name."""
        return {name: getattr(self, name).numpy().copy() for name in PARAMETERS}

    def write(self, values: dict[str, np.ndarray]) -> None:
        """Overwrite the arrays where they lie."""
        for name, array in values.items():
            if array.size:
                getattr(self, name).assign(array)

    def _allocate(self) -> None:
        shape = (self.rows, self._compiled.num_contracts)
        self.threshold, self.target, self.enabled = (
            wp.zeros(shape, dtype=wp.dtype_from_numpy(dtype), device=self.device)
            for dtype in PARAMETERS.values()
        )


def rows_of_both(old: CompiledCouplings, new: CompiledCouplings) -> tuple[np.ndarray, np.ndarray]:
    """Rows, by id, of the contracts that both rules have: intp, in the old rule and in the new."""
    rows = {contract_id: row for row, contract_id in enumerate(old.ids)}
    pairs = [(rows[one], row) for row, one in enumerate(new.ids) if one in rows]
    before, after = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return before, after


def _bits(values: np.ndarray) -> np.ndarray:
    return values.view(f"u{values.itemsize}")

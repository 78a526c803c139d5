# SPDX-License-Identifier: Apache-2.0
"""The state of a term: fired, latched and active flags; reset, carried over, saved by id."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

from . import kernel
from .arrays import Array, as_warp, is_torch
from .ir import CompiledCouplings

STATE_VERSION = 1


class Latches:
    """Flags of every environment and contract, each bool, shape (num_envs, num_contracts)."""

    def __init__(self, num_envs: int, compiled: CompiledCouplings, device: wp.Device) -> None:
        self.num_envs = num_envs
        self.device = device
        self._compiled = compiled
        self._allocate()

    def reset(self, env_ids: Any, env_mask: Array | None) -> None:
        """Clear the flags of the environments given; of all where both are None."""
        if env_mask is not None:
            mask = self._on_device(env_mask, "env_mask", (self.num_envs,), wp.bool)
            self._clear(kernel.reset_by_mask, mask)
        elif env_ids is None or (isinstance(env_ids, slice) and env_ids == slice(None)):
            for flags in (self.fired, self.latched, self.active):
                flags.zero_()
        else:
            self._clear(kernel.reset_by_index, self._indices(env_ids))

    def carry_to(self, compiled: CompiledCouplings) -> bool:
        """Flags for `compiled`, by id; True where the arrays stayed where they were."""
        old, was = self._compiled, self.numpy()
        kept = {name: np.zeros((self.num_envs, compiled.num_contracts), bool) for name in was}
        for row, contract_id in enumerate(compiled.ids):
            if contract_id in old.ids:
                before = old.ids.index(contract_id)
                if _same_latch(old, before, compiled, row):
                    for name, flags in kept.items():
                        flags[:, row] = was[name][:, before]
        stays = compiled.num_contracts == old.num_contracts
        self._compiled = compiled
        if not stays:
            self._allocate()
        self._write(kept)
        return stays

    def state_dict(self, *, as_torch: bool) -> dict[str, Any]:
        """A copy: version, ids, and the flags by name."""
        flags: dict[str, Any] = self.numpy()
        if as_torch:
            import torch

            flags = {name: torch.from_numpy(array) for name, array in flags.items()}
        return {"version": STATE_VERSION, "ids": list(self._compiled.ids), **flags}

    def load_state_dict(self, state: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Restore by id; returns the ids missing in `state` and the ids unknown here."""
        missing = {"version", "ids", "fired", "latched", "active"} - set(state)
        if missing or state["version"] != STATE_VERSION:
            raise ValueError(
                f"no state of a CouplingTerm: lacks {sorted(missing)}"
                if missing
                else f"state of version {state['version']}; this is {STATE_VERSION}"
            )
        ids, compiled = list(state["ids"]), self._compiled
        restored = {}
        for name in ("fired", "latched", "active"):
            saved = _numpy(state[name])
            if saved.shape != (self.num_envs, len(ids)):
                raise ValueError(
                    f"state['{name}'] has shape {saved.shape}; this term has "
                    f"{self.num_envs} environments and the state {len(ids)} ids"
                )
            restored[name] = np.zeros((self.num_envs, compiled.num_contracts), bool)
            for row, contract_id in enumerate(compiled.ids):
                if contract_id in ids and compiled.enabled[row]:
                    restored[name][:, row] = saved[:, ids.index(contract_id)]
        restored["latched"] &= compiled.latching
        restored["active"] = restored["fired"] | restored["latched"]
        self._write(restored)
        return (
            [i for i in compiled.ids if i not in ids],
            [i for i in ids if i not in compiled.ids],
        )

    def numpy(self) -> dict[str, np.ndarray]:
        """Host copies of the flags by name."""
        return {name: getattr(self, name).numpy().copy() for name in ("fired", "latched", "active")}

    def _allocate(self) -> None:
        shape = (self.num_envs, self._compiled.num_contracts)
        self.fired, self.latched, self.active = (
            wp.zeros(shape, dtype=wp.bool, device=self.device) for _ in range(3)
        )

    def _write(self, flags: dict[str, np.ndarray]) -> None:
        for name, array in flags.items():
            if array.size:
                getattr(self, name).assign(array)

    def _clear(self, rule: Any, which: wp.array) -> None:
        dim = (which.shape[0], self._compiled.num_contracts)
        if 0 not in dim:
            wp.launch(
                rule,
                dim=dim,
                inputs=[which],
                device=self.device,
                outputs=[self.fired, self.latched, self.active],
            )

    def _indices(self, env_ids: Any) -> wp.array:
        if isinstance(env_ids, slice):
            env_ids = np.arange(self.num_envs, dtype=np.int32)[env_ids]
        if is_torch(env_ids) or isinstance(env_ids, wp.array):
            wide = str(env_ids.dtype).find("int64") >= 0
            return self._on_device(
                env_ids, "env_ids", (env_ids.shape[0],), wp.int64 if wide else wp.int32
            )
        ids = np.asarray(env_ids, dtype=np.int64)
        if ids.ndim != 1 or ((ids < 0) | (ids >= self.num_envs)).any():
            raise ValueError(
                f"env_ids {ids.tolist()}: indices of {self.num_envs} environments "
                f"run from 0 to {self.num_envs - 1}"
            )
        return wp.array(ids.astype(np.int32), dtype=wp.int32, device=self.device)

    def _on_device(self, array: Any, name: str, shape: tuple[int, ...], dtype: type) -> wp.array:
        if isinstance(array, np.ndarray | list):
            array = wp.array(np.asarray(array), dtype=dtype, device=self.device)
        return as_warp(array, name, shape, dtype, self.device)


def _same_latch(old: CompiledCouplings, before: int, new: CompiledCouplings, row: int) -> bool:
    """Whether a latch set under the old row still means something under the new one."""
    same = all(
        getattr(old, name)[before] == getattr(new, name)[row]
        for name in ("trigger", "greater", "latching")
    )
    return bool(same and new.enabled[row])


def _numpy(array: Any) -> np.ndarray:
    return array.detach().cpu().numpy() if is_torch(array) else np.asarray(array)

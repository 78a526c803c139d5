# SPDX-License-Identifier: Apache-2.0
"""The state of a term: fired, latched and active flags; reset, carried over, saved by id."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
import warp as wp

from . import kernel
from .arrays import Array, as_warp, is_torch, on_host
from .indexed_launch import IndexedLaunch
from .ir import CompiledCouplings
from .parameters import Parameters, rows_of_both
from .stream_order import StreamOrder

STATE_VERSION = 1


class Latches:
    """Flags of every environment and contract, each bool, shape (num_envs, num_contracts)."""

    def __init__(
        self,
        num_envs: int,
        compiled: CompiledCouplings,
        parameters: Parameters,
        order: StreamOrder,
    ) -> None:
        self.num_envs = num_envs
        self.parameters = parameters
        self.device = order.device
        self._order = order
        self._compiled = compiled
        self._mask = wp.zeros(num_envs, dtype=wp.bool, device=self.device)
        self._allocate()

    @property
    def state(self) -> tuple[wp.array, wp.array, wp.array]:
        """Fired, latched and active, in the order in which kernels take them."""
        return self.fired, self.latched, self.active

    def reset(self, env_ids: Any, env_mask: Any) -> None:
        """Clear the flags of the environments given; of all where both are None."""
        if env_ids is not None and _on_device(env_ids):
            self._clear_listed(env_ids)
            return
        with self._order.in_order(env_mask):
            self._reset(env_ids, env_mask)

    def _reset(self, env_ids: Any, env_mask: Any) -> None:
        if env_mask is not None and _on_device(env_mask):
            shape = (self.num_envs,)
            mask = as_warp(env_mask, "env_mask", shape, wp.bool, self.device)
            self._clear(mask)
        elif env_mask is not None:
            self._clear_where(_host_mask(env_mask, self.num_envs))
        elif env_ids is None or (isinstance(env_ids, slice) and env_ids == slice(None)):
            for flags in self.state:
                flags.zero_()
        else:
            self._clear_where(_mask_of_indices(env_ids, self.num_envs))

    def carry_to(self, compiled: CompiledCouplings) -> bool:
        """Flags for `compiled`, by id, after the parameters; True where the arrays stayed."""
        old, was = self._compiled, self.numpy()
        enabled = self.parameters.enabled.numpy()
        kept = {name: np.zeros((self.num_envs, compiled.num_contracts), bool) for name in was}
        before, after = _same_latches(old, compiled)
        for name, flags in kept.items():
            flags[:, after] = was[name][:, before] & enabled[:, after]
        stays = compiled.num_contracts == old.num_contracts
        self._compiled = compiled
        if not stays:
            self._allocate()
        self._write(kept)
        return stays

    def state_dict(self, *, as_torch: bool) -> dict[str, Any]:
        """A copy: version, ids, the flags by name, and parameters that differ per environment."""
        arrays: dict[str, Any] = self.numpy()
        if self.parameters.per_env:
            arrays |= self.parameters.numpy()
        if as_torch:
            import torch

            arrays = {name: torch.from_numpy(array) for name, array in arrays.items()}
        return {"version": STATE_VERSION, "ids": list(self._compiled.ids), **arrays}

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
        parameters = self.parameters.restored(state)
        restored = {}
        for name in ("fired", "latched", "active"):
            saved = on_host(state[name])
            if saved.dtype != bool:
                raise TypeError(f"state['{name}'] has dtype {saved.dtype}; a flag is bool")
            if saved.shape != (self.num_envs, len(ids)):
                raise ValueError(
                    f"state['{name}'] has shape {saved.shape}; this term has "
                    f"{self.num_envs} environments and the state {len(ids)} ids"
                )
            restored[name] = np.zeros((self.num_envs, compiled.num_contracts), bool)
            for row, contract_id in enumerate(compiled.ids):
                if contract_id in ids:
                    restored[name][:, row] = saved[:, ids.index(contract_id)]
            restored[name] &= parameters["enabled"]
        restored["latched"] &= compiled.latching
        restored["active"] = restored["fired"] | restored["latched"]
        self.parameters.write(parameters)
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
        self._clear_listed = IndexedLaunch(
            kernel.reset_by_index, self.num_envs, [], [*self.state], self._order
        )

    def _write(self, flags: dict[str, np.ndarray]) -> None:
        for name, array in flags.items():
            if array.size:
                getattr(self, name).assign(array)

    def _clear(self, mask: wp.array) -> None:
        dim = (self.num_envs, self._compiled.num_contracts)
        if 0 not in dim:
            wp.launch(
                kernel.reset_by_mask,
                dim=dim,
                inputs=[mask],
                device=self.device,
                outputs=[*self.state],
            )

    def _clear_where(self, mask: np.ndarray) -> None:
        # through a mask that the device keeps: nothing is allocated, and nothing freed, while the
        # launch may still be pending
        self._mask.assign(mask)
        self._clear(self._mask)


def _on_device(array: Any) -> TypeGuard[Array]:
    return is_torch(array) or isinstance(array, wp.array)


def _host_mask(env_mask: Any, num_envs: int) -> np.ndarray:
    mask = np.asarray(env_mask)
    if mask.dtype != bool:
        raise TypeError(f"env_mask has dtype {mask.dtype}; the term needs bool")
    if mask.shape != (num_envs,):
        raise ValueError(f"env_mask has shape {mask.shape}; the term was built for ({num_envs},)")
    return mask


def _mask_of_indices(env_ids: Any, num_envs: int) -> np.ndarray:
    mask = np.zeros(num_envs, bool)
    if isinstance(env_ids, slice):
        mask[env_ids] = True
        return mask
    ids = np.asarray(env_ids)
    if ids.ndim != 1:
        raise ValueError(f"env_ids has shape {ids.shape}; indices have shape (number of them,)")
    if ids.size and ids.dtype.kind not in "iu":
        raise TypeError(f"env_ids has dtype {ids.dtype}; indices are integers, a mask is env_mask")
    if ((ids < 0) | (ids >= num_envs)).any():
        raise ValueError(
            f"env_ids {ids.tolist()}: indices of {num_envs} environments "
            f"run from 0 to {num_envs - 1}"
        )
    mask[ids.astype(np.int64)] = True
    return mask


def _same_latches(old: CompiledCouplings, new: CompiledCouplings) -> tuple[np.ndarray, np.ndarray]:
    """Rows in the old and the new rule of latches that still mean what they meant."""
    before, after = rows_of_both(old, new)
    same = np.ones(len(before), dtype=bool)
    for name in ("trigger", "greater", "latching"):
        same &= getattr(old, name)[before] == getattr(new, name)[after]
    return before[same], after[same]

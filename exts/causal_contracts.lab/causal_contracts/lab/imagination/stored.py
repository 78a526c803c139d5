# SPDX-License-Identifier: Apache-2.0
"""State to a dict of tensors by contract id, as a term stores it, and back."""

from __future__ import annotations

from typing import Any

import torch
from causal_contracts.core.ir import CompiledCouplings
from causal_contracts.core.latches import STATE_VERSION
from causal_contracts.core.torch_form import Parameters

from .rule import prepare
from .state import State

FLAGS = State._fields[:3]


def state_dict(compiled: CompiledCouplings, state: State) -> dict[str, Any]:
    """A copy on the host, for ``torch.save``; `CouplingTerm.load_state_dict` takes it too.

    Parameters have one row per environment there, so a term that is to load them needs
    ``per_env=True``.
    """
    tensors = {name: getattr(state, name) for name in FLAGS}
    if state.params is not None:
        tensors |= state.rows_per_env()._asdict()
    copies = {name: values.detach().cpu().clone() for name, values in tensors.items()}
    return {"version": STATE_VERSION, "ids": list(compiled.ids), **copies}


def load_state_dict(
    compiled: CompiledCouplings, saved: dict[str, Any], device: torch.device | str = "cpu"
) -> State:
    """The state by contract id: ids that `saved` lacks have not fired, others are ignored.

    Raises:
        ValueError: no state, or one of another version.
    """
    missing = {"version", "ids", *FLAGS} - set(saved)
    if missing or saved["version"] != STATE_VERSION:
        raise ValueError(
            f"no state of contracts: lacks {sorted(missing)}"
            if missing
            else f"state of version {saved['version']}; this is {STATE_VERSION}"
        )
    num_envs = len(saved["latched"])
    columns = {name: saved["ids"].index(name) for name in compiled.ids if name in saved["ids"]}
    rows = [compiled.ids.index(name) for name in columns]

    def fill(into: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        into = into.expand(num_envs, -1).clone()
        into[:, rows] = torch.as_tensor(values)[:, list(columns.values())].to(into)
        return into

    state = State.initial(compiled, num_envs)
    params = None
    if set(Parameters._fields) <= set(saved):
        said = prepare(compiled, "cpu").parameters
        pairs = zip(Parameters._fields, said, strict=True)
        params = Parameters(*(fill(own, saved[name]) for name, own in pairs))
    flags = (fill(getattr(state, name), saved[name]) for name in FLAGS)
    return State(*flags, params=params).to(device)

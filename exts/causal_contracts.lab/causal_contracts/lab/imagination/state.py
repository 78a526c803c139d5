# SPDX-License-Identifier: Apache-2.0
"""State of contracts apart from any simulation: forked, gathered, repeated, reset and stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import warp as wp
from causal_contracts.core.ir import CompiledCouplings
from causal_contracts.core.torch_form import Parameters

from .rule import Rule

if TYPE_CHECKING:
    from causal_contracts.core.term import CouplingTerm


class State(NamedTuple):
    """Flags of every environment, and its numbers where they differ from the author's.

    A plain value: every method returns a new one and changes nothing.
    """

    fired: torch.Tensor
    """Condition true at the last step, bool, shape (num_envs, num_contracts)."""
    latched: torch.Tensor
    """A latching contract has fired before, bool, shape (num_envs, num_contracts)."""
    active: torch.Tensor
    """Fired or latched, bool, shape (num_envs, num_contracts)."""
    params: Parameters | None = None
    """Thresholds, targets and enabled flags, each of shape (num_envs or 1, num_contracts).

    None: what the author said.
    """

    @classmethod
    def initial(
        cls, compiled: CompiledCouplings | Rule, num_envs: int, device: torch.device | str = "cpu"
    ) -> State:
        """Nothing has fired."""
        contracts = len(compiled.trigger)
        flags = torch.zeros((num_envs, contracts), dtype=torch.bool, device=device)
        return cls(flags, flags.clone(), flags.clone())

    @classmethod
    def from_term(cls, term: CouplingTerm) -> State:
        """A copy of what a running term knows; the term goes on undisturbed.

        Its parameters come along, even one row for all, since anybody may have written them.
        ``state._replace(params=None)`` goes back to what the author said.
        """
        _wait_for(term)
        with torch.inference_mode(False):
            flags = (_tensor(x).clone() for x in (term.fired, term.latched, term.active))
            numbers = (_tensor(x).clone() for x in (term.threshold, term.target, term.enabled))
            return cls(*flags, params=Parameters(*numbers))

    @classmethod
    def cat(cls, states: Sequence[State]) -> State:
        """All environments of all states, one state after the other.

        Raises:
            ValueError: some states have parameters and others none.
        """
        params = None
        if _same_kind(states):
            rows = [each.rows_per_env() for each in states]
            params = Parameters(*(torch.cat(values) for values in zip(*rows, strict=True)))
        flags = (torch.cat(values) for values in zip(*(s.flags for s in states), strict=True))
        return cls(*flags, params=params)

    @property
    def num_envs(self) -> int:
        """Number of environments."""
        return self.latched.shape[0]

    @property
    def flags(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Fired, latched and active."""
        return self.fired, self.latched, self.active

    @property
    def active_input(self) -> torch.Tensor:
        """The active flags as inputs of a network, float32, shape (num_envs, num_contracts)."""
        return self.active.float()

    def clone(self) -> State:
        """A copy in memory of its own."""
        return self._map(torch.clone, torch.clone)

    def to(self, device: torch.device | str) -> State:
        """The same on another device."""
        return self._map(lambda x: x.to(device), lambda x: x.to(device))

    def gather(self, sample_ids: torch.Tensor) -> State:
        """The environments of these indices, which may repeat: int32 or int64, shape (n,)."""
        return self._map(
            lambda x: x.index_select(0, sample_ids),
            lambda x: x if x.shape[0] == 1 else x.index_select(0, sample_ids),
        )

    def repeat(self, n: int) -> State:
        """Every environment `n` times in succession, as for the members of an ensemble."""
        return self._map(
            lambda x: x.repeat_interleave(n, 0),
            lambda x: x if x.shape[0] == 1 else x.repeat_interleave(n, 0),
        )

    def reset(self, mask: torch.Tensor) -> State:
        """Clear the flags where `mask`, bool, shape (num_envs,); parameters stay."""
        kept = ~mask[:, None]
        return self._map(lambda x: x & kept, lambda x: x)

    def where(self, mask: torch.Tensor, other: State) -> State:
        """The environments of `other` where `mask`, and those of this state elsewhere.

        Raises:
            ValueError: one of the two has parameters and the other none.
        """
        chosen = mask[:, None]
        params = None
        if _same_kind((self, other)):
            pairs = zip(other.rows_per_env(), self.rows_per_env(), strict=True)
            params = Parameters(*(torch.where(chosen, a, b) for a, b in pairs))
        pairs = zip(other.flags, self.flags, strict=True)
        return State(*(torch.where(chosen, a, b) for a, b in pairs), params=params)

    def rows_per_env(self) -> Parameters:
        """The parameters with one row per environment; there must be some."""
        assert self.params is not None
        return Parameters(*(x.expand(self.latched.shape) for x in self.params))

    def _map(
        self,
        of_flags: Callable[[torch.Tensor], torch.Tensor],
        of_params: Callable[[torch.Tensor], torch.Tensor],
    ) -> State:
        params = self.params and Parameters(*(of_params(x) for x in self.params))
        return State(*(of_flags(x) for x in self.flags), params=params)


def _same_kind(states: Sequence[State]) -> bool:
    """Whether all states have parameters; ValueError where some have."""
    have = [each.params is not None for each in states]
    if any(have) and not all(have):
        raise ValueError(
            "some of the states have parameters and others none; give those of all, "
            "or drop them with _replace(params=None)"
        )
    return all(have)


def _tensor(array: Any) -> torch.Tensor:
    return array if isinstance(array, torch.Tensor) else wp.to_torch(array)


def _wait_for(term: CouplingTerm) -> None:
    """Let torch's stream see what the term has done, whichever library's stream it ran on."""
    if term.device.is_cuda:
        ours = torch.cuda.current_stream(term.device.ordinal)
        wp.stream_from_torch(ours).wait_stream(term.device.stream)

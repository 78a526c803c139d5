# SPDX-License-Identifier: Apache-2.0
"""A learned dynamics and the contracts, stepped together: what the example is about."""

from __future__ import annotations

import torch
from causal_contracts.core import CompiledCouplings
from causal_contracts.lab.imagination import JointColumns, State, prepare, step

from .recording import Recording
from .world_model import Ensemble


class Imagination:
    """Normalised states go in and come out; the contracts act in between.

    Each row belongs to one member of the ensemble: the first share to the first, and so on.
    """

    def __init__(self, ensemble: Ensemble, recording: Recording, *, term: bool = True) -> None:
        """`term` False leaves the contracts out: the input that they feed says never."""
        self.ensemble = ensemble
        self.compiled: CompiledCouplings = recording.compiled
        self.columns: JointColumns = ensemble.columns(recording)
        self.term = term
        prepare(self.compiled, recording.before.device)

    def joint_pos(self, x: torch.Tensor) -> torch.Tensor:
        """Positions [rad or m], shape (n, num_joints)."""
        return self.columns.joint_pos(x)

    def step(
        self, x: torch.Tensor, press: torch.Tensor, contracts: State
    ) -> tuple[torch.Tensor, State]:
        """One decision: the contracts see where the joints are, the networks what they do."""
        _, contracts = step(self.compiled, self.joint_pos(x), contracts)
        active = contracts.active_input if self.term else torch.zeros_like(press)
        return self.ensemble(x, press, active), contracts

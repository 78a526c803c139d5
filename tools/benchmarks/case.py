# SPDX-License-Identifier: Apache-2.0
"""A size, a layout of joints and a share of active contracts to the arrays of a benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from causal_contracts.core import (
    Bundle,
    CompiledCouplings,
    Contract,
    JointThreshold,
    SetDriveTarget,
    compile_bundle,
    torch_form,
)

SECTOR = 32
"""Bytes that a GPU reads or writes at once."""
CHANGED = 0.01
"""Share of the environments that lie elsewhere in the second of the two position buffers."""


@dataclass(frozen=True)
class Case:
    """One row of the table; half of the contracts are latching."""

    num_envs: int
    contracts: int
    layout: str
    active: float
    """Share of contracts that are active, drawn apart for each environment and contract."""
    device: str
    joints: int = 64

    def __str__(self) -> str:
        return (
            f"{self.num_envs:,} environments x {self.contracts} contracts, "
            f"{self.layout} among {self.joints} joints, {self.active:.0%} active"
        )

    @cached_property
    def compiled(self) -> CompiledCouplings:
        """Every contract has a trigger and an effect joint of its own, half a row apart."""
        stride = (
            1 if self.layout == "adjacent" else 37
        )  # passes over all joints, of which there are a power of two
        contracts = tuple(
            Contract(
                f"c{c:02d}",
                JointThreshold(f"j{c * stride % self.joints}", ">", 1.0 - self.active),
                SetDriveTarget(f"j{(c * stride + self.joints // 2) % self.joints}", 1.0 + c),
                "latching" if c % 2 else "level",
            )
            for c in range(self.contracts)
        )
        return compile_bundle(Bundle(contracts), [f"j{j}" for j in range(self.joints)])

    @cached_property
    def positions(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Two buffers used in turn, so that some flags change: float32, (num_envs, joints)."""
        generator = torch.Generator(self.device).manual_seed(0)
        size = (self.num_envs, self.joints)
        first = torch.rand(size, generator=generator, device=self.device)
        second = first.clone()
        some = max(1, int(self.num_envs * CHANGED))
        rows = torch.randperm(self.num_envs, generator=generator, device=self.device)[:some]
        second[rows] = torch.rand((some, self.joints), generator=generator, device=self.device)
        return first, second

    def targets(self) -> torch.Tensor:
        """New targets, float32, shape (num_envs, joints)."""
        return torch.zeros((self.num_envs, self.joints), device=self.device)

    @cached_property
    def timed_targets(self) -> torch.Tensor:
        """The one buffer over which all forms are timed: memory differs from buffer to buffer."""
        return self.targets()

    @cached_property
    def expected(self) -> list[torch.Tensor]:
        """What the torch form makes of both positions in turn, twice."""
        latched = torch.zeros((self.num_envs, self.contracts), dtype=torch.bool, device=self.device)
        results = []
        for joint_pos in (*self.positions, *self.positions):
            merged, state = torch_form.apply(self.compiled, joint_pos, self.targets(), latched)
            latched = state.latched
            results.append(merged)
        return results

    def bytes_touched(self, *, in_place: bool) -> int:
        """Memory that an apply touches, in whole sectors, each counted once.

        The sectors of the triggers and of the latches are read, `fired` and `active` written; in
        place, those of the effects are written where one is active; out of place all targets are
        read and written. What a GPU reads in addition, to write a part of a sector, is not counted.
        """
        per_sector = SECTOR // 4
        triggers = len(np.unique(self.compiled.trigger // per_sector))
        touched = self.num_envs * triggers * SECTOR
        touched += 3 * -(-self.num_envs * self.contracts // SECTOR) * SECTOR
        if not in_place:
            return touched + 2 * self.num_envs * self.joints * 4
        sectors = self.compiled.effect // per_sector
        for sector in np.unique(sectors):
            columns = torch.as_tensor(
                self.compiled.trigger[sectors == sector].astype(np.int64), device=self.device
            )
            fires = (self.positions[0][:, columns] > 1.0 - self.active).any(dim=1)
            touched += int(fires.sum()) * SECTOR
        return touched

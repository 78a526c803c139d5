# SPDX-License-Identifier: Apache-2.0
"""torchrun's environment to which process this is.

As in Isaac Lab: a process has its own device, its own environments and term, and its own seed;
gradients, the normaliser and what is counted are shared. RSL-RL reads the same variables.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from causal_contracts.core.issue import ContractError, error

from .arm import ArmRequest


@dataclass(frozen=True, slots=True)
class World:
    """The processes of one training."""

    size: int = 1
    rank: int = 0
    local_rank: int = 0
    """Number of this process on its machine."""

    @property
    def first(self) -> bool:
        """Whether this process tells and writes for all."""
        return self.rank == 0

    def own(self, request: ArmRequest) -> ArmRequest:
        """The request with this process's device and seed; only the first one writes.

        Raises:
            ContractError: several processes, and a learner that is not spread here.
        """
        if self.size == 1:
            return request
        if request.library != "rsl_rl":
            what = f"'{request.library}' does not train in several processes here"
            raise ContractError(error("library", what, "use rsl_rl"))
        cuda = request.device.startswith("cuda")
        return replace(
            request,
            device=f"cuda:{self.local_rank}" if cuda else request.device,
            seed=request.seed + self.rank,
            out=request.out if self.first else None,
        )


ALONE = World()


def world() -> World:
    """Which process this is, from the variables that torchrun sets."""
    size, rank, local = (
        int(os.environ.get(name, default))
        for name, default in (("WORLD_SIZE", "1"), ("RANK", "0"), ("LOCAL_RANK", "0"))
    )
    return World(size, rank, local) if size > 1 else ALONE

# SPDX-License-Identifier: Apache-2.0
"""torchrun's environment to which process this is, and sums over all of them.

As in Isaac Lab: a process has its own device, its own environments and term, and its own seed;
gradients, the normaliser and what is counted are shared. RSL-RL reads the same variables.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count

import torch
from causal_contracts.core.issue import ContractError, error
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

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


def join(here: World, device: str) -> None:
    """Join the processes of one training: through NCCL on GPUs, gloo on CPUs.

    Each training meets under a prefix of its own. In one store for all, a process may find the
    address that another left there for the training before, and calls where nobody listens.
    """
    backend = "gloo" if device == "cpu" else "nccl"
    if backend == "nccl":
        torch.cuda.set_device(here.local_rank)
    store = PrefixStore(f"training_{next(_trainings)}", _meeting_point())
    torch.distributed.init_process_group(backend, store=store, rank=here.rank, world_size=here.size)


_trainings = count()


@cache
def _meeting_point() -> Store:
    """torchrun's store, open as long as the process lives."""
    store, _, _ = next(rendezvous("env://"))
    return store


def summed(numbers: torch.Tensor) -> torch.Tensor:
    """The sum over all processes, in place; the numbers themselves where there is one alone."""
    if torch.distributed.is_initialized():
        torch.distributed.all_reduce(numbers)
    return numbers


@contextlib.contextmanager
def process_group() -> Iterator[None]:
    """Inside, a learner may join the group; it is left at the end, so that another can follow."""
    try:
        yield
    finally:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()

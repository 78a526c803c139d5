# SPDX-License-Identifier: Apache-2.0
"""The processes of one training to a group that meets, sums over all of them, and parts again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache
from itertools import count

import torch
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from .world import World


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

# SPDX-License-Identifier: Apache-2.0
"""`--distributed` to the processes of one training, by torchrun as Isaac Lab starts them."""

from __future__ import annotations

import os
import sys

from causal_contracts.core.issue import ContractError, error

from .settings import Settings
from .world import world

OPTION = "--distributed"


def speaks(distributed: bool, settings: Settings) -> bool:
    """Whether this process tells and writes for all of the training.

    Where they were asked for and torchrun has not started them, this process becomes torchrun with
    one of them on each GPU, and the call does not return.

    Raises:
        ContractError: they cannot be started, or torchrun started several of what is to be one.
    """
    here = world()
    if not distributed:
        if here.size > 1:
            what = f"torchrun started {here.size} processes of this command"
            raise ContractError(error(OPTION, what, "add it, and they train one policy"))
        return True
    if settings.library != "rsl_rl":
        what = f"'{settings.library}' does not train in several processes here"
        raise ContractError(error(OPTION, what, "use --library rsl_rl"))
    if here.size == 1:
        os.execv(sys.executable, [sys.executable, *_torchrun(settings.device), *sys.argv])
    return here.first


def _torchrun(device: str) -> list[str]:
    """The words before those of this command."""
    if not device.startswith("cuda"):
        what = f"there is one process for each GPU, and --device is {device}"
        fix = "add --device cuda, or start this with torchrun --nproc_per_node 2"
        raise ContractError(error(OPTION, what, fix))
    import torch

    count = torch.cuda.device_count()
    if count < 2:
        what = f"there is one process for each GPU, and this machine has {count}"
        raise ContractError(error(OPTION, what, "leave it out, or start this with torchrun"))
    return ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(count)]

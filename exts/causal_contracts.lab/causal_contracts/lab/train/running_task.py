# SPDX-License-Identifier: Apache-2.0
"""The configuration of a ContractTask to the running task, closed at the end of a with block."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

import torch
from causal_contracts.core.issue import ContractError, error
from isaaclab.sim import SimulationContext

from ..pinned_memory import avoid_pinned_memory
from ..quiet_build import announce_compilations, quiet_build
from ..tasks.contract_task import ContractTask
from ..tasks.contract_task_cfg import ContractTaskCfg


@contextlib.contextmanager
def running_task(cfg: ContractTaskCfg, progress: Callable[[str], None]) -> Iterator[ContractTask]:
    """Build the task, quietly; Newton on the CPU replays its solver.

    Raises:
        ContractError: a simulation is alive in this process, which holds one at a time.
    """
    if SimulationContext.instance() is not None:
        what = "an Isaac Lab simulation is alive in this process, which holds one at a time"
        raise ContractError(error("sim", what, "close it first"))
    with contextlib.ExitStack() as stack:
        stack.callback(avoid_pinned_memory())
        if cfg.sim.device == "cpu":
            stack.callback(_one_thread())
        announce_compilations()
        with quiet_build(progress):
            task = ContractTask(cfg)
        stack.callback(_close, task)
        if cfg.sim.device == "cpu" and _is_newton(cfg):
            from ..solver_graph import replay_on_cpu

            stack.callback(replay_on_cpu())
        with quiet_build(progress):
            yield task


def aloud[**P](tell: Callable[P, None]) -> Callable[P, None]:
    """`tell` with the stdout of now, wherever it is redirected to when it is called."""
    stdout = sys.stdout

    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        with contextlib.redirect_stdout(stdout):
            tell(*args, **kwargs)

    return told


def _one_thread() -> Callable[[], None]:
    """Networks of a few thousand weights gain nothing from threads that wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    return lambda: torch.set_num_threads(threads)


def _is_newton(cfg: ContractTaskCfg) -> bool:
    from isaaclab_newton.physics import NewtonCfg

    return isinstance(cfg.sim.physics, NewtonCfg)


def _close(task: ContractTask) -> None:
    with quiet_build(lambda message: None):
        task.close()

# SPDX-License-Identifier: Apache-2.0
"""The preview's hand as actions of a ContractTask: it presses every trigger everywhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from causal_contracts.core.articulation import Articulation
from causal_contracts.core.model import Bundle, Contract, JointThreshold, Mode
from causal_contracts.preview.causality import judged
from causal_contracts.preview.hand import Hand, Press, plan_presses

from ..tasks.contract_task import ContractTask

SETTLE = 0.25
"""Seconds before the first press."""


class ScriptedHand:
    """Each environment presses at its own time; a level contract is held until the end."""

    def __init__(
        self,
        task: ContractTask,
        articulation: Articulation,
        bundle: Bundle,
        *,
        seconds: float,
        window: float,
        seed: int,
    ) -> None:
        """Plan the presses.

        Raises:
            ContractError: the episode is too short to press and wait for `window`.
        """
        self._task = task
        names = list(task.asset.joint_names)
        self._columns = [names.index(name) for name in task.cfg.couplings_policy_joints]
        self._rest = task.targets[0].cpu().numpy().copy()
        self._rest[self._columns] = [stops[2] for stops in task.cfg.press_stops]
        contracts = judged(bundle, names)
        presses = plan_presses(
            contracts,
            articulation,
            names,
            self._rest,
            num_envs=task.num_envs,
            seconds=seconds,
            settle=SETTLE,
            window=window,
            fraction=1.0,
            seed=seed,
        )
        held = [_held(press, contracts, seconds) for press in presses]
        self._hand = Hand(held, task.num_envs, len(names))
        self._targets = np.empty((task.num_envs, len(names)), dtype=np.float32)

    def act(self, time: float) -> torch.Tensor:
        """Actions at `time` [s] into the episode, shape (num_envs, actions)."""
        self._targets[:] = self._rest
        self._hand.write(time, self._targets)
        targets = torch.as_tensor(self._targets[:, self._columns], device=self._task.device)
        return self._task.actions_for(targets)


def _held(press: Press, contracts: tuple[Contract, ...], seconds: float) -> Press:
    level = any(
        isinstance(c.trigger, JointThreshold)
        and (c.trigger.joint, c.trigger.op) == (press.joint, press.op)
        and c.mode == Mode.LEVEL
        for c in contracts
    )
    return replace(press, hold=2 * seconds) if level else press

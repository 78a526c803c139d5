# SPDX-License-Identifier: Apache-2.0
"""The torch form by torch.compile, where it compiles soon enough."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NoReturn

import torch

from .case import Case

COMPILES_IN = 20.0
"""Seconds within which torch.compile must be done with a bundle."""
_failed: set[int] = set()
"""Numbers of contracts that took longer; more of them take longer still."""


class TooSlowError(Exception):
    """Something took longer than it may."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooSlowError inside, once `seconds` have passed; main thread only."""

    def stop(number: int, frame: object) -> NoReturn:
        raise TooSlowError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def compiled_form(case: Case) -> Callable[[torch.Tensor, torch.Tensor], Any]:
    """The form over latches of its own; raises TooSlowError where compiling takes too long."""
    if any(case.contracts >= contracts for contracts in _failed):
        raise TooSlowError
    effects = tuple(case.compiled.effect.tolist())
    rule = {
        name: torch.as_tensor(array.copy(), device=case.device)
        for name, array in case.compiled.arrays().items()
    }
    rule["trigger"] = rule["trigger"].long()
    latched = torch.zeros((case.num_envs, case.contracts), dtype=torch.bool, device=case.device)
    form = _compile(effects)
    try:
        with at_most(COMPILES_IN):
            form(rule, case.positions[0], case.targets(), latched)
    except TooSlowError:
        _failed.add(case.contracts)
        raise
    except RuntimeError as error:  # of Dynamo and Inductor: what they lack makes the cell a dash
        _failed.add(case.contracts)
        raise TooSlowError from error
    latched.zero_()
    return lambda joint_pos, targets: form(rule, joint_pos, targets, latched)


@cache
def _compile(effects: tuple[int, ...]) -> Callable[..., torch.Tensor]:
    def form(
        rule: dict[str, torch.Tensor],
        joint_pos: torch.Tensor,
        targets: torch.Tensor,
        latched: torch.Tensor,
    ) -> torch.Tensor:
        """`torch_form.apply` with the rule on the device before, and the latches written back."""
        pos = joint_pos[:, rule["trigger"]]
        fired = torch.where(rule["greater"], pos > rule["threshold"], pos < rule["threshold"])
        fired = fired & rule["enabled"]
        latched.copy_(rule["latching"] & (latched | fired))
        active = fired | latched
        merged = targets.clone()
        for c, joint in enumerate(effects):
            merged[:, joint] = torch.where(active[:, c], rule["target"][c], merged[:, joint])
        return merged

    return torch.compile(form, dynamic=True)

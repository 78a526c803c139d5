# SPDX-License-Identifier: Apache-2.0
"""Every form of the rule, as calls over the two position buffers of a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from causal_contracts.core import CouplingTerm
from causal_contracts.lab.baselines import BASELINES, IN_PLACE, INERT

from .case import Case
from .compiled_form import compiled_form

Apply = Callable[[torch.Tensor, torch.Tensor], Any]
"""Positions and targets to targets, a torch tensor, written in place or not."""
BEARABLE = 2.0
"""Seconds that one apply may take in a table."""


@dataclass(frozen=True)
class Form:
    """One column: how a rule is made, and how it is called."""

    name: str
    make: Callable[[Case, torch.Tensor], Apply]
    in_place: bool
    how: str = "eager"
    """`eager`, `recorded` or `graph`."""
    loops: bool = False
    """Loops over environments in Python."""
    acts: bool = True

    def seconds(self, case: Case) -> float:
        """An estimate of one apply: loops are timed on 64 environments, the rest is quick."""
        if not self.loops:
            return 0.0
        from .clock import eager

        few = replace(case, num_envs=64)
        targets = few.targets()
        apply = self.make(few, targets)
        once = eager([lambda: apply(few.positions[0], targets)], case.device, 0.01)
        return once.min * 1e-6 * case.num_envs / few.num_envs

    def calls(self, case: Case) -> list[Callable[[], object]]:
        """One apply over each of the two position buffers."""
        targets = case.timed_targets.zero_()
        if self.how == "recorded":
            term = _term(case)
            return [term.recorded(pos, targets, out=targets) for pos in case.positions]
        apply = self.make(case, targets)
        return [partial(apply, pos, targets) for pos in case.positions]

    def is_right(self, case: Case) -> bool:
        """Whether two rounds over the positions equal the torch form bit for bit."""
        buffer = case.targets()
        apply = self.make(case, buffer)
        for joint_pos, expected in zip(case.positions * 2, case.expected, strict=True):
            buffer.zero_()
            if not torch.equal(apply(joint_pos, buffer), expected):
                return False
        return True


def _term(case: Case) -> CouplingTerm:
    return CouplingTerm(case.compiled, case.num_envs, case.device, frontend="torch")


def _in_place(case: Case, targets: torch.Tensor) -> Apply:
    del targets
    term = _term(case)
    return lambda pos, targets: term.apply(pos, targets, out=targets)


def _out_of_place(case: Case, targets: torch.Tensor) -> Apply:
    del targets
    return _term(case).apply


def _baseline(name: str, case: Case, targets: torch.Tensor) -> Apply:
    del targets
    return BASELINES[name](case.compiled, case.num_envs, case.device).apply


def _compiled(case: Case, targets: torch.Tensor) -> Apply:
    del targets
    return compiled_form(case)


def forms(device: str, *, wanted: list[str] | None, compile_too: bool) -> list[Form]:
    """The columns for a device, in the order of the table."""
    found = [
        Form("term in place", _in_place, True, "graph"),
        Form("term in place", _in_place, True, "recorded"),
        Form("term in place", _in_place, True),
        Form("term out of place", _out_of_place, False, "graph"),
        Form("term out of place", _out_of_place, False),
    ]
    for name in BASELINES:
        make = partial(_baseline, name)
        if name.startswith("torch"):
            if device != "cpu":
                found.append(Form(name, make, name in IN_PLACE, "graph"))
            found.append(Form(name, make, name in IN_PLACE))
        else:
            acts, in_place = name not in INERT, name in IN_PLACE or name in INERT
            found.append(Form(name, make, in_place, loops=acts, acts=acts))
    if compile_too:
        found.append(Form("torch.compile", _compiled, False))
        if device != "cpu":
            found.append(Form("torch.compile", _compiled, False, "graph"))
    return [
        form
        for form in found
        if not wanted or any(word in f"{form.name}, {form.how}" for word in wanted)
    ]

# SPDX-License-Identifier: Apache-2.0
"""Every form of the rule, as calls over the two position buffers of a case."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import torch
from causal_contracts.core import CouplingTerm
from causal_contracts.lab.baselines import BASELINES, IN_PLACE, INERT

from .case import Case

Apply = Callable[[torch.Tensor, torch.Tensor], Any]
"""Positions and targets to targets, a torch tensor, written in place or not."""
BEARABLE = 2.0
"""Seconds that one apply may take in a table."""
COMPILES_IN = 20.0
"""Seconds within which torch.compile must have compiled one contract."""


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

        few = Case(64, case.contracts, case.layout, case.active, case.device)
        targets = few.targets()
        apply = self.make(few, targets)
        once = eager([lambda: apply(few.positions[0], targets)], case.device, 0.01)
        return once.min * 1e-6 * case.num_envs / few.num_envs

    def calls(self, case: Case) -> list[Callable[[], object]]:
        """One apply over each of the two position buffers."""
        targets = case.targets()
        apply = self.make(case, targets)
        if self.how == "recorded":
            return [_term(case).recorded(pos, targets, out=targets) for pos in case.positions]
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
    """The torch form by torch.compile, its rule as tensors that stay, its latches written back."""
    del targets
    rule = {
        name: torch.as_tensor(array.copy(), device=case.device)
        for name, array in case.compiled.arrays().items()
    }
    trigger, effects = rule["trigger"].long(), case.compiled.effect.tolist()
    latched = torch.zeros((case.num_envs, case.contracts), dtype=torch.bool, device=case.device)

    def form(joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        pos = joint_pos[:, trigger]
        fired = torch.where(rule["greater"], pos > rule["threshold"], pos < rule["threshold"])
        fired = fired & rule["enabled"]
        latched.copy_(rule["latching"] & (latched | fired))
        active = fired | latched
        merged = targets.clone()
        for c, joint in enumerate(effects):
            merged[:, joint] = torch.where(active[:, c], rule["target"][c], merged[:, joint])
        return merged

    torch.compiler.reset()
    return torch.compile(form, dynamic=False)


@cache
def compiles(device: str) -> bool:
    """Whether torch.compile makes the smallest case within COMPILES_IN seconds, in a process."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from benchmarks.case import Case; from benchmarks.forms import _compiled\n"
        f"case = Case(1024, 1, 'adjacent', 0.5, {device!r}); targets = case.targets()\n"
        "_compiled(case, targets)(case.positions[0], targets)"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], timeout=COMPILES_IN, capture_output=True, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


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
    if compile_too and compiles(device):
        found.append(Form("torch.compile", _compiled, False))
        if device != "cpu":
            found.append(Form("torch.compile", _compiled, False, "graph"))
    return [
        form
        for form in found
        if not wanted or any(word in f"{form.name}, {form.how}" for word in wanted)
    ]

# SPDX-License-Identifier: Apache-2.0
"""Recorded plans, imagined in open loop from a recorded state: how wrong the effect joint ends."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from causal_contracts.lab.imagination import State

from .recording import Recording
from .rollout import Imagination

GROUPS: tuple[str, ...] = (
    "latched before",
    "latched, pressed again",
    "pressed in the plan",
    "never",
)
ARMS: tuple[str, ...] = (
    "without the contract",
    "contract, latch not forked",
    "contract, latch forked",
)
MOST = 400
"""Windows of one group at most."""


@dataclass(frozen=True)
class Windows:
    """Where imagination starts and what really followed, n windows of H decisions."""

    decision: torch.Tensor
    """First decision, int64, shape (n,)."""
    env: torch.Tensor
    """int64, shape (n,)."""
    group: torch.Tensor
    """Index into GROUPS, shape (n,)."""
    horizon: int

    def of(self, values: torch.Tensor) -> torch.Tensor:
        """Recorded values of (T, E, ...) along the windows, shape (H, n, ...)."""
        steps = torch.arange(self.horizon, device=self.env.device)[:, None]
        return values[self.decision + steps, self.env]


@dataclass(frozen=True)
class OpenLoop:
    """What was imagined for some windows."""

    windows: Windows
    real: torch.Tensor
    """Effect joint after each decision [rad or m], shape (H, n)."""
    pressed: torch.Tensor
    """Whether the trigger really was past its threshold, bool, shape (H, n)."""
    imagined: dict[str, torch.Tensor]
    """The same by arm, of every member, shape (H, members, n)."""

    def error(self, arm: str, group: str) -> float | None:
        """Mean over windows and members of how far off the joint ends; None without windows."""
        chosen = self.windows.group == GROUPS.index(group)
        off = (self.imagined[arm][-1] - self.real[-1]).abs()[:, chosen]
        return float(off.mean()) if off.numel() else None

    def count(self, group: str) -> int:
        """Windows of a group."""
        return int((self.windows.group == GROUPS.index(group)).sum())


def find_windows(recording: Recording, horizon: int, *, moved: bool) -> Windows:
    """Windows that nobody disturbs; with `moved` only those that begin as the joint was moved."""
    envs = recording.envs(held_out=True)
    touched = recording.touched[:, envs]
    disturbed = touched.unfold(0, horizon, 1)[..., 1:].any(-1)
    starts = touched[: len(disturbed)] if moved else torch.ones_like(disturbed)
    decision, env = (starts & ~disturbed).nonzero().unbind(-1)
    windows = Windows(decision, envs[env], torch.zeros_like(env), horizon)
    latched = recording.rows(windows.decision, windows.env).latched[:, 0]
    pressed = fires(recording, windows).any(0)
    group = torch.where(latched, pressed.long(), 3 - pressed.long())
    return _at_most(Windows(decision, windows.env, group, horizon))


def fires(recording: Recording, windows: Windows) -> torch.Tensor:
    """Whether the measured trigger is past its threshold at each decision, bool, (H, n)."""
    compiled, threshold = recording.compiled, float(recording.compiled.threshold[0])
    trigger = windows.of(recording.joint_pos(recording.before))[..., int(compiled.trigger[0])]
    return trigger > threshold if compiled.greater[0] else trigger < threshold


def imagine(recording: Recording, windows: Windows, arms: dict[str, Imagination]) -> OpenLoop:
    """Roll every window out under every arm, once with each member of its ensemble."""
    effect = int(recording.compiled.effect[0])
    forks = recording.rows(windows.decision, windows.env)
    imagined = {}
    for arm, model in arms.items():
        members = model.ensemble.members
        each = torch.arange(len(windows.env), device=windows.env.device).repeat(members)
        contracts = forks.gather(each)
        if arm == "contract, latch not forked":
            contracts = State.initial(recording.compiled, len(each), each.device)
        x = model.ensemble.states(windows.of(recording.before)[0])[each]
        joints = []
        for press in windows.of(recording.press):
            x, contracts = model.step(x, press[each], contracts)
            joints.append(model.joint_pos(x)[:, effect].view(members, -1))
        imagined[arm] = torch.stack(joints)
    real = windows.of(recording.after)[..., effect]
    return OpenLoop(windows, real, fires(recording, windows), imagined)


def _at_most(windows: Windows) -> Windows:
    """`MOST` windows of each group, evenly spread over what was found."""
    kept = []
    for group in range(len(GROUPS)):
        rows = (windows.group == group).nonzero()[:, 0]
        spread = torch.linspace(0, len(rows) - 1, min(MOST, len(rows)), device=rows.device)
        kept.append(rows[spread.round().long()])
    rows = torch.cat(kept)
    return Windows(windows.decision[rows], windows.env[rows], windows.group[rows], windows.horizon)

# SPDX-License-Identifier: Apache-2.0
"""A real environment and a random hand to recorded transitions, with a fork of the term at each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from causal_contracts.core import CompiledCouplings
from causal_contracts.lab.imagination import State, step

from .real import RealEnv

MOVED, RESET = 1 / 60, 1 / 150
"""Chance per decision that somebody moves the effect joint by hand, and of a new episode."""
PRESS = 1 / 50
"""Chance per decision that a free hand begins to press."""
HOLD = (3, 25)
"""Decisions that a press lasts."""
FIRM = 0.6
"""Share of presses that go all the way; others stop anywhere, many before the threshold."""


@dataclass(frozen=True)
class Recording:
    """Decision `t` of environment `e`; all tensors begin with (num_decisions, num_envs)."""

    compiled: CompiledCouplings
    before: torch.Tensor
    """Positions, then velocities, as the decision was taken, (T, E, 2 * num_joints)."""
    press: torch.Tensor
    """Share of the way that the hand pressed, (T, E, 1)."""
    after: torch.Tensor
    """What physics made of it, like `before`."""
    touched: torch.Tensor
    """Whether somebody moved the effect joint or reset, just before the decision, (T, E)."""
    forks: State
    """The term as it was, its numbers included, row ``t * num_envs + e``."""
    acts: torch.Tensor
    """Where the contract was switched on, bool, shape (num_envs,)."""

    @property
    def num_envs(self) -> int:
        """Environments side by side."""
        return self.before.shape[1]

    def envs(self, *, held_out: bool, acts: bool = True) -> torch.Tensor:
        """Environments to learn from, or those that no network saw; with the contract, or all."""
        every = torch.arange(self.num_envs, device=self.acts.device)
        kept = (every >= _first_held_out(self.num_envs)) == held_out
        return every[kept & (self.acts | (not acts))]

    def rows(self, decisions: torch.Tensor, envs: torch.Tensor) -> State:
        """The forks at some decisions of some environments."""
        return self.forks.gather(decisions * self.num_envs + envs)

    def joint_pos(self, states: torch.Tensor) -> torch.Tensor:
        """The first half of the columns."""
        return states[..., : self.compiled.num_joints]

    def active(self) -> torch.Tensor:
        """What the contract did in each transition, as an input, (T, E, 1)."""
        measured = self.joint_pos(self.before).flatten(0, 1)
        _, state = step(self.compiled, measured, self.forks)
        return state.active_input.view(*self.press.shape)


def record(env: RealEnv, decisions: int, seed: int) -> Recording:
    """Let a random hand press, move the effect joint and begin anew, each environment by itself."""
    dice = torch.Generator().manual_seed(seed)
    hand = Hand(env.num_envs, dice)
    before, press, after, touched, forks = [], [], [], [], []
    acts = _switched_on(env.num_envs).to(env.device)
    env.enable(acts)
    for _ in range(decisions):
        touched.append(disturb(env, dice))
        before.append(state_of(env))
        forks.append(State.from_term(env.term))
        press.append(hand.press()[:, None].to(env.device))
        env.act(press[-1][:, 0])
        after.append(state_of(env))
    return Recording(
        env.compiled,
        before=torch.stack(before),
        press=torch.stack(press),
        after=torch.stack(after),
        touched=torch.stack(touched),
        forks=State.cat(forks),
        acts=acts,
    )


def _first_held_out(num_envs: int) -> int:
    return num_envs * 3 // 4


def _switched_on(num_envs: int) -> torch.Tensor:
    """Off in every fourth environment that is learned from.

    Else no press past the threshold would come without the flag, and a network that cannot tell
    the two apart would open the lid for either.
    """
    every = torch.arange(num_envs)
    return (every % 4 != 3) | (every >= _first_held_out(num_envs))


def state_of(env: RealEnv) -> torch.Tensor:
    """A copy of positions and velocities, shape (num_envs, 2 * num_joints)."""
    return torch.cat((env.joint_pos, env.joint_vel), dim=1)


def disturb(env: RealEnv, dice: torch.Generator) -> torch.Tensor:
    """Reset some environments and move the effect joint of some; returns which."""
    draw = torch.rand(env.num_envs, generator=dice)
    places = torch.rand(env.num_envs, generator=dice).to(env.device)
    ends, moves = draw < RESET, (draw >= RESET) & (draw < RESET + MOVED)
    if ends.any():
        env._reset_idx(ends.nonzero()[:, 0].to(env.device, torch.int32))
    # Half of the episodes begin with the joint somewhere: an open lid says nothing of its latch.
    moves |= ends & (torch.rand(env.num_envs, generator=dice) < 0.5)
    if moves.any():
        ids = moves.nonzero()[:, 0].to(env.device)
        low, high = env.range[env.effect]
        joint_pos = env.joint_pos[ids].clone()
        joint_pos[:, env.effect] = low + places[ids] * (high - low)
        env.place(ids.int(), joint_pos)
    return (ends | moves).to(env.device)


class Hand:
    """Presses now and then, for a while, to a random depth; each environment by itself."""

    def __init__(self, num_envs: int, dice: torch.Generator) -> None:
        self.depth = torch.zeros(num_envs)
        self.left = torch.zeros(num_envs, dtype=torch.long)
        self.dice = dice

    def press(self) -> torch.Tensor:
        """Shares of the way for the next decision, shape (num_envs,)."""
        size = self.left.shape
        chance, depth, firm = (torch.rand(size, generator=self.dice) for _ in range(3))
        hold = torch.randint(*HOLD, size, generator=self.dice)
        begins = (self.left == 0) & (chance < PRESS)
        self.depth = torch.where(begins, torch.where(firm < FIRM, 1.0, depth), self.depth)
        self.left = torch.where(begins, hold, (self.left - 1).clamp_min(0))
        return torch.where(self.left > 0, self.depth, 0.0)

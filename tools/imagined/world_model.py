# SPDX-License-Identifier: Apache-2.0
"""Recorded transitions to an ensemble of small networks that predict the next state."""

from __future__ import annotations

import itertools
import math

import torch
from causal_contracts.lab.imagination import JointColumns
from torch import nn

from .recording import Recording


class Normaliser(nn.Module):
    """``(x - mean) / std`` per column."""

    def __init__(self, samples: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", samples.mean(0))
        self.register_buffer("std", samples.std(0).clamp_min(1e-6))

    mean: torch.Tensor
    std: torch.Tensor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x - self.mean) / self.std

    def undo(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.std + self.mean


class Ensemble(nn.Module):
    """Members side by side in every weight: normalised states, press and flag to the change."""

    def __init__(
        self, recording: Recording, *, members: int, hidden: int, contract: bool, seed: int
    ) -> None:
        super().__init__()
        self.members = members
        self.contract = contract
        """Whether the active flag is an input."""
        states = recording.before.flatten(0, 1)
        self.states = Normaliser(states)
        changes = self.states(recording.after.flatten(0, 1)) - self.states(states)
        self.changes = Normaliser(changes)
        sizes = (states.shape[1] + 1 + contract, hidden, hidden, states.shape[1])
        dice = torch.Generator().manual_seed(seed)
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for inside, outside in itertools.pairwise(sizes):
            bound = 1 / math.sqrt(inside)
            for shape, kind in (((inside, outside), self.weights), ((1, outside), self.biases)):
                values = torch.rand(members, *shape, generator=dice) * 2 * bound - bound
                kind.append(nn.Parameter(values.to(states.device)))

    def change(self, inputs: torch.Tensor) -> torch.Tensor:
        """Normalised changes (members, n, columns) of `inputs`, also (members, n, ...)."""
        x = inputs
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = torch.baddbmm(bias, x if layer == 0 else nn.functional.silu(x), weight)
        return x

    def inputs(self, x: torch.Tensor, press: torch.Tensor, active: torch.Tensor) -> torch.Tensor:
        """Normalised states, press and, where it is an input, the active flags."""
        return torch.cat((x, press, active) if self.contract else (x, press), dim=-1)

    def forward(self, x: torch.Tensor, press: torch.Tensor, active: torch.Tensor) -> torch.Tensor:
        """The next normalised states; each member takes its share of the rows, in order."""
        inputs = self.inputs(x, press, active)
        change = self.change(inputs.view(self.members, -1, inputs.shape[-1]))
        return x + self.changes.undo(change.flatten(0, 1))

    def samples(
        self, recording: Recording, envs: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and normalised changes of every transition of some environments."""
        columns = (recording.before, recording.press, recording.active(), recording.after)
        before, press, active, after = (each[:, envs].flatten(0, 1) for each in columns)
        x = self.states(before)
        return self.inputs(x, press, active), self.changes(self.states(after) - x)

    def columns(self, recording: Recording) -> JointColumns:
        """Where the contract's joints stand in a normalised state."""
        names = recording.compiled.joint_names
        mean, std = self.states.mean, self.states.std
        return JointColumns.of(
            recording.compiled, names, mean=mean, std=std, device=recording.before.device
        )


def train(
    recording: Recording,
    *,
    contract: bool,
    members: int,
    hidden: int,
    updates: int,
    seed: int,
    batch: int = 256,
) -> Ensemble:
    """One-step prediction, mean square error; every member draws its own batches."""
    ensemble = Ensemble(recording, members=members, hidden=hidden, contract=contract, seed=seed)
    # Without the flag as input, environments without the contract could only confuse.
    envs = recording.envs(held_out=False, acts=not contract)
    inputs, wanted = ensemble.samples(recording, envs)
    optimiser = torch.optim.Adam(ensemble.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, updates)
    dice = torch.Generator().manual_seed(seed)
    for _ in range(updates):
        rows = torch.randint(len(inputs), (members, batch), generator=dice).to(inputs.device)
        loss = (ensemble.change(inputs[rows]) - wanted[rows]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return ensemble.requires_grad_(False)


def one_step_error(ensemble: Ensemble, recording: Recording) -> float:
    """Root mean square error of the change over its own spread, where no network has looked."""
    inputs, wanted = ensemble.samples(recording, recording.envs(held_out=True))
    found = ensemble.change(inputs.expand(ensemble.members, -1, -1))
    return float((found - wanted).square().mean().sqrt())

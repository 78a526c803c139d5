# SPDX-License-Identifier: Apache-2.0
"""What one arm of a training asks for, and what it measured; plain values, neither torch nor Isaac.

The arms of a gate differ in `ArmRequest.arm` alone. Rates are of counted episodes, judged from
measured positions as in `causal_contracts.preview.causality`; None where nothing was counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Arm = Literal["contract", "native"]
Library = Literal["rsl_rl", "skrl"]
Backend = Literal["newton", "physx"]


@dataclass(frozen=True, slots=True)
class ArmRequest:
    """One training from nothing to a policy."""

    asset: Path
    arm: Arm
    articulation: str = "."
    couplings: Path | None = None
    """couplings.json to train with; None: the contracts on the asset."""
    library: Library = "rsl_rl"
    backend: Backend = "newton"
    device: str = "cpu"
    num_envs: int = 64
    iterations: int = 20
    """PPO updates."""
    seed: int = 0
    window: float = 2.0
    """Seconds that an effect may take."""
    eval_envs: int = 256
    out: Path | None = None
    """Folder for the policy and the learner's own logs; None: nothing is written."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Counted episodes of one contract, or of all together."""

    episodes: int
    """Episodes that ended."""
    causes: int
    """Episodes with a cause, counted or not."""
    effect_given_cause: tuple[int, int]
    """Effects, and counted causes."""
    effect_given_no_cause: tuple[int, int]
    """Effects, and episodes without a cause."""
    released: int = 0
    """Causes of level contracts that are not counted: the trigger let go within the window."""

    @property
    def press_rate(self) -> float | None:
        """Share of episodes in which the trigger crossed its threshold."""
        return self.causes / self.episodes if self.episodes else None


@dataclass(frozen=True, slots=True)
class Iteration:
    """One PPO update with the rollout before it."""

    iteration: int
    """From 1."""
    env_steps: int
    """Environment steps so far, of all environments together."""
    rates: Rates
    """Over all contracts, of the episodes that ended in this rollout."""
    reward: float
    """Mean reward per environment step, of environments that were not NaN."""
    nan_environments: int
    """Environments that went to NaN in this rollout and were reset."""
    seconds: float
    """Wall clock of rollout and update."""


@dataclass(frozen=True, slots=True)
class NanRecord:
    """Environments whose positions were not finite, since the start."""

    episodes: int
    """Episodes ended for it; they enter no rate and no reward."""
    environments: tuple[int, ...]
    """Indices of the environments, ascending."""
    recovered: int
    """Of these, how many were finite at the end."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One episode of the trained policy without exploration noise, in every environment."""

    num_envs: int
    seconds: float
    """Length of the episode in simulated time."""
    reached: dict[str, int]
    """By contract id: environments whose effect was reached at the end of the episode."""
    rates: dict[str, Rates]
    """By contract id."""
    latencies: dict[str, tuple[float, ...]]
    """By contract id: seconds from cause to effect, ascending."""
    reward: float
    """Mean over environments of the reward of the episode's last step."""
    closed_after_reset: dict[str, int]
    """By contract id: environments back at rest after a reset and a second without action."""


@dataclass(frozen=True, slots=True)
class ArmResult:
    """What one arm measured."""

    request: ArmRequest
    iterations: tuple[Iteration, ...]
    contracts: dict[str, Rates]
    """By contract id, over the whole training."""
    nan: NanRecord
    evaluation: Evaluation
    scripted: Evaluation
    """The same judgement with a hand that presses every trigger instead of the policy."""
    policy: Path | None
    """The learner's checkpoint; None where nothing was written."""
    versions: dict[str, str]
    """Of every package that took part, by name."""
    seconds: float
    """Wall clock, from building the environment on."""

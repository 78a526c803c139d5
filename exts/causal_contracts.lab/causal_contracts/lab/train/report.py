# SPDX-License-Identifier: Apache-2.0
"""coupling_training_report.json: its published form, and the file it is written to and read from.

The form of a gate: both arms of one asset, what they measured, and the verdict with its reasons.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import msgspec
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.json_bytes import decoded, indented, schema_bytes

from .arm import Backend, Library

VERSION = 1
FILE_NAME = "coupling_training_report.json"

Outcome = Literal["pass", "fail", "inconclusive"]


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Rates(_Row, frozen=True, kw_only=True):
    """Counted episodes; a rate is null where nothing was counted."""

    episodes: int
    """Episodes that ended."""
    causes: int
    """Episodes in which the trigger crossed its threshold, counted or not."""
    press_rate: float | None
    """`causes` over `episodes`."""
    effect_given_cause: float | None
    """P(effect | cause)."""
    effect_given_cause_n: int
    """Counted causes: those with the window left in their episode, and of a level contract those
    whose trigger held through it."""
    released: int
    """Causes of level contracts whose trigger let go before the window was over: not counted."""
    effect_given_no_cause: float | None
    """P(effect | no cause)."""
    effect_given_no_cause_n: int
    """Counted episodes without a cause."""


class IterationRow(Rates, frozen=True, kw_only=True):
    """One PPO update with the rollout before it."""

    iteration: int
    """From 1."""
    env_steps: int
    """Environment steps so far, of all environments together."""
    reward: float | None
    """Mean reward per environment step; null where it was not finite."""
    nan_environments: int
    """Environments that went to NaN in this rollout and were reset."""
    seconds: float
    """Wall clock of rollout and update."""


class ContractRates(Rates, frozen=True, kw_only=True):
    """One contract over a whole training."""

    id: str
    effect_given_cause_interval: tuple[float, float] | None
    """95 % Wilson score interval."""
    effect_given_no_cause_interval: tuple[float, float] | None


class Latency(_Row, frozen=True, kw_only=True):
    """Seconds from cause to effect over the counted effects."""

    count: int
    min: float
    median: float
    p95: float
    max: float
    seconds: list[float]
    """Every one of them, ascending."""


class EvaluatedContract(ContractRates, frozen=True, kw_only=True):
    """One contract over one episode in every environment."""

    reached: int
    """Environments whose effect stood reached at the end of the episode."""
    closed_after_reset: int
    """Environments back at rest after a reset and a second without action."""
    latency: Latency | None


class EvaluationRow(_Row, frozen=True, kw_only=True):
    """One episode in every environment, by the policy or by a hand that presses every trigger."""

    num_envs: int
    seconds: float
    """Length of the episode in simulated time."""
    reward: float | None
    """Mean over environments of the reward of the last step."""
    contracts: list[EvaluatedContract]


class NanRow(_Row, frozen=True, kw_only=True):
    """Environments whose positions were not finite, and what became of them."""

    episodes: int
    """Episodes ended for it; they enter no rate and no reward."""
    environments: list[int]
    recovered: int
    """Of these, how many were finite at the end."""
    text: str
    """The same as a sentence."""


class ArmRow(_Row, frozen=True, kw_only=True):
    """What one arm measured."""

    iterations: list[IterationRow]
    contracts: list[ContractRates]
    """Over the whole training, in id order."""
    nan: NanRow
    evaluation: EvaluationRow
    """By the trained policy, without exploration noise."""
    scripted: EvaluationRow
    """By a hand that presses every trigger."""
    policy: str | None
    """The learner's checkpoint, relative to the report; null where none was kept."""
    seconds: float
    """Wall clock."""


class Arms(_Row, frozen=True, kw_only=True):
    """The two arms: the same asset, seed and hyper-parameters."""

    contract: ArmRow
    native: ArmRow


class Request(_Row, frozen=True, kw_only=True):
    """What both arms were asked for."""

    library: Library
    backend: Backend
    device: str
    num_envs: int
    iterations: int
    eval_envs: int
    window: float
    """Seconds that an effect may take."""
    couplings: str | None
    """File name of the couplings.json; null: the contracts on the asset."""
    hyperparameters: dict[str, Any] | None
    """The learner's settings; null where they are not known."""


class ContractFacts(_Row, frozen=True, kw_only=True):
    """One contract that ran."""

    id: str
    sentence: str


class Skipped(_Row, frozen=True, kw_only=True):
    """A contract that did not run."""

    contract: str
    why: str


class BundleRow(_Row, frozen=True, kw_only=True):
    """The contracts that both arms were judged by."""

    fingerprint: str
    """SHA-256 of the rule compiled for the asset's joints in stage order."""
    joint_names: list[str]
    contracts: list[ContractFacts]
    skipped: list[Skipped]


class Criteria(_Row, frozen=True, kw_only=True):
    """The bounds that the verdict uses."""

    effect_given_cause_at_least: float
    effect_given_no_cause_at_most: float
    """In training; in the evaluations no effect without a cause is allowed at all."""
    presses_at_least: int
    """Counted presses of each contract, below which nothing is concluded."""
    press_rate_at_least: float
    """Of the trained policy, in the evaluation."""
    native_reward_below: float
    """What still counts as a reward of 0.00."""


class TrainingReport(_Row, frozen=True, kw_only=True):
    """What a gate saw."""

    version: Literal[1] = VERSION
    verdict: Outcome
    reasons: list[str]
    """Why, in sentences: what failed or is missing, else what the verdict rests on."""
    notes: list[str]
    """What the reader should know all the same."""
    asset: str
    articulation_root: str
    bundle: BundleRow
    seed: int
    request: Request
    criteria: Criteria
    versions: dict[str, str]
    """Of every package that took part, by name."""
    arms: Arms
    seconds: float
    """Wall clock of both arms."""


def to_json(report: TrainingReport) -> bytes:
    """Indented bytes in field order, with a final newline."""
    return indented(report)


def read_training_report(source: str | Path | bytes) -> TrainingReport:
    """Read what `write_training_report` wrote.

    Raises:
        msgspec.ValidationError: with the JSON path of what is wrong, missing or unknown.
    """
    return decoded(source, TrainingReport)


def write_training_report(report: TrainingReport, path: str | Path) -> None:
    """Write the report in one move: a reader sees the old file or the whole new one.

    Raises:
        ContractError: `path` cannot be written.
    """
    write_atomically(Path(path), to_json(report))


def json_schema() -> bytes:
    """The JSON Schema, as published in config/coupling_training_report.schema.json."""
    return schema_bytes(TrainingReport, title=FILE_NAME)


if __name__ == "__main__":
    sys.stdout.buffer.write(json_schema())

# SPDX-License-Identifier: Apache-2.0
"""Two arms and the facts of their asset to the report of the gate."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from causal_contracts.preview.wilson import wilson

from .arm import ArmRequest, ArmResult, Evaluation, Iteration, NanRecord
from .arm import Rates as Counted
from .facts import AssetFacts
from .report import (
    ArmRow,
    Arms,
    BundleRow,
    ContractFacts,
    ContractRates,
    EvaluatedContract,
    EvaluationRow,
    IterationRow,
    Latency,
    NanRow,
    Request,
    Skipped,
    TrainingReport,
)
from .verdict import CRITERIA, judge_arms


def training_report(
    contract: ArmResult,
    native: ArmResult,
    facts: AssetFacts,
    *,
    folder: Path | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
) -> TrainingReport:
    """The report of a gate.

    Args:
        contract: the arm in which the contracts act.
        native: the arm without them, otherwise the same.
        facts: what is known of the asset and its contracts.
        folder: where the report will stand; the checkpoints are named relative to it.
        hyperparameters: the learner's settings, plain JSON values.

    Raises:
        ContractError: the arms differ in more than `arm` and `out`.
    """
    verdict = judge_arms(contract, native)
    return TrainingReport(
        verdict=verdict.outcome,
        reasons=list(verdict.reasons),
        notes=[
            *facts.notes,
            *(f"{name}: skipped, {why}" for name, why in facts.skipped),
            *_let_go(contract),
            *_let_go(native),
        ],
        asset=contract.request.asset.name,
        articulation_root=facts.articulation,
        bundle=_bundle(facts),
        seed=contract.request.seed,
        request=_request(contract.request, hyperparameters),
        criteria=CRITERIA,
        versions={**native.versions, **contract.versions},
        arms=Arms(contract=arm_row(contract, folder), native=arm_row(native, folder)),
        seconds=round(contract.seconds + native.seconds, 3),
    )


def arm_row(arm: ArmResult, folder: Path | None = None) -> ArmRow:
    """One arm as it stands in the report."""
    return ArmRow(
        iterations=[iteration_row(row) for row in arm.iterations],
        contracts=[contract_rates(name, row) for name, row in sorted(arm.contracts.items())],
        nan=nan_row(arm.nan),
        evaluation=evaluation_row(arm.evaluation),
        scripted=evaluation_row(arm.scripted),
        policy=_relative(arm.policy, folder),
        seconds=round(arm.seconds, 3),
    )


def iteration_row(row: Iteration) -> IterationRow:
    """One iteration with its rates."""
    return IterationRow(
        **_rates(row.rates),
        iteration=row.iteration,
        env_steps=row.env_steps,
        reward=_finite(row.reward),
        nan_environments=row.nan_environments,
        seconds=round(row.seconds, 4),
    )


def contract_rates(name: str, counted: Counted) -> ContractRates:
    """The rates of one contract with their intervals."""
    return ContractRates(**_contract(name, counted))


def evaluation_row(one: Evaluation) -> EvaluationRow:
    """One evaluation, its contracts in id order."""
    return EvaluationRow(
        num_envs=one.num_envs,
        seconds=one.seconds,
        reward=_finite(one.reward),
        contracts=[
            EvaluatedContract(
                **_contract(name, one.rates[name]),
                reached=one.reached.get(name, 0),
                closed_after_reset=one.closed_after_reset.get(name, 0),
                latency=latency(one.latencies.get(name, ())),
            )
            for name in sorted(one.rates)
        ],
    )


def latency(seconds: Sequence[float]) -> Latency | None:
    """The distribution of latencies [s]; None where there is none."""
    if not seconds:
        return None
    # Microseconds: below any time step, above the noise of index * dt.
    every = sorted(round(float(value), 6) for value in seconds)
    return Latency(
        count=len(every),
        min=every[0],
        median=round(float(np.median(every)), 6),
        # A value that was measured, so that it never lies between two steps.
        p95=float(np.percentile(every, 95, method="inverted_cdf")),
        max=every[-1],
        seconds=every,
    )


def nan_row(nan: NanRecord) -> NanRow:
    """What became of environments that went to NaN, as numbers and as a sentence."""
    lost = len(nan.environments)
    if not lost:
        text = "no environment went to NaN"
    else:
        text = (
            f"{lost} environment{'s' * (lost != 1)} went to NaN in {nan.episodes} "
            f"episode{'s' * (nan.episodes != 1)}, were reset, and entered no rate and no reward; "
            f"{nan.recovered} of {lost} were finite at the end"
        )
    return NanRow(
        episodes=nan.episodes,
        environments=list(nan.environments),
        recovered=nan.recovered,
        text=text,
    )


def _let_go(arm: ArmResult) -> Iterator[str]:
    """The presses of level contracts in training of which nothing can be said."""
    each = [
        f"{name} {row.released:,} of {row.causes:,}"
        for name, row in sorted(arm.contracts.items())
        if row.released
    ]
    if each:
        yield (
            f"{arm.request.arm} arm, training: not counted are the presses that let go before the "
            f"window of {arm.request.window:g} s was over: {', '.join(each)}"
        )


def _bundle(facts: AssetFacts) -> BundleRow:
    return BundleRow(
        fingerprint=facts.fingerprint,
        joint_names=list(facts.joint_names),
        contracts=[ContractFacts(id=name, sentence=said) for name, said in facts.sentences],
        skipped=[Skipped(contract=name, why=why) for name, why in facts.skipped],
    )


def _request(asked: ArmRequest, hyperparameters: Mapping[str, Any] | None) -> Request:
    return Request(
        library=asked.library,
        backend=asked.backend,
        device=asked.device,
        num_envs=asked.num_envs,
        iterations=asked.iterations,
        eval_envs=asked.eval_envs,
        window=asked.window,
        couplings=None if asked.couplings is None else asked.couplings.name,
        hyperparameters=None if hyperparameters is None else dict(hyperparameters),
    )


def _contract(name: str, counted: Counted) -> dict[str, Any]:
    return {
        **_rates(counted),
        "id": name,
        "effect_given_cause_interval": wilson(*counted.effect_given_cause),
        "effect_given_no_cause_interval": wilson(*counted.effect_given_no_cause),
    }


def _rates(counted: Counted) -> dict[str, Any]:
    after, without = counted.effect_given_cause, counted.effect_given_no_cause
    return {
        "episodes": counted.episodes,
        "causes": counted.causes,
        "press_rate": counted.press_rate,
        "effect_given_cause": _share(*after),
        "effect_given_cause_n": after[1],
        "released": counted.released,
        "effect_given_no_cause": _share(*without),
        "effect_given_no_cause_n": without[1],
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _relative(path: Path | None, folder: Path | None) -> str | None:
    if path is None or folder is None:
        return None if path is None else str(path)
    return os.path.relpath(path, folder)

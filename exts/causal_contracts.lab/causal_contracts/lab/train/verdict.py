# SPDX-License-Identifier: Apache-2.0
"""Two arms to a verdict: one function per clause, each a sentence with numbers and a way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from causal_contracts.core.issue import ContractError, error

from .arm import ArmRequest, ArmResult, Evaluation, Rates
from .report import Criteria, Outcome

CRITERIA = Criteria(
    effect_given_cause_at_least=0.99,
    effect_given_no_cause_at_most=0.01,
    presses_at_least=100,
    press_rate_at_least=0.9,
    native_reward_below=0.005,
)
"""A hundred presses: fewer cannot tell a rate of 0.99 from one of 0.98."""

LISTED = 4
"""Iterations or environments that a sentence lists."""
NATIVE_PREVIEW = "causal-contracts preview ASSET --native"
PREVIEW = "causal-contracts preview ASSET shows its clones"
LONGER = "raise --iterations or --num-envs"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether training proved the contracts, and why."""

    outcome: Outcome
    reasons: tuple[str, ...]


def judge_arms(contract: ArmResult, native: ArmResult) -> Verdict:
    """Pass only where every clause of this file holds.

    What is wrong makes it fail; where nothing is wrong and too little was counted it is
    inconclusive.

    Raises:
        ContractError: the arms differ in more than `arm` and `out`.
    """
    _assert_comparable(contract.request, native.request)
    wrong = [
        *_no_contract(contract),
        *_effect_in_each_iteration(contract),
        *_effect_over_the_run(contract),
        *_effect_without_cause(contract),
        *_native_effect(native),
        *_native_reward(native),
        *_not_learned(contract),
        *_hand_without_effect(contract),
        *_open_after_reset(contract),
        *_lost(contract),
        *_lost(native),
    ]
    missing = [*_few_presses(contract), *_few_native_presses(native)]
    if wrong or missing:
        return Verdict("fail" if wrong else "inconclusive", (*wrong, *missing))
    return Verdict("pass", tuple(_held(contract, native)))


def _assert_comparable(contract: ArmRequest, native: ArmRequest) -> None:
    faults = [
        error(
            f"arms.native.{field.name}",
            f"is {getattr(native, field.name)}, and {getattr(contract, field.name)} in the other",
            "train both arms on the same asset, seed and settings",
        )
        for field in fields(ArmRequest)
        if field.name not in ("arm", "out")
        and getattr(native, field.name) != getattr(contract, field.name)
    ]
    arms = (contract.arm, native.arm)
    if arms != ("contract", "native"):
        fix = "give the contract arm first, then the native arm"
        faults.append(error("arms", f"are {arms[0]} and {arms[1]}", fix))
    if faults:
        raise ContractError(faults)


def _no_contract(contract: ArmResult) -> Iterator[str]:
    if not contract.contracts:
        yield "contract arm: no contract ran; causal-contracts check ASSET says why"


def _effect_in_each_iteration(contract: ArmResult) -> Iterator[str]:
    counted = [row for row in contract.iterations if row.rates.effect_given_cause[1]]
    low = [row for row in counted if _below(row.rates.effect_given_cause)]
    if low:
        each = _listed(f"{row.iteration}: {_of(row.rates.effect_given_cause)}" for row in low)
        yield (
            f"contract arm: effect given cause was below {CRITERIA.effect_given_cause_at_least} in "
            f"{len(low)} of {len(counted)} iterations with a counted press ({each}); "
            f"{_weak(contract)}"
        )


def _effect_over_the_run(contract: ArmResult) -> Iterator[str]:
    for place, rates in _all_rates(contract):
        cells = {name: row.effect_given_cause for name, row in rates.items()}
        if low := {name: cell for name, cell in cells.items() if cell[1] and _below(cell)}:
            yield (
                f"contract arm, {place}: too few counted presses had their effect: {_each(low)}, "
                f"less than {CRITERIA.effect_given_cause_at_least}; {_weak(contract)}"
            )


def _effect_without_cause(contract: ArmResult) -> Iterator[str]:
    for place, rates in _all_rates(contract):
        bound = CRITERIA.effect_given_no_cause_at_most if place == "training" else 0.0
        cells = {name: row.effect_given_no_cause for name, row in rates.items()}
        if high := {name: cell for name, cell in cells.items() if cell[0] > bound * cell[1]}:
            yield (
                f"contract arm, {place}: effects came in episodes without a cause: {_each(high)}, "
                f"more than {bound:g}; something else moves the effect joint, or the rule leaks: "
                f"{PREVIEW}"
            )


def _native_effect(native: ArmResult) -> Iterator[str]:
    for place, rates in _all_rates(native):
        for kind in ("effect_given_cause", "effect_given_no_cause"):
            cells = {name: getattr(row, kind) for name, row in rates.items()}
            if moved := {name: cell for name, cell in cells.items() if cell[0]}:
                where = "after presses" if kind == "effect_given_cause" else "without a press"
                yield (
                    f"native arm, {place}: effects came without any contract, {where}: "
                    f"{_each(moved)}; find what moves the joint: {NATIVE_PREVIEW}"
                )


def _native_reward(native: ArmResult) -> Iterator[str]:
    rewards = [(f"iteration {row.iteration}", row.reward) for row in native.iterations]
    rewards += [(place, one.reward) for place, one in _evaluations(native)]
    paid = [(place, r) for place, r in rewards if not abs(r) < CRITERIA.native_reward_below]
    if paid:
        each = _listed(f"{place}: {reward:.4g}" for place, reward in paid)
        yield (
            f"native arm: the reward was not 0.00 in {len(paid)} of {len(rewards)} places "
            f"({each}); the effect joint moves by itself: {NATIVE_PREVIEW}"
        )


def _not_learned(contract: ArmResult) -> Iterator[str]:
    if any(_few_presses(contract)):
        return  # a policy that hardly ever pressed had nothing to learn from
    rates = {name: contract.evaluation.rates.get(name) for name in contract.contracts}
    pressed = {n: (row.causes, row.episodes) if row else (0, 0) for n, row in rates.items()}
    least = CRITERIA.press_rate_at_least
    if seldom := {n: cell for n, cell in pressed.items() if cell[0] < least * max(cell[1], 1)}:
        yield (
            "contract arm: the trained policy pressed in too few episodes of the evaluation: "
            f"{_each(seldom)}, less than {least}; {LONGER}"
        )


def _hand_without_effect(contract: ArmResult) -> Iterator[str]:
    one = contract.scripted
    cells = {name: (one.reached.get(name, 0), one.num_envs) for name in contract.contracts}
    if short := {name: cell for name, cell in cells.items() if cell[0] < cell[1]}:
        yield (
            "contract arm: after the press of the scripted hand the effect joint did not stand at "
            f"its target in every environment: {_each(short)}; {_weak(contract)}"
        )


def _open_after_reset(contract: ArmResult) -> Iterator[str]:
    for place, one in _evaluations(contract):
        back = one.closed_after_reset
        cells = {name: (back.get(name, 0), one.num_envs) for name in contract.contracts}
        if open_ := {name: cell for name, cell in cells.items() if cell[0] < cell[1]}:
            yield (
                f"contract arm, {place}: a reset did not bring every environment back to rest: "
                f"{_each(open_)}; check the rest target of the effect joint, and that the task "
                "resets the contracts"
            )


def _lost(arm: ArmResult) -> Iterator[str]:
    lost = arm.nan.environments
    if arm.nan.recovered < len(lost):
        yield (
            f"{arm.request.arm} arm: {len(lost)} environments went to NaN "
            f"({_listed(map(str, lost))}) and {arm.nan.recovered} of them were finite at the end; "
            "soften the drives of the asset or shorten the physics step"
        )


def _few_presses(contract: ArmResult) -> Iterator[str]:
    counted = {name: row.effect_given_cause[1] for name, row in contract.contracts.items()}
    if few := {n: (c, CRITERIA.presses_at_least) for n, c in counted.items() if _too_few(c)}:
        let_go = sum(contract.contracts[name].released for name in few)
        short = f", and {let_go:,} let go before the window was over" if let_go else ""
        yield (
            f"contract arm: too few presses were counted in training: {_each(few)}{short}; {LONGER}"
        )


def _few_native_presses(native: ArmResult) -> Iterator[str]:
    counted = {
        name: sum(r[name].effect_given_cause[1] for _, r in _all_rates(native) if name in r)
        for name in native.contracts
    }
    if few := {n: (c, CRITERIA.presses_at_least) for n, c in counted.items() if _too_few(c)}:
        yield (
            f"native arm: too few presses were counted, by policy and hand: {_each(few)}; raise "
            "--eval-envs"
        )


def _held(contract: ArmResult, native: ArmResult) -> Iterator[str]:
    """What a pass rests on."""
    counted = sum(bool(row.rates.effect_given_cause[1]) for row in contract.iterations)
    policy, hand = contract.evaluation, contract.scripted
    for name, row in contract.contracts.items():
        yield (
            f"contract arm: {name} had its effect after {_of(row.effect_given_cause)} counted "
            f"presses and in {_of(row.effect_given_no_cause)} episodes without one"
        )
        pressed = policy.rates[name]
        yield (
            f"contract arm: the trained policy pressed for {name} in "
            f"{_of((pressed.causes, pressed.episodes))} episodes; after the scripted hand's press "
            f"{_of((hand.reached[name], hand.num_envs))} effects stood at the target, and a reset "
            f"brought back {_of((hand.closed_after_reset[name], hand.num_envs))}"
        )
    yield (
        f"contract arm: effect given cause was at least {CRITERIA.effect_given_cause_at_least} in "
        f"each of {counted} iterations with a counted press"
    )
    for name in native.contracts:
        each = [r[name].effect_given_cause for _, r in _all_rates(native) if name in r]
        total = sum(presses for _, presses in each)
        yield f"native arm: {name} had no effect after any of {total:,} counted presses; reward 0"


def _all_rates(arm: ArmResult) -> tuple[tuple[str, dict[str, Rates]], ...]:
    """Where rates were counted: in training, and in both evaluations."""
    return ("training", arm.contracts), *((p, one.rates) for p, one in _evaluations(arm))


def _evaluations(arm: ArmResult) -> tuple[tuple[str, Evaluation], ...]:
    return ("evaluation", arm.evaluation), ("scripted hand", arm.scripted)


def _below(cell: tuple[int, int]) -> bool:
    return cell[0] < CRITERIA.effect_given_cause_at_least * cell[1]


def _too_few(counted: int) -> bool:
    return counted < CRITERIA.presses_at_least


def _each(cells: Mapping[str, tuple[int, int]]) -> str:
    return _listed(f"{name} {_of(cell)}" for name, cell in cells.items())


def _of(cell: tuple[int, int]) -> str:
    return f"{cell[0]:,} of {cell[1]:,}"


def _weak(contract: ArmResult) -> str:
    window = contract.request.window
    return f"its drive may be too weak or slow for the window of {window:g} s: {PREVIEW}"


def _listed(parts: Iterable[str]) -> str:
    every = list(parts)
    return ", ".join(every[:LISTED]) + (", ..." if len(every) > LISTED else "")

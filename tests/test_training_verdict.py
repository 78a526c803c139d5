# SPDX-License-Identifier: Apache-2.0
"""The verdict of a gate, clause by clause: one number is changed, one sentence appears."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from causal_contracts.core.issue import ContractError
from causal_contracts.lab.train.arm import NanRecord
from causal_contracts.lab.train.verdict import CRITERIA, judge_arms
from hand_made_arms import ID, contract_arm, evaluation, iteration, native_arm, rates

IDS = ("boot_opens_hatch", "button_opens_flap")


def with_iteration(arm, number, counted, reward=0.5):
    rows = list(arm.iterations)
    rows[number - 1] = iteration(number, counted, reward)
    return replace(arm, iterations=tuple(rows))


def judged(contract=None, native=None):
    return judge_arms(contract or contract_arm(), native or native_arm())


def the_reason(verdict, outcome="fail"):
    assert verdict.outcome == outcome
    (reason,) = verdict.reasons
    assert reason[-1] != "." and ";" in reason, "a sentence without a way out"
    return reason


def test_sound_arms_pass_and_the_reasons_say_on_what_grounds():
    verdict = judged()
    assert verdict.outcome == "pass"
    said = "\n".join(verdict.reasons)
    # 64 / 20 * (1 + ... + 20) presses, rounded row by row: 672 of 1,280 episodes
    assert f"{ID} had its effect after 672 of 672 counted presses and in 0 of 608" in said
    assert "256 of 256 effects stood at the target, and a reset brought back 256 of 256" in said
    assert "no effect after any of 316 counted presses" in said  # 20 x 3 and the hand's 256


def test_two_contracts_are_both_named_in_a_pass():
    said = "\n".join(judged(contract_arm(ids=IDS), native_arm(ids=IDS)).reasons)
    assert all(f"{name} had its effect" in said for name in IDS)


def test_one_iteration_below_the_bound_fails():
    reason = the_reason(judged(with_iteration(contract_arm(), 7, rates(64, 33, after=32))))
    assert "below 0.99 in 1 of 20 iterations with a counted press (7: 32 of 33)" in reason
    assert "window of 2 s" in reason and "causal-contracts preview" in reason


def test_an_iteration_at_the_bound_or_without_a_count_does_not():
    at_bound = with_iteration(contract_arm(), 7, rates(300, 200, after=198))
    assert judged(at_bound).outcome == "pass"
    assert judged(with_iteration(contract_arm(), 7, rates(64, 0))).outcome == "pass"


def test_a_contract_below_the_bound_over_the_run_fails_and_is_named():
    arm = contract_arm(ids=IDS)
    arm = replace(arm, contracts=arm.contracts | {IDS[1]: rates(1280, 672, after=660)})
    reason = the_reason(judged(arm, native_arm(ids=IDS)))
    assert "contract arm, training: too few counted presses had their effect" in reason
    assert f"{IDS[1]} 660 of 672" in reason and IDS[0] not in reason


def test_a_policy_whose_presses_have_no_effect_in_the_evaluation_fails():
    reason = the_reason(judged(contract_arm(evaluation=evaluation(after=250))))
    assert (
        f"contract arm, evaluation: too few counted presses had their effect: {ID} 250 of 256"
        in reason
    )


@pytest.mark.parametrize(("effects", "outcome"), [(6, "pass"), (7, "fail")])
def test_in_training_one_in_a_hundred_may_have_an_effect_without_a_cause(effects, outcome):
    arm = contract_arm()
    verdict = judged(replace(arm, contracts={ID: rates(1280, 672, without=effects)}))
    assert verdict.outcome == outcome
    if outcome == "fail":
        assert f"training: effects came in episodes without a cause: {ID} 7 of 608" in the_reason(
            verdict
        )


@pytest.mark.parametrize(
    ("field", "place"), [("evaluation", "evaluation"), ("scripted", "scripted hand")]
)
def test_in_an_evaluation_no_effect_may_come_without_a_cause(field, place):
    seen = evaluation()
    seen = replace(seen, rates={ID: rates(256, 250, without=1)})
    reason = the_reason(judged(contract_arm(**{field: seen})))
    assert f"contract arm, {place}: effects came in episodes without a cause: {ID} 1 of 6" in reason


def test_one_in_two_hundred_is_too_many_in_an_evaluation():
    seen = replace(evaluation(), rates={ID: rates(256, 56, without=1)})
    assert f"{ID} 1 of 200, more than 0;" in the_reason(judged(contract_arm(scripted=seen)))


def test_an_effect_in_the_native_arm_fails():
    after = native_arm()
    after = replace(after, contracts={ID: rates(1280, 60, after=1)})
    reason = the_reason(judged(native=after))
    assert (
        f"native arm, training: effects came without any contract, after presses: {ID} 1 of 60"
        in reason
    )
    without = replace(native_arm(), contracts={ID: rates(1280, 60, after=0, without=2)})
    assert f"without a press: {ID} 2 of 1,220" in the_reason(judged(native=without))


def test_an_effect_by_the_native_hand_fails():
    reason = the_reason(judged(native=native_arm(scripted=evaluation(after=9, reward=0.0))))
    assert "native arm, scripted hand: effects came without any contract" in reason
    assert f"after presses: {ID} 9 of 256" in reason


@pytest.mark.parametrize(
    ("reward", "outcome"), [(0.0049, "pass"), (0.005, "fail"), (math.nan, "fail")]
)
def test_the_native_reward_is_zero_with_two_digits(reward, outcome):
    verdict = judged(native=with_iteration(native_arm(), 4, rates(64, 3, after=0), reward))
    assert verdict.outcome == outcome
    if outcome == "fail":
        reason = the_reason(verdict)
        assert f"not 0.00 in 1 of 22 places (iteration 4: {reward:.4g})" in reason
        assert "preview ASSET --native" in reason


def test_a_reward_in_the_native_evaluation_fails():
    seen = replace(evaluation(pressed=0), reward=0.3)
    assert "(evaluation: 0.3)" in the_reason(judged(native=native_arm(evaluation=seen)))


@pytest.mark.parametrize(("pressed", "outcome"), [(231, "pass"), (230, "fail")])
def test_a_policy_that_presses_too_seldom_fails(pressed, outcome):
    verdict = judged(contract_arm(evaluation=evaluation(pressed=pressed)))
    assert verdict.outcome == outcome  # 0.9 x 256 = 230.4
    if outcome == "fail":
        reason = the_reason(verdict)
        assert f"pressed in too few episodes of the evaluation: {ID} 230 of 256" in reason
        assert "--iterations" in reason


def test_too_few_counted_presses_are_inconclusive_and_say_how_many_are_needed():
    few = replace(contract_arm(), contracts={ID: rates(1280, CRITERIA.presses_at_least - 1)})
    reason = the_reason(judged(few), "inconclusive")
    assert f"too few presses were counted in training: {ID} 99 of 100" in reason
    enough = replace(few, contracts={ID: rates(1280, CRITERIA.presses_at_least)})
    assert judged(enough).outcome == "pass"


def test_presses_that_let_go_too_soon_are_said_to_be_missing_and_fail_nothing():
    taps = replace(rates(1280, 10), causes=900, released=890)
    reason = the_reason(judged(replace(contract_arm(), contracts={ID: taps})), "inconclusive")
    assert f"{ID} 10 of 100, and 890 let go before the window was over; raise" in reason
    many = replace(rates(1280, 100), causes=900, released=800)
    assert judged(replace(contract_arm(), contracts={ID: many})).outcome == "pass"


def test_a_policy_without_presses_to_learn_from_is_inconclusive_not_failed():
    rows = tuple(iteration(n, rates(64, 0), 0.0) for n in range(1, 4))
    arm = contract_arm(
        iterations=rows, contracts={ID: rates(192, 0)}, evaluation=evaluation(pressed=0)
    )
    assert f"{ID} 0 of 100" in the_reason(judged(arm), "inconclusive")


def test_a_native_arm_in_which_hardly_anyone_pressed_is_inconclusive():
    small = native_arm(scripted=evaluation(envs=8, pressed=8, after=0))
    reason = the_reason(judged(native=small), "inconclusive")
    assert f"{ID} 68 of 100" in reason and "--eval-envs" in reason  # 20 x 3 and the hand's 8


def test_what_is_wrong_outweighs_what_is_missing_and_both_are_said():
    few = contract_arm(
        contracts={ID: rates(64, 10)}, scripted=replace(evaluation(), reached={ID: 255})
    )
    verdict = judged(few)
    assert verdict.outcome == "fail" and len(verdict.reasons) == 2


def test_a_hand_that_does_not_reach_every_effect_fails():
    reason = the_reason(judged(contract_arm(scripted=replace(evaluation(), reached={ID: 255}))))
    assert f"did not stand at its target in every environment: {ID} 255 of 256" in reason


@pytest.mark.parametrize(
    ("field", "place"), [("evaluation", "evaluation"), ("scripted", "scripted hand")]
)
def test_a_reset_that_leaves_a_door_open_fails(field, place):
    reason = the_reason(judged(contract_arm(**{field: evaluation(closed=250)})))
    assert f"contract arm, {place}: a reset did not bring every environment back" in reason
    assert f"{ID} 250 of 256" in reason


@pytest.mark.parametrize("arm", ["contract", "native"])
def test_an_environment_that_stays_nan_fails_in_either_arm(arm):
    lost = NanRecord(episodes=5, environments=(3, 9, 11), recovered=2)
    make = {"contract": contract_arm, "native": native_arm}[arm]
    reason = the_reason(judged(**{arm: make(nan=lost)}))
    assert f"{arm} arm: 3 environments went to NaN (3, 9, 11) and 2 of them were finite" in reason
    assert judged(**{arm: make(nan=replace(lost, recovered=3))}).outcome == "pass"


def test_an_arm_without_contracts_fails():
    verdict = judged(contract_arm(ids=()), native_arm(ids=()))
    assert "no contract ran" in the_reason(verdict)


def test_a_contract_that_no_evaluation_judged_fails():
    bare = evaluation(ids=())
    verdict = judged(contract_arm(evaluation=bare, scripted=bare))
    assert verdict.outcome == "fail" and len(verdict.reasons) == 4
    assert all(f"{ID} 0 of " in reason for reason in verdict.reasons)


def test_a_long_list_is_cut():
    rows = tuple(iteration(n, rates(64, 32, after=0), 0.0) for n in range(1, 21))
    reason = judged(replace(contract_arm(), iterations=rows)).reasons[0]
    assert "20 of 20" in reason and "4: 0 of 32, ...)" in reason and "5: " not in reason


def test_arms_in_the_wrong_order_are_refused():
    with pytest.raises(ContractError, match="are native and contract"):
        judge_arms(native_arm(), contract_arm())

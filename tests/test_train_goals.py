# SPDX-License-Identifier: Apache-2.0
"""What training must show: pressing is learned where the contract acts, and nothing where not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

from causal_contracts.lab.train.arm import ArmRequest
from causal_contracts.lab.train.run_arm import run_arm
from train_tasks import asset

pytestmark = pytest.mark.slow
CONTRACTS = {"microwave": 1, "coffee_maker": 1, "car": 2}


@pytest.mark.parametrize("name", CONTRACTS)
def test_with_contracts_every_counted_press_has_its_effect_and_presses_are_learned(name):
    arm = run_arm(ArmRequest(asset(name), "contract"))
    for iteration in arm.iterations:
        effects, causes = iteration.rates.effect_given_cause
        assert effects >= 0.99 * causes
        assert iteration.rates.effect_given_no_cause[0] == 0
    first, last = arm.iterations[0], arm.iterations[-1]
    assert first.rates.press_rate < 0.3 and last.rates.press_rate > 0.9
    assert last.reward > 0.85
    assert arm.evaluation.reached == arm.scripted.reached
    assert set(arm.scripted.reached.values()) == set(arm.scripted.closed_after_reset.values())
    assert list(arm.scripted.reached.values()) == [256] * CONTRACTS[name]


def test_holding_all_four_knobs_is_learned_and_a_short_turn_is_not_counted():
    """A level contract owes its effect only while its knob is held."""
    arm = run_arm(ArmRequest(asset("stove"), "contract"))
    assert list(arm.evaluation.reached.values()) == [256] * 4 and arm.evaluation.reward > 0.9
    assert list(arm.scripted.reached.values()) == [256] * 4
    assert list(arm.scripted.closed_after_reset.values()) == [256] * 4
    for row in (each.rates for each in arm.iterations):
        effects, held = row.effect_given_cause
        assert effects >= 0.99 * held and row.effect_given_no_cause[0] <= 0.01 * row.episodes
    assert arm.iterations[0].rates.released > arm.iterations[-1].rates.released > 0


def test_without_contracts_no_plate_rises_and_nothing_is_earned():
    arm = run_arm(ArmRequest(asset("stove"), "native"))
    assert all(row.rates.effect_given_cause[0] == 0 for row in arm.iterations)
    assert all(round(row.reward, 2) == 0.0 for row in arm.iterations)
    assert set(arm.evaluation.reached.values()) == set(arm.scripted.reached.values()) == {0}


@pytest.mark.parametrize("name", CONTRACTS)
def test_without_contracts_nothing_opens_and_nothing_is_earned(name):
    arm = run_arm(ArmRequest(asset(name), "native"))
    for iteration in arm.iterations:
        assert iteration.rates.effect_given_cause[0] == 0
        assert iteration.rates.effect_given_no_cause[0] == 0
        assert round(iteration.reward, 2) == 0.0  # the solver's rest error moves a lid by 1e-5
    assert set(arm.evaluation.reached.values()) == {0}
    assert round(arm.evaluation.reward, 2) == 0.0
    assert all(rates.press_rate == 1.0 for rates in arm.scripted.rates.values())


def test_skrl_opens_every_lid_of_the_coffee_maker_after_four_thousand_steps():
    arm = run_arm(ArmRequest(asset("coffee_maker"), "contract", library="skrl", iterations=33))
    assert arm.iterations[-1].env_steps <= 4000 * 64
    assert arm.evaluation.reached == {"press_opens_lid": 256}
    assert arm.evaluation.reward >= 0.98


def test_on_physx_the_microwave_is_learned_too():
    arm = run_arm(ArmRequest(asset("microwave"), "contract", backend="physx", eval_envs=64))
    assert arm.iterations[-1].rates.press_rate > 0.9
    assert arm.evaluation.reached == {"press_opens_door": 64}
    assert arm.scripted.closed_after_reset == {"press_opens_door": 64}


TWO = """
import dataclasses, json, os, sys
from pathlib import Path
from causal_contracts.lab.train.arm import ArmRequest
from causal_contracts.lab.train.run_arm import run_arm
asset, out = map(Path, sys.argv[1:])
for arm in ("contract", "native"):
    heard = []
    request = ArmRequest(asset, arm, num_envs=8, iterations=2, eval_envs=4, out=out / arm)
    result = run_arm(request, on_iteration=heard.append)
    rows = [dataclasses.asdict(row) | {"seconds": 0} for row in result.iterations]
    said = {"rows": rows, "heard": len(heard), "reached": result.scripted.reached}
    Path(out, f"{arm}_{os.environ['RANK']}.json").write_text(json.dumps(said))
"""


def torchrun(*words):
    """Two processes of a script; what they printed."""
    run = [Path(sys.executable).parent / "torchrun", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run([*run, *words], timeout=500, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_train_one_policy_and_count_together(tmp_path):
    script = tmp_path / "two.py"
    script.write_text(TWO)
    torchrun(script, asset("microwave"), tmp_path)
    for arm in ("contract", "native"):
        first, second = (
            json.loads((tmp_path / f"{arm}_{rank}.json").read_text()) for rank in (0, 1)
        )
        assert first["rows"] == second["rows"]
        assert [row["env_steps"] for row in first["rows"]] == [2 * 8 * 120, 2 * 16 * 120]
        assert all(row["rates"]["episodes"] == 16 for row in first["rows"])
        assert (first["heard"], second["heard"]) == (2, 0)
        assert first["reached"] == {"press_opens_door": 4 if arm == "contract" else 0}
        assert (tmp_path / arm / "policy.pt").is_file()


def test_the_command_trains_in_both_processes_and_tells_once(tmp_path):
    command = Path(sys.executable).parent / "causal-contracts"
    small = ["--num-envs", "8", "--iterations", "2", "--eval-envs", "4"]
    words = ["--distributed", "--json", *small, "--out", tmp_path]
    said = torchrun(command, "train", asset("microwave"), *words)
    rows = json.loads(said)["result"]["iterations"]
    assert [row["env_steps"] for row in rows] == [2 * 8 * 120, 2 * 16 * 120]
    assert all(row["episodes"] == 16 for row in rows)
    assert (tmp_path / "policy.pt").is_file()

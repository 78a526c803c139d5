# SPDX-License-Identifier: Apache-2.0
"""`tools/imagine` runs from end to end, and what its page claims is what it measures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ["latched before", "latched, pressed again", "pressed in the plan", "never"]
ABSENT, NOT_FORKED, FORKED = (
    "without the contract",
    "contract, latch not forked",
    "contract, latch forked",
)


def imagine(*arguments, timeout):
    return subprocess.run(
        [sys.executable, str(ROOT / "tools/imagine"), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_the_example_runs_small_from_the_asset_to_the_picture(tmp_path):
    json_file, png = tmp_path / "imagine.json", tmp_path / "imagine.png"
    done = imagine("--quick", "--json", str(json_file), "--png", str(png), timeout=300)
    assert done.returncode == 0, done.stderr
    result = json.loads(json_file.read_text())
    assert png.read_bytes().startswith(b"\x89PNG")
    assert (result["num_envs"], result["members"], result["seed"]) == (32, 2, 0)
    assert list(result["policies"]) == ["with the term", "term left out", "no contract input"]
    for found in result["policies"].values():
        assert len(found["rewards"]) == 2 and found["of"] == 32
        assert 0 <= found["opened"] <= found["pressed"] <= 32
    for starts in ("moved", "any"):
        found = result["open_loop"][starts]
        assert list(found["windows"]) == GROUPS and sum(found["windows"].values()) > 0
        for group, count in found["windows"].items():
            for arm in (ABSENT, NOT_FORKED, FORKED):
                assert (found["error"][arm][group] is None) == (count == 0)
        # nothing had latched in these, so that the fork says nothing else than a new state
        for group in GROUPS[2:]:
            assert found["error"][FORKED][group] == found["error"][NOT_FORKED][group]
    assert "latched, pressed again" in done.stdout and "PPO, with the term" in done.stdout


def test_an_asset_without_such_a_contract_is_refused_with_the_nearest_names():
    stove = str(ROOT / "data/stove/stove.usda")  # its contracts are level
    done = imagine("--asset", stove, timeout=120)
    assert done.returncode == 2 and "no latching contract" in done.stderr
    done = imagine("--contract", "press_opens_lit", timeout=120)
    assert done.returncode == 2 and "did you mean 'press_opens_lid'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_the_contract_makes_rollouts_right_and_policies_open_real_lids(tmp_path, seed):
    file = tmp_path / "imagine.json"
    done = imagine("--seed", str(seed), "--json", str(file), timeout=600)
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text())
    for starts in ("moved", "any"):
        windows = result["open_loop"][starts]["windows"]
        errors = result["open_loop"][starts]["error"]
        assert min(windows.values()) >= 30
        for group in GROUPS:
            assert errors[FORKED][group] < 0.03
        assert errors[NOT_FORKED]["latched before"] > 1.0
        assert errors[NOT_FORKED]["latched, pressed again"] > 10 * errors[FORKED][GROUPS[1]]
        for group in ("latched before", "never"):
            assert errors[ABSENT][group] > 10 * errors[FORKED][group]
    policies = result["policies"]
    assert policies["with the term"]["opened"] >= 0.95 * policies["with the term"]["of"]
    assert policies["term left out"]["opened"] == 0

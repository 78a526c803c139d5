# SPDX-License-Identifier: Apache-2.0
"""The preview on Isaac Lab in the real panel: an engine chosen, run, pressed, killed and left."""

import json
import math
import shlex
import shutil
import sys
from importlib.util import find_spec

import pytest
from panel_process import child
from test_panel import MICROWAVE, ROOT, drawing

__all__ = ["drawing"]
MAIN = "from causal_contracts.core.cli import main; main()"
pytestmark = pytest.mark.skipif(find_spec("isaaclab") is None, reason="Isaac Lab is not installed")


def play(folder, scenario, asset=MICROWAVE):
    asset = shutil.copy(asset, folder)
    done = child(folder, ROOT / "tests/preview_newton_child.py", scenario, asset, patience=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def replayed(folder, log):
    """What the command, in a process of its own, says of a log that the panel saved."""
    why, steps, command = log
    assert why is None
    done = child(folder, "-c", MAIN, *shlex.split(command)[1:], patience=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"replayed {steps} steps" in done.stdout
    return done.stdout


def test_an_engine_that_lacks_is_refused_with_a_way_out_and_another_python_has_it(tmp_path):
    seen = play(tmp_path, "choice")
    said, title, kept_running = seen["refused"]
    assert said.startswith("Newton (Isaac Lab) needs Isaac Lab, which the Python that runs")
    assert seen["bare"] in said and "pip install 'causal-contracts[lab]'" in said
    assert title == "Preview   16 clones on PhysX" and kept_running
    again, kept = seen["again"]
    assert "other/bin/python) does not have" in again and kept == seen["bare"]
    assert seen["chosen"] == ["Preview   16 clones on Newton (Isaac Lab)", "isaaclab-newton", True]
    assert seen["gone"] and not seen["left"]
    kept = seen["kept"]["preview_engine"], seen["kept"]["isaaclab_python"]
    assert kept == ("isaaclab-newton", sys.executable)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("newton")


@pytest.fixture(scope="module")
def seen(folder, drawing):
    return play(folder, "newton")


@pytest.mark.slow
def test_the_panel_names_what_is_built_and_for_how_long_and_stays_awake(seen):
    built = seen["built"]
    assert {"Building 16 clones in Isaac Lab ..."} <= {*built["said"]}
    assert len(built["waited"]) > built["took"] / 3
    assert built["slowest"] < 0.1
    assert built["title"] == "Preview   16 clones on Newton (Isaac Lab)"
    assert built["engine"].startswith("Newton ") and "Isaac Lab" in built["engine"]


@pytest.mark.slow
def test_half_of_the_clones_are_pressed_and_theirs_are_the_doors_that_open(seen):
    both, cause_alone, effect_alone, neither = seen["pattern"][0]
    assert cause_alone == effect_alone == 0 and both >= 8 and neither >= 8


@pytest.mark.slow
def test_hands_reset_edit_and_native_do_on_newton_what_they_do_on_physx(seen):
    hands = seen["hands"]
    cells, doors = hands["pressed"]
    assert cells == [3 if clone == 5 else 0 for clone in range(16)]
    assert doors[5] > 0.95 * math.radians(90) - 0.01
    assert max(abs(door) for clone, door in enumerate(doors) if clone != 5) < 1e-3
    cells, doors = hands["reset"]
    assert cells == [0] * 16 and max(map(abs, doors)) < 1e-3
    took, running = hands["edit"]
    assert running == pytest.approx(-0.002) and took < 3.0
    assert hands["went on"] and hands["restart"] is None
    cells, doors = hands["native"]
    assert cells[1] == 4 and max(map(abs, doors)) < 1e-3


@pytest.mark.slow
def test_a_log_of_newton_replays_bit_for_bit_in_a_process_of_its_own(seen, folder):
    log = json.loads((folder / "run.json").read_bytes())
    assert log["sim"] == "isaaclab-newton"
    kinds = {entry["change"]["do"] for entry in log["changes"]}
    assert {"press", "reset", "swap", "native", "pattern"} <= kinds
    assert "the same trace, bit for bit" in replayed(folder, seen["log"])


@pytest.mark.slow
def test_deaths_are_explained_and_nothing_is_left_of_a_build_that_was_left(seen):
    lives = seen["lives"]
    assert "ended while it ran (SIGKILL)" in lives["played"]
    assert "ended while it built the clones (SIGKILL)" in lives["built"]
    alive, engine, took = lives["switched"]
    assert not alive and engine == "PhysX" and took < 20
    assert lives["cancelled"] == [False, "ready", True]
    assert not seen["left"]


@pytest.mark.slow
def test_the_stove_runs_on_newton_and_its_log_replays_bit_for_bit(tmp_path, drawing):
    seen = play(tmp_path, "stove", ROOT / "data/stove/stove.usda")
    assert seen["rates"] == [[1.0, 0.0]] * 4 and not seen["left"]
    assert "the same trace, bit for bit" in replayed(tmp_path, seen["log"])

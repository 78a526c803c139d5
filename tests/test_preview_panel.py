# SPDX-License-Identifier: Apache-2.0
"""The live preview in the real panel, with a real worker: mouse in, clones that move out."""

import json
import math
import shlex
import shutil
from pathlib import Path

import pytest
from test_panel import MICROWAVE, ROOT, child, drawing

__all__ = ["drawing"]
MAIN = "from causal_contracts.core.cli import main; main()"


def play(folder, scenario):
    asset = shutil.copy(MICROWAVE, folder)
    done = child(folder, ROOT / "tests/preview_child.py", scenario, asset)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("grid")


@pytest.fixture(scope="module")
def seen(folder, drawing):
    return play(folder, "grid")


def test_a_folded_section_runs_nothing_and_an_open_one_says_what_to_do(seen):
    assert seen["folded"] == ["folded", True]
    phase, said = seen["ready"]
    assert phase == "ready" and said.startswith("Play: 16 clones obey")
    assert seen["refused"] == ["'x' is no seed: type a whole number from 0.", "0"]
    assert seen["title"] == "Preview   9 clones on PhysX" and seen["cells"] == [0] * 9


def test_pressing_one_clone_by_mouse_opens_its_door_and_no_other(seen):
    cells, doors, buttons = seen["pressed"]
    assert cells == [0, 0, 0, 0, 3, 0, 0, 0, 0]
    assert doors[4] > 0.95 * math.radians(90) - 0.01 and buttons[4] < -0.009
    assert [value for clone, value in enumerate(doors) if clone != 4] == [0.0] * 8
    assert seen["colours"] == ["#76B900" if clone == 4 else "#424A4B" for clone in range(9)]
    assert seen["tip"].startswith("Clone 4. Fired: button_slide is at -10 mm, below -5 mm.")


def test_shift_resets_a_clone_and_control_traces_it(seen):
    cells, doors = seen["reset"]
    assert cells == [0] * 9 and doors == [0.0] * 9
    watched, shown = seen["watched"]
    assert watched == [1, 2, 3, 7]
    assert shown == [clone in watched for clone in range(9)]


def test_a_dragged_threshold_runs_before_it_is_written(seen):
    # eight tenths of -10 mm to 0 mm are -2 mm; a pixel is 0.02 mm
    running, took, stepping, restart = seen["drag"]
    assert running == pytest.approx(-0.002, abs=5e-5) and stepping and restart is None
    assert max(took) < 3.0  # drawn by the processor; the goal is measured without
    assert seen["dropped"] == [pytest.approx(running), pytest.approx(running)]


def test_a_typed_threshold_runs_and_keeps_what_is_latched(seen):
    said = seen["typed"]
    assert said["ran"] == pytest.approx(-0.004) and said["undone"]
    assert said["same worker"] and said["still reached"]
    assert "'apples' is no number" in said["refused"]


def test_the_log_that_the_panel_saved_replays_bit_for_bit(seen, folder):
    said, command, steps = seen["log"]
    assert said == "Saved run.json. The command runs it again."
    words = shlex.split(command)
    assert words[0] == "causal-contracts" and words[-1] == str(folder / "run.json")
    kinds = [entry["change"]["do"] for entry in json.loads(Path(words[-1]).read_bytes())["changes"]]
    assert {"press", "reset", "swap"} <= {*kinds}
    done = child(folder, "-c", MAIN, *words[1:])
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"replayed {steps} steps" in done.stdout and "bit for bit" in done.stdout


def test_at_the_least_width_nothing_ends_beyond_the_edge_though_six_clones_are_traced(seen):
    ends = seen["narrow"]
    assert ends.pop("traced:8") < ends["trigger plot"]
    # one edge for all, which the gutter of the scroll bar keeps from the window's
    assert max(ends.values()) <= 380 - 8 and max(ends.values()) - min(ends.values()) < 1


def test_native_death_restart_fold_and_close(tmp_path, seen):
    del seen  # skips with it
    said = play(tmp_path, "trouble")
    cells, doors, banner = said["native"]
    assert cells == [6, 4, 6, 6] and max(map(abs, doors)) < 1e-3
    assert banner.startswith("Native: contracts are off")
    assert "SIGKILL" in said["died"] and said["died"].endswith("restart it.")
    assert said["again"] == [True, True, True]
    assert said["folded"] == ["folded", False, True]
    assert said["left"] is False


def test_the_command_draws_a_preview_that_has_run(tmp_path, seen):
    from matplotlib.image import imread

    del seen
    png = tmp_path / "preview.png"
    command = ["-m", "causal_contracts.ui.studio.command", MICROWAVE, "--headless", "--png", png]
    done = child(tmp_path, *command, "--size", "420x1000", "--preview", "1.5")
    assert done.returncode == 0, done.stderr
    colours = (imread(png)[..., :3] * 255).round().astype(int)
    below = colours[500:].reshape(-1, 3)
    for hexadecimal in ("76B900", "4A9EDA", "E69F00"):  # reached, a target, a trace
        wanted = [*bytes.fromhex(hexadecimal)]
        assert (abs(below - wanted).max(axis=1) <= 2).sum() > 20, hexadecimal
    wrong = child(tmp_path, *command[:3], "--preview", "2")
    assert wrong.returncode == 2 and "goes with --png" in wrong.stderr

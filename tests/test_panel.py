# SPDX-License-Identifier: Apache-2.0
"""The real panel, drawn off-screen and driven by mouse and keyboard, each in its own process."""

import json
import shutil
from pathlib import Path

import pytest
from panel_process import child, skip_without_drawing

ROOT = Path(__file__).resolve().parents[1]
MICROWAVE = ROOT / "data/microwave/microwave.usda"
CAR = ROOT / "data/car/car.usda"
CONTRACT = "press_opens_door"
ADDED = "button_slide_moves_door_hinge"


@pytest.fixture(scope="module", autouse=True)
def drawing(tmp_path_factory):
    skip_without_drawing(tmp_path_factory.mktemp("probe"))


def play(folder, scenario, asset=MICROWAVE):
    """What a scenario saw, on a copy of the asset."""
    if asset is not None:
        asset = shutil.copy(asset, folder)
    arguments = [scenario] if asset is None else [scenario, asset]
    done = child(folder, ROOT / "tests/panel_child.py", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_typed_numbers_and_switches_reach_the_stage_and_are_undone(tmp_path):
    seen = play(tmp_path, "edit")
    assert seen["typed"] == [pytest.approx(-0.004), f"Set threshold of {CONTRACT}", "-4 mm"]
    assert seen["undone"] == [True, "There is nothing to undo.", "-5 mm"]
    assert seen["redone"] == pytest.approx(-0.004)
    said, shown, unchanged = seen["refused"]
    assert "apples" in said and shown == "90 deg" and unchanged
    enabled, meaning, refused = seen["off"]
    assert enabled is False and meaning.endswith("(disabled)") and refused is None
    assert seen["mended"] is True


def test_rows_are_added_selected_filtered_and_deleted(tmp_path):
    seen = play(tmp_path, "rows")
    assert seen["added"] == [[ADDED, CONTRACT], [ADDED]]
    assert seen["clicked"] == [[CONTRACT], CONTRACT]
    assert seen["filtered"] == [True, False]
    assert seen["empty"] == "No contract matches 'nothing such': clear the filter to see all."
    assert seen["revealed"] == ["", True]
    assert seen["deleted"] == [ADDED]
    assert seen["back"] == [ADDED, CONTRACT]
    assert seen["as before"]


def test_a_drag_of_the_threshold_is_one_undo_step(tmp_path):
    seen = play(tmp_path, "drag")
    # the button slides from -10 mm to 0 mm, so that four tenths are -6 mm; a pixel is 0.03 mm
    assert seen["value"] == pytest.approx(-0.006, abs=5e-5)
    assert seen["step"] == f"Set threshold of {CONTRACT}" and seen["one step"]


def test_the_microwave_is_authored_from_nothing_to_couplings_json(tmp_path):
    seen = play(tmp_path, "author")
    assert seen["empty"].startswith("No contract yet")
    assert seen["message"] == f"Wrote {tmp_path / 'made.json'}."
    made = json.loads((tmp_path / "made.json").read_bytes())
    assert made == json.loads((ROOT / "data/microwave/couplings.json").read_bytes())


def test_an_empty_studio_says_what_to_do(tmp_path):
    seen = play(tmp_path, "empty", asset=None)
    assert seen["said"] == seen["refused"] == "There is no stage: open one first."


@pytest.mark.parametrize("size", ["420x700", "1280x720"])
def test_the_command_draws_the_panel_into_a_picture(tmp_path, size):
    from matplotlib.image import imread

    png = tmp_path / "car.png"
    command = ["-m", "causal_contracts.ui.studio.command", CAR, "--headless", "--png", png]
    done = child(tmp_path, *command, "--size", size)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "imgui.ini").exists()  # omni.ui's own settings
    picture = imread(png)[..., :3]
    width, height = map(int, size.split("x"))
    assert picture.shape == (height, width, 3)
    colours = (picture.reshape(-1, 3) * 255).round().astype(int)
    for hexadecimal in ("323434", "1F2124", "424A4B", "3D5A1E", "76B900", "4A9EDA"):
        wanted = [*bytes.fromhex(hexadecimal)]
        assert (abs(colours - wanted).max(axis=1) <= 2).sum() > 20, hexadecimal
    assert (colours.max(axis=1) == 0).mean() < 0.01


def test_the_command_says_what_it_cannot_open_or_draw(tmp_path):
    command = ["-m", "causal_contracts.ui.studio.command"]
    missing = child(tmp_path, *command, "missing.usda")
    assert missing.returncode == 2 and "missing.usda" in missing.stderr
    unseen = child(tmp_path, *command, "--headless")
    assert unseen.returncode == 2 and "add --png FILE" in unseen.stderr
    wrong = child(tmp_path, *command, "--size", "large")
    assert wrong.returncode == 2 and "420x700" in wrong.stderr

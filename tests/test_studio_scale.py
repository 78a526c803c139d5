# SPDX-License-Identifier: Apache-2.0
"""Studio on displays of another scale, and pictures drawn at one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from panel_process import child, skip_without_drawing
from picture_difference import BLOCK, difference
from PIL import Image
from x_display import x_server

ROOT = Path(__file__).resolve().parents[1]
MICROWAVE = ROOT / "data/microwave/microwave.usda"
COMMAND = ["-m", "causal_contracts.ui.studio.command"]


@pytest.fixture
def display(tmp_path):
    """The name of an X server without a screen."""
    with x_server(tmp_path, "1000x1600") as server:
        yield server.name


def test_on_a_display_of_scale_two_the_window_is_filled_and_not_exceeded(tmp_path, display):
    environment = {**os.environ, "DISPLAY": display, "XDG_CONFIG_HOME": str(tmp_path)}
    environment.pop("OMNIUI_HEADLESS", None)
    done = subprocess.run(
        [sys.executable, ROOT / "tests/scale_child.py", MICROWAVE, "192"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0 and "GLFW" in done.stderr + done.stdout:
        pytest.skip("GLFW opens no window on Xvfb here")
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["scale"] == 2.0
    assert seen["pixels"] == [2 * units for units in seen["drawn"]]


def test_a_picture_at_scale_two_shows_the_same_twice_as_large(tmp_path):
    skip_without_drawing(tmp_path)
    for size, scale in (("420x700", "1"), ("840x1400", "2")):
        name = f"{scale}.png"
        given = ["--headless", "--png", name, "--size", size, "--scale", scale]
        done = child(tmp_path, *COMMAND, MICROWAVE, *given)
        assert done.returncode == 0, done.stderr
    once, twice = (Image.open(tmp_path / f"{n}.png").convert("RGB") for n in (1, 2))
    assert twice.size == (840, 1400)
    blocks, _ = difference(np.asarray(once), np.asarray(twice.reduce(2)))
    assert (
        blocks < 0.03 * once.width * once.height / BLOCK**2
    )  # letters are not the same where they are drawn larger


def test_a_scale_is_refused_in_a_window_and_out_of_range(tmp_path):
    shown = child(tmp_path, *COMMAND, "--scale", "2")
    assert shown.returncode == 2 and "--scale goes with --headless" in shown.stderr
    wrong = child(tmp_path, *COMMAND, "--headless", "--png", "x.png", "--scale", "9")
    assert wrong.returncode == 2 and "from 0.5 to 4" in wrong.stderr

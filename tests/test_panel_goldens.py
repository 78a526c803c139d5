# SPDX-License-Identifier: Apache-2.0
"""The panel looks as it did: pictures of its main states beside those kept in tests/goldens."""

import json
from pathlib import Path

import numpy as np
import pytest
from panel_process import child, skip_without_drawing
from picture_difference import BLOCK, RUN, STILL, difference, load
from PIL import Image

TESTS = Path(__file__).parent
GOLDENS = TESTS / "goldens"
RUNS = ("in_space", "preview_narrow")
NAMES = sorted(path.stem for path in GOLDENS.glob("*.png"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """All pictures, drawn by one process; its folder, and what failed by name."""
    folder = tmp_path_factory.mktemp("pictures")
    done = child(folder, TESTS / "panel_pictures.py", folder)
    if done.returncode != 0:
        skip_without_drawing(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", NAMES)
def test_the_panel_looks_as_it_did(drawn, name):
    folder, faults = drawn
    assert name not in faults, faults[name]
    new = folder / f"{name}.png"
    allowed = RUN if name in RUNS else STILL
    blocks, where = difference(load(GOLDENS / f"{name}.png"), load(new))
    if blocks > allowed:
        Image.fromarray(where).save(folder / f"{name}.difference.png")
        pytest.fail(
            f"{blocks} blocks of {name} look different: see {new} and "
            f"{folder}/{name}.difference.png; tools/goldens --update keeps the new one"
        )


def test_every_picture_is_kept(drawn):
    folder, faults = drawn
    assert not faults
    assert sorted(path.stem for path in folder.glob("*.png") if "." not in path.stem) == NAMES


def test_smoothed_edges_pass_and_moved_or_recoloured_widgets_do_not():
    card = np.full((320, 320, 3), 40, dtype=np.uint8)
    card[100:126, 100:180] = 200
    smooth = card.copy()
    smooth[99, 100:180] = smooth[126, 100:180] = 70
    assert difference(card, smooth)[0] == 0
    moved = np.roll(card, 4, axis=0)
    dimmed = np.where(card == 200, 170, card).astype(np.uint8)
    assert difference(card, moved)[0] > RUN and difference(card, dimmed)[0] > RUN
    assert difference(card, card[:-1])[0] == 319 * 320 // BLOCK**2

# SPDX-License-Identifier: Apache-2.0
"""The command `tools/studio` in a real window, driven through X by mouse and keyboard."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from causal_contracts.ui.studio.ending import Ending
from panel_process import TESTS, child, skip_without_drawing
from studio_on_display import ROOT, Studio, alive, heeds_control_c
from x_display import need, x_server

MICROWAVE = ROOT / "data/microwave/microwave.usda"
IDLE, FIRED, REACHED = (0x42, 0x4A, 0x4B), (0xE0, 0xA0, 0x30), (0x76, 0xB9, 0x00)


@pytest.fixture(scope="module")
def display(tmp_path_factory):
    need("xdotool")
    with x_server(tmp_path_factory.mktemp("display")) as server:
        yield server


def places(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("places")
    skip_without_drawing(folder)
    done = child(folder, TESTS / "display_places.py", shutil.copy(MICROWAVE, folder), name)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])[name]


@pytest.fixture(scope="module")
def folded(display, tmp_path_factory):
    return places(tmp_path_factory, "folded")


def start(display, folder):
    return Studio(display, folder, Path(shutil.copy(MICROWAVE, folder)), "--size", "1280x720")


@pytest.fixture(scope="module")
def shared(display, tmp_path_factory):
    """One window for tests that leave it open; the last one ends it."""
    studio = start(display, tmp_path_factory.mktemp("shared"))
    yield studio
    studio.end()


@pytest.fixture
def studio(display, tmp_path):
    started = start(display, tmp_path)
    yield started
    started.end()


def test_a_contract_is_edited_by_mouse_and_keys_and_saved(shared, folded):
    assert shared.title == "microwave.usda - Causal Contracts Studio"
    shared.type_over(folded["threshold"], "-4mm")
    assert shared.save() == pytest.approx(-0.004)
    # from six to three tenths of -10 to 0 mm; a pixel is 0.016 mm
    shared.drag(folded["from"], folded["to"])
    assert shared.save() == pytest.approx(-0.007, abs=5e-5)
    shared.keys("ctrl+z")
    assert shared.save() == pytest.approx(-0.004)
    shared.keys("ctrl+y")
    assert shared.save() == pytest.approx(-0.007, abs=5e-5)


def test_what_is_copied_leaves_the_window_and_what_is_pasted_enters_it(shared, folded):
    need("xclip")
    shared.type_over(folded["threshold"], "-3mm")
    shared.save()
    shared.click(folded["threshold"])
    shared.keys("ctrl+a", "ctrl+c")
    shared.until(lambda: shared.display.copied() == "-3 mm", "not copied")
    shared.display.copy("-6mm")
    shared.keys("ctrl+a", "ctrl+v", "Return")
    assert shared.save() == pytest.approx(-0.006)


def test_a_chord_that_is_let_go_within_a_frame_is_taken_whole(shared, folded):
    need("xclip")
    shared.display.copy("-8mm")
    shared.click(folded["threshold"])
    shared.hasty("a")
    shared.hasty("v")
    shared.keys("Return")
    assert shared.save() == pytest.approx(-0.008)
    shared.display.copy("from elsewhere")
    shared.click(folded["threshold"])
    shared.hasty("a")
    shared.hasty("c")
    shared.until(lambda: shared.display.copied() == "-8 mm", "not copied")
    shared.keys("Escape")


def test_a_window_in_which_nothing_moves_costs_little(shared):
    time.sleep(2.0)  # until tips have come and the asset was checked
    # sixty frames a second take 0.4 of a processor here, four of them 0.03
    assert shared.share_of_a_processor(1.5) < 0.1


def test_terminated_it_says_what_is_lost_and_leaves_no_worker(shared, folded):
    shared.type_over(folded["threshold"], "-2mm")
    shared.until(lambda: shared.title.startswith("* "), "not changed")
    shared.click(folded["preview"])
    shared.until(lambda: bool(shared.children()), "no worker")
    workers = shared.children()
    shared.process.send_signal(signal.SIGTERM)
    assert shared.left() == 128 + signal.SIGTERM
    assert "changes of microwave.usda were not saved" in shared.said.read_text()
    shared.until(lambda: not any(map(alive, workers)), "a worker is left")


def test_unsaved_changes_are_asked_about_before_it_closes(studio, folded):
    corner = studio.display.picture().getpixel((3, 3))
    studio.type_over(folded["threshold"], "-4mm")
    studio.until(lambda: studio.title.startswith("* "), "not changed")
    studio.ask_to_close()
    studio.until(lambda: studio.asks(corner), "no question")
    studio.keys("Escape")
    studio.until(lambda: not studio.asks(corner), "the question stays")
    studio.process.send_signal(signal.SIGINT)
    studio.until(lambda: studio.asks(corner), "no question")
    assert "answer in the window" in studio.said.read_text()
    studio.keys("Return")  # the main answer is to save
    assert studio.left() == 0
    assert "triggerThreshold = -0.004" in studio.asset.read_text()


@pytest.mark.slow
def test_a_clone_is_pressed_and_the_rule_changed_while_it_runs(studio, tmp_path_factory):
    at = places(tmp_path_factory, "running")
    cells = [tuple(map(round, cell)) for cell in at["cells"]]

    def colours():
        # beside the letter, and above the strip that says which clone is traced
        picture = studio.display.picture().convert("RGB")
        return [picture.getpixel((x - 4, y - 8)) for x, y in cells]

    studio.click(places(tmp_path_factory, "folded")["preview"])
    studio.until(lambda: bool(studio.children()), "no worker")
    workers = studio.children()
    studio.click(at["play"])
    studio.display.do("mousemove", 20, 700)
    studio.until(lambda: colours() == [IDLE] * 9, "no clones")
    studio.hold(at["cells"][4])
    studio.until(lambda: colours()[4] in (FIRED, REACHED), "not pressed")
    assert colours()[:4] == [IDLE] * 4  # the tip lies over those below
    studio.let_go()
    studio.type_over(at["threshold"], "-3mm")
    studio.until(lambda: studio.title.startswith("* "), "not changed")
    assert studio.children() == workers
    corner = studio.display.picture().getpixel((3, 3))
    studio.ask_to_close()
    studio.until(lambda: studio.asks(corner), "no question")
    studio.keys("Return")
    assert studio.left() == 0
    studio.until(lambda: not any(map(alive, workers)), "a worker is left")


def test_without_a_display_it_says_what_to_do(tmp_path):
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    for one in ("DISPLAY", "WAYLAND_DISPLAY", "OMNIUI_HEADLESS"):
        environment.pop(one, None)
    done = subprocess.run(
        [ROOT / "tools/studio", MICROWAVE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "no window can be opened here" in done.stderr
    assert "tools/studio ASSET --headless --png FILE" in done.stderr
    assert "Traceback" not in done.stderr


def test_control_c_ends_it_where_nothing_is_unsaved_or_it_asks_already(capsys):
    heeds_control_c()
    asked = []
    with Ending() as ending:
        assert not ending.tick([], False, lambda: asked.append(1))
        os.kill(os.getpid(), signal.SIGINT)
        assert not ending.tick(["car.usda"], False, lambda: asked.append(1))
        assert asked == [1] and "answer in the window" in capsys.readouterr().err
        os.kill(os.getpid(), signal.SIGINT)
        assert ending.tick(["car.usda"], True, lambda: asked.append(1))
        assert asked == [1] and ending.code == 130
        os.kill(os.getpid(), signal.SIGINT)
        assert ending.tick([], False, lambda: asked.append(1)) and asked == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

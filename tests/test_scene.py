# SPDX-License-Identifier: Apache-2.0
"""The clones and the arrows that omni.ui.scene draws, off-screen, driven by the mouse."""

import json
import math
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.live.poses import Poser
from causal_contracts.preview.live.usd_skeleton import read_skeleton

ROOT = Path(__file__).resolve().parents[1]
MICROWAVE = ROOT / "data/microwave/microwave.usda"
CAR = ROOT / "data/car/car.usda"
CLONES = 16
PANEL, TEXT, ACCENT, FIRED = "323434", "D8D8D8", "76B900", "E0A030"


def child(folder, *arguments):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "OMNIUI_HEADLESS": "1", "XDG_CONFIG_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module", autouse=True)
def drawing(tmp_path_factory):
    done = child(tmp_path_factory.mktemp("probe"), ROOT / "tests/panel_child.py", "probe")
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        pytest.skip(f"omni.ui cannot draw here ({why}); run tools/setup studio")


def play(folder, scenario, asset=MICROWAVE):
    done = child(folder, ROOT / "tests/scene_child.py", scenario, asset)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def picture(folder, name):
    from matplotlib.image import imread

    return (imread(folder / f"{name}.png")[..., :3] * 255).round().astype(int)


def projected(points, camera):
    """Pixels of world points for a camera with 28 degrees of height and z up."""
    eye, target = np.array(camera["eye"]), np.array(camera["target"])
    back = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross([0, 0, 1], back)
    right /= np.linalg.norm(right)
    seen = (np.asarray(points) - eye) @ np.array([right, np.cross(back, right), back]).T
    scale = camera["height"] / 2 / math.tan(math.radians(14)) / -seen[..., 2]
    x = camera["left"] + camera["width"] / 2 + seen[..., 0] * scale
    y = camera["top"] + camera["height"] / 2 - seen[..., 1] * scale
    return np.stack([x, y], axis=-1)


def rgb(hexadecimal):
    return np.array([*bytes.fromhex(hexadecimal)])


def test_the_ground_and_a_letter_tell_what_each_clone_is_at(tmp_path):
    seen = play(tmp_path, "colours")
    pixels = picture(tmp_path, "looks")
    assert len(set(seen["signs"])) == 6 and seen["signs"][0] == ""
    for clone, state in ((0, None), (1, FIRED), (3, ACCENT), (5, TEXT), (7, FIRED), (9, ACCENT)):
        corner = np.array(seen["offsets"][clone]) + 0.42 * seen["spacing"] * np.array([1, 1, 0])
        x, y = projected(corner, seen).round().astype(int)
        wanted = rgb(PANEL) + (0.36 * (rgb(state) - rgb(PANEL)) if state else 0)
        assert np.abs(pixels[y, x] - wanted).max() <= 2, (clone, pixels[y, x], wanted)
    # the top of the hull, in the asset's colour: shading changes all parts alike
    facts, _, _ = read_contracts(MICROWAVE)
    skeleton = read_skeleton(MICROWAVE, facts)
    corners = Poser(skeleton, []).corners(np.zeros((1, 0)))[0].reshape(-1, 3)
    top = [0.0, -0.15, corners[:, 2].max()]
    x, y = projected(np.array(seen["offsets"][12]) + top, seen).round().astype(int)
    own = 0.08 + 0.92 * np.array(seen["hull"]) ** (1 / 2.2)
    ratio = pixels[y, x] / own
    assert 0.5 * 255 < ratio.mean() <= 255 and np.ptp(ratio) < 0.02 * 255


def test_dragging_turns_and_shifts_the_wheel_comes_nearer_and_home_is_home(tmp_path):
    seen = play(tmp_path, "turning")
    home, turned, shifted, nearer, framed = (
        (np.array(one["eye"]), np.array(one["target"])) for one in seen["seen"]
    )
    assert seen["said"] == []

    def away(camera):
        return camera[0] - camera[1]

    size = [np.linalg.norm(away(one)) for one in (home, turned, shifted, nearer)]
    assert [*turned[1]] == [*home[1]] and size[1] == pytest.approx(size[0])
    # 120 and 40 pixels at 0.008 rad a pixel
    yaw = [math.atan2(away(one)[1], away(one)[0]) for one in (home, turned)]
    pitch = [math.asin(away(one)[2] / np.linalg.norm(away(one))) for one in (home, turned)]
    assert yaw[1] - yaw[0] == pytest.approx(-0.96, abs=0.06)
    assert pitch[1] - pitch[0] == pytest.approx(0.32, abs=0.04)
    assert away(shifted) == pytest.approx(away(turned))
    # the picture is 2 tan(14 deg) of the distance high
    moved = np.linalg.norm(shifted[1] - turned[1])
    wanted = 60 / seen["seen"][0]["height"] * 2 * math.tan(math.radians(14)) * size[0]
    assert moved == pytest.approx(wanted, rel=0.1)
    assert size[3] == pytest.approx(size[2] * 0.88**3)
    assert np.linalg.norm(framed[1] - nearer[1]) > 0.1
    shots = [picture(tmp_path, one) for one in ("home", "turned", "shifted", "nearer")]
    for first, second in pairwise(shots):
        assert (first != second).any(axis=2).mean() > 0.1
    top, height = round(seen["seen"][0]["top"]), round(seen["seen"][0]["height"])
    rows = slice(top, top + height)
    again = np.abs(picture(tmp_path, "home again")[rows] - shots[0][rows]).max(axis=2)
    assert (again > 2).mean() < 1e-3


def test_a_click_presses_the_clone_under_it_and_no_other(tmp_path):
    seen = play(tmp_path, "clicks")
    for clone, said, line in seen["answers"]:
        assert said == [["press", clone], ["release", clone]]
        assert line == f"Clone {clone}: idle."
    assert seen["reset"] == [["reset", 3]]
    assert seen["other"] == []


def test_an_opened_door_is_drawn_where_its_corners_are_and_nothing_else_changes(tmp_path):
    seen = play(tmp_path, "moving")
    changed = (picture(tmp_path, "closed") != picture(tmp_path, "open")).any(axis=2)
    facts, _, _ = read_contracts(MICROWAVE)
    skeleton = read_skeleton(MICROWAVE, facts)
    joint_pos = np.zeros((2, len(seen["joints"])), dtype=np.float32)
    joint_pos[1, seen["joints"].index("door_hinge")] = 1.2
    corners = Poser(skeleton, seen["joints"]).corners(joint_pos)
    doors = [i for i, box in enumerate(skeleton.boxes) if _carried(skeleton, box, "door_hinge")]
    moved = corners[:, doors] + np.array(seen["camera"]["offsets"][13])
    pixels = projected(moved, seen["camera"]).reshape(-1, 2)
    y, x = np.nonzero(changed)
    assert [x.min(), y.min()] == pytest.approx(pixels.min(axis=0), abs=3)
    assert [x.max(), y.max()] == pytest.approx(pixels.max(axis=0), abs=3)
    assert seen["unchanged"] and seen["shown"]
    assert seen["line"] == "Start the preview to see its clones here."


def _carried(skeleton, box, joint):
    body = box.body
    while body >= 0:
        if skeleton.bodies[body].joint == joint:
            return True
        body = skeleton.bodies[body].parent
    return False


def test_arrows_run_from_trigger_to_effect_and_a_click_selects_the_contract(tmp_path):
    seen = play(tmp_path, "arrows", CAR)
    assert seen["picked"] == {name: [name] for name in ("boot_opens_hatch", "button_opens_flap")}
    pixels = picture(tmp_path, "arrows")
    for x, y in seen["points"].values():
        near = pixels[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4].reshape(-1, 3)
        assert (np.abs(near - rgb(ACCENT)).max(axis=1) < 40).any()
    for name, ends in seen["first"].items():
        shifted = np.array(ends) + np.array([1.0, 2.0, 3.0])
        assert np.array(seen["moved"][name]) == pytest.approx(shifted)
    assert seen["hidden"] and seen["followed"] and seen["left"] == {}


def test_in_the_panel_a_click_in_space_presses_one_real_clone_and_the_wheel_stays(tmp_path):
    seen = play(tmp_path, "panel", shutil.copy(MICROWAVE, tmp_path))
    assert seen["folded"] == [True, True]
    assert seen["cells"] == [0, 0, 3, 0]
    assert seen["line"].startswith("Clone 2: ")
    # what stands after play is what a picture made anew shows
    assert seen["paused"] is not None and seen["paused"] < 1e-9
    # while clones move, every second frame is drawn; the last one as soon as none follows it
    assert seen["drawn"] == [2, 2, 3, 3]
    (top, distance), (top_after, distance_after) = seen["before"], seen["after"]
    assert top_after == pytest.approx(top, abs=4)
    assert distance_after == pytest.approx(distance / 0.88)

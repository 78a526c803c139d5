# SPDX-License-Identifier: Apache-2.0
"""Sections that stand outside of the panel, drawn off-screen and clicked, each in its process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = ROOT / ".tools/uv/bin"


def child(folder, *arguments):
    settings = {"XDG_CONFIG_HOME": str(folder), "OMNIUI_HEADLESS": "1"}
    path = f"{UV}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **settings, "PATH": path, "PIP_CONFIG_FILE": os.devnull},
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


def play(folder, scenario):
    """What a scenario saw."""
    done = child(folder, ROOT / "tests/services_child.py", scenario)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_packages_are_offered_installed_cancelled_tried_again_and_removed(tmp_path):
    seen = play(tmp_path, "packages")
    why, download, folder = seen["offered"]
    assert "6 Python packages which Studio does not bring" in why
    assert download.endswith(f"from {tmp_path / 'wheels'}")
    assert folder == str(tmp_path / "data/packages")
    assert seen["progress"] == "Trying the packages"
    assert seen["cancelled"] == [["packages.lock"], None]
    said = "The package index has no fitting wheel: check which index pip is told to use."
    assert seen["failed"] == [said, "Try again"] and seen["copied"] == said
    text, offer_gone = seen["installed"]
    assert text.startswith("Packages: ") and text.endswith(str(tmp_path / "data/packages"))
    assert offer_gone and seen["removed"]


def test_packages_that_cannot_be_installed_say_why(tmp_path):
    seen = play(tmp_path, "packages_impossible")
    assert seen == {
        "why": "cc_old needs Python 3.11, and this program has 3.12.",
        "busy": False,
    }


def test_a_prims_contracts_are_switched_added_edited_removed_and_undone(tmp_path):
    seen = play(tmp_path, "prim_contracts")
    name, added = "press_opens_door", "button_slide_moves_door_hinge"
    assert seen["said"] == [
        "1 contract on this asset",
        "button_slide < -5 mm => door_hinge := 90 deg",
    ]
    assert seen["off"] is False and seen["on"] == [True, True]
    assert seen["added"] == [added, name]
    assert seen["edited"] == [[name], 1]
    assert seen["removed"] == [[added], f"Delete {name}"]
    assert seen["back"] == [[name], True]
    assert seen["joint"] == "1 contract with this joint"
    assert seen["trigger"] == ["greater", ["door_hinge_moves_button_slide", name]]
    said, kept = seen["refused"]
    assert "read-only: choose another edit target" in said and len(kept) == 2
    assert seen["elsewhere"] == [False, False]


def test_a_joint_is_used_in_the_contract_that_is_selected_in_the_panel(tmp_path):
    seen = play(tmp_path, "joint_uses")
    assert seen["before"] == [False, False]  # of no joint, and of one that the contract has
    assert seen["offered"] == "In boot_opens_hatch:" and seen["used"]
    assert seen["step"] == "Set trigger joint of boot_opens_hatch"
    assert seen["after"] == [False, "2 contracts with this joint", 1]


def test_the_services_of_kit_fit_what_was_read_of_them(tmp_path):
    """On stand-ins (kit_stand_ins.py) and the real validator: names and arguments, not Kit."""
    seen = play(tmp_path, "kit")
    started, lines = seen["bare"]
    assert started == 0 and [line.partition(" is off: ")[0] for line in lines] == [
        "kit_property",
        "kit_context_menu",
        "kit_viewport",
        "kit_validator",
    ]
    name, claimed = "press_opens_door", "CausalContractAPI:press_opens_door"
    assert seen["shown"] == [[name], [claimed], 1] and seen["again"] and seen["several"] == []
    assert seen["menu"] == [
        "Add causal contract",
        "Use as trigger of the selected contract",
        "Use as effect of the selected contract",
    ]
    assert seen["used"] == ["/Microwave/third"]
    assert seen["adds"] == [True, False]
    assert seen["added"] == ["door_hinge_moves_button_slide", name]
    assert seen["overlay"] == [[0, 1], [1, 1], False]
    assert seen["drawn"] == ["door_hinge_moves_button_slide", name]
    assert seen["rule"] == ["CausalContractsChecker"]
    assert seen["left"] == [0] * 9 and seen["most held"] == 2

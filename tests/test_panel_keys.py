# SPDX-License-Identifier: Apache-2.0
"""The keyboard of the real panel, drawn off-screen."""

import re
from importlib import metadata

import pytest
from panel_process import play_all

BOOT, FLAP = "boot_opens_hatch", "button_opens_flap"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return play_all(tmp_path_factory, "panel_keys_child.py")


def test_arrows_move_the_selection_and_stretch_it_with_shift(seen):
    # up at the first row and down at the last stay; shift stretches from the anchor and back
    assert seen["arrows"]["seen"] == [
        [BOOT],
        [FLAP],
        [FLAP],
        [FLAP, BOOT],
        [FLAP],
        [FLAP, BOOT],
        [BOOT],
    ]
    assert seen["arrows"]["all"] == [BOOT, FLAP]
    assert seen["arrows"]["count"] == "2 of 2 selected"


def test_keys_duplicate_delete_undo_and_redo(seen):
    assert seen["edits"] == {"counts": [3, 2, 3, 2, 3, 2, 3, 2], "as before": True}


def test_keys_belong_to_the_field_that_has_the_caret(seen):
    assert seen["caret"]["kept"] == [[BOOT, FLAP], [BOOT]]
    assert seen["caret"]["typing"] == [True, False]
    assert seen["caret"]["then"] == [FLAP]


def test_keys_of_another_window_change_nothing(seen):
    assert seen["elsewhere"] == {"kept": [BOOT, FLAP], "then": [FLAP]}


def contrast(*colours):
    """Of two colours that omni.ui packed as ABGR, from 1 to 21, as WCAG 2.2 defines it."""
    lights = []
    for packed in colours:
        parts = [(packed >> shift & 0xFF) / 255 for shift in (0, 8, 16)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        lights.append(sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_an_id_is_renamed_in_its_row_and_says_why_not_while_typed(seen):
    said = seen["rename"]
    assert said["kept"] == [BOOT, FLAP]
    assert said["said"].startswith(f"'{BOOT} x' is no contract id: use letters")
    assert contrast(*said["colours"]) >= 4.5, "the least of WCAG 2.2, 1.4.3"
    assert said["still"] == [True, [BOOT, FLAP]]
    assert said["left"] == [False, [BOOT, FLAP], None]
    new = f"{BOOT[:-1]}2"
    assert said["renamed"] == [False, [new, FLAP], [new]]
    assert said["back"] == [BOOT, FLAP]


def test_escape_puts_back_what_is_dragged(seen):
    said = seen["drag"]
    assert said["dragged"][0] is True and said["dragged"][1] != "20 deg"
    assert said["back"] == [False, "20 deg"] and said["same"]


def test_kit_numbers_the_keys_as_its_own_header_does(seen):
    try:
        kit = metadata.distribution("omniverse-kit")
    except metadata.PackageNotFoundError:
        pytest.skip("omniverse-kit, whose header numbers the keys, is not installed (extra kit)")
    text = kit.locate_file("omni/dev/include/carb/input/InputTypes.h").read_text()
    body = re.search(r"enum class KeyboardInput[^{]*\{(.*?)\};", text, re.DOTALL)[1]
    names = re.findall(r"^\s*e(\w+),", body, re.MULTILINE)
    kit_names = {"Del": "Delete", "NumpadEnter": "Enter"}
    kit_names |= {f"{side}{key}": key for side in ("Left", "Right") for key in ("Shift",)}
    kit_names |= {f"{side}Control": "Ctrl" for side in ("Left", "Right")}
    assert names[0] == "Unknown" and len(names) > 100
    for code, name in seen["codes"].items():
        assert kit_names.get(names[int(code)], names[int(code)]) == name

# SPDX-License-Identifier: Apache-2.0
"""Searchable combos, numbers, and edits of several contracts on the real panel."""

import pytest
from panel_process import play_all

BOOT = "boot_opens_hatch"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return play_all(tmp_path_factory, "panel_fields_child.py")


def test_each_joint_says_type_limits_drive_or_why_it_cannot_be_chosen(seen):
    said = {key: (note, why) for key, note, why in seen["search"]["all"]}
    assert said["boot_hinge"] == ("revolute, 0 to 75 deg, drive", None)
    assert said["flap_button"][0] == "prismatic, -10 to 0 mm, drive"
    assert said["hatch_hinge"][1] == "hatch_hinge is the effect joint already: choose another one."
    assert "is a fixed joint" in said["root_joint"][1]
    # what cannot be chosen comes last
    assert [why is None for _, _, why in seen["search"]["all"]] == [True] * 3 + [False] * 2


def test_the_list_is_narrowed_by_typing_and_picked_by_arrows_and_enter(seen):
    said = seen["search"]
    assert said["narrowed"] == ["boot_hinge", "fuel_flap_hinge", "hatch_hinge"]
    assert said["caret stays"] == "*hing"
    assert said["escaped"] == [False, "boot_hinge"]
    # `flap` leaves the hinge and the button of the flap; one down is the second
    assert said["picked"] == "flap_button"
    assert said["undo"] == f"Set trigger joint of {BOOT}"


def test_a_grey_joint_is_not_picked(seen):
    assert seen["refused"] == {"open": True, "undo": None}


def test_the_joint_selected_on_the_stage_is_used_or_says_why_not(seen):
    said = seen["selected"]
    assert said["none"] == "Studio shows no stage to select on: choose from the list."
    assert said["effect"] == "fuel_flap_hinge"
    assert said["both"].endswith("is the effect joint already: choose another one.")


def test_the_rest_target_is_typed_onto_the_drive_of_the_joint(seen):
    said = seen["rest"]
    assert said["typed"] == pytest.approx(5.0)
    assert said["shown"] == ["5 deg", f"Set rest of {BOOT}"]
    assert said["refused"].startswith("'apples' is no number")


def test_contracts_that_differ_show_mixed_and_one_edit_sets_all(seen):
    said = seen["mixed"]
    assert said["shown"] == ["", True, "and 2 more; edits reach all 3"]
    assert said["values"] == [pytest.approx(-0.002)] * 3
    assert said["step"] == "Set threshold of 3 contracts" and said["now"] == "-2 mm"
    assert said["modes"] == ["level"] * 3 and said["as before"]


def test_edits_go_to_the_layer_that_was_chosen(seen):
    said = seen["target"]
    assert said["offered"] == ["session layer (not saved)", "car.usda"]
    assert said["now"] == "session layer (not saved)"
    assert said["session"] and said["root as before"]


def test_the_picker_counts_and_says_what_it_does_not_list(seen):
    said = seen["articulations"]
    counts = "2 joints, 0 contracts"
    assert said["offered"] == [
        ["/Kitchen/Box", counts, None],
        ["/Kitchen/Box1", counts, None],
    ]
    assert said["title"] == "1 prim is not listed" and said["unfolded"]
    assert said["reasons"] == [
        ["/Kitchen/Box2", "is deactivated: activate it to see its contracts."]
    ]
    assert said["picked"] == "/Kitchen/Box1"

# SPDX-License-Identifier: Apache-2.0
"""The real table: header, columns, menu, and many rows of which few are drawn."""

import json

import pytest
from panel_process import play_all

BOOT, FLAP = "boot_opens_hatch", "button_opens_flap"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return play_all(tmp_path_factory, "panel_table_child.py")


def test_a_click_on_a_column_sorts_and_another_one_the_other_way_round(seen):
    before, again, sentence, mode = seen["header"]["sorted"]
    assert before == [BOOT, FLAP]
    assert again == [["id", True], [FLAP, BOOT]]
    assert sentence == [["sentence", False], [BOOT, FLAP]]
    # both are latching: the id decides
    assert mode == [["mode", False], [BOOT, FLAP]]


def test_columns_are_hidden_and_stay_so(seen):
    said = seen["header"]
    assert said["heights"] == [44, 28] and said["box"] is False
    assert said["kept"] == ["state", "mode"]


def test_the_menu_of_a_row_acts_on_it(seen):
    said = seen["menu"]
    assert said["chosen"] == [FLAP] and said["enable"] is False and said["off"] is False
    assert said["renaming"] is True and said["left"] == [BOOT]


def test_a_contract_is_copied_as_json_as_a_command_and_as_lab_code(seen):
    couplings, command, code = seen["menu"]["copied"]
    assert [one["id"] for one in json.loads(couplings)["couplings"]] == [FLAP]
    assert command.startswith("causal-contracts add ") and f"--id {FLAP}" in command
    assert "apply_couplings" in code and len(code.strip().splitlines()) == 2


def test_of_many_rows_those_in_view_are_drawn(seen):
    said = seen["many"]
    # 240 pixels of 48 show five rows; at most three more are held ready
    assert said["first"][:5] == [f"rule_{index:03}" for index in range(5)]
    assert len(said["first"]) <= 8 and len(said["middle"]) <= 8
    assert "rule_250" in said["middle"] and "rule_001" not in said["middle"]


def test_an_edit_far_down_keeps_the_place(seen):
    assert seen["many"]["stays"] and seen["many"]["primary"] == "rule_252"
    # every seventh is disabled from the start, and 252 = 7 * 36 is not one of them
    assert seen["many"]["off"] is False


def test_an_id_too_long_for_its_row_is_whole_in_its_tip(seen):
    assert seen["long"] == {BOOT: False, "x" * 60: True}

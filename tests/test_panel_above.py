# SPDX-License-Identifier: Apache-2.0
"""Menus and lists over the real panel: a click on them is none on what lies beneath."""

import pytest
from panel_process import play_all

BOOT, FLAP = "boot_opens_hatch", "button_opens_flap"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return play_all(tmp_path_factory, "panel_above_child.py")


def test_a_menu_over_another_row_acts_on_its_own(seen):
    said = seen["menu"]
    assert said["over"], "the line no longer lies over another row: move the click"
    assert said["enabled"] == [False, True] and said["selected"] == [BOOT]


def test_a_list_over_another_combo_does_not_open_that(seen):
    said = seen["joints"]
    assert said["opened"] == ["trigger joint"]
    assert "effect joint" not in said["through"]
    assert said["then"] == ["effect joint"]


def test_a_drag_on_a_menu_moves_no_border_beneath_it(seen):
    assert seen["border"] == {"through": 0.0, "then": True}


def test_a_drag_on_a_menu_scrolls_no_list_beneath_it(seen):
    said = seen["thumb"]
    assert said["through"] == "rule_000" and said["then"] != "rule_000"


def test_no_tip_lies_over_a_menu_or_list_whose_grey_lines_say_why(seen):
    said, least = seen["tips"], 280 * 16
    shown = ("button", "again", "grey line", "after the menu", "after the list")
    assert all(said[name] > least for name in shown), said
    assert said["beneath the menu"] < least and said["beneath the list"] < least, said

# SPDX-License-Identifier: Apache-2.0
"""Import with its difference and export through the real panel."""

import pytest
from panel_process import play_all

BOOT, FLAP, ADDED = "boot_opens_hatch", "button_opens_flap", "added_rule"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return play_all(tmp_path_factory, "panel_import_child.py")


def test_an_import_shows_each_field_and_is_one_undo_step(seen):
    said = seen["merge"]
    assert said["summary"] == "1 added, 1 changed, 1 not in the file"
    fields = said["texts"][said["texts"].index("threshold") :]
    assert fields[:8] == ["threshold", "20 deg", "->", "30 deg", "mode", "latching", "->", "level"]
    assert said["cancelled"] == [True, None]
    assert said["merged"] == [[ADDED, BOOT, FLAP], "level", "Import changed.json"]
    assert said["as before"]


def test_replacing_says_what_it_removes_before_it_does(seen):
    assert seen["replace"]["says"] == ["not in the file: stays", "removed"]
    assert seen["replace"]["ids"] == [ADDED, BOOT]


def test_a_file_that_does_not_fit_or_changes_nothing_says_so(seen):
    said = seen["unfit"]
    assert "no joint 'button_slide'" in said["said"] and said["apply"] is False
    assert said["same"] == "Nothing differs: there is nothing to write."


def test_an_export_shows_its_path_and_copies_it(seen):
    assert seen["export"] == {"told": True, "copied": True, "written": True}

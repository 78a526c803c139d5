# SPDX-License-Identifier: Apache-2.0
"""Studio's own window, drawn off-screen: no edit is lost without a question."""

import pytest
from panel_process import play_all


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return play_all(tmp_path_factory, "studio_window_child.py")


def test_closing_with_unsaved_edits_asks_and_saves(seen):
    said = seen["close"]
    assert said["titles"] == ["car.usda", "* car.usda", "car.usda"]
    assert said["question"].startswith("car.usda has changes that are not saved.")
    assert said["cancelled"] == [False, True]
    assert said["saved"] == [True, [], True]


def test_leaving_without_saving_keeps_the_file(seen):
    assert seen["discard"] == {"done": True, "as before": True}


def test_a_question_is_answered_by_keys(seen):
    said = seen["keys"]
    assert said["asked"] and said["escaped"] == [True, False, ["car.usda"]]
    assert said["entered"] == [True, []]


def test_closing_asks_nothing_where_nothing_changed(seen):
    assert seen["clean"] == {"done": True, "asked": False}


def test_undo_back_to_what_is_saved_leaves_nothing_to_ask_about(seen):
    said = seen["undone"]
    assert said["stars"] == [True, False, True, False, True, False]
    assert said["grey"] == "off" and said["left"] == [True, True]


def test_files_are_saved_and_opened_by_keys_and_from_the_recent_ones(seen):
    said = seen["files"]
    assert said["saved"] == [[], "Wrote car.usda."]
    assert said["opened"] == ["microwave.usda", "/Microwave"]
    assert said["again"] == ["car.usda", "/Car"]
    assert said["kept"] == ["car.usda", "microwave.usda"]

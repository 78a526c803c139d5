# SPDX-License-Identifier: Apache-2.0
"""Studio's file dialog: what it lists, and what mouse and keyboard do in it."""

from pathlib import Path

import pytest
from causal_contracts.ui.studio.file_list import (
    begin,
    best,
    crumbs,
    entries,
    file_entries,
    named,
    place_of,
    shown_size,
)
from panel_process import play_all

USD = (".usda", ".usdc", ".usd")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return play_all(tmp_path_factory, "file_dialog_child.py")


@pytest.fixture
def folder(tmp_path):
    for name in ("b.usda", "A.USDC", "c.json", ".d.usda"):
        (tmp_path / name).write_text(name)
    for name in ("zoo", "Attic", ".git"):
        (tmp_path / name).mkdir()
    return tmp_path


def names(found):
    return [one.path.name for one in found]


def test_folders_come_first_and_files_of_other_kinds_and_hidden_ones_not_at_all(folder):
    assert names(entries(folder, USD)) == ["Attic", "zoo", "A.USDC", "b.usda"]
    assert names(entries(folder, (".json",))) == ["Attic", "zoo", "c.json"]
    assert names(entries(folder, USD, ".")) == [".git", ".d.usda", "A.USDC", "b.usda"]
    assert names(entries(folder, USD, "b*")) == ["b.usda"]
    with pytest.raises(OSError, match="nowhere"):
        entries(folder / "nowhere", USD)


def test_a_link_that_leads_nowhere_is_not_listed(folder):
    (folder / "link.usda").symlink_to(folder / "gone.usda")
    assert "link.usda" not in names(entries(folder, USD))


def test_recent_files_keep_their_order_and_lose_those_that_are_gone(folder):
    paths = [folder / "b.usda", folder / "gone.usda", folder / "A.USDC", folder / "c.json"]
    assert names(file_entries(paths, USD)) == ["b.usda", "A.USDC"]


def test_typed_text_names_a_folder_and_what_to_look_for_there(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    here = Path("/a/b")
    assert place_of(here, "do") == (here, "do")
    assert place_of(here, "../c/do") == (Path("/a/c"), "do")
    assert place_of(here, "/do") == (Path("/"), "do")
    assert place_of(here, "~/x/") == (Path("/home/me/x"), "")
    assert named(here, "door", ".json") == Path("/a/b/door.json")
    assert named(here, "../door.usda", ".json") == Path("/a/door.usda")


def test_without_a_file_one_begins_where_the_program_was_started(tmp_path, monkeypatch):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.chdir(folder)
    assert begin() == folder
    folder.rmdir()
    assert begin() == Path("/home/me")


def test_the_name_itself_is_meant_before_one_that_begins_so_and_that_before_others(folder):
    found = entries(folder, USD)
    assert best(found, "b.usda").path.name == "b.usda"
    assert best(found, "a").path.name == "A.USDC"
    assert best(found, "o").path.name in ("A.USDC", "b.usda")


def test_sizes_and_folders_are_told_briefly():
    assert [shown_size(one) for one in (0, 999, 1000, 12_345, 999_999_999)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "12 kB",
        "1.0 GB",
    ]
    assert [name for name, _ in crumbs(Path("/a/b/c"), 2)] == ["b", "c"]
    assert crumbs(Path("/"), 3) == [("/", Path("/"))]


def test_typing_narrows_the_list_and_arrows_and_enter_go_in_and_open(seen):
    said = seen["keyboard"]
    assert said["listed"] == [["parts", "textures", "boot.usda", "car.usda"], ["boot.usda"]]
    assert said["inside"] == [["stove.usda"], "parts"] and said["opened"] == "stove.usda"


def test_double_clicks_go_in_and_open_and_escape_opens_nothing(seen):
    said = seen["mouse"]
    assert said["inside"] == ["stove.usda"]
    assert said["back"] == ["parts", "textures", "boot.usda", "car.usda"]
    assert said["left"] == [True, True]
    assert said["recent"] == ["boot.usda", "car.usda"] and said["opened"] == "car.usda"


def test_what_is_not_there_is_said(seen):
    said = seen["wrong"]
    assert said["none"] == "Choose a file of the list, or type its path."
    assert said["absent"].startswith("There is no file nosuch.usda in ")
    assert said["folder"] == "There is no folder /nowhere/at/all."


def test_a_file_is_replaced_after_a_question_alone(seen):
    said = seen["export"]
    assert said["asked"] == ["couplings.json is there already. Replace it?", "old"]
    assert said["kept"][1] == "old"
    assert said["replaced"] == ["{", True] and said["new"]


def test_a_folder_is_created_after_a_question_and_the_file_offered_again(seen):
    said = seen["create"]
    assert said["asked"][0].startswith("There is no folder ") and not said["asked"][1]
    assert said["asked"][0].endswith(" new/deep. Create it?")
    assert "it can be created" in said["said"]
    assert said["written"] and said["recent"] == ["rules.json"]


def test_save_as_writes_another_file_and_goes_on_with_it(seen):
    said = seen["save_as"]
    assert said["opened"] == "second.usda" and said["enabled"] == [False, True]
    assert said["old"] and said["saved"] == []

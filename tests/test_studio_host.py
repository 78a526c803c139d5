# SPDX-License-Identifier: Apache-2.0
"""The host of Studio: files, frames, undo, settings, work on the side."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from build_asset import build_box
from causal_contracts.core import ContractError
from causal_contracts.ui.host import Level, StageChange
from causal_contracts.ui.jobs import Cancelled
from causal_contracts.ui.signals import Signal
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings, settings_path
from causal_contracts.ui.undo_stack import UndoStack
from pxr import Sdf, Usd


@pytest.fixture
def host(tmp_path: Path):
    host = StudioHost(settings=Settings(tmp_path / "settings.json"))
    yield host
    host.close()


@pytest.fixture(params=["box.usda", "box.usdc", "box.usd"])
def opened(request, host: StudioHost, tmp_path: Path) -> StudioHost:
    host.open(build_box(tmp_path / request.param))
    host.frame()
    return host


def move(host: StudioHost, value: float = 3.0) -> None:
    host.stage().GetPrimAtPath("/Box/lid_hinge").GetAttribute("physics:upperLimit").Set(value)


def test_saving_replaces_the_file_whole_and_leaves_the_layer_clean(opened: StudioHost):
    path = Path(opened.stage().GetRootLayer().realPath)
    before = path.stat().st_ino
    assert opened.unsaved() == [] and opened.save() == []
    move(opened)
    assert opened.unsaved() == [path.name]
    said = opened.stage().GetRootLayer().ExportToString()
    assert opened.save() == [path] and opened.unsaved() == []
    assert path.stat().st_ino != before  # another file took its place
    assert opened.stage().GetRootLayer().ExportToString() == said
    assert Sdf.Layer.OpenAsAnonymous(str(path)).ExportToString() == said
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []
    move(opened, 4.0)
    assert opened.unsaved() == [path.name]


def test_a_layer_that_says_what_its_file_says_needs_no_saving(opened: StudioHost):
    name = Path(opened.stage().GetRootLayer().realPath).name
    limit = opened.stage().GetPrimAtPath("/Box/lid_hinge").GetAttribute("physics:upperLimit")
    before = limit.Get()
    move(opened)
    opened.frame()
    assert opened.unsaved() == [name]
    move(opened, before)
    assert opened.stage().GetRootLayer().dirty
    opened.frame()
    assert opened.unsaved() == [] and opened.save() == []


class Nothing:
    """A step that does nothing."""

    name = "nothing"

    def do(self) -> None:
        pass

    undo = do


def test_the_saved_steps_are_come_back_to_unless_they_fell_off_the_stack(monkeypatch):
    monkeypatch.setattr("causal_contracts.ui.undo_stack.MAX_STEPS", 2)
    stack = UndoStack()
    seen = [stack.as_saved]
    for does in (lambda: stack.push(Nothing()), stack.undo, stack.redo, stack.mark_saved):
        does()
        seen.append(stack.as_saved)
    assert seen == [True, False, True, False, True]
    stack.undo()
    stack.push(Nothing())
    assert not stack.as_saved  # as many steps, but another one
    stack.clear()
    assert stack.as_saved
    for _ in range(3):
        stack.push(Nothing())
    while stack.next_undo():
        stack.undo()
    assert not stack.as_saved  # one step stands that can no more be undone


def test_a_save_that_fails_leaves_the_file_and_says_why(opened: StudioHost, monkeypatch):
    path = Path(opened.stage().GetRootLayer().realPath)
    before = path.read_bytes()
    move(opened)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(ContractError, match="No space left"):
        opened.save()
    assert path.read_bytes() == before and opened.unsaved() == [path.name]
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []


def test_saving_as_opens_the_new_file_and_keeps_the_old(opened: StudioHost, tmp_path: Path):
    path = Path(opened.stage().GetRootLayer().realPath)
    before = path.read_bytes()
    move(opened)
    opened.save_as(tmp_path / "other.usda")
    assert path.read_bytes() == before
    assert opened.stage().GetRootLayer().realPath == str(tmp_path / "other.usda")
    limit = opened.stage().GetPrimAtPath("/Box/lid_hinge").GetAttribute("physics:upperLimit")
    assert limit.Get() == 3.0
    with pytest.raises(ContractError, match="no USD file"):
        opened.save_as(tmp_path / "other.txt")


def test_a_file_that_cannot_be_read_leaves_the_stage(opened: StudioHost, tmp_path: Path):
    stage = opened.stage()
    with pytest.raises(ContractError, match="is no file"):
        opened.open(tmp_path / "gone.usda")
    assert opened.stage() == stage


def test_changes_of_one_frame_come_as_one(opened: StudioHost):
    changes: list[StageChange] = []
    held = opened.watch_stage(changes.append)
    move(opened, 3.0)
    move(opened, 4.0)
    opened.stage().DefinePrim("/New")
    assert changes == []
    opened.frame()
    (change,) = changes
    assert change.structure and not change.opened
    assert "/Box/lid_hinge.physics:upperLimit" in change.properties
    opened.frame()
    assert len(changes) == 1
    held.close()
    move(opened, 5.0)
    opened.frame()
    assert len(changes) == 1


def test_a_closed_stage_is_let_go(host: StudioHost, tmp_path: Path):
    path = build_box(tmp_path / "box.usda")
    host.open(path)
    host.close()
    host.frame()
    assert host.stage() is None and host.edit_target() is None and host.edit_targets() == []
    assert Sdf.Layer.Find(str(path)) is None


def test_edit_targets_say_which_cannot_be_written(opened: StudioHost):
    stage = opened.stage()
    root, calls = stage.GetRootLayer(), []
    opened.watch_edit_target(lambda: calls.append(opened.edit_target().name))
    above = Sdf.Layer.CreateAnonymous("above.usda")
    stage.GetSessionLayer().subLayerPaths.append(above.identifier)
    names = [one.name for one in opened.edit_targets()]
    file = Path(root.realPath).name
    assert names == ["session layer (not saved)", above.GetDisplayName(), file]
    opened.set_edit_target(above.identifier)
    opened.frame()
    assert calls == [above.GetDisplayName()]
    root.SetPermissionToEdit(False)
    stage.MuteLayer(above.identifier)
    why = {one.layer: one.why_not for one in opened.edit_targets()}
    assert why[root.identifier] == f"{file} is read-only: choose another edit target."
    with pytest.raises(ValueError, match="no layer of this stage"):
        opened.set_edit_target("gone.usda")
    root.SetPermissionToEdit(True)


def test_a_variant_as_edit_target_is_named(opened: StudioHost):
    variants = opened.stage().GetPrimAtPath("/Box").GetVariantSets().AddVariantSet("kind")
    variants.AddVariant("a")
    variants.SetVariantSelection("a")
    opened.stage().SetEditTarget(variants.GetVariantEditTarget())
    assert opened.edit_target().name.endswith("{kind=a}")


def test_settings_survive_and_a_broken_file_costs_the_settings_alone(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_path() == tmp_path / "causal_contracts" / "studio.json"
    host = StudioHost()
    host.set_setting("columns", ["id", "mode"])
    host.set_setting("filter", "door*")
    again = StudioHost()
    assert (again.setting("columns", []), again.setting("filter", "")) == (["id", "mode"], "door*")
    assert again.setting("filter", 3) == 3 and again.setting("none", None) is None
    assert json.loads(settings_path().read_text())["filter"] == "door*"
    settings_path().write_text("{")
    assert StudioHost().setting("filter", "") == ""


def test_selection_is_told_once(host: StudioHost):
    calls = []
    host.watch_selection(lambda: calls.append(host.selection()))
    host.select(["/A"])
    host.select(["/A"])
    assert calls == [["/A"]]


class Add:
    """A step that adds its number to a list."""

    def __init__(self, numbers: list[int], number: int) -> None:
        self.name, self.numbers, self.number = f"add {number}", numbers, number
        self.do()

    def do(self) -> None:
        self.numbers.append(self.number)

    def undo(self) -> None:
        self.numbers.remove(self.number)


def test_undo_and_redo_go_back_and_forth_until_something_new(host: StudioHost):
    numbers: list[int] = []
    host.push(Add(numbers, 1))
    host.push(Add(numbers, 2))
    host.undo()
    assert (numbers, host.can_undo(), host.can_redo()) == ([1], "add 1", "add 2")
    host.redo()
    assert numbers == [1, 2]
    host.undo()
    host.undo()
    host.undo()
    assert numbers == [] and host.can_undo() is None
    host.push(Add(numbers, 3))
    assert host.can_redo() is None


def wait(host: StudioHost, done: list) -> None:
    for _ in range(500):
        host.frame()
        if done:
            return
        threading.Event().wait(0.01)
    raise AssertionError("the job never came back")


def test_work_on_the_side_comes_back_on_a_frame(host: StudioHost):
    done, threads = [], []

    def work(progress) -> int:
        threads.append(threading.current_thread())
        progress(0.5, "half")
        return 7

    job = host.run("seven", work, done.append)
    wait(host, done)
    assert (done[0].value, job.done, job.says) == (7, 0.5, "half")
    assert threads[0] is not threading.main_thread() and host.jobs.running == []


def test_work_that_fails_or_is_cancelled_says_so(host: StudioHost):
    done, go = [], threading.Event()

    def fail(_) -> None:
        raise RuntimeError("no")

    host.run("fail", fail, done.append)
    wait(host, done)
    assert str(done[0].fault) == "no"

    def long(progress) -> None:
        go.wait(5)
        progress(0.1)
        raise AssertionError("it went on")

    done.clear()
    job = host.run("long", long, done.append)
    job.cancel()
    go.set()
    wait(host, done)
    assert done[0].cancelled and issubclass(Cancelled, Exception)


def test_a_faulty_listener_stops_no_other_and_is_logged_once(caplog):
    signal, calls = Signal("test"), []

    def fail() -> None:
        raise RuntimeError("no")

    signal.connect(fail)
    held = signal.connect(lambda: calls.append(1))
    signal()
    signal()
    assert calls == [1, 1]
    assert len([one for one in caplog.records if "'test' failed" in one.message]) == 1
    held.close()
    held.close()
    signal()
    assert calls == [1, 1] and len(signal) == 1


def test_without_dialogs_a_question_is_answered_by_a_sentence(host: StudioHost, tmp_path: Path):
    told = []
    host.notified.connect(lambda text, level: told.append((text, level)))
    host.ask_open("Import", [".json"], told.append)
    host.ask_save("Export", tmp_path, told.append)
    host.confirm("Delete", "Sure?", "Delete", lambda: told.append("yes"))
    assert [level for _, level in told] == [Level.WARNING] * 3
    host.copy("text")
    assert host.copied == "text"


def test_a_stage_in_memory_can_be_opened(host: StudioHost):
    host.open(Usd.Stage.CreateInMemory())
    assert host.unsaved() == [] and host.edit_target().name

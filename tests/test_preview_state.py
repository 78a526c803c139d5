# SPDX-License-Identifier: Apache-2.0
"""The preview's state against real workers on real PhysX, without any widget."""

from __future__ import annotations

import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from causal_contracts.preview.live.view import LiveFrame
from causal_contracts.ui.preview import inks, run
from causal_contracts.ui.preview.cells import Cell, cells_of
from causal_contracts.ui.preview.grid_image import GridImage
from causal_contracts.ui.preview.grid_layout import layout_of
from causal_contracts.ui.preview.preview_state import PreviewState
from causal_contracts.ui.preview.source import is_unsaved, source_of
from causal_contracts.ui.preview.standby import Phase
from causal_contracts.ui.preview.trace_buffer import SECONDS, TraceBuffer
from causal_contracts.ui.preview.trace_image import Plot, PlotImage, row_of
from editor_stage import editor
from live_runs import BUTTON, CONTRACT, DATA, DOOR, PATIENCE, column, ends, gone
from pxr import Sdf, Usd, UsdPhysics

MICROWAVE = DATA / "microwave" / "microwave.usda"
UI = Path(inks.__file__).parents[1]
MAIN = "from causal_contracts.core.cli import main; main()"


def until(preview, truth, *, patience=PATIENCE):
    """Let frames of the program pass until `truth()` holds."""
    end = time.monotonic() + patience
    while not truth():
        assert time.monotonic() < end, (preview.phase, preview.error, *preview.lines)
        preview.host.frame()
        time.sleep(0.002)


def steps(preview, count):
    """Take so many single steps and wait for the frame after the last."""
    wanted = preview.frame.step + count
    for _ in range(count):
        preview.step()
    until(preview, lambda: preview.frame.step >= wanted)
    assert preview.frame.step == wanted


def positions(preview, joint):
    return column(preview.client, joint)


@pytest.fixture
def asset(tmp_path):
    return Path(shutil.copy(MICROWAVE, tmp_path))


def unfolded(folder):
    """Four clones, by hand, as fast as possible, nothing started."""
    state = editor(folder, Path(shutil.copy(MICROWAVE, folder)))
    made = PreviewState(state.host, state)
    made.enter_clones("4")
    made.set_pattern("by_hand")
    made.set_speed(None)
    made.set_loop(False)
    made.unfold()
    state.host.frame()
    return made


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    made = unfolded(tmp_path_factory.mktemp("shared"))
    yield made
    made.close()


@pytest.fixture
def running(shared):
    """A run from the beginning, standing still, in the process of the one before."""
    shared.host.open(Path(shared.host.stage().GetRootLayer().realPath))
    shared.host.stage().Reload()
    shared.is_native = False
    until(shared, lambda: shared.state.picked is not None)
    shared.state.select(CONTRACT)
    assert shared.start(playing=False) is None
    until(shared, lambda: shared.frame is not None)
    yield shared
    shared.state.cancel_gesture()


def test_a_copy_that_fails_is_said_and_nothing_plays(tmp_path, monkeypatch):
    class Full:
        def ExportToString(self):  # noqa: N802 - the name in Sdf
            raise MemoryError("no room")

    preview = unfolded(tmp_path)
    monkeypatch.setattr(run, "source_of", lambda *of: replace(source_of(*of), copy=Full()))
    assert preview.start() is None and preview.phase is Phase.BUILDING
    until(preview, lambda: preview.phase is Phase.READY, patience=10)
    assert preview.refused == "The asset could not be copied: no room."
    assert not preview.wants_play
    preview.close()


def test_nothing_runs_while_folded_and_nothing_is_left_after_folding(tmp_path):
    preview = unfolded(tmp_path)
    pid = preview.client.pid
    assert preview.phase is Phase.READY and not gone(pid)
    folded = time.perf_counter()
    preview.unfold(False)
    assert time.perf_counter() - folded < 0.4
    assert preview.phase is Phase.FOLDED and preview.client is None and ends(pid)
    assert preview.why_not_reset() == "Nothing runs: choose Play first."
    preview.close()


def test_a_press_by_hand_opens_the_door_of_that_clone_alone(running):
    assert running.press(2) is None
    running.play()
    until(running, lambda: running.cells()[2] == Cell.REACHED)
    doors = positions(running, DOOR)
    assert doors[2] > math.radians(85) and (np.abs(doors[[0, 1, 3]]) < 1e-3).all()
    assert [*running.cells()] == [Cell.IDLE, Cell.IDLE, Cell.REACHED, Cell.IDLE]
    assert running.explain(2).startswith("Fired:") and "Not fired" in running.explain(1)
    running._pressed_at -= 1.0
    running.release()
    until(running, lambda: "Held by the latch" in running.explain(2))
    running.reset(2)
    until(running, lambda: running.cells()[2] == Cell.IDLE)
    assert abs(positions(running, DOOR)[2]) < 0.05


def test_a_short_click_presses_long_enough_to_fire(running):
    running.press(1)
    running.release()
    running.play()
    until(running, lambda: running.cells()[1] == Cell.REACHED)
    assert running.held == frozenset()
    until(running, lambda: positions(running, BUTTON)[1] > -0.004)


def test_pause_and_single_steps_move_as_many_steps_as_asked(running):
    assert running.frame.step == 0 and not running.playing
    steps(running, 3)
    running.play()
    assert running.playing
    until(running, lambda: running.frame.step > 50)
    running.pause()
    until(running, lambda: not running.frame.playing)
    stood = running.frame.step
    steps(running, 1)
    assert running.frame.step == stood + 1


def test_a_dragged_threshold_runs_at_once_and_is_not_written(running):
    running.state.select(CONTRACT)
    before = running.state.host.stage().GetRootLayer().ExportToString()
    running.state.begin_gesture()
    running.state.set_threshold(-0.002)
    until(running, lambda: _threshold(running) == pytest.approx(-0.002))
    assert running.state.host.stage().GetRootLayer().ExportToString() == before
    running.state.cancel_gesture()
    until(running, lambda: _threshold(running) == pytest.approx(-0.005))
    assert running.frame.step == 0 and running.why_restart() is None


def _threshold(preview):
    return preview.rule.couplings["couplings"][0]["trigger"]["threshold"]


def test_many_edits_in_one_frame_are_one_swap(running):
    running.state.select(CONTRACT)
    running.state.begin_gesture()
    for value in range(1, 40):
        running.state.set_threshold(-0.0001 * value)
    until(running, lambda: _threshold(running) == pytest.approx(-0.0039))
    assert len(running.client.changes) == 1


def test_an_edit_of_the_asset_asks_for_a_new_start_and_a_save_does_not(running):
    stage = running.host.stage()
    running.host.set_edit_target(stage.GetRootLayer().identifier)
    running.state.select(CONTRACT)
    running.state.set_threshold(-0.004)
    running.host.save()
    until(running, lambda: _threshold(running) == pytest.approx(-0.004))
    assert running.why_restart() is None
    hinge = stage.GetPrimAtPath(running.state.articulation.host + "/Joints/door_hinge")
    if not hinge:
        hinge = next(prim for prim in stage.Traverse() if prim.GetName() == DOOR)
    UsdPhysics.RevoluteJoint(hinge).CreateUpperLimitAttr(45.0)
    until(running, lambda: running.why_restart() is not None)
    assert "has changed since" in running.why_restart()
    pid = running.client.pid
    assert running.restart() is None
    until(running, lambda: running.frame is not None)
    assert running.client.pid == pid and running.why_restart() is None
    running.press(0)
    running.play()
    until(running, lambda: running.frame.step > 400)
    assert positions(running, DOOR)[0] == pytest.approx(math.radians(45), abs=0.03)


def test_native_shows_the_asset_without_contracts(running):
    running.set_native(True)
    running.press(0, 1, 2, 3)
    running.play()
    until(running, lambda: running.frame.step > 150)
    assert (positions(running, BUTTON) < -0.005).all()
    assert (np.abs(positions(running, DOOR)) < 1e-3).all()
    assert [*running.cells()] == [Cell.INERT] * 4 and "Contracts are off" in running.explain(0)


def test_a_killed_worker_is_explained_and_restarted(running):
    pid = running.client.pid
    os.kill(pid, signal.SIGKILL)
    until(running, lambda: running.phase is Phase.DIED)
    assert "SIGKILL" in running.error and running.frame is None
    assert running.restart() is None
    until(running, lambda: running.frame is not None)
    assert running.client.pid != pid and ends(pid)


def test_another_stage_ends_the_worker(tmp_path):
    running = unfolded(tmp_path)
    pid = running.client.pid
    running.host.open(DATA / "car" / "car.usda")
    until(running, lambda: running.state.picked == "/Car", patience=5)
    running.host.frame()
    assert ends(pid) and running.frame is None and running.client.pid != pid
    running.host.close()
    until(running, lambda: running.client is None, patience=5)
    assert running.phase is Phase.EMPTY and "no stage" in running.why_not_start()
    running.close()


def test_the_saved_log_replays_bit_for_bit_in_another_process(running, tmp_path):
    steps(running, 30)
    running.press(1)
    steps(running, 60)
    running.set_native(True)
    steps(running, 20)
    running.set_native(False)
    steps(running, 10)
    until(running, lambda: running.metrics.step == running.frame.step)
    assert running.save_log(tmp_path / "run log.json") is None
    command = running.replay_command()
    assert command.startswith("causal-contracts preview /") and command.endswith("run log.json'")
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *shlex.split(command)[1:]],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "120 steps" in done.stdout and "bit for bit" in done.stdout


def test_choices_are_kept_and_out_of_range_they_are_refused(tmp_path):
    preview = unfolded(tmp_path)
    assert "1 to 256" in preview.enter_clones("257") and "1 to 256" in preview.enter_clones("x")
    assert "whole number" in preview.enter_seed("-1") and "0 to 100 %" in preview.enter_fraction(
        "130"
    )
    assert preview.enter_fraction("25 %") is None and preview.enter_seed("7") is None
    again = PreviewState(preview.host, preview.state)
    kept = again.choices
    assert (kept.num_envs, kept.seed, kept.fraction, kept.kind) == (4, 7, 0.25, "by_hand")
    assert kept.speed is None and not kept.loop and kept.unfolded
    again.close()
    preview.close()


def test_the_copy_of_an_unsaved_stage_holds_the_asset_and_nothing_around_it(tmp_path, asset):
    layer = Sdf.Layer.CreateNew(str(tmp_path / "scene.usda"))
    stage = Usd.Stage.Open(layer)
    stage.DefinePrim("/World/Elsewhere/Huge", "Xform")
    oven = stage.DefinePrim("/World/Oven", "Xform")
    oven.GetReferences().AddReference(asset.name)
    layer.Save()
    assert not is_unsaved(stage, "/World/Oven")
    stage.GetSessionLayer().TransferContent(Sdf.Layer.CreateAnonymous())
    with Usd.EditContext(stage, stage.GetSessionLayer()):
        stage.DefinePrim("/OmniverseKit_Persp", "Camera")
    assert not is_unsaved(stage, "/World/Oven")
    oven.CreateAttribute("mark", Sdf.ValueTypeNames.Int).Set(3)
    assert is_unsaved(stage, "/World/Oven")
    copy = source_of(stage, "/World/Oven", "/World/Oven").copy
    assert copy.GetAttributeAtPath("/World/Oven.mark").default == 3
    assert copy.GetPrimAtPath("/World/Oven").nameChildren.keys()
    assert not copy.GetPrimAtPath("/World/Elsewhere")


def test_cells_say_what_the_frame_says():
    rng = np.random.default_rng(5)
    flags = rng.integers(0, 16, (64, 2)).astype(np.uint8)
    pos = rng.normal(size=(64, 3)).astype(np.float32)
    pos[7, 1] = np.nan
    none = np.zeros(0)
    frame = LiveFrame(1, 0.0, 0, 1, True, pos, pos, flags, ("a", "b"), (), none, none)
    for inert in (False, True):
        said = [Cell(code).name.lower() for code in cells_of(frame, "b", inert=inert, off=False)]
        assert said == [str(frame.look(clone, "b", inert=inert)) for clone in range(64)]
    off = cells_of(frame, "c", inert=False, off=False)
    assert off[7] == Cell.NAN and (np.delete(off, 7) == Cell.OFF).all()


def test_a_plot_painted_step_by_step_is_the_plot_painted_at_once():
    times = np.arange(0, 14, 1 / 120)
    lines = np.stack([np.sin(times * (1 + k)) for k in range(3)], axis=1)
    plot = Plot(-1.0, 1.0, 0.3, "#4A9EDA", ">")
    slowly, at_once = PlotImage(220, 60), PlotImage(220, 60)
    for end in range(1, len(times), 3):
        slowly.paint(plot, times[:end], lines[:end], times[end - 1])
    at_once.paint(plot, times[:end], lines[:end], times[end - 1])
    assert np.array_equal(slowly.pixels, at_once.pixels)
    assert not slowly.paint(plot, times[:end], lines[:end], times[end - 1])
    # the newest value of the first line, sin(t), stands where the axis says
    column = slowly.pixels[:, -1, :3].astype(int)
    row = round(float(row_of(plot, np.sin(times[end - 1]), 60)))
    assert abs(column[row] - 0xE8).max() < 40


def test_a_plot_paints_no_column_but_the_newest_ones_anew():
    times = np.arange(0, 14, 1 / 120)
    lines = np.sin(times)[:, None]
    picture = PlotImage(220, 60)
    for seconds in (3.0, 9.0, 12.0):  # young: blank on the right; then the picture moves
        last = int(seconds * 120)
        picture.paint(Plot(-1.0, 1.0), times[:last], lines[:last], times[last - 1])
        picture.pixels[..., 3] = 7  # never painted
        picture.pixels[:, :, 0] = 1
        picture.paint(Plot(-1.0, 1.0), times[: last + 6], lines[: last + 6], times[last + 5])
        # 6 steps of 1/120 s are 1.1 columns of 10 s / 220
        fresh = np.flatnonzero((picture.pixels[..., 0] != 1).any(axis=0))
        assert 1 <= len(fresh) <= 3
        newest = min(int(np.ceil(times[last + 5] / (SECONDS / 220))), 220)
        assert fresh.max() == newest - 1


def test_the_grid_paints_what_changed_and_finds_its_clones_again():
    rng = np.random.default_rng(2)
    for number, width in ((1, 176), (9, 176), (64, 176), (256, 176), (256, 288)):
        layout = layout_of(number, width)
        assert layout.columns * layout.rows >= number and layout.size[0] <= max(width, 144)
        found = [layout.clone_at(*layout.middle_of(clone)) for clone in range(number)]
        assert found == [*range(number)] and layout.clone_at(-1, 5) is None
        picture, codes = GridImage(layout), np.zeros(number, np.uint8)
        for _ in range(5):
            codes[rng.integers(0, number, 3)] = rng.integers(0, 7, 3)
            picture.paint(codes, (0,), frozenset({number - 1}))
        again = GridImage(layout)
        assert again.paint(codes, (0,), frozenset({number - 1}))
        assert np.array_equal(picture.pixels, again.pixels)
        assert not again.paint(codes, (0,), frozenset({number - 1}))
        fine = GridImage(layout, 2)
        fine.paint(np.arange(number, dtype=np.uint8) % 7, (0, number - 1), frozenset())
        assert fine.pixels.shape == (2 * again.pixels.shape[0], 2 * again.pixels.shape[1], 4)


def test_every_state_differs_without_its_colour():
    picture = GridImage(layout_of(7, 176))
    picture.paint(np.arange(7, dtype=np.uint8), (), frozenset())
    shapes = []
    for clone in range(7):
        cell = picture._cell(clone)[2:-2, 2:-2, :3]
        shapes.append((cell != cell[-1, 0]).any(axis=2)[6:].tobytes())
    solid = {Cell.IDLE, Cell.OFF}
    lettered = [shape for code, shape in enumerate(shapes) if code not in solid]
    assert len(set(lettered)) == 5 and len(set(shapes)) == 6
    edges = [picture._cell(clone)[0, 5, 0] for clone in (Cell.IDLE, Cell.OFF)]
    inside = [picture._cell(clone)[20, 3, 0] for clone in (Cell.IDLE, Cell.OFF)]
    assert edges[0] == inside[0] and edges[1] != inside[1]


def test_inks_are_those_of_the_style_sheet():
    style = (UI / "panel" / "style.py").read_text()
    said = dict(re.findall(r'^([A-Z]+) = ui.color\("(#\w+)"\)', style, re.MULTILINE))
    ours = {name: value for name, value in vars(inks).items() if name in said}
    assert len(ours) >= 11 and ours == {name: said[name] for name in ours}


def test_traces_keep_ten_seconds_and_the_past_of_clones_that_stay():
    dt, kept = 1 / 120, TraceBuffer((3, 5), 2, 1 / 120)

    def frame(steps):
        pos = np.stack([np.full((2, 2), step, np.float32) for step in steps])
        none = np.zeros((0, 2))
        return LiveFrame(
            0, 0.0, 0, 0, True, none, none, none, (), (3, 5), np.array(steps, np.int64), pos
        )

    for start in range(0, 6000, 50):
        kept.add(frame(range(start, start + 50)))
        newest = kept.times[-1]
        assert newest == pytest.approx((start + 49) * dt)
        assert kept.times[0] <= max(0.0, newest - SECONDS) and len(kept.times) <= 1801
        assert np.array_equal(kept.positions[:, 0, 0], np.round(kept.times / dt))
    other = kept.watching((5, 9))
    assert np.array_equal(other.positions[:, 0], kept.positions[:, 1])
    assert np.isnan(other.positions[:, 1]).all()

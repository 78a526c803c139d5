# SPDX-License-Identifier: Apache-2.0
"""The report: published form, same bytes for a seed, rates, verdicts, files and exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest
import typer
from causal_contracts.core.issue import error, warning
from causal_contracts.core.model import Bundle
from causal_contracts.preview import ink
from causal_contracts.preview.causality import Cell, Judgement, Outcome
from causal_contracts.preview.command import add_commands
from causal_contracts.preview.episode import Settings, preview_clones
from causal_contracts.preview.picture import draw_picture
from causal_contracts.preview.report import json_schema, read_report, to_json, write_report
from causal_contracts.preview.summary import issue_rows, rates
from causal_contracts.preview.table import clone_table
from causal_contracts.preview.verdict import verdict
from first_order_clones import FirstOrderClones
from rich.console import Console
from test_preview_loop import ARTICULATION, DATA, JOINTS, OPENS, preview
from typer.testing import CliRunner

PUBLISHED = Path(__file__).parent.parent / "config" / "preview_report.schema.json"
BUNDLE = Bundle((OPENS,), "box.usda", ".")


@pytest.fixture(scope="module")
def seen():
    return preview(BUNDLE)


def outcomes(*cells):
    return Judgement(OPENS, tuple(Outcome(i, cell) for i, cell in enumerate(cells)))


def test_the_published_schema_is_current():
    """Renew it: python -m causal_contracts.preview.report > config/preview_report.schema.json."""
    assert PUBLISHED.read_bytes() == json_schema()


def test_a_report_satisfies_the_published_schema(seen):
    jsonschema.validate(json.loads(to_json(seen.report)), json.loads(PUBLISHED.read_bytes()))


def test_read_gives_back_what_write_wrote(seen, tmp_path):
    write_report(seen.report, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json") == seen.report
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_an_unknown_field_is_refused_with_its_path(seen):
    data = json.loads(to_json(seen.report))
    data["overall"]["cells"]["sixth"] = 1
    with pytest.raises(msgspec.ValidationError, match=r"\$\.overall\.cells"):
        read_report(json.dumps(data).encode())


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(seen):
    assert to_json(preview(BUNDLE).report) == to_json(seen.report)
    assert to_json(preview(BUNDLE, seed=1).report) != to_json(seen.report)


def test_the_same_episode_gives_the_same_picture(seen):
    image = draw_picture(seen.report, seen.recording)
    assert image.startswith(b"\x89PNG") and image == draw_picture(seen.report, seen.recording)


def test_rates_divide_the_four_cells_alone():
    row = rates(
        [
            outcomes(*[Cell.CAUSE_EFFECT] * 3, Cell.CAUSE_NO_EFFECT, Cell.LATE, Cell.NAN),
            outcomes(Cell.NO_CAUSE_EFFECT, *[Cell.NO_CAUSE_NO_EFFECT] * 4, Cell.CONFOUNDED),
            outcomes(Cell.RELEASED, Cell.RELEASED),
        ]
    )
    assert row.effect_given_cause == 3 / 4 and row.effect_given_cause_n == 4
    assert row.effect_given_no_cause == 1 / 5 and row.effect_given_no_cause_n == 5
    assert (row.cells.late, row.cells.confounded, row.cells.nan) == (1, 1, 1)
    assert row.cells.released == 2


def test_a_rate_without_a_denominator_is_null():
    row = rates([outcomes(Cell.LATE, Cell.NAN)])
    assert row.effect_given_cause is None and row.effect_given_cause_interval is None
    assert json.loads(msgspec.json.encode(row))["effect_given_no_cause"] is None


def test_clones_that_let_go_too_soon_are_named_in_note_and_table_and_are_no_failure(seen):
    (row,) = seen.report.contracts
    caused = row.cells.cause_effect
    cells = msgspec.structs.replace(row.cells, cause_effect=0, released=caused)
    clones = [
        msgspec.structs.replace(each, cell=Cell.RELEASED) if each.cause is not None else each
        for each in row.clones
    ]
    taps = msgspec.structs.replace(row, cells=cells, clones=clones, effect_given_cause=None)
    found = verdict([taps])
    assert found.ok
    assert f"{row.id}: {caused} clones not counted, button let go before the window was over" in (
        found.notes
    )
    console = Console(file=io.StringIO(), width=120)
    console.print(clone_table(taps))
    assert console.file.getvalue().count("not counted: released") == caused
    assert ("not counted: 8 released", ink.FIRED) in ink.summary(taps)


def test_pressing_nobody_leaves_the_cause_rate_null_and_is_no_failure():
    report = preview(BUNDLE, press=0.0).report
    assert report.overall.effect_given_cause is None and report.overall.effect_given_no_cause == 0.0
    assert report.verdict.ok and "not known" in report.verdict.notes[0]


def test_each_clone_says_when_it_was_pressed_and_what_came_of_it(seen):
    (hand,) = seen.report.hand
    for clone in seen.report.contracts[0].clones:
        pressed = clone.clone in hand.clones
        assert (clone.pressed is not None) == clone.active == (clone.effect is not None) == pressed
        assert clone.cell == (Cell.CAUSE_EFFECT if pressed else Cell.NO_CAUSE_NO_EFFECT)
        if pressed:
            assert clone.pressed < clone.cause < clone.effect
            assert clone.latency == pytest.approx(clone.effect - clone.cause, abs=2e-6)


def test_an_error_of_the_check_fails_the_verdict_and_a_warning_does_not(seen):
    rows = seen.report.contracts
    found = issue_rows([error("a", "is wrong")])
    assert verdict(rows, issues=found).reasons == ["a: is wrong"]
    assert verdict(rows, issues=issue_rows([warning("a", "is odd")])).ok


def test_a_trigger_that_never_crosses_fails_the_verdict():
    report = preview(BUNDLE, clones=FirstOrderClones(JOINTS, 16, dead=("button",))).report
    assert report.verdict.reasons == [
        "opens: button never crossed its threshold, pressed in 8 clones"
    ]


def test_an_effect_before_any_press_fails_the_verdict():
    open_door = FirstOrderClones(JOINTS, 16, start=1.5, dead=("door",))
    report = preview(BUNDLE, clones=open_door).report
    assert report.overall.cells.no_cause_effect == 16 and not report.verdict.ok


def test_a_spontaneous_fire_is_noted():
    pressed_by_itself = FirstOrderClones(JOINTS, 4, start=-0.01, lag=0.05)
    report = preview(BUNDLE, clones=pressed_by_itself, num_envs=4, press=0.0).report
    assert report.contracts[0].spontaneous_fires == 4
    assert "fired by itself in 4 clones" in report.verdict.notes[0]


def test_a_lent_drive_is_in_the_report():
    clones = FirstOrderClones(JOINTS, 16)
    clones.given_drives = {"button": (100.0, 2.0)}
    (hand,) = preview_clones(clones, ARTICULATION, BUNDLE, settings=Settings()).report.hand
    assert hand.given_drive == (100.0, 2.0) and "lends one" in hand.text


def test_a_long_table_is_cut_with_a_line_that_says_so():
    row = preview(BUNDLE, num_envs=40).report.contracts[0]
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(clone_table(row))
    text = console.export_text()
    assert "... and 24 more clones" in text
    assert len([line for line in text.splitlines() if line.rstrip().endswith("effect")]) == 16


def run(*arguments):
    app = typer.Typer(pretty_exceptions_enable=False)
    add_commands(app)
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, ["preview", *map(str, arguments)])


def test_the_command_writes_report_and_picture_and_exits_0(tmp_path):
    result = run(
        DATA / "microwave/microwave.usda",
        "--png",
        tmp_path / "a.png",
        "--json",
        tmp_path / "a.json",
    )
    assert result.exit_code == 0, result.output
    assert "P(effect | cause)" in result.stdout and "P(effect | no cause)" in result.stdout
    assert read_report(tmp_path / "a.json").overall.effect_given_cause == 1.0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_an_inert_effect_exits_1(tmp_path):
    from pxr import Usd

    stage = Usd.Stage.Open(str(DATA / "microwave/microwave.usda"))
    layer = stage.Flatten()
    bare = Usd.Stage.Open(layer)
    for prim in bare.Traverse():
        if prim.GetName() == "door_hinge":
            prim.RemoveAppliedSchema("PhysicsDriveAPI:angular")
            for name in prim.GetPropertyNames():
                if name.startswith("drive:"):
                    prim.RemoveProperty(name)
    layer.Export(str(tmp_path / "bare.usda"))
    result = run(tmp_path / "bare.usda", "--json", "-")
    report = read_report(result.stdout.encode())
    assert result.exit_code == 1
    assert [row.contract for row in report.inert] == [report.contracts[0].id]
    assert report.overall.effect_given_cause == 0.0


def test_bad_input_exits_2_and_says_every_fault(tmp_path):
    result = run(tmp_path / "none.usda")
    assert result.exit_code == 2 and "none.usda" in result.stderr
    result = run(DATA / "microwave/microwave.usda", "--press", "2", "--seed", "-1")
    assert result.exit_code == 2 and "--press" in result.stderr and "--seed" in result.stderr
    result = run("none.usda", "--press", "2", "--sim", "bullet")
    for named in ("none.usda", "--press", "'bullet'"):
        assert named in result.stderr
    result = run(DATA / "microwave/microwave.usda", "--seconds", "2")
    assert result.exit_code == 2 and "--seconds" in result.stderr


def test_a_fresh_process_loads_no_torch_and_prints_json_alone(tmp_path):
    code = (
        "import sys, typer\n"
        "from causal_contracts.preview.command import add_commands\n"
        "assert not {'warp', 'pxr', 'matplotlib', 'numpy'} & set(sys.modules), 'not light'\n"
        "app = typer.Typer(); add_commands(app); app.command('other')(lambda: None)\n"
        "try: app()\n"
        "finally: assert 'torch' not in sys.modules and 'isaaclab' not in sys.modules\n"
    )
    asset = DATA / "microwave/microwave.usda"
    command = [
        sys.executable,
        "-c",
        code,
        "preview",
        asset,
        "--png",
        tmp_path / "a.png",
        "--json",
        "-",
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert read_report(result.stdout.encode()).verdict.ok


@pytest.mark.parametrize("num_envs", [1, 2, 256])
def test_pictures_of_any_size_can_be_drawn(num_envs):
    nan = {num_envs - 1: 100}
    result = preview(
        BUNDLE, clones=FirstOrderClones(JOINTS, num_envs, nan_at=nan), num_envs=num_envs
    )
    assert np.isnan(result.recording.positions).any()
    assert draw_picture(result.report, result.recording).startswith(b"\x89PNG")

# SPDX-License-Identifier: Apache-2.0
"""Several engines against each other: by arithmetic on first-order clones, and on real physics."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest
import typer
from causal_contracts.core import Bundle, ContractError, Mode, SetDriveTarget
from causal_contracts.core.model import JointThreshold, Op
from causal_contracts.lab.sim2sim import run
from causal_contracts.lab.sim2sim.command import add_commands
from causal_contracts.lab.sim2sim.compare import compare, steady_samples
from causal_contracts.lab.sim2sim.picture import draw_picture
from causal_contracts.lab.sim2sim.report import (
    Tolerances,
    json_schema,
    read_report,
    to_json,
    write_report,
)
from causal_contracts.lab.sim2sim.run import EngineRun, run_engines
from causal_contracts.lab.sim2sim.table import print_report
from causal_contracts.preview.episode import Settings
from first_order_clones import FirstOrderClones
from rich.console import Console
from test_preview_loop import JOINTS, LEVEL, OPENS, preview
from typer.testing import CliRunner

PUBLISHED = Path(__file__).parent.parent / "config" / "sim2sim_report.schema.json"
MICROWAVE = Path(__file__).parent.parent / "data" / "microwave" / "microwave.usda"
DT, LN20 = 1 / 120, math.log(20)


def engine(name, *contracts, lag=0.1, dead=(), **settings) -> EngineRun:
    """A run on clones whose joints follow with a lag, under the name of an engine."""
    clones = FirstOrderClones(JOINTS, 16, lag=lag, dead=dead)
    bundle = Bundle(contracts or (OPENS,), "box.usda", ".")
    seen = preview(bundle, clones=clones, **settings)
    report = msgspec.structs.replace(seen.report, sim=name)
    return EngineRun(report, seen.recording.joint_names, seen.recording.positions)


def shifted(run: EngineRun, joint: str, by: float, *, clones=slice(None), samples) -> EngineRun:
    """The same run with a joint measured elsewhere."""
    positions = run.positions.copy()
    positions[samples, clones, run.joint_names.index(joint)] += np.float32(by)
    return replace(run, positions=positions)


@pytest.fixture(scope="module")
def fast():
    return engine("fast")


@pytest.fixture(scope="module")
def slow():
    return engine("slow", lag=0.15)


@pytest.fixture(scope="module")
def pressed(fast):
    return [clone.clone for clone in fast.report.contracts[0].clones if clone.cause is not None]


def test_latencies_are_compared_clone_by_clone(fast, slow):
    report = compare([fast, slow], Tolerances(latency=0.2))
    (row,) = report.contracts
    one, other = row.engines
    assert one.latency.clones == other.latency.clones == row.apart[0].latency.clones == 8
    assert one.latency.median == pytest.approx(0.1 * LN20, abs=1.5 * DT)
    assert other.latency.median == pytest.approx(0.15 * LN20, abs=1.5 * DT)
    assert row.apart[0].latency.median == pytest.approx(0.05 * LN20, abs=1.5 * DT)
    assert (row.apart[0].sim, row.apart[0].against) == ("slow", "fast")
    assert report.verdict.ok and row.apart[0].cells == []


def test_a_latency_beyond_the_tolerance_is_a_reason(fast, slow):
    verdict = compare([fast, slow], Tolerances(latency=0.1)).verdict
    (reason,) = verdict.reasons
    assert not verdict.ok
    assert reason.startswith("opens: slow and fast are 0.1")
    assert reason.endswith("apart in latency, more than 0.1 s")


def test_an_engine_agrees_with_itself_to_the_last_digit(fast):
    (row,) = compare([fast, replace(fast)]).contracts
    (apart,) = row.apart
    assert apart.latency.max == apart.steady.max == apart.rest.max == 0.0
    assert (apart.latency.clones, apart.steady.clones, apart.rest.clones) == (8, 8, 8)


@pytest.mark.parametrize(("by", "ok"), [(0.04, True), (-0.06, False)])
def test_the_steady_error_is_that_of_the_last_sample_of_pressed_clones(fast, pressed, by, ok):
    other = shifted(fast, "door", by, clones=pressed[:1], samples=slice(-1, None))
    report = compare([fast, other])
    (row,) = report.contracts
    assert row.engines[0].steady_error.median == pytest.approx(0.0, abs=1e-3)
    assert row.apart[0].steady.max == pytest.approx(abs(by), abs=1e-6)
    assert row.apart[0].steady.median == row.apart[0].rest.max == 0.0
    assert report.verdict.ok == ok
    if not ok:
        what = "are 3.438 deg apart in the steady state of door, more than 2.865 deg"
        assert report.verdict.reasons == [f"opens: fast and fast {what}"]


def test_the_rest_error_is_that_of_unpressed_clones(fast, pressed):
    idle = [clone for clone in range(16) if clone not in pressed]
    other = shifted(fast, "door", 0.07, clones=idle[2:3], samples=slice(-1, None))
    report = compare([fast, other])
    apart = report.contracts[0].apart[0]
    assert (apart.rest.max, apart.steady.max) == (pytest.approx(0.07, abs=1e-6), 0.0)
    assert "apart in the rest of door" in report.verdict.reasons[0]


def test_a_level_contract_is_steady_until_its_condition_ends():
    run = engine("one", LEVEL, seconds=7.0)  # a press takes 0.5 to 3.85 s to begin, and 2.8 s
    (row,) = run.report.contracts
    samples = steady_samples(run, row)
    button = run.positions[:, :, run.joint_names.index("button")]
    assert len(samples) == 8
    for clone, sample in samples.items():
        assert button[sample, clone] < np.float32(-0.005) <= button[sample + 1, clone]
    (measured, _) = compare([run, run]).contracts[0].engines
    assert measured.steady_error.max == pytest.approx(0.0, abs=1e-3)  # at the end it is shut again
    after = shifted(run, "door", 1.0, samples=slice(-1, None))
    assert compare([run, after]).contracts[0].apart[0].steady.max == 0.0


def test_lengths_have_a_tolerance_of_their_own(fast):
    slides = replace(OPENS, effect=SetDriveTarget("door", 0.1, 0.0, "m"))
    run = engine("one", slides)
    end = slice(-1, None)
    for by, ok in ((0.0015, True), (0.0025, False)):
        assert compare([run, shifted(run, "door", by, samples=end)]).verdict.ok == ok
    assert compare([run, run], Tolerances(length=0.5)).contracts[0].tolerance == 0.5
    assert compare([fast, fast]).contracts[0].tolerance == 0.05


def test_an_engine_on_which_the_effect_fails_is_named(fast):
    report = compare([fast, engine("stuck", dead=("door",))])
    (row,) = report.contracts
    assert len(row.apart[0].cells) == 8
    assert row.apart[0].latency is None
    assert report.verdict.reasons[0] == "stuck: opens: no effect in 8 of 8 clones with a cause"
    assert "opens: stuck and fast count 8 clones differently: " in report.verdict.reasons[1]
    assert "no effect was counted on two engines" in report.verdict.reasons[-1]


def test_clones_whose_effect_joint_something_else_moves_do_not_tell_its_error():
    shuts = replace(OPENS, id="shuts", effect=SetDriveTarget("door", 0.3, 0.0, "rad"))
    shuts = replace(shuts, trigger=JointThreshold("wheel", Op.GREATER, 1.0, "rad"))
    run = engine("one", OPENS, replace(shuts, mode=Mode.LEVEL), press=1.0, seconds=12.0)
    opens, _ = run.report.contracts
    # The wheel turns in every clone; in some of them only once the door stands open.
    assert opens.cells.cause_effect > 0
    assert steady_samples(run, opens) == {}
    assert [m.steady_error for m in compare([run, run]).contracts[0].engines] == [None, None]


def test_three_engines_are_compared_with_the_first(fast, slow):
    third = engine("third", lag=0.12)
    (row,) = compare([fast, slow, third]).contracts
    assert [(a.sim, a.against) for a in row.apart] == [("slow", "fast"), ("third", "fast")]


def test_the_published_schema_is_current():
    """python -m causal_contracts.lab.sim2sim.report > config/sim2sim_report.schema.json."""
    assert PUBLISHED.read_bytes() == json_schema()


def test_a_report_satisfies_the_published_schema_and_is_read_back(fast, slow, tmp_path):
    report = compare([fast, slow])
    jsonschema.validate(json.loads(to_json(report)), json.loads(PUBLISHED.read_bytes()))
    write_report(report, tmp_path / "report.json")
    assert read_report(tmp_path / "report.json") == report
    assert to_json(report) == to_json(compare([fast, slow]))


def test_the_table_says_what_was_measured_within_80_columns(fast, slow):
    out = io.StringIO()
    named = [
        replace(run, report=msgspec.structs.replace(run.report, sim=name))
        for run, name in ((fast, "isaaclab-physx"), (slow, "isaaclab-newton"))
    ]
    print_report(compare(named), Console(file=out, width=80))
    text = out.getvalue()
    assert [line.split("  ")[0] for line in text.splitlines() if line.startswith("P(")] == [
        "P(effect | cause)",
        "P(effect | no cause)",
    ]
    assert "opens: button < -5 mm => door := 85.94 deg, latching" in text
    (line,) = [line for line in text.splitlines() if line.startswith("latency")]
    assert [float(word) for word in line.split()[1::2]] == pytest.approx(
        [0.1 * LN20, 0.15 * LN20, 0.05 * LN20, 0.1], abs=1.5 * DT
    )
    assert text.rstrip().endswith("[!!] the engines do not agree, or a contract fails")
    assert max(map(len, text.split("\n\n")[1].splitlines())) <= 80


def test_the_picture_is_a_png_and_the_same_each_time(fast, slow):
    runs = [fast, slow]
    png = draw_picture(compare(runs), runs)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert png == draw_picture(compare(runs), runs)


@pytest.fixture
def cli():
    app = typer.Typer()
    app.callback()(lambda: None)
    add_commands(app)

    def call(*words):
        return CliRunner().invoke(app, ["sim2sim", *map(str, words)])

    return call


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--sim", "physx"], "name two different simulations"),
        (["--sim", "physx", "--sim", "physx"], "name two different simulations"),
        (["--latency", "-1"], "--latency: -1 is no tolerance"),
        (["--num-envs", "0"], "give 1 to 4096 clones"),
        (["--sim", "physx", "--sim", "physics"], "no simulation is called 'physics'; there are"),
    ],
)
def test_bad_input_ends_with_code_2_and_the_way_out(cli, words, says):
    done = cli(MICROWAVE, *words)
    assert done.exit_code == 2
    assert says in done.output


def test_bad_input_is_named_all_at_once(cli):
    done = cli("none.usda", "--sim", "physx", "--num-envs", "0", "--angle", "-1")
    assert done.exit_code == 2
    for address in ("--sim", "--num-envs", "--angle", "none.usda"):
        assert f"{address}: " in done.output


def test_an_engine_runs_in_a_process_of_its_own():
    said = []
    task = run.Task(str(MICROWAVE), Settings("physx", 4, 3.2), None, None)
    seen = run._run(task, said.append)
    assert (seen.report.sim, seen.report.num_envs) == ("physx", 4)
    assert seen.positions.shape == (385, 4, 2) and seen.positions.dtype == np.float32
    assert sorted(seen.joint_names) == ["button_slide", "door_hinge"]
    assert said[0] == "physx: starting ..."


def test_the_issues_of_a_process_are_raised_here(tmp_path):
    with pytest.raises(ContractError, match=r"none\.usda"):
        run._run(run.Task(str(tmp_path / "none.usda"), Settings("physx"), None, None), print)


def test_a_process_that_dies_is_told_with_its_last_words(monkeypatch):
    monkeypatch.setattr(run.sys, "executable", "/bin/false")
    with pytest.raises(ContractError, match=r"'physx' ended with code 1: it said nothing"):
        run_engines(MICROWAVE, ["physx", "isaaclab-newton"])


@pytest.mark.slow
def test_real_engines_agree_on_the_microwave(cli, tmp_path):
    pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")
    sims = ["physx", "isaaclab-newton", "isaaclab-physx"]
    options = [word for sim in sims for word in ("--sim", sim)]
    png, out = tmp_path / "m.png", tmp_path / "m.json"
    done = cli(MICROWAVE, *options, "-n", 8, "--png", png, "--json", out)
    assert done.exit_code == 0, done.output
    report = read_report(out)
    assert [engine.sim for engine in report.engines] == sims
    for apart in report.contracts[0].apart:
        assert apart.cells == []
        assert apart.latency.clones == 4 and apart.latency.max < 0.05
        assert apart.steady.max < 0.01 and apart.rest.max < 0.01
    assert png.read_bytes()[:4] == b"\x89PNG"

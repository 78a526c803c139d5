# SPDX-License-Identifier: Apache-2.0
"""The benchmark runs where CI runs, says on what it ran, and compares answers before it times."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed")

ROOT = Path(__file__).resolve().parents[1]
FORMS = {
    "term in place, graph",
    "term in place, recorded",
    "term in place, eager",
    "term out of place, graph",
    "term out of place, eager",
    "torch.where, eager",
    "torch.where in place, eager",
    "per-environment Python, eager",
    "transition loop, eager",
    "editor callback, eager",
}


@pytest.fixture
def benchmarks(monkeypatch):
    """The modules of tools/bench, importable for one test."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


def bench(*arguments, timeout=300):
    return subprocess.run(
        [sys.executable, str(ROOT / "tools/bench"), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_the_quick_table_times_every_form_and_names_the_device(tmp_path):
    file = tmp_path / "rule.json"
    done = bench("rule", "--quick", "--envs", "256", "--json", str(file), "--markdown")
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text())
    assert set(result["forms"]) == FORMS
    assert result["device"] and result["device"] in done.stdout
    assert result["copy_bytes_per_s"] > 0 and result["node_us"] > 0
    assert [case["contracts"] for case in result["cases"]] == [1, 4]
    for case in result["cases"]:
        assert case["forms"].keys() == FORMS and not case["wrong"]
        assert case["in_place"]["floor_us"] < case["out_of_place"]["floor_us"]
        for timing in case["forms"].values():
            assert 0 < timing["min_us"] <= timing["median_us"] <= timing["max_us"]
    table = [line for line in done.stdout.splitlines() if line.startswith("| 256")]
    assert len(table) == 2


def test_help_shows_examples():
    assert "tools/bench rule --device cuda:0" in bench("--help").stdout


@pytest.mark.usefixtures("benchmarks")
def test_the_floor_counts_each_sector_once():
    from benchmarks.case import Case

    adjacent, scattered = (Case(64, 4, layout, 0.5, "cpu") for layout in ("adjacent", "scattered"))
    flags = 3 * 64 * 4  # fired, latched, active
    joints = adjacent.positions[0][:, adjacent.compiled.trigger.tolist()] > 0.5
    written = int(joints.any(dim=1).sum())  # four effects in one sector
    assert adjacent.bytes_touched(in_place=True) == 64 * 32 + flags + written * 32
    sectors = {37 * c % 64 // 8 for c in range(4)}
    assert len(sectors) == 4
    columns = scattered.positions[0][:, scattered.compiled.trigger.tolist()] > 0.5
    expected = 64 * 32 * 4 + flags + int(columns.sum()) * 32
    assert scattered.bytes_touched(in_place=True) == expected
    rows = 64 * 64 * 4
    assert adjacent.bytes_touched(in_place=False) == 64 * 32 + flags + 2 * rows


@pytest.mark.usefixtures("benchmarks")
def test_a_form_with_a_wrong_answer_is_named_and_not_timed(monkeypatch, capsys):
    from benchmarks import rule
    from benchmarks.forms import Form

    liar = Form("liar", lambda case, targets: lambda pos, targets: targets + 1.0, False)
    monkeypatch.setattr(rule, "forms", lambda device, **rest: [liar])
    options = argparse.Namespace(
        device="cpu",
        quick=True,
        forms=None,
        envs=[64],
        contracts=[1],
        joints=[64],
        layout=None,
        active=None,
        launches=2,
        markdown=False,
        json=None,
    )
    assert rule.run(options) == 1
    assert "differs from the torch form" in capsys.readouterr().out


@pytest.mark.usefixtures("benchmarks")
def test_what_takes_too_long_is_stopped():
    from benchmarks.compiled_form import TooSlowError, at_most

    with pytest.raises(TooSlowError), at_most(0.05):
        while True:
            pass
    with at_most(0.05):
        pass


@pytest.mark.usefixtures("benchmarks")
def test_a_loop_beyond_two_seconds_is_not_run():
    from benchmarks.case import Case
    from benchmarks.forms import BEARABLE, forms

    case = Case(1 << 20, 64, "adjacent", 0.01, "cpu")
    slow = forms("cpu", wanted=["Python"], compile_too=False)
    assert [form.seconds(case) > BEARABLE for form in slow] == [True]
    assert "positions" not in vars(case)  # nor were its arrays made


@pytest.mark.slow
@pytest.mark.parametrize(
    "what", [("step", "--steps", "2", "--turns", "2"), ("train", "--iterations", "1")]
)
def test_a_real_environment_is_timed_under_every_rule(what, tmp_path):
    file = tmp_path / "times.json"
    done = bench(*what, "--envs", "4", "--json", str(file))
    assert done.returncode == 0, done.stderr
    (case,) = json.loads(file.read_text())["cases"]
    assert {"no rule", "torch.where", "per-environment Python"} < case["rules"].keys()
    for timing in case["rules"].values():
        assert 0 < timing["min"] <= timing["median"] <= timing["max"]


def test_the_table_of_the_readme_is_what_the_tool_prints():
    readme = (ROOT / "README.md").read_text()
    shown = readme.partition("<!-- tools/bench table -->\n")[2].partition("\n<!-- end -->")[0]
    forms = [
        *(f"{name}, graph" for name in ("term in place", "term out of place", "torch.where")),
        *("term in place, eager", "torch.compile, graph", "transition loop, eager"),
        "per-environment Python, eager",
    ]
    done = bench(
        *("table", str(ROOT / "tools/benchmarks/results/rule_h200.json")),
        *("--layout", "adjacent", "--active", "50", "--contracts", "1", "4", "16", "64"),
        *("--forms", *forms),
    )
    assert shown and shown in done.stdout, done.stderr
    assert "NVIDIA H200" in shown


def test_the_live_benchmark_times_a_real_worker(tmp_path):
    file = tmp_path / "live.json"
    done = bench(
        "live",
        "--envs",
        "2",
        "--starts",
        "1",
        "--seconds",
        "0.3",
        "--minutes",
        "0.1",
        "--json",
        str(file),
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text())
    (row,) = result["cases"]
    assert 0 < row["prepared_s"] < row["cold_s"]
    assert 0 < row["edit_ms"]["median"] <= row["edit_ms"]["max"]
    assert row["steps_per_second"] > 0 and row["frame_bytes"] == 2 * (2 * 2 * 4 + 1)
    assert result["memory"]["first_mb"] > 0 and "edit to running rule" in done.stdout


@pytest.mark.slow
def test_the_panel_benchmark_times_the_real_panel_and_its_preview(tmp_path):
    from panel_process import skip_without_drawing

    skip_without_drawing(tmp_path)
    file = tmp_path / "panel.json"
    done = bench("panel", "--quick", "--minutes", "0.05", "--json", str(file))
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text())
    assert [row["cache"] for row in result["start"]] == ["warm", "cold"]
    assert all(row["cpu_s"] > 0 and row["wall_s"] > 0 for row in result["start"])
    shown = ["the panel", "a paused preview", "a playing preview"]
    shown += ["playing with 3D", "paused with 3D"]
    cases = [(20, 4)]
    frames = [(row["contracts"], row["clones"], row["what"]) for row in result["frames"]]
    assert frames == [(*case, what) for case in cases for what in shown]
    for row in result["frames"]:
        # An empty window costs less than any of ours, and the main thread less than all threads.
        assert 0 < row["empty_ms"] < row["main_ms"] <= row["process_ms"]
        assert row["main_ms"] <= row["worst_ms"]
    edits = [(row["contracts"], row["clones"], row["how"]) for row in result["edits"]]
    assert edits == [(*case, how) for case in cases for how in ("typed", "drag")]
    assert all(0 < row["median_ms"] <= row["max_ms"] for row in result["edits"])
    assert result["worker"]["prepared_s"] > 0 and result["worker"]["cold_s"] > 0
    memory = result["memory"]
    assert memory["minutes"] == 0.05 and min(memory.values()) > 0
    assert "edit, to the rule that runs" in done.stdout

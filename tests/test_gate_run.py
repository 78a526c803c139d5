# SPDX-License-Identifier: Apache-2.0
"""Real gates in real processes: both arms on real physics, report, picture, exported policy."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import onnxruntime
import torch
from causal_contracts.core.cli import build_app
from causal_contracts.lab.train.policy import load_policy
from causal_contracts.lab.train.report import read_training_report
from typer.testing import CliRunner

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
PAGE = (ROOT / "exts/causal_contracts.lab/docs/gate.md").read_text()
ID = "press_opens_door"


def run(*words, code, timeout=240):
    main = "from causal_contracts.core.cli import main; main()"
    command = [sys.executable, "-c", main, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A gate of two short trainings, beside an asset that does not exist."""
    out = tmp_path_factory.mktemp("gate")
    assets = (out / "none.usda", DATA / "microwave/microwave.usda")
    sizes = ("-n", "4", "--iterations", "2", "--eval-envs", "6", "--window", "1", "--seed", "5")
    done = run("gate", *assets, *sizes, "--out", out, "--json", code=2)
    folder = out / "microwave"
    report = read_training_report(folder / "coupling_training_report.json")
    return SimpleNamespace(done=done, folder=folder, report=report)


def test_an_asset_that_cannot_be_used_stops_no_other(tiny):
    first, second = json.loads(tiny.done.stdout)["gates"]
    assert first["issues"][0]["address"].endswith("none.usda")
    assert second["verdict"] == "inconclusive" and second["reasons"] == tiny.report.reasons
    assert second["report"] == str(tiny.folder / "coupling_training_report.json")


def test_two_short_trainings_prove_nothing_and_the_report_says_what_is_missing(tiny):
    report = tiny.report
    assert (report.verdict, report.seed, report.asset) == ("inconclusive", 5, "microwave.usda")
    said = "\n".join(report.reasons)
    assert f"contract arm: too few presses were counted in training: {ID}" in said
    assert f"native arm: too few presses were counted, by policy and hand: {ID}" in said


def test_both_arms_trained_as_asked(tiny):
    assert tiny.report.request.hyperparameters["num_steps_per_env"] == 60  # 2 s, 30 steps each
    for arm in (tiny.report.arms.contract, tiny.report.arms.native):
        assert [row.iteration for row in arm.iterations] == [1, 2]
        assert [row.env_steps for row in arm.iterations] == [4 * 60, 2 * 4 * 60]
        assert arm.evaluation.num_envs == arm.scripted.num_envs == 6
        assert arm.nan.environments == []
    assert tiny.report.versions["isaaclab"] == "3.0.0"


def test_the_hand_opens_every_door_with_the_contract_and_none_without(tiny):
    (contract,) = tiny.report.arms.contract.scripted.contracts
    (native,) = tiny.report.arms.native.scripted.contracts
    assert (contract.reached, contract.closed_after_reset) == (6, 6)
    assert (contract.effect_given_cause, contract.effect_given_cause_n) == (1.0, 6)
    assert contract.latency.count == 6 and 0.1 < contract.latency.min <= contract.latency.max < 1
    assert (native.reached, native.effect_given_cause, native.latency) == (0, 0.0, None)
    assert native.effect_given_cause_n == 6


def test_the_iterations_are_shown_live_and_standard_output_stays_json(tiny):
    lines = tiny.done.stderr.splitlines()
    for arm in ("contract", "native"):
        assert [line.split()[1] for line in lines if line.startswith(f"{arm} ")] == ["1/2", "2/2"]


def test_the_picture_is_there(tiny):
    assert (tiny.folder / "curves.png").read_bytes().startswith(b"\x89PNG")


def export(checkpoint, out):
    """What the command says of both forms of a checkpoint, with the options of the page."""
    (line,) = [line for line in blocks("bash") if "export-policy" in line]
    words = shlex.split(line)[1:]
    words[1] = checkpoint
    words = [str(out / word[4:]) if str(word).startswith("out/") else word for word in words]
    done = CliRunner().invoke(build_app(), [*map(str, words), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def assert_equal(checkpoint, out):
    """Both forms equal the policy of the checkpoint on observations of this test's own."""
    trained = load_policy(checkpoint)
    seen = np.random.default_rng(8).uniform(-2, 2, (64, trained.obs_dim)).astype(np.float32)
    wanted = trained.act(torch.from_numpy(seen)).numpy()
    assert np.ptp(wanted) > 0
    session = onnxruntime.InferenceSession(out / "policy.onnx", providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(["actions"], {"obs": seen})[0], wanted, atol=1e-5)
    scripted = torch.jit.load(out / "policy_jit.pt")(torch.from_numpy(seen))
    np.testing.assert_allclose(scripted.detach().numpy(), wanted, atol=1e-5)


@pytest.fixture(scope="module")
def exported(tiny):
    return export(tiny.folder / tiny.report.arms.contract.policy, tiny.folder.parent)


def test_the_trained_policy_exports_with_its_normaliser_and_its_joints(tiny, exported):
    checkpoint = tiny.folder / tiny.report.arms.contract.policy
    assert_equal(checkpoint, tiny.folder.parent)
    assert all(one["largest_difference"] <= 1e-5 for one in exported["files"])
    assert load_policy(checkpoint).module.scale.ne(1).all(), "the normaliser has seen nothing"
    (action,) = exported["policy"]["actions"]
    assert (action["joint"], action["unit"]) == ("button_slide", "m")
    halfway = dict(zip(action["actions"], action["targets"], strict=True))
    assert halfway[0.0] == 0.0 and halfway[-0.5] == pytest.approx(-0.005)  # rest and threshold
    assert exported["policy"]["step_seconds"] == pytest.approx(1 / 30)
    assert exported["policy"]["observations"][-1] == f"{ID}.progress"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("line", blocks("bash"), ids=lambda line: line.split()[1])
def test_the_page_names_options_that_exist(line):
    program, *words = shlex.split(line)
    assert program == "causal-contracts"
    if words[0] == "export-policy":
        pytest.skip("runs above, as it stands")
    done = CliRunner().invoke(build_app(), [*words, "--iterations", "0"])
    said = done.stderr
    assert done.exit_code == 2 and said.splitlines()[0] == "error  --iterations: 0 cannot be used"


def test_the_pages_python_runs_as_it_stands_on_a_gate(
    tiny, exported, tmp_path, monkeypatch, capsys
):
    assert exported
    (tmp_path / "out").symlink_to(tiny.folder.parent)
    monkeypatch.chdir(tmp_path)
    reading, running = blocks("python")
    exec(compile(reading, "reading", "exec"), {})
    assert capsys.readouterr().out.startswith("inconclusive\ncontract arm: too few presses")
    exec(compile(running, "running", "exec"), scope := {})
    assert "button_slide" in capsys.readouterr().out
    assert scope["targets"].shape == (256,) and (scope["targets"] >= -0.011).all()


def test_the_page_lists_the_files_and_bounds_that_there_are(tiny):
    names = {path.name for path in tiny.folder.rglob("*") if path.is_file()}
    assert {"coupling_training_report.json", "curves.png", "policy.pt", "policy.json"} <= names
    bounds = tiny.report.criteria
    assert f"at least {bounds.effect_given_cause_at_least} in every iteration" in PAGE
    assert f"at most {bounds.effect_given_no_cause_at_most * 100:.0f} % of the training" in PAGE
    assert f"at least {bounds.press_rate_at_least * 100:.0f} % of its episodes" in PAGE
    assert f"less than {bounds.presses_at_least} counted presses" in PAGE


def test_the_gym_id_that_the_page_names_is_registered():
    import causal_contracts.lab.tasks.samples
    import gymnasium

    assert causal_contracts.lab.tasks.samples
    for name in re.findall(r"--task (\S+)", PAGE):
        assert name in gymnasium.registry


@pytest.mark.slow
@pytest.mark.parametrize("library", ["rsl_rl", "skrl"])
def test_the_microwave_passes_the_gate_with_either_learner(library, tmp_path):
    asset = DATA / "microwave/microwave.usda"
    done = run("gate", asset, "--library", library, "--out", tmp_path, code=0, timeout=580)
    assert "[ok] pass  microwave.usda" in done.stdout
    report = read_training_report(tmp_path / "microwave/coupling_training_report.json")
    counted = [row for row in report.arms.contract.iterations if row.effect_given_cause_n]
    assert counted and all(row.effect_given_cause >= 0.99 for row in counted)
    assert all(row.effect_given_cause in (None, 0.0) for row in report.arms.native.iterations)
    assert all(round(row.reward, 2) == 0.0 for row in report.arms.native.iterations)
    checkpoint = tmp_path / "microwave" / report.arms.contract.policy
    export(checkpoint, tmp_path)
    assert_equal(checkpoint, tmp_path)

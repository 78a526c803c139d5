# SPDX-License-Identifier: Apache-2.0
"""`train`, `gate` and `export-policy` as real processes: help, bad input, what stops no other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from causal_contracts.core.cli import build_app
from causal_contracts.core.issue import ContractError
from causal_contracts.lab.train import gate
from causal_contracts.lab.train.children import Gate, gate_requests, run_gates
from causal_contracts.lab.train.facts import asset_facts
from causal_contracts.lab.train.settings import Settings, settings_issues
from typer.testing import CliRunner

DATA = Path(__file__).parent.parent / "data"
MICROWAVE = DATA / "microwave/microwave.usda"
STOVE = DATA / "stove/stove.usda"


def run_apart(*words, code):
    """The command in a process of its own."""
    main = "from causal_contracts.core.cli import main; main()"
    command = [sys.executable, "-c", main, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def run(*words, code):
    """The command in this process."""
    done = CliRunner().invoke(build_app(), [str(word) for word in words])
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


@pytest.mark.parametrize("name", ["train", "gate", "export-policy"])
def test_help_shows_examples_and_exit_codes(name):
    text = run(name, "--help", code=0).stdout
    assert f"causal-contracts {name}" in text and "Exit codes: 0" in text


def test_the_commands_and_what_only_reads_and_judges_load_neither_torch_nor_isaac_lab():
    code = (
        "import sys\n"
        "from causal_contracts.core.cli import build_app\n"
        "names = {c.name for c in build_app().registered_commands}\n"
        "assert {'train', 'gate', 'export-policy'} <= names, names\n"
        "heavy = {'torch', 'isaaclab', 'matplotlib', 'warp', 'rsl_rl', 'skrl', 'onnx'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "from causal_contracts.lab.train import arm, report, verdict, summary, facts, table\n"
        "from causal_contracts.lab.train import curves, gate, children, policy_facts\n"
        "heavy = {'torch', 'isaaclab', 'matplotlib'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(("name", "call"), [("gate", run_apart), ("train", run)])
def test_every_bad_setting_is_named_at_once(name, call):
    words = ("--library", "sb3", "--num-envs", "0", "--seed", "-1", "--window", "0")
    words += ("--device", "tpu", "--iterations", "0", "--backend", "bullet", "--eval-envs", "0")
    said = call(name, MICROWAVE, *words, code=2).stderr
    for option in words[::2]:
        assert f"{option}: " in said
    assert "give rsl_rl or skrl" in said and "give newton or physx" in said


@pytest.mark.parametrize("name", ["gate", "train"])
def test_a_missing_asset_is_named_beside_bad_settings(name):
    said = run(name, "none.usda", "--num-envs", "0", code=2).stderr
    assert "--num-envs: 0" in said and "none.usda: is no file" in said


@pytest.mark.parametrize(
    ("device", "count", "said"),
    [
        ("cuda", 0, "--device: cuda cannot be used\n  -> there is no CUDA device here; give cpu"),
        ("cuda:2", 2, "-> the last device here is cuda:1; give cuda:0"),
    ],
)
def test_a_device_that_is_not_here_is_refused_before_anything_starts(
    device, count, said, monkeypatch
):
    monkeypatch.setattr("torch.cuda.device_count", lambda: count)
    assert said in run("train", MICROWAVE, "--device", device, code=2).stderr
    assert len(settings_issues(Settings(device="cuda:1"))) == (count < 2)


def test_an_arm_is_contract_or_native():
    assert "--arm: both" in run("train", MICROWAVE, "--arm", "both", code=2).stderr


def test_a_missing_or_bare_asset_is_said_with_exit_code_2(tmp_path):
    (tmp_path / "bare.usda").write_text("#usda 1.0\n")
    done = run_apart("gate", tmp_path / "bare.usda", "--out", tmp_path, code=2)
    assert "bare.usda: has no articulation" in done.stderr and done.stdout == ""
    done = run("train", tmp_path / "none.usda", code=2)
    assert "none.usda: is no file" in done.stderr and done.stdout == ""


def test_bad_settings_are_one_json_document_for_machines():
    words = ("gate", MICROWAVE, "--seed", "-1", "--json")
    assert json.loads(run(*words, code=2).stdout)["issues"][0]["address"] == "--seed"


def test_couplings_are_for_one_asset():
    said = run("gate", MICROWAVE, STOVE, "--couplings", "c.json", code=2).stderr
    assert "--couplings: is given for 2 assets" in said


@pytest.mark.parametrize("name", ["gate", "train"])
def test_without_isaac_lab_the_extra_is_named(name, monkeypatch):
    monkeypatch.setattr(gate, "find_spec", lambda package: None)
    said = run(name, MICROWAVE, code=2).stderr
    assert "isaaclab: is not installed" in said
    assert "pip install 'causal-contracts[lab]'" in said


def test_assets_of_one_name_get_folders_of_their_own():
    assets = [Path("a/box.usd"), Path("b/box.usda"), Path("lid.usd"), Path("c/box.usd")]
    folders = [one.folder for one in gate_requests(assets, Path("out"), Settings())]
    assert [str(folder) for folder in folders] == [
        "out/box",
        "out/box_2",
        "out/lid",
        "out/box_3",
    ]


def test_a_child_that_dies_is_the_issue_of_its_asset(tmp_path, monkeypatch):
    died = tmp_path / "python"
    died.write_text("#!/bin/sh\nkill -9 $$\n")
    died.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(died))
    (dead,) = run_gates(gate_requests([MICROWAVE], tmp_path, Settings()))
    assert isinstance(dead, Gate) and dead.report is None
    assert "ended the process (SIGKILL)" in dead.issues[0].what


def test_the_facts_of_an_asset_are_its_contracts_with_their_fingerprint(tmp_path):
    facts = asset_facts(MICROWAVE)
    assert [name for name, _ in facts.sentences] == ["press_opens_door"]
    assert set(facts.joint_names) == {"button_slide", "door_hinge"}
    again = asset_facts(MICROWAVE, couplings=DATA / "microwave/couplings.json")
    assert again.fingerprint == facts.fingerprint and len(facts.fingerprint) == 64
    other = tmp_path / "couplings.json"
    text = (DATA / "microwave/couplings.json").read_text()
    other.write_text(text.replace("-0.005", "-0.004"))
    assert asset_facts(MICROWAVE, couplings=other).fingerprint != facts.fingerprint


def test_an_error_of_the_check_is_refused_and_what_cannot_be_said_is_skipped(tmp_path):
    tree = json.loads((DATA / "microwave/couplings.json").read_text())
    path = tmp_path / "couplings.json"
    other = json.loads(json.dumps(tree["couplings"][0])) | {"id": "other"}
    tree["couplings"].append(other | {"mode": "pulsing"})
    path.write_text(json.dumps(tree))
    ((name, why),) = asset_facts(MICROWAVE, couplings=path).skipped
    assert name == "other" and "pulsing" in why
    other["effect"]["joint"] = other["effect"]["path"] = "dor_hinge"
    tree["couplings"][1] = other
    path.write_text(json.dumps(tree))
    with pytest.raises(ContractError, match="did you mean 'door_hinge'"):
        asset_facts(MICROWAVE, couplings=path)


def test_an_asset_whose_contracts_are_all_off_is_refused(tmp_path):
    path = tmp_path / "couplings.json"
    text = (DATA / "microwave/couplings.json").read_text()
    path.write_text(text.replace('"enabled": true', '"enabled": false'))
    with pytest.raises(ContractError, match="none of its contracts can run"):
        asset_facts(MICROWAVE, couplings=path)


def test_an_export_of_nothing_or_of_no_policy_exits_2(tmp_path, monkeypatch):
    assert "--onnx FILE" in run("export-policy", tmp_path / "p.pt", code=2).stderr
    words = ("export-policy", tmp_path / "p.pt", "--onnx", tmp_path / "p.onnx")
    assert "p.pt: is no file" in run(*words, code=2).stderr
    (tmp_path / "p.pt").touch()
    assert "p.json: cannot be read" in run(*words, code=2).stderr
    monkeypatch.setattr(gate, "find_spec", lambda package: None)
    assert "onnxruntime: is not installed" in run(*words, code=2).stderr
    assert [one.name for one in tmp_path.iterdir()] == ["p.pt"]


@pytest.mark.parametrize(
    ("words", "world", "said"),
    [
        (["--distributed"], None, "one process for each GPU, and --device is cpu"),
        (["--distributed", "--library", "skrl"], None, "'skrl' does not train in several"),
        ([], "2", "torchrun started 2 processes of this command"),
    ],
)
def test_processes_that_cannot_share_a_training_are_refused_before_anything_starts(
    words, world, said, monkeypatch
):
    if world is not None:
        monkeypatch.setenv("WORLD_SIZE", world)
    assert said in run("train", MICROWAVE, *words, code=2).output

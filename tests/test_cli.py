# SPDX-License-Identifier: Apache-2.0
"""The command line: exit codes, JSON on standard output alone, numbers, files left whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from broken_assets import BROKEN, healthy_box
from build_asset import build_box
from causal_contracts.core import apply_bundle, read_bundle, read_couplings
from causal_contracts.core.cli import build_app
from causal_contracts.core.model import Bundle, Contract, JointThreshold, SetDriveTarget
from pxr import Sdf, Usd, UsdGeom
from typer.testing import CliRunner

COMMANDS = ("joints", "show", "check", "add", "remove", "rename", "enable", "disable")
COMMANDS += ("export", "import", "compile")
ADD = ("--id", "press", "--trigger", "button_slide", "--op", "<", "--threshold", "-5mm")
ADD += ("--effect", "lid_hinge", "--target", "90deg")


@pytest.fixture(autouse=True)
def _in_its_own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def run(*words: object, code: int = 0) -> str:
    """Standard output of the command, which must end with `code`."""
    if words[0] == "check":  # forks, which this process with USD's threads may not
        return run_apart(*words, code=code)
    done = CliRunner().invoke(build_app(), [str(word) for word in words])
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    run.stderr = done.stderr
    return done.stdout


def run_apart(*words: object, code: int = 0) -> str:
    """The same by the real entry point, in a process of its own."""
    main = "from causal_contracts.core.cli import main; main()"
    command = [sys.executable, "-c", main, *(str(word) for word in words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    run.stderr = done.stderr
    return done.stdout


def box(name: str = "box.usda", **options) -> Path:
    return build_box(Path(name), **options)


def files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_the_entry_point_runs_and_tells_its_commands():
    done = subprocess.run(
        [sys.executable, "-c", "from causal_contracts.core.cli import main; main()", "--help"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert all(f" {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_commands_help_has_an_example(name):
    assert f"Example: causal-contracts {name} " in run(name, "--help")


def test_a_contract_is_added_shown_and_removed_to_the_byte():
    before = box().read_bytes()
    said = run("add", "box.usda", *ADD)
    assert "press: button_slide < -0.005 m => lid_hinge := 1.571 rad, latching" in said
    assert run("show", "box.usda").strip() == said.splitlines()[1]
    assert json.loads(run("joints", "box.usda", "--json"))["articulations"][0]["host"] == "/Box"
    run("rename", "box.usda", "--id", "press", "--to", "opens")
    run("disable", "box.usda", "--id", "opens")
    assert run("show", "box.usda").strip().endswith("(disabled)")
    run("enable", "box.usda", "--id", "opens")
    assert "saved" in run("remove", "box.usda", "--id", "opens")
    assert Path("box.usda").read_bytes() == before


@pytest.mark.parametrize(
    ("threshold", "target", "si"),
    [
        ("-5mm", "90deg", (-0.005, 1.5707963267948966)),
        ("-0.005", "90", (-0.005, 1.5707963267948966)),
        ("-.5cm", "1.57rad", (-0.005, 1.57)),
    ],
)
@pytest.mark.parametrize("op", ["<", "less"])
def test_numbers_take_a_suffix_and_may_be_negative(threshold, target, si, op):
    box()
    words = [*ADD]
    words[5], words[7], words[11] = op, threshold, target
    run("add", "box.usda", *words)
    press = read_bundle("box.usda")["press"]
    assert (press.trigger.op, press.trigger.threshold, press.effect.target) == ("<", *si)


def test_the_faults_of_all_options_are_told_at_once():
    before = box().read_bytes()
    words = ("--id", "1st", "--trigger", "buton", "--op", "=", "--threshold", "x")
    words += ("--effect", "lid_hinge", "--target", "5mm")
    out = json.loads(run("add", "box.usda", *words, "--json", code=2))
    assert {"--id", "--trigger", "--op", "--target"} <= {one["address"] for one in out["issues"]}
    assert all(one["what"] and one["fix"] for one in out["issues"])
    assert Path("box.usda").read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("joints", "gone.usda"),
        ("show", "gone.json"),
        ("add", "gone.usda", *ADD),
        ("remove", "box.usda", "--id", "gone"),
        ("rename", "box.usda", "--id", "gone", "--to", "x"),
        ("enable", "box.usda", "--id", "gone"),
        ("disable", "box.usda", "--id", "gone"),
        ("export", "gone.usda"),
        ("export", "box.usda", "-o", "box.usda/sub"),
        ("import", "gone.json", "box.usda"),
        ("compile", "gone.json", "--joints", "a"),
        ("compile", "box.usda", "--asset", "box.usda", "--joints", "a"),
    ],
)
def test_bad_input_is_exit_code_2_on_stderr_or_json_on_stdout_alone(words):
    box()
    before = files()
    assert run(*words, code=2) == ""
    assert "error" in run.stderr
    assert "Traceback" not in run.stderr
    issues = json.loads(run(*words, "--json", code=2))["issues"]
    assert issues
    assert all(one["address"] and one["what"] and one["fix"] for one in issues)
    assert files() == before


@pytest.mark.parametrize(
    "words",
    [
        ("joints", "box.usda"),
        ("show", "box.usda"),
        ("check", "box.usda"),
        ("add", "box.usda", *ADD, "--replace"),
        ("rename", "box.usda", "--id", "press", "--to", "x"),
        ("enable", "box.usda", "--id", "press"),
        ("remove", "box.usda", "--id", "press"),
        ("export", "box.usda"),
        ("import", "couplings.json", "box.usda"),
        ("compile", "box.usda"),
    ],
)
def test_json_stands_alone_on_stdout(words):
    run("add", box(), *ADD)
    run("export", "box.usda")
    assert json.loads(run(*words, "--json"))


@pytest.mark.parametrize("words", [("joints",), ("add", "box.usda", "--json"), ("nonsense",)])
def test_wrong_usage_is_exit_code_2(words):
    assert run(*words, code=2) == ""


def test_export_writes_beside_the_asset_into_a_folder_a_file_or_to_stdout():
    run("add", box(), *ADD)
    text = run("export", "box.usda", "-o", "-")
    for words, path in (
        ((), "couplings.json"),
        (("-o", "new/deep"), "new/deep/couplings.json"),
        (("-o", "one.json"), "one.json"),
    ):
        run("export", "box.usda", *words)
        assert Path(path).read_text() == text
    assert run("show", "one.json") == run("show", "box.usda")


def test_several_articulations_are_listed_or_go_one_by_one_into_a_folder():
    stage = Usd.Stage.Open(str(box("two.usda", copies=2)))
    for name in ("Box", "Box1"):
        press = Contract(
            name, JointThreshold("button_slide", "<", -0.005), SetDriveTarget("lid_hinge", 1)
        )
        apply_bundle(stage, Bundle((press,)), f"/Kitchen/{name}")
    stage.GetRootLayer().Save()
    before = files()
    run("export", "two.usda", code=2)
    assert "/Kitchen/Box, /Kitchen/Box1" in run.stderr
    assert files() == before
    assert len(json.loads(run("joints", "two.usda", "--json"))["articulations"]) == 2
    run("export", "two.usda", "--articulation", "/Kitchen/Box1")
    assert [one.id for one in read_couplings("couplings.json").contracts] == ["Box1"]
    out = json.loads(run("export", "two.usda", "-o", "out", "--json"))
    assert [one["couplings"] for one in out["files"]] == [1, 1]
    names = ["Kitchen.Box.couplings.json", "Kitchen.Box1.couplings.json"]
    assert sorted(path.name for path in Path("out").iterdir()) == names


def test_import_shows_what_changes_and_a_dry_run_writes_nothing():
    run("add", box(), *ADD)
    run("add", "box.usda", *ADD[2:], "--id", "other")
    run("export", "box.usda", "-o", "a.json")
    tree = json.loads(Path("a.json").read_text())
    tree["couplings"][0]["effect"]["target"] = 1.0
    tree["couplings"][0]["id"] = "new"
    tree["couplings"][1]["effect"]["target"] = 1.0
    Path("a.json").write_text(json.dumps(tree))
    before = files()
    words = ("import", "a.json", "box.usda", "--replace")
    out = json.loads(run(*words, "--dry-run", "--json"))
    assert out["changes"] == {"new": "added", "other": "removed", "press": "changed"} or out[
        "changes"
    ] == {"new": "added", "other": "changed", "press": "removed"}
    assert out["file"] is None
    assert "nothing was written" in run(*words, "--dry-run")
    assert files() == before
    said = run(*words)
    assert all(word in said for word in ("added", "changed", "removed"))
    assert sorted(one.id for one in read_bundle("box.usda").contracts) == sorted(
        one for one, what in out["changes"].items() if what != "removed"
    )


def test_check_reads_on_after_a_broken_file_and_tells_by_exit_code():
    healthy_box(Path("good.usda"))
    stage = healthy_box(Path("warned.usda"))
    next(one for one in BROKEN if one.name == "target outside").damage(stage)
    stage.GetRootLayer().Save()
    Path("bad.usda").write_text("#usda 1.0\ndef X")
    Path("[odd].json").write_text("{")
    assert "fine" in run("check", "good.usda")
    assert "1 warning" in run("check", "warned.usda")
    run("check", "good.usda", "warned.usda", "--strict", code=1)
    said = run("check", "bad.usda", "[odd].json", "good.usda", code=1)
    assert "[odd].json  1 error" in said
    assert "good.usda  fine" in said
    out = json.loads(run("check", "bad.usda", "good.usda", "--json", code=1))
    assert [len(one["issues"]) for one in out["files"]] == [1, 0]


def test_check_of_many_files_shows_progress_apart_from_its_findings():
    names = [f"{i}.usda" for i in range(9)]
    for name in names:
        healthy_box(Path(name))
    assert run("check", *names) == "".join(f"{name}  fine\n" for name in names)


def test_check_of_couplings_takes_an_asset():
    run("add", box(), *ADD)
    run("export", "box.usda")
    box("bare.usda", lid_drive=None)
    run("check", "couplings.json")
    run("check", "couplings.json", "--asset", "box.usda")
    assert "no drive" in run("check", "couplings.json", "--asset", "bare.usda", code=1)


def test_compile_prints_the_rule_and_skips_are_exit_code_1():
    run("add", box(), *ADD)
    run("export", "box.usda")
    assert "press" in run("compile", "couplings.json", "--joints", "lid_hinge,button_slide")
    out = json.loads(run("compile", "couplings.json", "--joints", "lid_hinge", "--json", code=1))
    assert len(out["skipped"]) == 1


def test_a_package_is_read_and_never_written():
    packed = box("box.usdz")
    before = packed.read_bytes()
    run("joints", "box.usdz")
    run("add", "box.usdz", *ADD, code=2)
    assert "-o OUT.usda" in run.stderr
    Path("sub").mkdir()
    run("add", "box.usdz", *ADD, "-o", "sub/over.usda")
    assert packed.read_bytes() == before
    layer = Sdf.Layer.FindOrOpen("sub/over.usda")
    assert list(layer.subLayerPaths) == ["../box.usdz"]
    assert run("check", "sub/over.usda").strip().endswith("fine")
    assert read_bundle("sub/over.usda")["press"].enabled


def _author_paths(path: Path) -> None:
    stage = Usd.Stage.Open(str(path))
    UsdGeom.Xform.Define(stage, "/Part").GetPrim().GetReferences().AddReference("./parts/part.usda")
    stage.DefinePrim("/Own").GetReferences().AddInternalReference("/Box/lid")
    stage.GetRootLayer().subLayerPaths.append("parts/part.usda")
    for name, value in (
        ("one", "tex.png"),
        ("tiles", "./parts/skin.<UDIM>.png"),
        ("none", "./later.png"),
        ("library", "OmniPBR.mdl"),
        ("far", "https://example.org/x.png"),
    ):
        prim = stage.GetPrimAtPath("/Box")
        prim.CreateAttribute(name, Sdf.ValueTypeNames.Asset).Set(value)
    stage.GetRootLayer().Save()


def test_a_copy_elsewhere_leads_where_the_original_led():
    for name in ("parts/part.usda", "parts/skin.1001.png", "tex.png"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("#usda 1.0\n")
    _author_paths(box())
    Path("out").mkdir()
    before = Path("box.usda").read_bytes()
    run("add", "box.usda", *ADD, "-o", "out/copy.usda")
    text = Path("out/copy.usda").read_text()
    for path in ("../parts/part.usda", "../tex.png", "../parts/skin.<UDIM>.png", "../later.png"):
        assert f"@{path}@" in text
    for kept in ("@OmniPBR.mdl@", "@https://example.org/x.png@", "references = </Box/lid>"):
        assert kept in text
    assert Path("box.usda").read_bytes() == before
    run("add", "box.usda", *ADD, "-o", "copy.usda")
    assert "@tex.png@" in Path("copy.usda").read_text()


@pytest.mark.parametrize("source", ["usda", "usdc"])
def test_a_usd_stays_text_or_binary_as_it_was(source):
    box(f"box.{source}").rename("box.usd")
    before = Path("box.usd").read_bytes()[:8]
    run("add", "box.usd", *ADD)
    assert Path("box.usd").read_bytes()[:8] == before
    assert read_bundle("box.usd")["press"].enabled


@pytest.mark.parametrize("out", ["gone/copy.usda", "folder.usda", "copy.txt", "copy.usdz"])
def test_a_place_that_cannot_be_written_leaves_everything_as_it_was(out):
    box()
    Path("folder.usda").mkdir()
    before = files()
    run("add", "box.usda", *ADD, "-o", out, code=2)
    assert out.split("/")[-1] in run.stderr
    assert files() == before


def test_a_read_only_file_is_refused_with_the_way_out(monkeypatch):
    before = box().read_bytes()
    box("other.usda").chmod(0o444)
    real = os.access
    read_only = {"box.usda", "other.usda"}
    monkeypatch.setattr(
        "causal_contracts.core.cli.save.os.access",
        lambda path, mode: (
            (mode != os.W_OK or Path(path).name not in read_only) and real(path, mode)
        ),
    )
    run("add", "box.usda", *ADD, code=2)
    assert "read-only" in run.stderr
    assert "-o OUT.usda" in run.stderr
    run("add", "box.usda", *ADD, "-o", "other.usda", code=2)
    run("add", "box.usda", *ADD, "-o", "new.usda")
    assert Path("box.usda").read_bytes() == before


def test_a_crash_while_saving_leaves_the_original_bytes(monkeypatch):
    box().chmod(0o640)
    before = files()

    def crash(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("causal_contracts.core.cli.save.os.replace", crash)
        run("add", "box.usda", *ADD, code=2)
    assert "No space left" in run.stderr
    assert files() == before
    run("add", "box.usda", *ADD)
    assert Path("box.usda").stat().st_mode & 0o777 == 0o640


def test_wrong_usage_with_json_is_json_too():
    box()
    code = "from causal_contracts.core.cli import main; main()"
    words = ("add", "box.usda", "--json")
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.returncode == 2
    (issue,) = json.loads(done.stdout)["issues"]
    assert "--id" in issue["what"]
    done = subprocess.run(
        [sys.executable, "-c", code, "check", "gone.usda", "--json"], capture_output=True, text=True
    )
    assert (done.returncode, len(json.loads(done.stdout)["files"])) == (1, 1)

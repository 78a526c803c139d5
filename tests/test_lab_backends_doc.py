# SPDX-License-Identifier: Apache-2.0
"""Every snippet of the page on backends runs as it stands, and says what is true."""

from __future__ import annotations

import importlib.util
import math
import re
import shlex
import warnings
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

from causal_contracts.lab.backends import BACKENDS
from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.lab.sim2sim.command import add_commands
from isaaclab_ov.physics import OvPhysxCfg
from isaaclab_tasks.utils import resolve_presets
from lab_device import DEVICE

pytestmark = pytest.mark.skipif(DEVICE != "cpu", reason="these tasks choose the CPU themselves")

REPO = Path(__file__).resolve().parents[1]
TEXT = (REPO / "exts" / "causal_contracts.lab" / "docs" / "backends.md").read_text()
DOORS = [math.pi / 2, 0.0, math.pi / 2, 0.0]


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The module that the page's snippets make, in their order."""
    found = snippets("python")
    assert len(found) == 4
    path = tmp_path_factory.mktemp("docs") / "backends_page.py"
    path.write_text("\n\n".join(found))
    spec = importlib.util.spec_from_file_location("backends_page", path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch, quiet_build(lambda message: None):
        patch.chdir(REPO)
        patch.setitem(__import__("sys").modules, "backends_page", module)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            spec.loader.exec_module(module)
    return module


def test_both_backends_open_the_doors_that_are_pressed(page):
    assert page.doors == {name: pytest.approx(DOORS, abs=0.05) for name in ("newton", "physx")}


def test_the_replayed_solver_opens_the_same_doors(page):
    assert page.replayed == page.doors["newton"]
    assert page.replay.why == "the replay was undone"


def test_the_presets_of_the_page_are_those_there_are(page):
    listed = re.findall(r"^\| `(\w+)` \| ", TEXT, flags=re.MULTILINE)
    assert listed == list(BACKENDS)
    assert type(resolve_presets(page.AnyPhysicsCfg(), ["ovphysx"]).sim.physics) is OvPhysxCfg


def test_the_command_of_the_page_is_one(tmp_path, monkeypatch):
    (line,) = snippets("bash")
    app = typer.Typer()
    app.callback()(lambda: None)
    add_commands(app)
    words = shlex.split(line)[1:]
    # Parsed as it stands; two engines take half a minute, so one that is refused stands for them.
    done = CliRunner().invoke(app, [*words, "--sim", "physx"])
    assert done.exit_code == 2 and "name two different simulations" in done.output
    shown = CliRunner().invoke(app, ["sim2sim", "--help"], env={"COLUMNS": "120"}).output
    for option in ("--latency", "--angle", "--length", "--sim", "--json"):
        assert option in shown and option in TEXT

# SPDX-License-Identifier: Apache-2.0
"""The app files of config/ in the real Kit kernel, with empty extensions for what it lacks."""

import tomllib

import pytest
from kit_kernel import ROOT, SERVICES, kernel_missing, seen, start

STUDIO = ROOT / "config/causal_contracts.studio.kit"
ISAAC = ROOT / "config/causal_contracts.isaacsim.kit"
OURS = [f"causal_contracts.{name}" for name in ("core", "preview", "schema", "ui")]
FOLDERS = {name: str(ROOT / "exts" / name) for name in OURS}

needs_kernel = pytest.mark.skipif(bool(kernel_missing()), reason=str(kernel_missing()))


def dependencies(app):
    return tomllib.loads(app.read_text())["dependencies"]


def empty(folder, name):
    (folder / name / "config").mkdir(parents=True)
    (folder / name / "config/extension.toml").write_text('[package]\nversion = "1.0.0"\n')


def run(home, app, *arguments):
    """The kernel with the app file as its first argument, and no folder of ours but its own."""
    child = [ROOT / "tests/kit_extension_child.py", "app", "-", app]
    panel = ["--enable", "omni.kit.async_engine", "--enable", "omni.ui"]
    done = start(
        child, home, [*panel, *arguments], exts=home / "none", extra={"OMNIUI_HEADLESS": "1"}
    )
    log = (done.stdout + done.stderr).splitlines()
    assert [line for line in log if "[Error]" in line] == []
    return seen(done)


@needs_kernel
def test_the_studio_app_finds_our_extensions_and_opens_the_panel(tmp_path):
    lent = {one.name for one in (ROOT / "tests/kit_exts").iterdir()}
    for name in {*dependencies(STUDIO)} - lent - {*OURS}:
        empty(tmp_path / "empty", name)
    saw = run(tmp_path, STUDIO, "--ext-folder", str(tmp_path / "empty"))
    assert {*saw["enabled"]} >= {*dependencies(STUDIO), *OURS}
    assert saw["folders"] == {**FOLDERS, STUDIO.stem: str(STUDIO)}
    assert saw["visible"]


@needs_kernel
def test_the_isaac_sim_app_finds_isaac_sim_beside_the_kit_that_starts_it(tmp_path):
    isaac = tmp_path / "isaac"
    for folder, name in (("exts", "isaacsim.gui.menu"), ("extscache", "omni.physx")):
        empty(isaac / folder, name)
    (isaac / "kit").mkdir()
    (isaac / "apps").mkdir()
    (isaac / "apps/isaacsim.exp.full.kit").write_text(
        '[package]\ntitle = "Isaac Sim Full"\nversion = "6.0.1"\n'
        '[dependencies]\n"isaacsim.gui.menu" = {}\n"omni.physx" = {}\n'
    )
    saw = run(tmp_path, ISAAC, f"--/app/tokens/exe-path={isaac / 'kit'}")
    wanted = {"isaacsim.exp.full", "isaacsim.gui.menu", "omni.physx", *OURS}
    assert {*saw["enabled"]} >= wanted
    assert saw["folders"] == {**FOLDERS, ISAAC.stem: str(ISAAC)}
    assert not saw["visible"]


def test_the_studio_app_asks_for_everything_that_the_panel_can_use():
    panel = tomllib.loads((ROOT / "exts/causal_contracts.ui/config/extension.toml").read_text())
    optional = {name for name, how in panel["dependencies"].items() if how.get("optional")}
    assert optional <= {*dependencies(STUDIO)}
    assert {*SERVICES} <= optional


@pytest.mark.parametrize("app", [STUDIO, ISAAC], ids=["studio", "isaacsim"])
def test_an_app_says_the_version_of_the_wheel(app):
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert tomllib.loads(app.read_text())["package"]["version"] == wheel

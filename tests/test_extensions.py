# SPDX-License-Identifier: Apache-2.0
"""Every extension folder is complete, and says the same version everywhere."""

import re
import shutil
import struct
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXTENSIONS = sorted(path for path in (ROOT / "exts").iterdir() if path.is_dir())

DEPENDS = {
    "causal_contracts.schema": {"omni.usd.libs"},
    "causal_contracts.core": {
        "causal_contracts.schema",
        "omni.kit.pip_archive",
        "omni.kit.pipapi",
        "omni.usd.libs",
    },
    "causal_contracts.preview": {"causal_contracts.core"},
    "causal_contracts.lab": {"causal_contracts.preview"},
    "causal_contracts.ui": {
        "causal_contracts.core",
        "causal_contracts.preview",
        "omni.asset_validator.core",
        "omni.kit.actions.core",
        "omni.kit.clipboard",
        "omni.kit.commands",
        "omni.kit.context_menu",
        "omni.kit.menu.utils",
        "omni.kit.notification_manager",
        "omni.kit.property.usd",
        "omni.kit.viewport.menubar.core",
        "omni.kit.viewport.menubar.display",
        "omni.kit.viewport.registry",
        "omni.kit.window.file_exporter",
        "omni.kit.window.filepicker",
        "omni.kit.window.popup_dialog",
        "omni.kit.window.property",
        "omni.timeline",
        "omni.ui",
        "omni.usd",
    },
}
"""The arrows of the design; nothing here demands omni.usd, so all of it loads in a bare Kit."""

DEMANDED_OF_KIT = {"omni.kit.pipapi", "omni.ui", "omni.usd.libs"}
"""What Kit must bring; every other of its extensions is optional."""

SECTIONS = ["core", "package", "dependencies", "python", "settings", "test", "documentation"]
PACKAGE_KEYS = [
    "version",
    "category",
    "title",
    "description",
    "authors",
    "repository",
    "keywords",
    "changelog",
    "readme",
    "preview_image",
    "icon",
    "writeTarget",
]

each_extension = pytest.mark.parametrize("folder", EXTENSIONS, ids=lambda folder: folder.name)


def config(folder: Path) -> dict:
    return tomllib.loads((folder / "config/extension.toml").read_text())


@each_extension
def test_the_config_has_every_section_and_key_in_order(folder: Path):
    read = config(folder)
    assert list(read) == [one for one in SECTIONS if one in read]
    assert {*SECTIONS} - {*read} <= {"settings"}
    assert list(read["package"]) == PACKAGE_KEYS
    started = ".extension" if folder.name == "causal_contracts.ui" else ""  # which has an IExt
    assert [module["name"] for module in read["python"]["module"]] == [folder.name + started]
    assert read["test"][0]["name"] == "startup"


@each_extension
def test_every_file_that_the_config_names_is_there(folder: Path):
    read = config(folder)
    package = read["package"]
    named = [package[key] for key in ("changelog", "readme", "preview_image", "icon")]
    named += read["documentation"]["pages"]
    named += ["docs/index.rst", "premake5.lua", folder.name.replace(".", "/") + "/__init__.py"]
    assert [name for name in named if not (folder / name).is_file()] == []


@each_extension
def test_the_namespace_package_stays_implicit(folder: Path):
    assert not (folder / "causal_contracts/__init__.py").exists()


@each_extension
def test_dependencies_are_the_arrows_of_the_design(folder: Path):
    depends = list(config(folder)["dependencies"])
    assert set(depends) == DEPENDS[folder.name]
    assert depends == sorted(depends)
    asked = config(folder)["dependencies"].items()
    demanded = {name for name, how in asked if not how.get("optional")}
    assert {name for name in demanded if name.startswith("omni.")} <= DEMANDED_OF_KIT


def test_settings_are_kept_under_the_name_of_their_extension():
    settings = config(ROOT / "exts/causal_contracts.ui")["settings"]
    assert [*settings] == ["exts", "persistent"]
    assert [*settings["exts"]] == [*settings["persistent"]["exts"]] == ["causal_contracts.ui"]


@each_extension
def test_config_changelog_and_wheel_say_one_version(folder: Path):
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    dated = r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$"
    newest = re.findall(dated, (folder / "docs/CHANGELOG.md").read_text(), re.MULTILINE)[0]
    assert config(folder)["package"]["version"] == newest == wheel


@each_extension
def test_the_icon_is_256_by_256_rgba(folder: Path):
    head = (folder / "data/icon.png").read_bytes()[:26]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, color = struct.unpack(">IIBB", head[16:])
    assert (width, height, depth, color) == (256, 256, 8, 6)  # 6: red, green, blue, alpha


@pytest.mark.parametrize("name", ["causal_contracts.core", "causal_contracts.schema"])
def test_the_public_api_page_lists_what_the_package_exports(name: str):
    page = (ROOT / "exts" / name / "config/python_api.md").read_text()
    listed = re.findall(r"^- `(\w+)`", page, re.MULTILINE)
    assert listed == sorted(import_module(name).__all__)


def test_the_schema_comes_first_and_stays():
    core = config(ROOT / "exts/causal_contracts.schema")["core"]
    assert core == {"order": -100, "reloadable": False}


def test_kit_installs_the_locked_msgspec():
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    version = next(package["version"] for package in locked if package["name"] == "msgspec")
    pip = config(ROOT / "exts/causal_contracts.core")["python"]["pipapi"]
    assert pip == {"requirements": [f"msgspec=={version}"], "use_online_index": True}


def test_schema_files_are_ascii():
    files = list((ROOT / "exts").rglob("resources/**/*.*"))
    assert {"plugInfo.json", "generatedSchema.usda", "schema.usda"} <= {f.name for f in files}
    assert [file for file in files if not file.read_bytes().isascii()] == []


def test_premake_is_harmless_without_the_repo_tool():
    lua = shutil.which("lua5.4") or shutil.which("lua")
    if lua is None:
        pytest.skip("no Lua interpreter here")
    done = subprocess.run([lua, "premake5.lua"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("causal-contracts: no Kit build here")

# SPDX-License-Identifier: Apache-2.0
"""The USD schema: registered in time, too late, twice or by plugin path; generated files current.

USD builds its schema registry once in a process, so every case runs in a fresh one.
Needs pytest and any pxr from 25.5 on; no torch, no Isaac Lab.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

Plug = pytest.importorskip("pxr.Plug", reason="no USD: neither usd-core nor usd-exchange")

ROOT = Path(__file__).resolve().parents[1]
EXTENSION = ROOT / "exts/causal_contracts.schema"
RESOURCES = EXTENSION / "causal_contracts/schema/resources"

PROPERTIES = {
    "enabled": True,
    "mode": "latching",
    "triggerJoint": None,
    "triggerOp": "greater",
    "triggerThreshold": 0.0,
    "effectJoint": None,
    "effectTarget": 0.0,
}
"""Property name to its fallback, as design and reference fix them; relationships have none."""

STATE = """
import json
from causal_contracts.schema import is_active, registration_note
print(json.dumps([is_active(), registration_note()]))
"""
# The first typed prim builds the registry; an empty stage alone does not.
OPEN_A_STAGE = """
from pxr import Usd
stage = Usd.Stage.CreateInMemory()
prim = stage.DefinePrim("/Box", "Xform")
"""


def fresh(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run `code` in a new process that can import the schema package."""
    inherited = {k: v for k, v in os.environ.items() if k != "PXR_PLUGINPATH_NAME"}
    inherited["PYTHONPATH"] = str(EXTENSION)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=inherited | environment
    )


def result(code: str, **environment: str):
    """What `code` prints as JSON; it must succeed and say nothing on stderr."""
    done = fresh(code, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def registering(folder: Path) -> str:
    return f"from pxr import Plug; Plug.Registry().RegisterPlugins({str(folder)!r})\n"


def test_import_in_time_makes_the_schema_active():
    assert result(STATE) == [True, None]


def test_an_applied_contract_has_seven_described_properties():
    facts = result(f"""
import json, causal_contracts.schema
{OPEN_A_STAGE}
prim.ApplyAPI("CausalContractAPI", "a")
definition = prim.GetPrimDefinition()
prefix = "causalContract:a:"
print(json.dumps({{
    name.removeprefix(prefix): [
        definition.GetAttributeFallbackValue(name),
        list(definition.GetPropertyMetadata(name, "allowedTokens") or []),
        definition.GetPropertyDocumentation(name),
        definition.GetPropertyMetadata(name, "displayName"),
    ]
    for name in definition.GetPropertyNames() if name.startswith(prefix)
}}))
""")
    assert {name: fact[0] for name, fact in facts.items()} == PROPERTIES
    choices = {name: fact[1] for name, fact in facts.items() if fact[1]}
    assert choices == {"mode": ["latching", "level"], "triggerOp": ["greater", "less"]}
    assert all(brief and display for _, _, brief, display in facts.values())
    assert facts["triggerThreshold"][2].startswith("Units as UsdPhysics limits")


def test_registered_late_the_schema_is_inactive_and_the_note_says_what_to_do():
    active, note = result(OPEN_A_STAGE + STATE)
    assert not active
    assert "restart" in note
    assert "causal_contracts.schema autoloaded" in note
    assert f"PXR_PLUGINPATH_NAME={RESOURCES}" in note


def test_importing_builds_no_schema_registry(tmp_path: Path):
    other = tmp_path / "resources"
    shutil.copytree(RESOURCES, other)
    for file in (other / "plugInfo.json", other / "generatedSchema.usda"):
        text = (
            file.read_text().replace("CausalContract", "Other").replace("causalContract", "other")
        )
        file.write_text(text)
    registered_after_import = (
        "import json, causal_contracts.schema\n" + registering(other) + "from pxr import Usd\n"
        "found = Usd.SchemaRegistry().FindAppliedAPIPrimDefinition('OtherAPI')\n"
        "print(json.dumps(found is not None))"
    )
    assert result(registered_after_import) is True


def test_the_plugin_path_registers_without_any_import():
    late_import = OPEN_A_STAGE + STATE
    assert result(late_import, PXR_PLUGINPATH_NAME=str(RESOURCES)) == [True, None]


@pytest.mark.parametrize("copy_first", [True, False])
def test_a_second_copy_is_ignored(tmp_path: Path, copy_first: bool):
    copy = tmp_path / "resources"
    shutil.copytree(RESOURCES, copy)
    steps = [registering(copy), "import causal_contracts.schema\n"]
    path = "print(json.dumps(Plug.Registry().GetPluginWithName('causalContracts').resourcePath))"
    order = "".join(steps if copy_first else steps[::-1])
    winner = result("import json\n" + order + path)
    assert Path(winner) == (copy if copy_first else RESOURCES)
    assert result(order + STATE) == [True, None]


def test_a_plugin_without_properties_is_not_active(tmp_path: Path):
    broken = tmp_path / "resources"
    shutil.copytree(RESOURCES, broken)
    plug_info = broken / "plugInfo.json"
    unfilled = '"ResourcePath": "@PLUG_INFO_RESOURCE_PATH@"'
    plug_info.write_text(plug_info.read_text().replace('"ResourcePath": "."', unfilled))
    done = fresh(registering(broken) + STATE)
    assert json.loads(done.stdout)[0] is False


def test_without_usd_the_error_names_the_extras():
    done = fresh("import sys; sys.modules['pxr'] = None; import causal_contracts.schema")
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: causal_contracts.schema needs")
    assert "pip install 'causal-contracts[usd]'" in last
    assert "'causal-contracts[preview]'" in last


def base_schema_missing() -> str | None:
    """Why usdGenSchema cannot run here; None where it can."""
    if importlib.util.find_spec("jinja2") is None:
        return "usdGenSchema needs jinja2"
    base = Path(Plug.Registry().GetPluginWithName("usd").resourcePath) / "usd/schema.usda"
    if not base.exists():
        return "this pxr ships usdGenSchema without usd/schema.usda (usd-core before 26.8)"
    return None


generation = pytest.mark.skipif(bool(base_schema_missing()), reason=str(base_schema_missing()))


def tool(root: Path, *options: str) -> int:
    return subprocess.run([sys.executable, root / "tools/schema", *options]).returncode


@generation
def test_generated_files_are_current():
    assert tool(ROOT, "--check") == 0


@generation
@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("generatedSchema.usda", "Drive target", "Drive goal"),
        ("plugInfo.json", '"schemaKind": "multipleApplyAPI"', '"schemaKind": "singleApplyAPI"'),
        ("plugInfo.json", '"Root": "."', '"Root": "@PLUG_INFO_ROOT@"'),
    ],
)
def test_the_tool_finds_and_repairs_a_stale_file(tmp_path: Path, file: str, right: str, wrong: str):
    copy = tmp_path / RESOURCES.relative_to(ROOT)
    shutil.copytree(RESOURCES, copy)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/schema", tmp_path / "tools")
    current = (copy / file).read_text()
    assert right in current
    (copy / file).write_text(current.replace(right, wrong))
    assert tool(tmp_path, "--check") == 1
    assert tool(tmp_path) == 0
    assert tool(tmp_path, "--check") == 0
    assert (copy / file).read_text() == current

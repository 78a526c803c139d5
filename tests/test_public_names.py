# SPDX-License-Identifier: Apache-2.0
"""Names that users know, and the one direction of imports: every module in a fresh process."""

import ast
import json
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import causal_contracts.core
import pytest

EXTS = Path(__file__).resolve().parents[1] / "exts"
PACKAGES = ("schema", "core", "preview", "lab", "ui")

PROMISED = {
    "Bundle",
    "CompiledCouplings",
    "Contract",
    "ContractError",
    "CouplingTerm",
    "Issue",
    "apply_bundle",
    "check_bundle",
    "compile_bundle",
    "read_bundle",
    "read_couplings",
    "write_couplings",
}

HEAVY = ("torch", "warp", "pxr", "isaaclab", "omni", "carb", "ovphysx", "matplotlib")
"""Libraries that no module loads on import, but for those that own them."""

CORE_OWNERS = {
    "torch": ["torch_form"],
    "warp": [
        "arrays",
        "cpu_threads",
        "indexed_launch",
        "kernel",
        "kernel_cpu",
        "kernel_cuda",
        "latches",
        "launch",
        "parameters",
        "quick_launch",
        "recorded_launches",
        "rules_on_device",
        "stream_order",
        "term",
    ],
    "pxr": ["usd_*", "cli.save"],
}
"""The modules of the core that own a library, and may load it when they are imported."""
BARRED = {
    "schema": ("torch", "warp", "isaaclab", "omni", "carb", "core", "preview", "lab", "ui"),
    "core": ("isaaclab", "omni", "carb", "ovphysx", "matplotlib", "preview", "lab", "ui"),
    "preview": ("torch", "isaaclab", "omni", "carb", "matplotlib", "lab", "ui"),
    "ui": ("torch", "isaaclab", "matplotlib", "lab"),
}
"""What importing any module of a package must not load, other packages of ours included."""

UI_WITHOUT_OMNI = (
    "edit_targets",
    "host",
    "jobs",
    "packages*",
    "preview*",
    "signals",
    "stage_watch",
    "state*",
    "studio_*",
    "undo_stack",
)
"""Modules of the panel that load no omni at all: its state, and the host of Studio."""
KIT_ALONE = ("omni.usd", "omni.kit", "omni.timeline", "omni.appwindow", "omni.ext", "carb")
"""What kit_*.py alone may name, and extension.py where Kit starts it; widgets name omni.ui."""


def owns(inner, library):
    return any(fnmatch(inner, pattern) for pattern in CORE_OWNERS[library])


def modules_of(package):
    root = EXTS / f"causal_contracts.{package}"
    for path in sorted(root.glob("causal_contracts/**/*.py")):
        yield ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


MODULES = [name for package in BARRED for name in modules_of(package)]

LIGHT = ("numpy", "msgspec", "typer", "rich")
"""Libraries that any module but the first three may load."""
USD = ("pxr.Usd", "pxr.UsdGeom", "pxr.UsdPhysics", "pxr.UsdUtils")
LEAST = ["causal_contracts.core", "causal_contracts.core.model", "causal_contracts.core.issue"]

# one process, which holds the standard library and to save time LIGHT, forks per module
CHILD = """
import importlib, json, os, sys
modules, before = map(json.loads, sys.argv[1:])
for name in before:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
for name in modules:
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        with open(reading) as answer:
            print(json.dumps([name, *json.loads(answer.read() or '["died", []]')]), flush=True)
        os.wait()
        continue
    fault = None
    try:
        importlib.import_module(name)
    except ImportError as error:
        fault = error.name or getattr(error.__cause__, "name", None) or str(error)
        if ".so" in str(error):  # a module that is there, and a library of the system that is not
            fault = str(error)
    loaded = {module.partition(".")[0] for module in sys.modules}
    loaded |= {".".join(m.split(".")[:2]) for m in sys.modules if m.startswith("causal_contracts.")}
    os.write(writing, json.dumps([fault, sorted(loaded)]).encode())
    os._exit(0)
"""


@pytest.fixture(scope="module")
def loaded():
    """Top-level packages that each of our modules loads, or the library that it lacks here."""
    panel = [*modules_of("ui")]  # nearly all of it reads stages, so that it forks with pxr loaded
    others = [m for m in MODULES if m not in LEAST and m not in panel]
    answers = [*imported(LEAST, ()), *imported(others, LIGHT), *imported(panel, (*LIGHT, *USD))]
    return {name: (fault, set(libraries)) for name, fault, libraries in answers}


def imported(modules, before):
    done = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(modules), json.dumps(before)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]


def loaded_by(loaded, name):
    fault, libraries = loaded[name]
    if fault and fault.partition(".")[0] in (*HEAVY, *LIGHT, "ovstage"):
        pytest.skip(f"{fault} is not installed")
    if fault and ".so" in fault:
        pytest.skip(f"a library of the system is missing: {fault}; run tools/setup studio")
    assert fault is None, f"{name} cannot be imported: {fault}"
    return libraries


@pytest.mark.parametrize("name", MODULES)
def test_a_module_loads_only_what_its_package_may(loaded, name):
    package, _, inner = name.removeprefix("causal_contracts.").partition(".")
    found = loaded_by(loaded, name)
    barred = {f"causal_contracts.{b}" if b in PACKAGES else b for b in BARRED[package]}
    assert sorted(found & barred) == []
    if package == "ui" and any(fnmatch(inner, pattern) for pattern in UI_WITHOUT_OMNI):
        assert sorted(found & {"omni", "carb", "ovphysx", "warp"}) == []
    if package == "core":
        owned = {library for library in CORE_OWNERS if owns(inner, library)}
        assert sorted((found & set(HEAVY)) - owned) == []


def test_the_owners_of_a_library_are_modules_that_exist():
    inner = [name.removeprefix("causal_contracts.core.") for name in modules_of("core")]
    for pattern in (pattern for patterns in CORE_OWNERS.values() for pattern in patterns):
        assert any(fnmatch(name, pattern) for name in inner), pattern


@pytest.mark.parametrize("name", LEAST)
def test_the_core_and_what_an_author_said_need_the_standard_library_alone(loaded, name):
    assert loaded_by(loaded, name) & {*HEAVY, *LIGHT} == set()


def named_by(name):
    """Modules that the source of a module names in imports, inner ones included."""
    root = EXTS / f"causal_contracts.{name.split('.')[1]}"
    path = root / (name.replace(".", "/") + ".py")
    path = path if path.exists() else root / name.replace(".", "/") / "__init__.py"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def said_by(name):
    """Strings in the source of a module that look like a module's name."""
    path = EXTS / f"causal_contracts.{name.split('.')[1]}" / (name.replace(".", "/") + ".py")
    for node in ast.walk(ast.parse(path.read_text() if path.exists() else "")):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from [node.value] if node.value.replace(".", "").isidentifier() else []


@pytest.mark.parametrize("name", [*modules_of("lab")])
def test_lab_never_names_omni_nor_the_panel(name):
    named = [*named_by(name)]
    assert [n for n in named if n.split(".")[0] in ("omni", "carb")] == []
    assert [n for n in named if n.startswith("causal_contracts.ui")] == []


@pytest.mark.parametrize("name", [*modules_of("ui")])
def test_the_kit_files_alone_name_the_services_of_kit(name):
    inner = name.removeprefix("causal_contracts.ui").lstrip(".")
    named = {*named_by(name), *said_by(name)}
    kits = {n for n in named if f"{n}.".startswith(tuple(f"{one}." for one in KIT_ALONE))}
    assert kits == set() or inner.startswith("kit_") or inner == "extension", kits
    if inner == "extension":  # the kernel's base class, and nothing that Kit may lack
        assert {n for n in kits if not n.startswith("omni.ext")} == set()
    if any(fnmatch(inner, pattern) for pattern in UI_WITHOUT_OMNI):
        assert [n for n in named_by(name) if n.split(".")[0] == "omni"] == []
    assert [n for n in named_by(name) if n.startswith("causal_contracts.lab")] == []


def test_every_promised_name_is_public():
    assert set(causal_contracts.core.__all__) >= PROMISED


@pytest.mark.parametrize("name", causal_contracts.core.__all__)
def test_a_public_name_resolves_to_something_documented(name):
    try:
        found = getattr(causal_contracts.core, name)
    except ModuleNotFoundError as error:
        if error.name != "pxr":
            raise
        pytest.skip("pxr is not installed")
    assert found.__name__ == name and found.__doc__
    assert found.__module__.startswith("causal_contracts.core.")
    assert name in dir(causal_contracts.core)


def test_the_list_of_names_is_sorted_and_has_one_home_for_each():
    assert sorted(causal_contracts.core.__all__) == causal_contracts.core.__all__
    assert sorted(causal_contracts.core._HOME) == causal_contracts.core.__all__


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'causal_contracts\.core' has no .* 'compil'"):
        _ = causal_contracts.core.compil

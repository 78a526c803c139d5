# SPDX-License-Identifier: Apache-2.0
"""The panel's extension in the real Kit kernel: started, driven, stopped, and nothing is left.

ovui stands for omni.ui in that process, tests/kit_exts for the services that are not published.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from causal_contracts.core.usd_edit import remove_contract
from kit_kernel import ROOT, SERVICES, kernel_missing, seen, start
from pxr import Usd

MICROWAVE = ROOT / "data/microwave/microwave.usda"
CONTRACT = "press_opens_door"
PANEL = ["omni.kit.async_engine", "omni.ui"]
ACTIONS = [
    "add_contract",
    "export_couplings",
    "hide_panel",
    "import_couplings",
    "show_panel",
    "start_preview",
    "stop_preview",
    "toggle_overlay",
    "toggle_panel",
]
HELD = {
    "widgets": 1,
    "add": 1,
    "menus": 3,
    "registered": 1,
    "scenes": 0,
    "categories": 1,
    "claimed": 0,
}
"""What the services register, in stand-ins, where there is no viewport and no prim is selected."""
NOTHING = {
    "menu": False,
    "actions": [],
    "commands": [],
    "undo": 0,
    "window": False,
    "observers": [],
    "modules": [],
    "threads": [],
    "services": dict.fromkeys(HELD, 0),
}
LEAKS = r"still alive, something holds a reference|Leaks detected in"
"""What Kit's leak detector says in the kernel's log."""

pytestmark = pytest.mark.skipif(bool(kernel_missing()), reason=str(kernel_missing()))


@pytest.fixture(scope="module", autouse=True)
def drawing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe")
    done = subprocess.run(
        [sys.executable, ROOT / "tests/panel_child.py", "probe"],
        cwd=folder,
        env={**os.environ, "OMNIUI_HEADLESS": "1", "XDG_CONFIG_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        pytest.skip(f"omni.ui cannot draw here ({why}); run tools/setup studio")


def play(home, scenario, asset, extensions, *settings):
    """The finished kernel with those extensions enabled besides the one that is tested."""
    enabled = [part for name in (*PANEL, *extensions) for part in ("--enable", name)]
    full_check = "--/app/extensions/pythonFullLeakCheck=true"  # Kit's own default in its tests
    child = [ROOT / "tests/kit_extension_child.py", scenario, asset]
    arguments = [*enabled, full_check, *settings]
    return start(child, home, arguments, extra={"OMNIUI_HEADLESS": "1"})


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("full")


@pytest.fixture(scope="module")
def full(home):
    """Every service is there, and the asset has no contract."""
    stage = Usd.Stage.Open(str(MICROWAVE))
    remove_contract(stage, "/Microwave", "press_opens_door")
    asset = home / "microwave.usda"
    stage.GetRootLayer().Export(str(asset))
    return play(home, "full", asset, [*SERVICES, "causal_contracts.schema"])


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """No service but omni.ui is there; the panel is to open at the start."""
    opens = "--/exts/causal_contracts.ui/open_at_start=true"
    home = tmp_path_factory.mktemp("bare")
    return play(home, "bare", MICROWAVE, ["causal_contracts.schema"], opens)


@pytest.fixture(scope="module")
def late(tmp_path_factory):
    """USD knows its schemas before the extension comes; then Kits that differ."""
    home = tmp_path_factory.mktemp("late")
    return play(home, "late", shutil.copy(MICROWAVE, home), SERVICES)


def faults(run):
    """Errors of anybody and warnings of ours in the kernel's log."""
    log = (run.stdout + run.stderr).splitlines()
    found = [line for line in log if "[Error]" in line or "Traceback" in line]
    return found + [line for line in log if "[Warning]" in line and "causal_contracts" in line]


# -- lifecycle


@pytest.mark.parametrize("again", [0, 1])
def test_enabling_adds_a_menu_entry_and_actions_and_follows_nothing_yet(full, again):
    fresh = seen(full)["lifecycle"]["rounds"][again]["fresh"]
    assert fresh["menu"] and fresh["actions"] == ACTIONS
    assert fresh["commands"] == ["CausalContractEditCommand"]
    assert (fresh["window"], fresh["observers"], fresh["undo"]) == (False, [], 0)
    assert fresh["services"] == HELD


@pytest.mark.parametrize("again", [0, 1])
def test_the_menu_shows_and_hides_the_panel_which_costs_nothing_while_hidden(full, again):
    one = seen(full)["lifecycle"]["rounds"][again]
    shown, ticked, visible = one["shown"]
    assert ticked and visible and shown["window"] and shown["undo"] == 1
    assert "causal_contracts.ui.update" in shown["observers"] and len(shown["observers"]) == 8
    hidden, ticked, visible = one["hidden"]
    assert (ticked, visible) == (False, False)
    assert (hidden["observers"], hidden["undo"]) == ([], 0)
    assert one["crossed"] == [[], False]  # closed by the cross of the window


@pytest.mark.parametrize("again", [0, 1])
def test_disabling_leaves_no_entry_action_subscription_window_module_thread_or_object(full, again):
    assert seen(full)["lifecycle"]["rounds"][again]["off"] == [NOTHING, []]


def test_core_preview_and_ui_are_reloaded(full):
    ui, preview, core = (f"causal_contracts.{name}" for name in ("ui", "preview", "core"))
    everything = [ui, preview, core]
    assert seen(full)["lifecycle"]["reloads"] == [
        [[preview, core], everything],
        [[core], everything],
        [[], everything],
    ]
    assert seen(full)["lifecycle"]["end"] == [NOTHING, []]


def test_kits_leak_detector_complains_of_a_leak_and_not_of_us(full, bare):
    leaks = [line for line in (bare.stdout + bare.stderr).splitlines() if re.search(LEAKS, line)]
    assert len(leaks) == 2 and all("kit_leaks" in line for line in leaks), leaks
    assert not re.search(LEAKS, full.stdout + full.stderr)


@pytest.mark.parametrize("name", ["menu", "window"])
def test_a_part_that_cannot_start_takes_along_what_was_made_and_is_told_once(late, name):
    failed = seen(late)["failing"][name]
    assert failed["held"] == NOTHING["services"]
    assert failed["left"] == [NOTHING, []]
    lines = [line for line in faults(late) if line.endswith("TypeError: this Kit differs")]
    assert len(lines) == 2  # one for each of these; what a service says is below


def test_a_service_that_cannot_start_takes_no_other_along(late):
    failed = seen(late)["failing"]["service"]
    said = "kit_property is off: this Kit differs from what it was written for"
    assert failed["told"] == [said]
    assert failed["held"] == {**HELD, "widgets": 0, "add": 0}
    assert failed["left"] == [NOTHING, []]


# -- keys and services


def test_keys_reach_the_window_and_not_a_text_field_or_a_hidden_window(full):
    keys = seen(full)["keys"]
    assert keys["arrows"] == [True, True] and keys["renaming"]
    # doubled, deleted, typed in the row, in the filter, hidden, and shown again
    assert keys["counts"] == [3, 2, 2, 2, 2, 1]
    assert keys["exclusive"] == [True, False]
    assert keys["left"] == [NOTHING, []]


@pytest.mark.parametrize("again", [0, 1])
def test_the_viewport_shows_contracts_while_the_panel_is_hidden_and_costs_nothing_else(full, again):
    one = seen(full)["services"][again]
    assert one["fresh"] == [HELD, []]
    assert one["viewport"] == [[CONTRACT], 8, False]
    assert one["switched off"] == [True, []] and one["switched on"] == [CONTRACT]
    assert one["no viewport"] == []


@pytest.mark.parametrize("again", [0, 1])
def test_the_property_window_and_the_context_menu_reach_the_panel(full, again):
    one = seen(full)["services"][again]
    assert one["property"] == [True, [f"CausalContractAPI:{CONTRACT}"], 8]
    assert one["property hidden"] == []
    assert one["edit"] == [True, [CONTRACT]]
    assert one["menu"] == [["Add causal contract"], 2]


@pytest.mark.parametrize("again", [0, 1])
def test_services_that_are_in_use_go_with_the_extension(full, again):
    one = seen(full)["services"][again]
    assert one["all"] == {**HELD, "scenes": 1, "claimed": 1}
    assert one["off"] == [NOTHING, []]


def test_the_kernel_reports_no_fault_of_ours(full):
    assert (full.returncode, faults(full)) == (0, [])


def test_the_action_ends_the_run_and_its_worker(full):
    assert seen(full)["preview"]["stopped"] == ["running", False, "ready"]


def test_hiding_the_panel_ends_the_worker_that_stands_by(full):
    assert seen(full)["preview"]["hidden"] == [True, False, []]


def test_disabling_in_the_middle_of_a_preview_ends_its_worker_and_leaves_nothing(full):
    assert seen(full)["preview"]["disabled"] == ["running", False]
    assert seen(full)["preview"]["left"] == [NOTHING, []]


def test_what_the_host_keeps_is_closed_when_the_extension_is_disabled(full):
    assert seen(full)["kept"] == [[], [True]]


# -- authoring


def test_a_contract_is_authored_by_mouse_and_keyboard_undone_redone_and_exported(full, home):
    author = seen(full)["author"]
    nothing = "No contract yet: choose Add, or import a couplings.json."
    assert author["empty"] == nothing
    assert author["edits"] == 3  # added, renamed, target; the threshold was -5 mm already
    assert author["undone"] == [True, nothing] and author["redone"]
    assert author["meaning"] == "button_slide < -5 mm => door_hinge := 90 deg, latching"
    made = json.loads((home / "made.json").read_text())
    assert author["suggested"] == str(home / "couplings.json")
    wrote = ["INFO", f"Wrote {home / 'made.json'}."]
    assert author["notified"] == [wrote, ["INFO", "Imported other.json."]]
    expected = json.loads((MICROWAVE.parent / "couplings.json").read_text())
    assert made["couplings"] == expected["couplings"]
    assert (home / "authored.png").is_file()


def test_a_file_is_imported_from_the_view_of_its_difference_and_undone(full):
    imported = seen(full)["author"]["imported"]
    assert imported["asked"] == ["Import other.json", "1 changed", "changed"]
    assert imported["threshold"] == ["-4 mm", "-5 mm"]
    last = "the last edit"
    assert imported["can"] == [last, None, last, last]
    assert imported["shown"] == 0


def test_copies_and_settings_reach_kit(full):
    imported = seen(full)["author"]["imported"]
    assert (imported["copied"], imported["overlay"]) == ("some text", False)


def test_a_playing_simulation_takes_no_edit(full):
    assert seen(full)["author"]["playing"] == [True, "90 deg", True]


def test_the_selection_of_the_stage_reaches_the_panel(full):
    assert seen(full)["author"]["joint"] is True


def test_undo_steps_outlive_the_extension_without_keeping_it(full):
    kept, as_made = seen(full)["author"]["outlived"]
    assert kept == ["CausalContractEditCommand", "EditStep", "LayerMemory", "_Prim"]
    assert not as_made  # Kit's undo took an edit back after the extension was disabled


# -- what may be absent


def test_without_any_service_the_panel_opens_and_says_what_is_off_once(bare):
    assert (seen(bare)["open"], seen(bare)["left"]) == (True, [])
    assert seen(bare)["refused"] == "There is no stage: open one first."
    told = [line.partition("causal_contracts.ui: ")[2] for line in faults(bare)]
    assert told == [
        "omni.usd is not enabled here: there is no stage to author on",
        "omni.timeline is not enabled here: edits do not wait for a simulation to stop",
        "omni.kit.commands is not enabled here: edits are undone in the panel only",
        "omni.kit.actions.core is not enabled here: no actions, hotkeys or menu entry",
    ]


def test_a_schema_that_came_too_late_is_explained_once(late):
    late = seen(late)
    assert late["said"].startswith("USD had listed its schemas before this extension came")
    assert "AUTOLOAD" in late["said"] and late["away"] is None
    assert late["notified"] == [["WARNING", late["said"]]]
    assert late["rows"] == ["button_slide < -5 mm => door_hinge := 90 deg"]


def test_the_schema_is_not_called_late_where_it_was_in_time(full):
    assert [text for kind, text in seen(full)["author"]["notified"] if kind == "WARNING"] == []


def test_stand_ins_carry_no_more_than_what_the_kernel_lacks():
    kernel = Path(str(metadata.distribution("omniverse-kit").locate_file("omni")))
    shipped = {one.name for one in (kernel / "extscore").iterdir()}
    ours = {one.name for one in (ROOT / "tests/kit_exts").iterdir()}
    assert shipped == {"omni.client.lib", "omni.kit.async_engine", "omni.kit.registry.nucleus"}
    assert shipped & ours == set()


def test_the_actions_page_lists_what_is_registered():
    page = (ROOT / "exts/causal_contracts.ui/config/actions_api.md").read_text()
    assert re.findall(r"^- `(\w+)`", page, re.MULTILINE) == ACTIONS

# SPDX-License-Identifier: Apache-2.0
"""Combos, numbers and edits of several contracts on the real panel to JSON."""

from __future__ import annotations

import sys
from pathlib import Path

from build_asset import build_box
from omni.ui import testing
from panel_driver import BACKSPACE, DOWN, ENTER, ESCAPE, ROOT, SIZE, play_all
from pxr import Usd

sys.path.insert(0, str(ROOT / "tools"))
from benchmarks.crowd import write_crowd

BOOT, FLAP = "boot_opens_hatch", "button_opens_flap"


def lines(panel, combo):
    """Keys, second lines and reasons of the list as it stands."""
    return [(one.key, one.note, one.why_not) for one in combo._lines]


async def search(panel):
    """The joint combo: typed into, driven by arrows, escaped."""
    await panel.click(f"row:{BOOT}")
    combo = panel.window.panel.form.joints["trigger"].combo
    await panel.click("trigger joint")
    everything = lines(panel, combo)
    await testing.type_text("*hinge")
    await panel.frames()
    narrowed = [one.key for one in combo._lines]
    await panel.press(DOWN)
    await panel.press(BACKSPACE)
    after_arrow = panel.text("search", combo.window.frame)
    await panel.press(ESCAPE)
    escaped = combo.is_open, panel.state.joint_of(BOOT, "trigger").name
    await panel.click("trigger joint")
    await testing.type_text("flap")
    await panel.frames()
    await panel.press(DOWN)
    await panel.press(ENTER)
    return {
        "all": everything,
        "narrowed": narrowed,
        "caret stays": after_arrow,
        "escaped": escaped,
        "picked": panel.state.joint_of(BOOT, "trigger").name,
        "undo": panel.host.can_undo(),
    }


async def refused(panel):
    """A line that cannot be picked changes nothing."""
    await panel.click(f"row:{BOOT}")
    combo = panel.window.panel.form.joints["trigger"].combo
    await panel.click("trigger joint")
    await panel.click("choice:hatch_hinge", combo.window.frame)
    return {"open": combo.is_open, "undo": panel.host.can_undo()}


async def selected(panel):
    """The joint selected on the stage becomes trigger or effect."""
    await panel.click(f"row:{BOOT}")
    await panel.click("use selected:effect")
    none = panel.text("refused")
    panel.host.select(["/Car/fuel_flap_hinge"])
    await panel.frames()
    await panel.click("use selected:effect")
    effect = panel.state.joint_of(BOOT, "effect").name
    await panel.click("use selected:trigger")
    return {"none": none, "effect": effect, "both": panel.text("refused")}


async def rest(panel):
    """The rest target is the drive target on the joint itself."""
    await panel.click(f"row:{BOOT}")
    await panel.enter("rest", "5deg")
    drive = panel.host.stage().GetPrimAtPath("/Car/hatch_hinge")
    typed = drive.GetAttribute("drive:angular:physics:targetPosition").Get()
    shown = panel.text("rest"), panel.host.can_undo()
    await panel.enter("rest", "apples")
    return {"typed": typed, "shown": shown, "refused": panel.text("refused")}


async def mixed(panel):
    """Three contracts that differ: what the form shows, and one edit of all."""
    state = panel.state
    state.select("rule_000", "rule_001", "rule_004")
    await panel.frames()
    shown = panel.text("threshold"), panel.shown("threshold mixed"), panel.text("edits reach")
    names = panel.window.panel.form.joints["trigger"].combo
    before = panel.layer()
    await panel.enter("threshold", "-2mm")
    values = [panel.value(one, "triggerThreshold") for one in state.selection]
    step, now = panel.host.can_undo(), panel.text("threshold")
    await panel.click("mode:level")
    modes = [panel.value(one, "mode") for one in state.selection]
    await panel.click("undo")
    await panel.click("undo")
    return {
        "shown": shown,
        "open": names.is_open,
        "values": values,
        "step": step,
        "now": now,
        "modes": modes,
        "as before": panel.layer() == before,
    }


mixed.asset = lambda folder: write_crowd(folder / "crowd.usda", joints=8, contracts=6)


async def target(panel):
    """The edit target is chosen, and the next edit goes there."""
    await panel.click(f"row:{BOOT}")
    combo = panel.window.panel.actions.targets
    await panel.click("edit target")
    offered = [one.text for one in combo._lines]
    session = panel.host.stage().GetSessionLayer()
    await panel.click(f"choice:{session.identifier}", combo.window.frame)
    before = panel.layer()
    await panel.enter("threshold", "30deg")
    return {
        "offered": offered,
        "now": panel.host.edit_target().name,
        "session": "triggerThreshold" in session.ExportToString(),
        "root as before": panel.layer() == before,
    }


async def articulations(panel):
    """The picker says how many joints and contracts, and what is not listed."""
    combo = panel.window.panel.picker.combo
    await panel.click("articulation")
    offered = lines(panel, combo)
    await panel.click("missing", combo.window.frame)
    title, reasons = combo._missing
    unfolded = combo.window.height
    await testing.type_text("box1")
    await panel.frames()
    await panel.press(ENTER)
    return {
        "offered": offered,
        "title": title,
        "reasons": reasons,
        "unfolded": unfolded > 200,
        "picked": panel.state.picked,
    }


def three_boxes(folder: Path) -> Path:
    """Two boxes that can be picked, and one that is deactivated."""
    path = build_box(folder / "boxes.usda", copies=3)
    stage = Usd.Stage.Open(str(path))
    stage.GetPrimAtPath("/Kitchen/Box2").SetActive(False)
    stage.GetRootLayer().Save()
    return path


articulations.asset = three_boxes

if __name__ == "__main__":
    play_all(SIZE, search, refused, selected, rest, mixed, target, articulations)

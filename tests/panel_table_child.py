# SPDX-License-Identifier: Apache-2.0
"""Header, menus and many rows of the real table to JSON."""

from __future__ import annotations

import sys

import omni.ui as ui
from causal_contracts.ui.studio_host import StudioHost
from omni.ui import testing
from panel_driver import DOWN, ROOT, SIZE, UP, play_all

sys.path.insert(0, str(ROOT / "tools"))
from benchmarks.crowd import write_crowd

BOOT, FLAP = "boot_opens_hatch", "button_opens_flap"


def drawn(panel):
    """Ids of the rows that have widgets, from top to bottom."""
    rows = [one for one in widgets(panel.window.window.frame) if one.identifier.startswith("row:")]
    rows.sort(key=lambda one: one.screen_position_y)
    return [one.identifier.removeprefix("row:") for one in rows]


def widgets(widget):
    """The widget and all below it."""
    return [widget, *(one for each in ui.Inspector.get_children(widget) for one in widgets(each))]


async def header(panel):
    """A click sorts, another one the other way round; columns come and go, and are kept."""
    seen = [drawn(panel)]
    for column in ("id", "sentence", "mode"):
        await panel.click(f"sort:{column}")
        seen.append((panel.state.sort, drawn(panel)))
    tall = panel.find(f"row:{BOOT}").computed_height
    await panel.click("columns")
    await panel.choose(panel.window.panel.columns.menu, "column:sentence")
    short = panel.find(f"row:{BOOT}").computed_height
    await panel.click("columns")
    await panel.choose(panel.window.panel.columns.menu, "column:enabled")
    again = StudioHost(settings=type(panel.host.settings)(panel.host.settings.path))
    return {
        "sorted": seen,
        "heights": [tall, short],
        "box": panel.shown(f"enabled:{BOOT}"),
        "kept": again.setting("columns", ["none"]),
    }


async def long(panel):
    """Which ids their rows have in a tip: one of 60 letters is cut short."""
    assert panel.state.rename(FLAP, "x" * 60) is None
    await panel.frames()
    return {one: panel.find(f"name:{one}").has_tooltip_fn() for one in panel.state.ids}


async def menu(panel):
    """What a right click on a row offers."""
    table, copied = panel.window.panel.table, []
    await testing.mouse_click(*panel.at(f"row:{FLAP}"), 1)
    await panel.frames()
    chosen = panel.state.selection
    grey = panel.find("menu enable", table.menu).enabled
    await panel.choose(table.menu, "menu disable")
    off = panel.value(FLAP, "enabled")
    for one in ("copy json", "copy command", "copy lab"):
        await testing.mouse_click(*panel.at(f"row:{FLAP}"), 1)
        await panel.frames()
        await panel.choose(table.menu, one)
        copied.append(testing.get_clipboard_text())
    await testing.mouse_click(*panel.at(f"row:{FLAP}"), 1)
    await panel.frames()
    await panel.choose(table.menu, "menu rename")
    renaming = panel.shown("rename")
    await panel.press(526)
    await testing.mouse_click(*panel.at(f"row:{FLAP}"), 1)
    await panel.frames()
    await panel.choose(table.menu, "menu delete")
    return {
        "chosen": chosen,
        "enable": grey,
        "off": off,
        "copied": copied,
        "message": panel.text("message"),
        "renaming": renaming,
        "left": panel.state.ids,
    }


async def many(panel):
    """Five hundred contracts: few rows are drawn, all can be reached, scrolling stays."""
    first = drawn(panel)
    await panel.click("row:rule_001")
    panel.state.select("rule_250")
    panel.window.panel.table.reveal()
    await panel.frames()
    middle = drawn(panel)
    for key in (DOWN, DOWN, DOWN, UP):
        await panel.press(key)
    scrolled = panel.window.panel.table._list.scrolled
    await panel.click("row:rule_252")
    await panel.click("enabled:rule_252")
    off = panel.value("rule_252", "enabled")
    return {
        "first": first,
        "middle": middle,
        "stays": panel.window.panel.table._list.scrolled == scrolled,
        "off": off,
        "primary": panel.state.primary,
    }


many.asset = lambda folder: write_crowd(folder / "crowd.usda", joints=64, contracts=500)

if __name__ == "__main__":
    play_all(SIZE, long, header, menu, many)

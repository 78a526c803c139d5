# SPDX-License-Identifier: Apache-2.0
"""Clicks on menus and lists that lie over the real panel, and what they reach, to JSON."""

from __future__ import annotations

import omni.ui as ui
from matplotlib.image import imread
from omni.ui import testing
from panel_columns_child import board, drag, resize
from panel_driver import SIZE as NARROW
from panel_driver import play_all
from panel_table_child import drawn

SIZE = 1000, 700
TIP = 0x14, 0x16, 0x16
BOOT, FLAP = "boot_opens_hatch", "button_opens_flap"


def within(panel, line, identifier):
    """Whether the middle of a line lies over a widget of the panel."""
    x, y = line.screen_position_x + 20, line.screen_position_y + 10
    beneath = panel.find(identifier)
    left, top = beneath.screen_position_x, beneath.screen_position_y
    return left < x < left + beneath.computed_width and top < y < top + beneath.computed_height


async def menu(panel):
    """The menu of the first row hangs over the second one."""
    await resize(panel, *NARROW)
    x, y = panel.at(f"row:{BOOT}", 0.3)
    await testing.mouse_click(x, y + 8, 1)
    await panel.frames()
    line = panel.find("menu disable", panel.window.panel.table.menu)
    over = within(panel, line, f"row:{FLAP}")
    await panel.choose(panel.window.panel.table.menu, "menu disable")
    return {
        "over": over,
        "enabled": [panel.value(one, "enabled") for one in (BOOT, FLAP)],
        "selected": panel.state.selection,
    }


def lists():
    """Lists that are open, by the combo's identifier."""
    windows = [one for one in ui.Workspace.get_windows() if one.visible]
    return [one.title.removesuffix("##list") for one in windows if one.title.endswith("##list")]


async def joints(panel):
    """The list of trigger joints hangs over the combo of effect joints."""
    await resize(panel, *NARROW)
    await panel.click("trigger joint")
    opened = lists()
    await panel.click("effect joint")
    through = lists()
    await panel.press(526)
    await panel.click("effect joint")
    return {"opened": opened, "through": through, "then": lists()}


async def menu_at(panel, row):
    """The context menu of a row, at its right end; and a place on the first of its lines."""
    x, y = panel.at(row, 0.95)
    await testing.mouse_click(x, y, 1)
    await panel.frames()
    line = panel.find("menu enable", panel.window.panel.table.menu)
    return line.screen_position_x, line.screen_position_y + 10


async def border(panel):
    """A menu hangs over the border between two columns."""
    x, y = panel.at("split_side")
    before = panel.find("trigger joint").screen_position_x
    left, top = await menu_at(panel, f"row:{BOOT}")
    assert left < x < left + 60, (left, x)
    await drag(panel, (x, top), (x + 80, top))
    moved = panel.find("trigger joint").screen_position_x - before
    await panel.press(526)
    await drag(panel, (x, y), (x + 80, y))
    return {"through": moved, "then": panel.host.setting("split_side", 0.0) > 0}


async def thumb(panel):
    """A menu hangs over the thumb of the table."""
    await resize(panel, *NARROW)
    bar = panel.find("thumb")
    x, y = bar.screen_position_x + 3, bar.screen_position_y + bar.computed_height - 10
    await menu_at(panel, "row:rule_000")
    await drag(panel, (x, y), (x, y + 200))
    through = drawn(panel)[0]
    await panel.press(526)
    await drag(panel, (x, y), (x, y + 200))
    return {"through": through, "then": drawn(panel)[0]}


thumb.asset = board


def dark():
    """Pixels of the colour that tips are filled with."""
    testing.capture_screenshot("tips.png")
    testing._tick_one_frame()
    picture = (imread("tips.png")[..., :3] * 255).round().astype(int)
    return int((abs(picture - TIP).max(axis=-1) <= 1).sum())


async def rest(panel, x, y):
    """Let the pointer come to a place and stay there; how much of a tip is shown then."""
    await testing.mouse_move(x - 3, y)
    await testing.mouse_move(x, y)
    await panel.frames(30)
    return dark()


async def tips(panel):
    """A tip gives way to the menu and to the list, whose grey lines speak; then it comes again."""
    await resize(panel, *NARROW)
    none, spot = await rest(panel, 5, 690), panel.at("more")
    said = {"button": await rest(panel, *spot) - none}
    await panel.click("more")
    said["beneath the menu"] = await rest(panel, *spot) - none
    await panel.press(526)
    said["again"] = await rest(panel, *spot) - none
    await rest(panel, 5, 690)
    row = panel.at(f"row:{BOOT}", 0.3)
    await testing.mouse_click(*row, 1)
    await panel.frames()
    line = panel.find("menu enable", panel.window.panel.table.menu)
    at = line.screen_position_x + 20, line.screen_position_y + 10
    said["grey line"] = await rest(panel, *at) - none
    await panel.press(526)
    said["after the menu"] = await rest(panel, *row) - none
    await rest(panel, 5, 690)
    await panel.click("trigger joint")
    hung = await rest(panel, *panel.at("effect range"))
    said["beneath the list"] = hung - none
    await panel.press(526)
    said["after the list"] = await rest(panel, *panel.at("effect range")) - none
    return said


if __name__ == "__main__":
    play_all(SIZE, menu, joints, border, thumb, tips)

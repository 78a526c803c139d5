# SPDX-License-Identifier: Apache-2.0
"""Clicks on menus and lists that lie over the real panel, and what they reach, to JSON."""

from __future__ import annotations

import omni.ui as ui
from omni.ui import testing
from panel_driver import SIZE, play_all

BOOT, FLAP = "boot_opens_hatch", "button_opens_flap"


def within(panel, line, identifier):
    """Whether the middle of a line lies over a widget of the panel."""
    x, y = line.screen_position_x + 20, line.screen_position_y + 10
    beneath = panel.find(identifier)
    left, top = beneath.screen_position_x, beneath.screen_position_y
    return left < x < left + beneath.computed_width and top < y < top + beneath.computed_height


async def menu(panel):
    """The menu of the first row hangs over the second one."""
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
    await panel.click("trigger joint")
    opened = lists()
    await panel.click("effect joint")
    through = lists()
    await panel.press(526)
    await panel.click("effect joint")
    return {"opened": opened, "through": through, "then": lists()}


if __name__ == "__main__":
    play_all(SIZE, menu, joints)

# SPDX-License-Identifier: Apache-2.0
"""The real panel at several widths, its borders and lists dragged, to JSON."""

from __future__ import annotations

import json

from causal_contracts.ui.studio_host import StudioHost
from omni.ui import _ui, testing
from panel_driver import DOWN, ENTER, ESCAPE, ROOT, play_all
from panel_table_child import drawn, write_crowd

SIZE = (1600, 420)
"""Low, since what is drawn off-screen costs time by the pixel."""


async def resize(panel, width, height=420):
    """Another size of the window."""
    panel.window._size = (width, height)
    await panel.frames(10)


def left(panel, identifier):
    """Where a widget begins [pixels]."""
    return panel.find(identifier).screen_position_x


def right(panel, identifier):
    """Where a widget ends [pixels]."""
    widget = panel.find(identifier)
    return widget.screen_position_x + widget.computed_width


async def drag(panel, start, end):
    """The button down from one point to another."""
    _ui._inject_mouse_move(*start)
    await panel.frames(2)
    _ui._inject_mouse_button(0, True)
    await panel.frames(2)
    for part in (0.5, 1.0):
        _ui._inject_mouse_move(*(a + part * (b - a) for a, b in zip(start, end, strict=True)))
        await panel.frames(2)
    _ui._inject_mouse_button(0, False)
    await panel.frames(3)


async def arranged(panel):
    """How the sections stand from narrow to wide."""
    seen = {}
    for width in (420, 1000, 1499, 1500, 2400):
        await resize(panel, width)
        seen[width] = [
            str(panel.window.panel._kind),
            left(panel, "trigger joint") > right(panel, "filter"),
            left(panel, "preview header") > right(panel, "threshold"),
            panel.shown("open preview"),
            round(right(panel, "preview header")) <= width,
        ]
    await resize(panel, 1600)
    widths = [panel.find(one).computed_width for one in ("row:boot_opens_hatch", "meaning")]
    return {"kinds": seen, "widths": widths}


async def borders(panel):
    """A border is dragged, kept, stopped where a column would be too narrow, and put back."""
    ended = [right(panel, "row:boot_opens_hatch")]
    start = panel.at("split_table")
    await drag(panel, start, (start[0] + 100, start[1]))
    ended.append(right(panel, "row:boot_opens_hatch"))
    again = StudioHost(settings=type(panel.host.settings)(panel.host.settings.path))
    kept = again.setting("split_table", 0.0)
    start = panel.at("split_table")
    await drag(panel, start, (5, start[1]))
    least = panel.window.panel._split._columns[0].computed_width
    for _ in range(5):  # on a busy machine two clicks may be too slow for a double one
        await testing.mouse_double_click(*panel.at("split_table"))
        await panel.frames()
        if not panel.host.setting("split_table", 0.0):
            break
    ended.append(right(panel, "row:boot_opens_hatch"))
    return {"ended": ended, "kept": kept, "least": least}


async def invitation(panel):
    """The third column says what the preview is, and opens it."""
    await panel.click("open preview")
    await panel.frames(10)
    return {
        "unfolded": panel.window.panel.live.unfolded,
        "kind": str(panel.window.panel._kind),
        "ready": panel.text("preview ready") is not None,
    }


async def lists(panel):
    """A list of few is opened, driven by keys, and left; the settings follow."""
    live = panel.window.panel.live
    live.unfold()
    await panel.frames(10)
    combo = panel.window.panel.preview.settings.combos
    await panel.click("pattern")
    shown = combo["pattern"].is_open, panel.shown("search", combo["pattern"].window.frame)
    await panel.press(DOWN)
    await panel.press(ENTER)
    chosen = live.choices.kind
    await panel.click("speed choice")
    await panel.click("choice:2.0", combo["speed choice"].window.frame)
    speed = live.choices.speed
    await panel.click("pattern")
    await panel.press(DOWN)
    await panel.press(ESCAPE)
    return {"shown": shown, "chosen": chosen, "speed": speed, "left": live.choices.kind}


def board(folder):
    """Many contracts."""
    return write_crowd(folder / "crowd.usda", contracts=60)


async def thumb(panel):
    """Rows end where the header ends, also where they scroll; the thumb scrolls them."""
    ends = [right(panel, "row:rule_000"), right(panel, "delete")]
    first = drawn(panel)[0]
    bar = panel.find("thumb")
    x, y = bar.screen_position_x + 3, bar.screen_position_y + 10
    await drag(panel, (x, y), (x, y + 2000))
    last = drawn(panel)[-1]
    await resize(panel, 420)
    return {
        "ends": ends,
        "first": first,
        "last": last,
        "narrow": [max(right(panel, f"row:{one}") for one in drawn(panel)), right(panel, "delete")],
    }


thumb.asset = board


async def many(panel):
    """An import of more contracts than a page has: paged, narrowed, and applied whole."""
    file = json.loads((ROOT / "data/car/couplings.json").read_text())
    one = file["couplings"][0]
    file["couplings"] = [{**one, "id": f"rule_{number:03d}"} for number in range(250)]
    path = panel.folder / "many.json"
    path.write_text(json.dumps(file))
    imports = panel.window.panel.picker.imports
    imports.open(path)
    await panel.frames(8)
    shown = imports.window.frame
    said = [panel.text("import page", shown)]
    grey = panel.find("import previous", shown).name
    for _ in range(2):
        await panel.click("import next", shown)
        said.append(panel.text("import page", shown))
    last = panel.shown("change:rule_249", shown), panel.shown("change:rule_000", shown)
    await panel.enter("import filter", "rule_12?", shown)
    narrowed = panel.shown("change:rule_129", shown), panel.text("import page", shown)
    await panel.click("import replace", shown)
    kept = panel.text("import filter", shown), panel.shown("change:rule_129", shown)
    await panel.click("import apply", shown)
    return {
        "said": said,
        "grey": grey,
        "last": last,
        "narrowed": narrowed,
        "kept": kept,
        "ids": len(panel.state.ids),
    }


if __name__ == "__main__":
    play_all(SIZE, arranged, borders, invitation, lists, thumb, many)

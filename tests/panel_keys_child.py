# SPDX-License-Identifier: Apache-2.0
"""Keys pressed in the real panel to JSON."""

from __future__ import annotations

import omni.ui as ui
from causal_contracts.ui.panel import style
from omni.ui import testing
from panel_driver import (
    BACKSPACE,
    CTRL,
    DELETE,
    DOWN,
    END,
    ENTER,
    ESCAPE,
    F2,
    KEY,
    SHIFT,
    SIZE,
    UP,
    play_all,
)

BOOT, FLAP = "boot_opens_hatch", "button_opens_flap"


async def arrows(panel):
    """Up and Down move the selection, with shift they stretch it from where it began."""
    seen = []
    await panel.click(f"row:{BOOT}")
    for keys in ((UP,), (DOWN,), (DOWN,), (SHIFT, UP), (SHIFT, DOWN), (SHIFT, UP), (UP,)):
        await panel.press(*keys)
        seen.append(panel.state.selection)
    await panel.press(CTRL, KEY["A"])
    return {"seen": seen, "all": panel.state.selection, "count": panel.text("count")}


async def edits(panel):
    """Duplicate, delete, undo and redo by keys."""
    before, seen = panel.layer(), []
    await panel.click(f"row:{FLAP}")
    for keys in (
        (CTRL, KEY["D"]),
        (DELETE,),
        (CTRL, KEY["Z"]),
        (CTRL, KEY["Z"]),
        (CTRL, KEY["Y"]),
        (CTRL, KEY["Z"]),
        (CTRL, SHIFT, KEY["Z"]),
        (CTRL, KEY["Z"]),
    ):
        await panel.press(*keys)
        seen.append(len(panel.state.ids))
    return {"counts": seen, "as before": panel.layer() == before}


async def caret(panel):
    """While a field has the caret the keys are the field's own."""
    await panel.click(f"row:{BOOT}")
    await testing.mouse_click(*panel.at("filter"))
    await testing.type_text("o")
    typing = panel.window.panel.keys.typing
    for keys in ((DELETE,), (DOWN,), (CTRL, KEY["A"]), (CTRL, KEY["D"])):
        await testing.mouse_click(*panel.at("filter"))
        await panel.press(*keys)
    kept = panel.state.ids, panel.state.selection
    await testing.mouse_click(*panel.at("filter"))
    await panel.press(ENTER)
    after = panel.window.panel.keys.typing
    await panel.press(DOWN)
    return {"typing": [typing, after], "kept": kept, "then": panel.state.selection}


async def elsewhere(panel):
    """Keys of another window are not the panel's."""
    await panel.click(f"row:{BOOT}")
    other = ui.Window("other", width=100, height=60, position_x=300, position_y=600)
    await panel.frames(3)
    await testing.mouse_click(350, 640)
    await panel.press(DELETE)
    kept = panel.state.ids
    other.visible = False
    other.destroy()
    await panel.click(f"row:{BOOT}")
    await panel.press(DELETE)
    return {"kept": kept, "then": panel.state.ids}


async def rename(panel):
    """F2 types the id in its row: refused with a sentence, escaped, taken."""
    await panel.click(f"row:{BOOT}")
    await panel.press(F2)
    await panel.press(DELETE)
    kept = panel.state.ids
    await panel.press(END)
    await testing.type_text(f"{BOOT} x")
    await panel.frames()
    said = panel.text("refused")
    await panel.press(ENTER)
    still = panel.shown("rename"), panel.state.ids
    await panel.press(ESCAPE)
    left = panel.shown("rename"), panel.state.ids, panel.text("refused")
    await panel.press(F2)
    await panel.press(END)
    await panel.press(BACKSPACE)
    await testing.type_text("2")
    await panel.press(ENTER)
    renamed = panel.shown("rename"), panel.state.ids, panel.state.selection
    await panel.press(CTRL, KEY["Z"])
    return {
        "kept": kept,
        "said": said,
        "colours": [style.STYLE["Label::error"]["color"], style.SELECTED],
        "still": still,
        "left": left,
        "renamed": renamed,
        "back": panel.state.ids,
    }


async def drag(panel):
    """Escape puts back what is dragged, and the mouse button let go writes nothing."""
    await panel.click(f"row:{BOOT}")
    before = panel.layer()
    x, y = panel.at("trigger range", 0.5)
    ui._ui._inject_mouse_move(x, y)
    await panel.frames(2)
    ui._ui._inject_mouse_button(0, True)
    await panel.frames(2)
    ui._ui._inject_mouse_move(x + 40, y)
    await panel.frames(2)
    dragged = panel.state.in_gesture, panel.text("threshold")
    await panel.press(ESCAPE, by=2)
    put_back = panel.state.in_gesture, panel.text("threshold")
    ui._ui._inject_mouse_move(x + 60, y)
    await panel.frames(2)
    ui._ui._inject_mouse_button(0, False)
    await panel.frames()
    return {"dragged": dragged, "back": put_back, "same": panel.layer() == before}


async def codes(panel):
    """The codes that Kit is expected to pass."""
    from causal_contracts.ui.panel.key_codes import CARB

    return {str(code): name for code, name in CARB.items()}


if __name__ == "__main__":
    play_all(SIZE, arrows, edits, caret, elsewhere, rename, drag, codes)

# SPDX-License-Identifier: Apache-2.0
"""Studio's own window: unsaved edits, files, undo tips; what was seen to JSON."""

from __future__ import annotations

import shutil

from panel_driver import CTRL, ENTER, ESCAPE, KEY, ROOT, SIZE, play_all


async def close(panel):
    """The close button asks while something is not saved, and Cancel leaves the window open."""
    window = panel.window
    titles = [window.bar.title]
    await panel.enter("threshold", "30deg")
    titles.append(window.bar.title)
    panel.asked.append(True)
    await panel.frames()
    question = panel.text("dialog text", window.dialogs.window.frame)
    await panel.click("dialog cancel", window.dialogs.window.frame)
    panel.asked.clear()
    cancelled = window.done, window.dialogs.window is None
    await panel.frames()
    panel.asked.append(True)
    await panel.frames()
    await panel.click("dialog save", window.dialogs.window.frame)
    saved = window.done, panel.host.unsaved(), "30" in (panel.folder / "car.usda").read_text()
    return {
        "titles": [*titles, window.bar.title],
        "question": question,
        "cancelled": cancelled,
        "saved": saved,
    }


async def discard(panel):
    """Ctrl+Q and Don't save leave the file as it was."""
    before = (panel.folder / "car.usda").read_text()
    await panel.enter("threshold", "30deg")
    await panel.press(CTRL, KEY["Q"])
    await panel.click("dialog discard", panel.window.dialogs.window.frame)
    return {
        "done": panel.window.done,
        "as before": (panel.folder / "car.usda").read_text() == before,
    }


async def keys(panel):
    """Escape leaves a question unanswered, Enter gives its main answer."""
    await panel.enter("threshold", "30deg")
    await panel.press(CTRL, KEY["Q"])
    asked = panel.window.dialogs.window is not None
    await panel.press(ESCAPE)
    escaped = panel.window.dialogs.window is None, panel.window.done, panel.host.unsaved()
    await panel.press(CTRL, KEY["Q"])
    await panel.press(ENTER)
    return {
        "asked": asked,
        "escaped": escaped,
        "entered": [panel.window.done, panel.host.unsaved()],
    }


async def clean(panel):
    """Nothing unsaved: nothing is asked."""
    panel.asked.append(True)
    await panel.frames()
    return {"done": panel.window.done, "asked": panel.window.dialogs.window is not None}


async def undone(panel):
    """Undo that leads back to what is saved leaves nothing to save or to ask about."""
    window = panel.window

    def star():
        return window.bar.title.startswith("* ")

    await panel.enter("threshold", "30deg")
    stars = [star()]
    await panel.press(CTRL, KEY["Z"])
    stars.append(star())
    await panel.press(CTRL, KEY["Y"])
    stars.append(star())
    await panel.press(CTRL, KEY["S"])
    await panel.enter("threshold", "31deg")
    await panel.press(CTRL, KEY["Z"])
    stars.append(star())
    await panel.press(CTRL, KEY["Z"])
    stars.append(star())
    await panel.press(CTRL, KEY["Y"])
    stars.append(star())
    grey = panel.find("save").name
    panel.asked.append(True)
    await panel.frames()
    return {"stars": stars, "grey": grey, "left": [window.done, window.dialogs.window is None]}


async def files(panel):
    """Ctrl+S, Ctrl+O while text is typed, and the recent files."""
    other = shutil.copy(ROOT / "data/microwave/microwave.usda", panel.folder)
    await panel.enter("threshold", "30deg")
    await panel.press(CTRL, KEY["S"])
    saved = panel.host.unsaved(), panel.text("message")
    await panel.enter("threshold", "31deg")
    await panel.press(CTRL, KEY["O"])
    await panel.click("dialog discard", panel.window.dialogs.window.frame)
    await panel.enter("dialog path", other, panel.window.dialogs.window.frame)
    opened = panel.window.bar.title, panel.state.picked
    await panel.click("recent")
    await panel.choose(panel.window.bar.menu, "recent:car.usda")
    return {
        "saved": saved,
        "opened": opened,
        "again": [panel.window.bar.title, panel.state.picked],
        "kept": [one.rpartition("/")[2] for one in panel.host.setting("recent", [])],
    }


if __name__ == "__main__":
    play_all(SIZE, close, discard, keys, clean, undone, files)

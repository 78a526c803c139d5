# SPDX-License-Identifier: Apache-2.0
"""The choice of an engine in the real panel, and real runs of it on Isaac Lab; answers as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from omni.ui import testing
from preview_child import SHIFT, SIZE, PreviewDriver, play

NEWTON, PHYSX = "isaaclab-newton", "physx"
PATIENCE = 400.0
"""Seconds; Warp compiles its kernels the first time."""


class EngineDriver(PreviewDriver):
    """Chooses engines with the mouse, and knows the dearest frame of the panel."""

    slowest = 0.0
    """Seconds of the processor; the worker that builds takes some of the others."""

    async def until(self, truth):
        start, last = time.perf_counter(), time.thread_time()
        while not truth():
            said = self.live.phase, self.live.error, *self.live.lines
            assert time.perf_counter() - start < PATIENCE, said
            await self.frames(1)
            now = time.thread_time()
            self.slowest, last = max(self.slowest, now - last), now
        return time.perf_counter() - start

    async def choose_engine(self, sim):
        """Open the list, and click one of its lines."""
        await self.frames()  # what changed before draws the settings anew, and takes lists away
        await self.click("engine")
        await self.click(f"choice:{sim}", self.section.settings.combos["engine"].window.frame)


def running(panel):
    return panel.live.frame is not None and panel.live.frame.step > 5


async def build(panel):
    """Choose Newton and play; the steps that the panel named, and how slowly it answered."""
    live, said = panel.live, []

    def listen():
        text = panel.text("progress")
        if text and (not said or said[-1] != text):
            said.append(text)
        waited.add(panel.text("waited"))
        return running(panel)

    waited = set()
    await panel.click("play")
    panel.slowest = 0.0
    took = await panel.until(listen)
    await panel.frames()
    return {
        "said": said,
        "waited": sorted(one for one in waited if one),
        "took": took,
        "slowest": panel.slowest,
        "title": panel.text("title"),
        "engine": live.client.ready.engine,
    }


async def hands(panel):
    """By hand on Newton: one clone pressed, reset; the threshold edited; contracts off."""
    live = panel.live
    live.set_pattern("by_hand")
    await panel.frames()
    await panel.hold(5)
    await panel.until(lambda: panel.reached(5))
    pressed = panel.cells(), panel.joint("door_hinge")
    await panel.let_go()
    await testing.mouse_move(2, 2)
    await panel.with_key(SHIFT, 5)
    await panel.until(lambda: panel.cells()[5] == 0)
    again = panel.cells(), panel.joint("door_hinge")
    step, pid = live.frame.step, live.client.pid
    edited = await edit(panel)
    return {
        "pressed": pressed,
        "reset": again,
        "edit": edited,
        "went on": live.frame.step > step and live.client.pid == pid,
        "restart": live.why_restart(),
        "native": await native(panel),
    }


def threshold(panel):
    return panel.live.rule.couplings["couplings"][0]["trigger"]["threshold"]


async def edit(panel):
    """Seconds from a typed threshold to the rule that runs; as a panel does, once a frame."""
    panel.state.select("press_opens_door")
    panel.state.set_threshold(-0.002)
    took = await panel.until(lambda: abs(threshold(panel) + 0.002) < 1e-6)
    return took, threshold(panel)


async def native(panel):
    live = panel.live
    await panel.click("native")
    await panel.hold(1)
    await panel.until(lambda: panel.joint("button_slide")[1] < -0.009)
    step = live.frame.step
    await panel.until(lambda: live.frame.step > step + 60)
    cells, doors = panel.cells(), panel.joint("door_hinge")
    await panel.let_go()
    await panel.click("native")
    await panel.until(lambda: not live.native)
    return cells, doors


async def pattern(panel):
    """Half of the clones pressed by themselves: counts of cause and effect."""
    live = panel.live
    live.set_pattern("fraction")
    live.set_speed(None)
    await panel.until(lambda: min(counts(panel)[0], counts(panel)[3]) >= 8)
    said = counts(panel)
    live.set_speed(1.0)
    return said, live.metrics.steps_per_second


def counts(panel):
    """Cause and effect, cause alone, effect alone, neither."""
    said = panel.live.metrics
    found = [one.rates for one in said.contracts if one.rates is not None] if said else []
    if not found:
        return [0, 0, 0, 0]
    cells = found[0].cells
    return [
        cells.cause_effect,
        cells.cause_no_effect,
        cells.no_cause_effect,
        cells.no_cause_no_effect,
    ]


async def saved(panel):
    """Paused, and its log saved as run.json."""
    live = panel.live
    live.pause()
    await panel.until(lambda: not live.frame.playing and live.metrics.step == live.frame.step)
    said = live.save_log(Path("run.json").resolve())
    return said, live.frame.step, live.replay_command()


async def lives(panel):
    """Killed while it plays, restarted, killed while it builds; then left while it builds."""
    live, seen = panel.live, {}
    await panel.click("play")
    await panel.until(lambda: live.frame.playing)
    os.kill(live.client.pid, signal.SIGKILL)
    await panel.until(lambda: str(live.phase) == "died")
    await panel.frames()
    seen["played"] = panel.text("preview error")
    await panel.click("restart")
    await panel.until(lambda: "Isaac Lab" in live.progress)
    os.kill(live.client.pid, signal.SIGKILL)
    await panel.until(lambda: str(live.phase) == "died")
    await panel.frames()
    seen["built"] = panel.text("preview error")
    await panel.click("restart")
    await panel.until(lambda: "Isaac Lab" in live.progress)
    seen["switched"] = await switch(panel)
    seen["cancelled"] = await cancel(panel)
    await panel.click("play")
    await panel.until(lambda: "Isaac Lab" in live.progress)
    return seen


async def switch(panel):
    """PhysX instead, while Newton is still being built."""
    live, building = panel.live, panel.live.client.pid
    await panel.choose_engine(PHYSX)
    took = await panel.until(lambda: running(panel))
    return panel.alive(building), live.client.ready.engine.split()[0], took


async def cancel(panel):
    """Newton again, and no longer."""
    live = panel.live
    await panel.choose_engine(NEWTON)
    await panel.until(lambda: "Isaac Lab" in live.progress)
    building = live.client.pid
    await panel.frames()
    await panel.click("cancel")
    return panel.alive(building), str(live.phase), panel.text("preview ready") is not None


async def newton(panel):
    """All of it on the microwave, 16 clones."""
    await panel.click("preview header")
    await panel.choose_engine(NEWTON)
    seen = {"built": await build(panel), "pattern": await pattern(panel)}
    seen["hands"] = await hands(panel)
    testing.capture_screenshot("newton.png")
    await testing.next_frame()
    seen["log"] = await saved(panel)
    seen["lives"] = await lives(panel)
    seen["last"] = panel.live.client.pid
    return seen


async def stove(panel):
    """Four contracts on 16 clones: each turns half of the knobs up, and its plate answers."""
    await panel.click("preview header")
    panel.live.set_speed(None)
    await panel.choose_engine(NEWTON)
    await panel.click("play")
    await panel.until(lambda: running(panel))
    await panel.until(lambda: min(counts(panel)[0], counts(panel)[3]) >= 8)
    rates = [one.rates for one in panel.live.metrics.contracts]
    seen = {"rates": [[one.effect_given_cause, one.effect_given_no_cause] for one in rates]}
    seen["log"] = await saved(panel)
    return {**seen, "last": panel.live.client.pid}


async def choice(panel):
    """An engine that lacks is refused with a way out; another Python has it; it is kept."""
    live, bare = panel.live, Path("bare/bin/python").resolve()
    bare.parent.mkdir(parents=True)
    bare.symlink_to(sys.executable)
    panel.host.set_setting("isaaclab_python", str(bare))
    await panel.click("preview header")
    first = live.client.pid
    await panel.choose_engine(NEWTON)
    refused = panel.text("notice:error"), panel.text("title"), live.client.pid == first
    testing.capture_screenshot("refused.png")
    await testing.next_frame()
    other = Path("other/bin/python").resolve()
    other.parent.mkdir(parents=True)
    other.symlink_to(sys.executable)
    await name_python(panel, str(other))
    again = panel.text("notice:error"), panel.host.setting("isaaclab_python", "")
    await name_python(panel, sys.executable)
    chosen = panel.text("title"), live.choices.sim, panel.find("notice:error") is None
    kept = json.loads(Path("settings.json").read_text())
    await panel.until(lambda: not panel.alive(first))
    gone = not panel.alive(first)
    await panel.until(lambda: live.client is not None and "Isaac Lab" in live.client.progress)
    await panel.frames()
    return {
        "bare": str(bare),
        "refused": refused,
        "again": again,
        "chosen": chosen,
        "gone": gone,
        "kept": kept,
        "last": live.client.pid,
    }


async def name_python(panel, path):
    await panel.click("choose python")
    dialog = panel.host.dialogs.window
    await testing.type_text(path)
    await panel.frames(2)
    await panel.click("dialog ok", dialog.frame)
    await panel.frames()


if __name__ == "__main__":
    print("\n" + json.dumps(play(globals()[sys.argv[1]], sys.argv[2], EngineDriver, SIZE)))

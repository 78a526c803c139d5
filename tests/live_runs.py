# SPDX-License-Identifier: Apache-2.0
"""Real worker processes on real PhysX, driven through the client as the panel does."""

from __future__ import annotations

import time
from pathlib import Path

from causal_contracts.preview.live.client import LiveClient, State
from causal_contracts.preview.live.messages import Pattern, Start

DATA = Path(__file__).parent.parent / "data"
MICROWAVE = DATA / "microwave" / "microwave.usda"
BUTTON, DOOR = "button_slide", "door_hinge"
CONTRACT = "press_opens_door"
BY_HAND = Pattern(kind="by_hand")
PATIENCE = 20.0
"""Seconds; a machine that is busy starts a process slowly."""


def until(client, truth, *, patience=PATIENCE):
    """Poll like a panel until `truth()` holds; every event on the way."""
    events = []
    end = time.monotonic() + patience
    while True:
        events += client.poll()
        if truth():
            return events
        assert client.state not in (State.DIED, State.FAILED), (client.error, *client.lines)
        assert time.monotonic() < end, (client.state, client.progress, *client.lines)
        time.sleep(0.002)


def start(**given):
    """By hand, four microwaves, standing still, and as fast as possible once they step."""
    settings = {
        "asset": str(MICROWAVE),
        "num_envs": 4,
        "pattern": BY_HAND,
        "playing": False,
        "speed": None,
        "loop": False,
    }
    return Start(**{**settings, **given})


def running(client, **given):
    """Start and wait for the first frame."""
    client.start(start(**given))
    until(client, lambda: client.frame is not None)
    return client


def steps(client, count):
    """Take `count` steps and wait for the frame after the last of them."""
    from causal_contracts.preview.live.messages import Step

    wanted = client.frame.step + count
    client.send(Step(count=count))
    until(client, lambda: client.frame.step == wanted)


def column(client, joint):
    """Positions of a joint in every clone."""
    return client.frame.joint_pos[:, client.ready.joint_names.index(joint)]


def gone(pid):
    """Whether no process has this id, zombies included."""
    return not Path(f"/proc/{pid}").exists()


def ends(pid, root=None):
    """Whether nothing is left of a process that was told to end, once the kernel has freed it."""
    end = time.monotonic() + PATIENCE
    while not (gone(pid) and (root is None or not folders(root))) and time.monotonic() < end:
        time.sleep(0.005)
    return gone(pid) and (root is None or not folders(root))


def folders(root):
    """Folders that a worker was given, or made, below `root`."""
    return [path.name for path in Path(root).iterdir() if path.name.startswith("causal_contracts")]


__all__ = ["LiveClient", "State"]

# SPDX-License-Identifier: Apache-2.0
"""Changes of a manager-based task to one that runs while its tests do; presses to go with it."""

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="isaaclab is not installed")

from manager_tasks import DT, Running

THRESHOLD, TARGET = np.float32(-0.005), np.float32(np.pi / 2)
PRESSED = -0.01
TWO_SECONDS = round(2 / DT)


def running(changes):
    """The task with these changes while a test runs in it; None where a test has its own."""
    if changes is None:
        yield None
        return
    task = Running(*changes)
    yield task
    task.close()


def on(*tasks):
    """Run a test in these tasks, each a tuple of changes; None gives it the slot for its own."""
    names = ["own" if each is None else ", ".join(each) or "newton" for each in tasks]
    return pytest.mark.parametrize("task", tasks, ids=names, indirect=True)


ON_BOTH = on((), ("ovphysx",))
EVENTS = on(("contract events",), ("contract events", "ovphysx"))


def pressing(envs, num_envs):
    """Button commands: pressed in these environments, released elsewhere."""
    return np.where(np.isin(np.arange(num_envs), envs), PRESSED, 0.0).astype(np.float32)


def share(door, target=TARGET):
    return np.clip(door / target, 0, 1)


def numbers(task):
    return {name: task.signal(name).copy() for name in ("threshold", "target", "enabled")}

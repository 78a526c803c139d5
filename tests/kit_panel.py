# SPDX-License-Identifier: Apache-2.0
"""The running panel of Kit: what its extension owns, its stage, its actions, a picture of it."""

import gc
import sys
from pathlib import Path

UI = "causal_contracts.ui"
MENU = "Tools/Robotics/Causal Contracts"
CONTRACT = "press_opens_door"


async def shot(kernel, name):
    await kernel.frames(2)
    assert screenshot(name)


def parts():
    """What the running extension owns."""
    found = [one for one in gc.get_objects() if type(one).__name__ == "Parts"]
    assert len(found) == 1, found
    return found[0]


def layer():
    return sys.modules["omni.usd"].get_context().get_stage().GetRootLayer().ExportToString()


def history():
    return len(sys.modules["omni.kit.undo"]._done)


def run(action):
    sys.modules["omni.kit.actions.core"].get_action_registry().execute_action(UI, action)


def screenshot(name):
    from omni.ui import testing

    return testing.capture_screenshot(str(Path.cwd() / name))

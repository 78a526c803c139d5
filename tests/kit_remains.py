# SPDX-License-Identifier: Apache-2.0
"""A process to what is in it of the panel: observers, objects, menus, modules, threads."""

import gc
import sys
import threading
from collections import Counter
from dataclasses import is_dataclass
from enum import Enum
from types import ModuleType

from kit_panel import MENU, UI


def observers():
    """Our observers in Kit's event dispatcher."""
    import carb.eventdispatcher
    import omni.kit.app

    names = [omni.kit.app.GLOBAL_EVENT_UPDATE]
    if "omni.usd" in sys.modules:
        usd, timeline = sys.modules["omni.usd"], sys.modules["omni.timeline"]
        names += [usd.get_context().stage_event_name(one) for one in usd.StageEventType]
        names += [getattr(timeline, f"GLOBAL_EVENT_{one}") for one in ("PLAY", "PAUSE", "STOP")]
    found = carb.eventdispatcher.get_eventdispatcher().get_observers(names)
    return sorted(one.name for one in found if one.name.startswith(UI))


def objects():
    """Kinds of our panel's objects that are alive, and modules of which an old one is.

    What a module itself holds that cannot change is apart, as are enumerations.
    """
    gc.collect()
    alive = gc.get_objects()
    modules = [one for one in alive if isinstance(one, ModuleType)]
    ours = [one for one in modules if f"{one.__name__}.".startswith(f"{UI}.")]
    names = Counter(one.__name__ for one in ours)
    fixed = {id(one) for module in ours for one in constants(vars(module))}
    kinds = {type(one) for one in alive if id(one) not in fixed}
    kinds = {one for one in kinds if str(one.__module__).startswith(UI)}
    found = [kind.__name__ for kind in kinds if not issubclass(kind, Enum)]
    return sorted(found + [f"{name} {count} times" for name, count in names.items() if count > 1])


def constants(value):
    """Named tuples and frozen dataclasses that a module holds: they belong to its code."""
    if isinstance(value, dict):
        return [one for inner in value.values() for one in constants(inner)]
    frozen = is_dataclass(value) and value.__dataclass_params__.frozen
    return [value] if frozen or isinstance(value, tuple) else []


def left():
    """What there is of the panel in the process besides its objects."""
    menu, actions = sys.modules["omni.kit.menu.utils"], sys.modules["omni.kit.actions.core"]
    commands, undo = sys.modules["omni.kit.commands"], sys.modules["omni.kit.undo"]
    import kit_stand_ins  # of what omni.ui must be there for

    ui = sys.modules["omni.ui"]
    return {
        "menu": menu.find(MENU) is not None,
        "actions": sorted(one for _, one in actions.get_action_registry().actions),
        "commands": [one for one in commands.registered if "Contract" in one],
        "undo": len(undo.listeners),
        "window": isinstance(ui.Workspace.get_window("Causal Contracts"), ui.Window),
        "observers": observers(),
        "modules": sorted(n for n in sys.modules if f"{n}.".startswith(f"{UI}.")),
        "threads": [t.name for t in threading.enumerate() if "causal" in t.name],
        "services": kit_stand_ins.held(),
    }

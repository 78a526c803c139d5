# SPDX-License-Identifier: Apache-2.0
"""Keys, services around the panel and parts that fail: the running kernel in, what it showed out.

The scenarios are played by kit_extension_child.py.
"""

import logging
import sys

from kit_driver import CTRL, DELETE, DOWN, ESCAPE, F2, UP, D
from kit_panel import CONTRACT, MENU, UI, parts, run, screenshot
from kit_remains import left, objects, observers

ASSET, DOOR = "/Microwave", "/Microwave/door_hinge"


async def keys(kernel, asset):
    """Keys in the panel's window; the caret keeps them, and a hidden window hears none."""
    menu = sys.modules["omni.kit.menu.utils"]
    context = sys.modules["omni.usd"].get_context()
    context.open_stage(asset)
    kernel.switch(UI, True)
    state = parts().state
    menu.click(MENU)
    run("add_contract")
    await kernel.frames()
    first, second = state.ids
    await kernel.click(f"row:{first}")
    arrows = []
    for key in (DOWN, UP):
        await kernel.press(key)
        arrows.append(state.selection == ((second,) if key == DOWN else (first,)))
    await kernel.press(CTRL, D)
    doubled = len(state.ids)
    await kernel.press(DELETE)
    deleted = len(state.ids)
    await kernel.click(f"row:{first}")
    await kernel.press(F2)
    renaming = kernel.find("rename") is not None
    await kernel.press(DELETE)  # the caret is in the row
    screenshot("renaming.png")
    renamed = len(state.ids)
    await kernel.press(ESCAPE)
    await kernel.click("filter")
    for combination in ((DELETE,), (CTRL, D)):
        await kernel.press(*combination)
    typing = len(state.ids)
    await kernel.click(f"row:{first}")
    window, pressed = kernel.window(), parts().window.panel.keys.pressed
    exclusive = [window.exclusive_keyboard]
    menu.click(MENU)
    await kernel.frames()
    await kernel.press(DELETE)
    window.call_key_pressed_fn(DELETE_GLFW, 0, True)  # as a Kit might that asks no focus
    exclusive.append(window.exclusive_keyboard)
    hidden = len(state.ids)
    menu.click(MENU)
    await kernel.frames()
    await kernel.click(f"row:{first}")
    await kernel.press(DELETE)
    shown = len(state.ids)
    kernel.switch(UI, False)
    pressed(DELETE_GLFW, 0, True)
    del window, pressed, state
    await kernel.frames()
    sys.modules["omni.kit.undo"].clear_stack()
    context.close_stage()
    return {
        "arrows": arrows,
        "counts": [doubled, deleted, renamed, typing, hidden, shown],
        "renaming": renaming,
        "exclusive": exclusive,
        "left": [left(), objects()],
    }


DELETE_GLFW = 261


async def services(kernel, asset):
    """The services are used while the panel is hidden, and go with the extension; twice."""
    import kit_stand_ins as kits

    context = sys.modules["omni.usd"].get_context()
    context.open_stage(asset)
    rounds = [await one_round(kernel, kits) for _ in range(2)]
    context.close_stage()
    return rounds


async def one_round(kernel, kits):
    import omni.ui as ui
    from omni.ui import scene as sc

    stage = sys.modules["omni.usd"].get_context().get_stage()
    kernel.switch(UI, True)
    await kernel.frames()
    seen = {"fresh": [kits.held(), observers()]}
    window = ui.Window("Viewport", width=300, height=400, position_x=100, position_y=300)
    with window.frame, ui.VStack():
        view = sc.SceneView(height=100)
        kits.window.frame = ui.Frame(height=200)
    await kernel.frames()

    kits.open_viewport(view)
    await kernel.frames()
    drawn = [*kits.scenes[UI].arrows.shown]
    seen["viewport"] = drawn, len(observers()), parts().window.visible
    run("toggle_overlay")
    seen["switched off"] = kits.scenes[UI].arrows.shown == {}, observers()
    run("toggle_overlay")
    seen["switched on"] = [*kits.scenes[UI].arrows.shown]
    kits.close_viewport()
    await kernel.frames()
    seen["no viewport"] = observers()

    kits.window.show(kits.Payload(stage, [ASSET]))
    await kernel.frames()
    rows = kernel.find(f"prim id:{CONTRACT}", kits.window.frame) is not None
    seen["property"] = rows, sorted(kits.MultiSchemaPropertiesWidget.known), len(observers())
    kits.window.hide()
    seen["property hidden"] = observers()
    kits.window.show(kits.Payload(stage, [ASSET]))
    await kernel.frames()
    screenshot("property.png")
    await kernel.click(f"prim edit:{CONTRACT}", kits.window.frame)
    seen["edit"] = parts().window.visible, parts().state.selection

    menu = kits.shown_menu([stage.GetPrimAtPath(DOOR)])
    menu["Add causal contract"]()
    await kernel.frames()
    seen["menu"] = [*menu], len(parts().state.ids)
    del menu
    parts().host.undo()
    await kernel.frames()
    kits.open_viewport(view)
    await kernel.frames()
    screenshot("services.png")
    seen["all"] = kits.held()

    kernel.switch(UI, False)  # with all of it in use
    await kernel.frames()
    kits.close_viewport()
    sys.modules["omni.kit.undo"].clear_stack()
    seen["off"] = left(), objects()
    kits.window.frame = None
    window.destroy()
    return seen


async def failing(kernel):
    """A service, the menu and the window of a Kit that differs: what was made before goes."""
    import carb.settings
    import kit_stand_ins as kits
    import omni.kit.menu.utils as menu
    import omni.ui as ui

    def differs(*_given, **_named):
        raise TypeError("this Kit differs")

    seen = {}
    places = {
        "service": (kits.PrimPathWidget, "add_button_menu_entry"),
        "menu": (menu, "add_menu_items"),
        "window": (ui.Window, "deferred_dock_in"),
    }
    settings = carb.settings.get_settings()
    settings.set("/exts/causal_contracts.ui/open_at_start", True)
    for name, (owner, call) in places.items():
        kept = owner.__dict__[call]
        setattr(owner, call, differs)
        lines, stop = record()
        kernel.switch(UI, True)
        await kernel.frames()
        stop()
        started = kits.held()
        setattr(owner, call, kept)
        kernel.switch(UI, False)
        await kernel.frames()
        seen[name] = {"told": lines, "held": started, "left": [left(), objects()]}
    settings.set("/exts/causal_contracts.ui/open_at_start", False)
    return seen


def record():
    """Errors that are logged until the second of both is called."""
    lines = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda made: lines.append(made.getMessage())
    logging.getLogger().addHandler(handler)
    return lines, lambda: logging.getLogger().removeHandler(handler)

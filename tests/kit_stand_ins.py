# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for Kit's Property window, context menu, viewport registry, menubar and settings.

They hold what our files call and note it, and show no more than that names and arguments fit what
was read (docs/kit_services.md). The Property window asks, builds and resets its widgets in the
order of Kit's own.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import omni.ui as ui

settings: dict[str, object] = {}
watchers: dict[int, tuple[str, object]] = {}
menus: list[Entry] = []
add_entries: list[SimpleNamespace] = []
categories: list[tuple[str, object]] = []
scenes: dict[str, object] = {}
registered: list[RegisterScene] = []
viewports: list[object] = []


class Payload(list):
    """Selected paths of a stage."""

    def __init__(self, stage, paths):
        super().__init__(paths)
        self._stage = stage

    def get_stage(self):
        return self._stage

    def get_paths(self):
        return [*self]


class SimplePropertyWidget:
    """Builds its items in a collapsable frame."""

    def __init__(self, title, collapsed=False, collapsable=True):
        self._title, self._payload = title, None
        self._filter = SimpleNamespace(name="", matches=lambda text: True)
        self._any_item_visible = False

    def on_new_payload(self, payload, ignore_large_selection=False):
        self._payload = payload
        return True

    def build(self, _filter):
        with ui.CollapsableFrame(self._title), ui.VStack(height=0):
            self.build_items()

    def clean(self):
        self.reset()

    def reset(self):
        """Nothing by itself."""


class Window:
    """Asks every widget; those that are shown no longer are reset."""

    def __init__(self):
        self.widgets, self.built, self.rebuilds = {}, set(), 0
        self.frame = None

    def register_widget(self, scheme, name, widget, top_stack=True):
        self.widgets[scheme, name] = widget

    def unregister_widget(self, scheme, name, top_stack=True):
        widget = self.widgets.pop((scheme, name))
        widget.clean()
        self.built.discard(widget)

    def request_rebuild(self):
        self.rebuilds += 1

    def show(self, payload):
        self.frame.clear()
        built = set()
        with self.frame, ui.VStack(height=0):
            for widget in self.widgets.values():
                if widget.on_new_payload(payload):
                    widget.build("")
                    built.add(widget)
        for widget in self.built - built:
            widget.reset()
        self.built = built

    def hide(self):
        for widget in self.built:
            widget.reset()
        self.built = set()


class MultiSchemaPropertiesWidget:
    """Claims applied schemas by their full names while it lives."""

    known: ClassVar[set[str]] = set()

    def __init__(self, title, schema, schema_subclasses, *, api_schemas):
        self.claimed = set(api_schemas)
        MultiSchemaPropertiesWidget.known |= self.claimed

    def __del__(self):
        MultiSchemaPropertiesWidget.known -= self.claimed


class PrimPathWidget:
    """The Add button of the Property window."""

    @staticmethod
    def add_button_menu_entry(path, *, show_fn, onclick_fn):
        add_entries.append(SimpleNamespace(path=path, show=show_fn, click=onclick_fn))
        return add_entries[-1]

    @staticmethod
    def remove_button_menu_entry(entry):
        add_entries.remove(entry)


class Entry:
    """A context menu's entry, which lives as long as its handle."""

    def __init__(self, entry, index, extension):
        self.entry, self.at = entry, (index, extension)


def add_menu(entry, index, extension):
    import weakref

    made = Entry(entry, index, extension)
    menus.append(weakref.ref(made))
    return made


def shown_menu(prims):
    """Names and clicks of the entries that a menu shows for these prims."""
    objects = {"stage": prims[0].GetStage() if prims else None, "prim_list": prims}
    alive = [one() for one in menus if one() is not None]
    return {
        one.entry["name"]: (lambda one=one: one.entry["onclick_fn"](objects))
        for one in alive
        if all(fn(objects) for fn in one.entry["show_fn"])
    }


class RegisterScene:
    """Makes a scene in the viewport that is there, or comes; Kit does in each."""

    def __init__(self, factory, name):
        self.name, self._factory = name, factory
        registered.append(self)
        for view in viewports:
            self.make(view)

    def make(self, view):
        with view.scene:
            scenes[self.name] = self._factory(viewport_api=None)

    def drop(self):
        if self.name in scenes:
            scenes.pop(self.name).destroy()

    def destroy(self):
        registered.remove(self)
        self.drop()


def open_viewport(view):
    """Let this SceneView be the viewport."""
    viewports.append(view)
    for one in registered:
        one.make(view)


def close_viewport():
    viewports.clear()
    for one in registered:
        one.drop()


def held():
    """How many of each kind are registered."""
    return {
        "widgets": len(window.widgets),
        "add": len(add_entries),
        "menus": len([one for one in menus if one() is not None]),
        "registered": len(registered),
        "scenes": len(scenes),
        "categories": len(categories),
        "claimed": len(MultiSchemaPropertiesWidget.known),
    }


class Settings:
    """Values by path, and who watches them."""

    def get(self, path):
        return settings.get(path)

    def set(self, path, value):
        settings[path] = value
        for watched, listener in [*watchers.values()]:
            if watched == path:
                listener(None, None)

    def subscribe_to_node_change_events(self, path, listener):
        watchers[len(watchers) + 1] = path, listener
        return len(watchers)

    def unsubscribe_to_change_events(self, watcher):
        watchers.pop(watcher)


class Display:
    """The Show By Type menu."""

    def register_custom_category_item(self, category, item):
        categories.append((category, item))

    def deregister_custom_category_item(self, category, item):
        categories.remove((category, item))


class CategoryStateItem:
    """A switch of that menu."""

    def __init__(self, text, *, setting_path):
        self.text, self.path = text, setting_path


window, display, carb_settings = Window(), Display(), Settings()

MODULES = {
    "carb": {},
    "carb.settings": {"get_settings": lambda: carb_settings},
    "omni.kit.window.property": {"get_window": lambda: window},
    "omni.kit.window.property.templates": {"SimplePropertyWidget": SimplePropertyWidget},
    "omni.kit.property.usd": {"PrimPathWidget": PrimPathWidget},
    "omni.kit.property.usd.usd_property_widget": {
        "MultiSchemaPropertiesWidget": MultiSchemaPropertiesWidget
    },
    "omni.kit.context_menu": {"add_menu": add_menu},
    "omni.kit.viewport.registry": {"RegisterScene": RegisterScene},
    "omni.kit.viewport.menubar.core": {"CategoryStateItem": CategoryStateItem},
    "omni.kit.viewport.menubar.display": {"get_instance": lambda: display},
}


def install(*names):
    """Put these, and the packages they are in, where an import finds them."""
    import omni

    for name in names or MODULES:
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            inner = ".".join(parts[:count])
            if inner == "omni":
                continue
            if inner not in sys.modules:
                sys.modules[inner] = ModuleType(inner)
                sys.modules[inner].__path__ = []
                if count > 1:
                    above = omni if parts[0] == "omni" and count == 2 else None
                    above = above or sys.modules[".".join(parts[: count - 1])]
                    setattr(above, parts[count - 1], sys.modules[inner])
        for key, value in MODULES[name].items():
            setattr(sys.modules[name], key, value)


def install_validator():
    """The real validator of PyPI under the name that Kit gives it."""
    import omni.asset_validator

    sys.modules["omni.asset_validator.core"] = omni.asset_validator
    omni.asset_validator.core = omni.asset_validator


class Arrows:
    """Stands for scene.arrows.ContractArrows where that is not there."""

    def __init__(self, state):
        self.visible, self.shown = True, dict.fromkeys(state.ids)

    def destroy(self):
        self.visible, self.shown = False, {}


def install_arrows():
    """The real arrows if there are any."""
    try:
        import causal_contracts.ui.scene.arrows  # noqa: F401
    except ModuleNotFoundError:
        for name in ("causal_contracts.ui.scene", "causal_contracts.ui.scene.arrows"):
            sys.modules[name] = ModuleType(name)
        sys.modules["causal_contracts.ui.scene.arrows"].ContractArrows = Arrows

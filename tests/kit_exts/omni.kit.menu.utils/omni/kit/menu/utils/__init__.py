# SPDX-License-Identifier: Apache-2.0
"""Menu entries by menu; `click` does what the mouse would."""

menus, refreshed = {}, []


class MenuItemDescription:
    def __init__(self, name="", sub_menu=None, onclick_action=None, ticked=False, ticked_fn=None):
        self.name, self.sub_menu = name, sub_menu
        self.onclick_action, self.ticked, self.ticked_fn = onclick_action, ticked, ticked_fn


def add_menu_items(items, name):
    menus.setdefault(name, []).append(items)
    return items


def remove_menu_items(items, name):
    menus[name] = [one for one in menus[name] if one is not items]


def refresh_menu_items(name):
    refreshed.append(name)


def find(path):
    """The entry at ``Tools/Robotics/...``, or None."""
    menu, *names = path.split("/")
    items = [item for added in menus.get(menu, []) for item in added]
    for name in names:
        found = next((item for item in items if item.name == name), None)
        items = (found.sub_menu or []) if found else []
    return found


def click(path):
    from omni.kit.actions.core import get_action_registry

    get_action_registry().execute_action(*find(path).onclick_action)

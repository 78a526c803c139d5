# SPDX-License-Identifier: Apache-2.0
"""Commands by name: `execute` calls `do` and hands the command to omni.kit.undo."""

import inspect
import sys

registered = {}


class Command:
    def do(self):
        raise NotImplementedError


def register_all_commands_in_module(module):
    module = sys.modules[module] if isinstance(module, str) else module
    found = [
        one
        for _, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, Command) and one.__module__ == module.__name__
    ]
    registered.update({one.__name__: one for one in found})
    return found


def unregister_module_commands(commands):
    for one in commands:
        registered.pop(one.__name__, None)


def execute(name, **kwargs):
    from omni.kit import undo

    made = (registered.get(name) or registered[f"{name}Command"])(**kwargs)
    result = made.do()
    if hasattr(made, "undo"):
        undo._done_just_now(made)
    return True, result

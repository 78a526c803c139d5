# SPDX-License-Identifier: Apache-2.0
"""Actions by extension and id."""


class Action:
    def __init__(self, run, **said):
        self.run, self.said = run, said

    def execute(self, *args):
        return self.run(*args)


class ActionRegistry:
    def __init__(self):
        self.actions = {}

    def register_action(
        self, extension_id, action_id, python_object, display_name="", description="", tag=""
    ):
        assert (extension_id, action_id) not in self.actions, f"{action_id} is there already"
        self.actions[extension_id, action_id] = Action(
            python_object, display_name=display_name, description=description, tag=tag
        )

    def deregister_action(self, extension_id, action_id):
        del self.actions[extension_id, action_id]

    def get_action(self, extension_id, action_id):
        return self.actions.get((extension_id, action_id))

    def execute_action(self, extension_id, action_id, *args):
        return self.actions[extension_id, action_id].execute(*args)


_registry = ActionRegistry()


def get_action_registry():
    return _registry

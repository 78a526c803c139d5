# SPDX-License-Identifier: Apache-2.0
"""The undo stack of commands, and who wants to hear of it."""

_done, _undone, listeners = [], [], []


def _tell(commands):
    for listener in list(listeners):
        listener(commands)


def _done_just_now(command):
    _done.append(command)
    _undone.clear()
    _tell([command])


def undo():
    if _done:
        _undone.append(_done.pop())
        _undone[-1].undo()
        _tell([_undone[-1]])


def redo():
    if _undone:
        _done.append(_undone.pop())
        _done[-1].do()
        _tell([_done[-1]])


def can_undo():
    return bool(_done)


def can_redo():
    return bool(_undone)


def clear_stack():
    _done.clear()
    _undone.clear()
    _tell([])


def subscribe_on_change(listener):
    listeners.append(listener)


def unsubscribe_on_change(listener):
    listeners.remove(listener)

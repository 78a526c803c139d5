# SPDX-License-Identifier: Apache-2.0
"""One context with a real stage; opening, closing and selecting dispatch real events of Kit."""

from enum import Enum

from carb.eventdispatcher import get_eventdispatcher
from pxr import Usd


class StageEventType(Enum):
    OPENED = "opened"
    CLOSING = "closing"
    CLOSED = "closed"
    SELECTION_CHANGED = "selection_changed"


class Selection:
    def __init__(self, context):
        self._context, self._paths = context, []

    def get_selected_prim_paths(self):
        return list(self._paths)

    def set_selected_prim_paths(self, paths, expand_in_stage):
        self._paths = list(paths)
        self._context.dispatch(StageEventType.SELECTION_CHANGED)


class UsdContext:
    def __init__(self):
        self._stage, self._selection = None, Selection(self)

    def get_stage(self):
        return self._stage

    def get_selection(self):
        return self._selection

    def stage_event_name(self, event):
        return f"omni.usd.context:{event.value}"

    def dispatch(self, event):
        get_eventdispatcher().dispatch_event(event_name=self.stage_event_name(event), payload={})

    def open_stage(self, path):
        self.close_stage()
        self._stage = Usd.Stage.Open(str(path))
        self.dispatch(StageEventType.OPENED)

    def close_stage(self):
        if self._stage is not None:
            self.dispatch(StageEventType.CLOSING)
            self._stage = None
            self._selection._paths = []
            self.dispatch(StageEventType.CLOSED)


_context = UsdContext()


def get_context():
    return _context

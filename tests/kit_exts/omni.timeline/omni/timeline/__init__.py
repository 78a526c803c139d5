# SPDX-License-Identifier: Apache-2.0
"""Play, pause and stop, with the events and without the time."""

from carb.eventdispatcher import get_eventdispatcher

GLOBAL_EVENT_PLAY = "omni.timeline:play"
GLOBAL_EVENT_PAUSE = "omni.timeline:pause"
GLOBAL_EVENT_STOP = "omni.timeline:stop"


class Timeline:
    def __init__(self):
        self._playing = False

    def is_playing(self):
        return self._playing

    def _set(self, playing, event):
        self._playing = playing
        get_eventdispatcher().dispatch_event(event_name=event, payload={})

    def play(self):
        self._set(True, GLOBAL_EVENT_PLAY)

    def pause(self):
        self._set(False, GLOBAL_EVENT_PAUSE)

    def stop(self):
        self._set(False, GLOBAL_EVENT_STOP)


_timeline = Timeline()


def get_timeline_interface():
    return _timeline

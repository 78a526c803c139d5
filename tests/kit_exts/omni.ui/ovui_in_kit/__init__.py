# SPDX-License-Identifier: Apache-2.0
"""omni.ui inside the kernel: ovui drawn off-screen, once an update of the app."""

import sys
import types

import omni.ext
import omni.kit.app
from carb.eventdispatcher import get_eventdispatcher


def load():
    """Import ovui's omni.ui as it is outside Kit, for it finds Kit's kernel here."""
    compat = types.ModuleType("omni.ui._compat")
    compat._IN_KIT = False
    sys.modules.setdefault(compat.__name__, compat)
    import omni.ui

    return omni.ui


class Extension(omni.ext.IExt):
    def on_startup(self):
        load().init("Kit", 480, 720, max_fps=None)  # software draws each pixel
        from omni.ui.standalone import _tick_one_frame

        self._tick = get_eventdispatcher().observe_event(
            observer_name="ovui",
            event_name=omni.kit.app.GLOBAL_EVENT_UPDATE,
            order=omni.kit.app.UPDATE_ORDER_UI_RENDER,
            on_event=lambda _: _tick_one_frame(),
        )

    def on_shutdown(self):
        self._tick.reset()

# SPDX-License-Identifier: Apache-2.0
"""A coroutine to its end, a frame of omni.ui at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from omni.ui import standalone

from .pace import Pace


def spin(work: Coroutine[Any, Any, None], pace: Pace | None = None) -> None:
    """Draw frames until `work` is done, as fast as `pace` says.

    Unlike `ui.run` it goes on where the close button was pressed: whether to end is the author's
    answer, and that is asked in the window.
    """
    pace = pace or Pace(lambda: True)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    task = loop.create_task(work)
    try:
        while not task.done():
            start = time.monotonic()
            standalone._tick_one_frame()
            loop.call_soon(loop.stop)
            loop.run_forever()
            pace.wait(start)
    finally:
        loop.close()
        asyncio.set_event_loop(None)
        standalone.shutdown()

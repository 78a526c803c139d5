# SPDX-License-Identifier: Apache-2.0
"""An X server's dots per inch to the sizes of Studio's window, in omni.ui's units, as JSON."""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path

SIZE = (420, 700)
_PREPEND, _BITS = 1, 8
_STRING = 31
"""Xlib's PropModePrepend, the format of text, and XA_STRING."""


def set_dots_per_inch(dots: int) -> None:
    """What a desktop does for a display of scale `dots / 96`, before GLFW asks."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    x11.XDefaultRootWindow.restype = x11.XInternAtom.restype = ctypes.c_ulong
    root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
    resources = ctypes.c_ulong(x11.XInternAtom(display, b"RESOURCE_MANAGER", 0))
    text = b"Xft.dpi:\t%d\n" % dots
    kind = ctypes.c_ulong(_STRING)
    x11.XChangeProperty(display, root, resources, kind, _BITS, _PREPEND, text, len(text))
    x11.XCloseDisplay(display)


def main(asset: Path, dots: int) -> dict:
    """Of the window and of what is drawn in it."""
    set_dots_per_inch(dots)
    import omni.ui as ui
    from causal_contracts.ui.studio.window import frames, run
    from causal_contracts.ui.studio_host import StudioHost
    from causal_contracts.ui.studio_settings import Settings
    from omni.ui import standalone

    host = StudioHost(settings=Settings(Path("settings.json").resolve()))
    host.open(asset)
    seen = {}

    async def during(window) -> None:
        await frames(host, 12)
        pixels = standalone.get_window_size()
        seen.update(scale=ui.Workspace.get_dpi_scale(), pixels=pixels)
        seen["drawn"] = window.window.width, window.window.height

    run(host, SIZE, during)
    return seen


if __name__ == "__main__":
    print("\n" + json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))

# SPDX-License-Identifier: Apache-2.0
"""An X server without a screen: windows found on it, and real mouse, keys and pixels."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageGrab

_CLIENT_MESSAGE, _BITS = 33, 32
"""Xlib's event of that name, and the format of its data."""


class _Message(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 16),
    )


class Display:
    """One X server; `xdotool` speaks to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.environment = {**os.environ, "DISPLAY": name}
        self.environment.pop("OMNIUI_HEADLESS", None)
        self.environment.pop("WAYLAND_DISPLAY", None)

    def do(self, *words: object) -> str:
        """One line of xdotool; returns what it says."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=20,
        )
        return done.stdout.strip()

    def picture(self) -> Image.Image:
        """What the screen shows."""
        return ImageGrab.grab(xdisplay=self.name)

    def ask_to_close(self, window: int) -> None:
        """What a window manager sends where the close button is pressed."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.name.encode()))
        protocols, delete = (
            x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")
        )
        message = _Message(
            type=_CLIENT_MESSAGE, window=window, message_type=protocols, format=_BITS
        )
        message.data[0] = delete
        x11.XSendEvent(display, ctypes.c_ulong(window), 0, 0, ctypes.byref(message))
        x11.XCloseDisplay(display)

    def copied(self) -> str:
        """What other programs find in the clipboard."""
        command = ["xclip", "-selection", "clipboard", "-o"]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=10
        )
        return done.stdout

    def copy(self, text: str) -> None:
        """What another program puts into the clipboard."""
        command = ["xclip", "-selection", "clipboard", "-i"]
        subprocess.run(command, env=self.environment, input=text, text=True, timeout=10, check=True)
        # It leaves a process behind, which owns the clipboard a while later only.
        end = time.monotonic() + 10
        while self.copied() != text:
            assert time.monotonic() < end, "xclip did not take the clipboard"
            time.sleep(0.02)


def need(*programs: str) -> None:
    """Skip, by name, where a program is missing."""
    for one in programs:
        if shutil.which(one) is None:
            pytest.skip(f"there is no {one} here: install the system package {one.lower()}")


@contextmanager
def x_server(folder: Path, size: str = "1400x1600") -> Iterator[Display]:
    """A server of its own, which no other machine can reach."""
    need("Xvfb")
    read, write = os.pipe()
    screen = ["-screen", "0", f"{size}x24", "-noreset", "-nolisten", "tcp"]
    screen.append("-r")  # a busy machine lets go of a key late, which would repeat it
    command = ["Xvfb", "-displayfd", str(write), *screen]
    with open(folder / "xvfb.log", "wb") as log:
        server = subprocess.Popen(command, pass_fds=[write], stderr=log)
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        yield Display(f":{number}")
    finally:
        server.terminate()
        server.wait(10)

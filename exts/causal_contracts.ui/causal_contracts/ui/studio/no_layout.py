# SPDX-License-Identifier: Apache-2.0
"""The standalone omni.ui keeps no layout of windows: it would leave imgui.ini wherever one starts.

omni.ui has no setting for it, so that Dear ImGui, with which it draws, is asked itself.
"""

from __future__ import annotations

import ctypes
import os

LIBRARY = "libovui.so.3"
VERSION = b"1.92.7"
"""Of Dear ImGui, whose layout in memory is known."""
FILE_AT = 32
"""Where `ImGuiIO` has the name of the file [bytes]."""
FILE = b"imgui.ini"
_VERSION_OF, _IO_OF = "_ZN5ImGui10GetVersionEv", "_ZN5ImGui5GetIOEv"


def keep_no_layout() -> bool:
    """Call after the UI has started; returns False, and does nothing, where it is another one."""
    try:
        # The copy that draws, and never another one, which would have settings of its own.
        library = ctypes.CDLL(LIBRARY, mode=os.RTLD_NOLOAD)
        version_of, io_of = library[_VERSION_OF], library[_IO_OF]
    except (OSError, AttributeError):
        return False
    version_of.restype, io_of.restype = ctypes.c_char_p, ctypes.c_void_p
    if version_of() != VERSION:
        return False
    name = ctypes.c_char_p.from_address(io_of() + FILE_AT)
    if name.value == FILE:
        name.value = None
    return name.value is None

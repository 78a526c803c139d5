# SPDX-License-Identifier: Apache-2.0
"""What lies behind a dialog grows darker: the standalone omni.ui washes it out in light grey.

omni.ui has no style for it, so that Dear ImGui, with which it draws, is asked itself. Kit has its
own colours and never comes here.
"""

from __future__ import annotations

import ctypes
import os

LIBRARY = "libovui.so.3"
NAME = b"ModalWindowDimBg"
SHADE = 0.04, 0.045, 0.045, 0.55
"""Red, green, blue, and how much of them."""
_NAME_OF, _COLOUR_OF = "_ZN5ImGui17GetStyleColorNameEi", "_ZN5ImGui17GetStyleColorVec4Ei"
MOST = 100
"""Colours that are looked through."""


def darken_behind_dialogs() -> None:
    """Call after the UI has started; does nothing where the library is another one."""
    try:
        # The copy that draws, and never another one, which would have colours of its own.
        library = ctypes.CDLL(LIBRARY, mode=os.RTLD_NOLOAD)
        name_of, colour_of = library[_NAME_OF], library[_COLOUR_OF]
    except (OSError, AttributeError):
        return
    name_of.restype, colour_of.restype = ctypes.c_char_p, ctypes.POINTER(ctypes.c_float * 4)
    for index in range(MOST):
        name = name_of(index)
        if name == b"Unknown":
            return
        if name == NAME:
            colour_of(index).contents[:] = SHADE
            return

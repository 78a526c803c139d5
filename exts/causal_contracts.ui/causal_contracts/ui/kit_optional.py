# SPDX-License-Identifier: Apache-2.0
"""The name of one of Kit's modules in, the module or None out; what is off is logged once."""

# pyright: reportMissingImports=false
# No stubs of Kit are published.

from __future__ import annotations

import importlib
from typing import Any

import carb

_told: set[str] = set()


def optional(module: str, off: str) -> Any | None:
    """The module, or None where no enabled extension brings it.

    Args:
        module: e.g. ``omni.kit.commands``.
        off: what the author misses without it, for the log.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as fault:
        if not f"{module}.".startswith(f"{fault.name}."):
            raise  # it is there, and lacks something itself
    if module not in _told:
        _told.add(module)
        carb.log_warn(f"causal_contracts.ui: {module} is not enabled here: {off}")
    return None

# SPDX-License-Identifier: Apache-2.0
"""What USD throws about a corrupt file to an issue that names the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps

from pxr import Tf, Usd

from .issue import ContractError, error


def told[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Turn what USD throws about a corrupt file into a ContractError that names the file.

    USD reads values when they are asked for, so that this may happen long after opening. The
    first argument of `function` is the stage or the path.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (Tf.ErrorException, UnicodeDecodeError, MemoryError) as fault:
            source = args[0] if args else next(iter(kwargs.values()))
            if isinstance(source, Usd.Stage):
                source = source.GetRootLayer().realPath or source.GetRootLayer().identifier
            what = f"cannot be read: {within(reason_of(fault))}"
            raise ContractError(
                error(str(source), what, "mend or export the file again")
            ) from fault

    return run


def reason_of(fault: Exception) -> str:
    """The first thing that USD complains of, without its source files and line numbers."""
    if isinstance(fault, MemoryError):
        return "it asks for more memory than there is"
    try:
        text = str(fault)
    except UnicodeDecodeError:  # USD quotes the file, and the file is no UTF-8
        return "no UTF-8 text"
    found = re.search(r"Error in .*? in file \S+ : '(.*?)'?\s*(?:Error in|\Z)", text, re.DOTALL)
    return found[1].strip() if found else "it is not valid USD"


def within(text: str) -> str:
    """As much of what USD says as people read."""
    return text if len(text) <= 300 else text[:297] + "..."

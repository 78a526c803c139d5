# SPDX-License-Identifier: Apache-2.0
"""The fields of `Settings` to options of a command, which gets them as one value."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Signature, signature
from typing import Any

from .settings import Settings


def takes_settings[R](run: Callable[..., R]) -> Callable[..., R]:
    """The command with an option for each field of `Settings`, in place of its `settings`."""
    options = signature(Settings, eval_str=True).parameters
    own = signature(run, eval_str=True).parameters.values()
    every = [
        each for one in own for each in (options.values() if one.name == "settings" else [one])
    ]

    @wraps(run)
    def call(**given: Any) -> R:
        settings = Settings(**{name: given.pop(name) for name in options})
        return run(settings=settings, **given)

    vars(call)["__signature__"] = Signature(every)  # what typer reads
    return call

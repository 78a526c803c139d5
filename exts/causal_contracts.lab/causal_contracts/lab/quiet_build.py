# SPDX-License-Identifier: Apache-2.0
"""Isaac Lab's prints off stdout, and what Warp compiles as progress."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator

import warp as wp


class _CompileWatch:
    """A Warp logger that passes on compilations and warnings, and drops the rest."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self.progress = progress
        self.compiled = 0

    def debug(self, message: str) -> None:
        del message

    def info(self, message: str) -> None:
        if "(compiled)" in message:
            self.compiled += 1
            self.progress(
                f"Compiling Warp kernels, first time only ({self.compiled} modules so far) ..."
            )

    def warning(self, message: str, category: type | None = None, stacklevel: int = 1) -> None:
        del message, category, stacklevel

    def error(self, message: str) -> None:
        self.progress(f"Warp: {message}")


def announce_compilations() -> None:
    """Undo what importing Isaac Lab does: it turns Warp's messages off."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        wp.config.quiet = False
        wp.config.log_level = wp.LOG_INFO


@contextlib.contextmanager
def quiet_build(progress: Callable[[str], None]) -> Iterator[None]:
    """Inside, Isaac Lab is silent up to errors and `progress` hears of each compiled module."""
    logger = wp.get_logger()
    wp.set_logger(_CompileWatch(progress))
    chatter = [logging.getLogger(name) for name in ("isaaclab", "isaaclab_newton")]
    levels = [each.level for each in chatter]
    try:
        for each in chatter:
            each.setLevel(logging.ERROR)
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        for each, level in zip(chatter, levels, strict=True):
            each.setLevel(level)
        wp.set_logger(logger)
        # Modules that load later would announce themselves on stdout.
        wp.config.log_level = max(wp.config.log_level, wp.LOG_WARNING)

# SPDX-License-Identifier: Apache-2.0
"""The files that were opened last, kept in the settings; the newest first."""

from __future__ import annotations

from pathlib import Path

from ..host import Host

MOST = 8


def recent_files(host: Host) -> list[Path]:
    """Those that are still there."""
    paths = [Path(one) for one in host.setting("recent", [])]
    return [one for one in paths if one.is_file()]


def remember(host: Host, path: Path) -> None:
    """Put a file first."""
    kept = [one for one in host.setting("recent", []) if one != str(path)]
    host.set_setting("recent", [str(path), *kept][:MOST])

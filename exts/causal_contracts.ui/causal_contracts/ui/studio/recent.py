# SPDX-License-Identifier: Apache-2.0
"""The files that were opened last, kept in the settings; the newest first."""

from __future__ import annotations

from pathlib import Path

from ..host import Host

MOST = 8
ASSETS = "recent"
"""The setting with the stages that were opened."""


def recent_files(host: Host, kind: str = ASSETS) -> list[Path]:
    """Those that are still there, of one setting."""
    paths = [Path(one) for one in host.setting(kind, [])]
    return [one for one in paths if one.is_file()]


def remember(host: Host, path: Path, kind: str = ASSETS) -> None:
    """Put a file first."""
    kept = [one for one in host.setting(kind, []) if one != str(path)]
    host.set_setting(kind, [str(path), *kept][:MOST])

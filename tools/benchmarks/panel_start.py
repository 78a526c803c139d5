# SPDX-License-Identifier: Apache-2.0
"""An asset in Studio up to its first frame: when that was drawn, and what was read for it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(asset: Path) -> None:
    """Print one line of JSON."""
    from causal_contracts.ui.studio.window import StudioWindow, run
    from causal_contracts.ui.studio_host import StudioHost
    from omni.ui import testing

    seen: dict[str, object] = {}
    host = StudioHost()
    host.open(asset)

    async def first(window: StudioWindow) -> None:
        await testing.next_frame()
        host.frame()
        seen.update(drawn_at=time.time(), cpu_s=time.process_time())

    run(host, (420, 700), first)
    print(json.dumps({**seen, "files": sorted(_read())}))


def _read() -> set[str]:
    """Files of the modules and libraries that are loaded."""
    found = {getattr(one, "__file__", None) for one in [*sys.modules.values()]}
    found |= {getattr(one, "__cached__", None) for one in [*sys.modules.values()]}
    maps = Path("/proc/self/maps").read_text().splitlines()
    found |= {fields[5] for line in maps if len(fields := line.split(maxsplit=5)) == 6}
    return {name for name in found if name and name.startswith("/")}


if __name__ == "__main__":
    main(Path(sys.argv[1]))

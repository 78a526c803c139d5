# SPDX-License-Identifier: Apache-2.0
"""An asset previewed in the real panel at full speed: memory of both processes over time."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from causal_contracts.ui.studio.window import StudioWindow, run
from causal_contracts.ui.studio_host import StudioHost

from .live import resident
from .panel_frames import SIZE, Bench


def main(asset: Path, clones: int, minutes: float) -> None:
    """Print one line of JSON: MB after a tenth of the simulated minutes, and after all."""
    host = StudioHost()
    host.open(asset)
    seen: dict[str, float] = {"minutes": minutes, "clones": clones}

    async def during(window: StudioWindow) -> None:
        bench = Bench(window, clones, {"main_ms": 0.0})
        live = bench.live
        live.set_speed(None)
        await bench.play()
        for name, share in (("first", 0.1), ("last", 1.0)):
            wanted = share * minutes * 60
            await bench.until(
                lambda at=wanted: live.frame is not None and live.frame.time >= at, patience=1e9
            )
            assert live.client is not None
            seen[f"worker_{name}_mb"] = resident(live.client.pid)
            seen[f"panel_{name}_mb"] = resident(os.getpid())

    run(host, SIZE, during)
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))

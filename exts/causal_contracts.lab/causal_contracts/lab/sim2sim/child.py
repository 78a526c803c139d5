# SPDX-License-Identifier: Apache-2.0
"""A folder with a task to one engine's report and positions in it; a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
from causal_contracts.core.issue import ContractError
from causal_contracts.preview.episode import preview_asset
from causal_contracts.preview.quiet_start import start_warp

from .run import ISSUES, POSITIONS, REPORT, SAYS, TASK, Task


def main(folder: Path) -> int:
    """Run the task; the exit code is 2 where the input is bad, and `ISSUES` says how."""
    task = msgspec.json.decode((folder / TASK).read_bytes(), type=Task)
    start_warp()
    try:
        seen = preview_asset(
            task.asset,
            settings=task.settings,
            couplings=task.couplings,
            articulation=task.articulation,
            progress=_say,
        )
    except ContractError as fault:
        (folder / ISSUES).write_bytes(msgspec.json.encode(fault.issues))
        return 2
    names = seen.recording.joint_names
    (folder / REPORT).write_bytes(msgspec.json.encode((seen.report, names)))
    np.save(folder / POSITIONS, seen.recording.positions)
    return 0


def _say(line: str) -> None:
    print(f"{SAYS}{line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

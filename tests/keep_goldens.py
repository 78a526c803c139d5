# SPDX-License-Identifier: Apache-2.0
"""Names of states of the panel to pictures in tests/goldens; all where none is named."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from panel_process import child
from picture_difference import keep

TESTS = Path(__file__).resolve().parent
GOLDENS = TESTS / "goldens"


def main(names: list[str]) -> int:
    """Exit code 1 where one could not be drawn; that one stays as it was."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        done = child(folder, TESTS / "panel_pictures.py", folder, *names)
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
            return 1
        for picture in sorted(folder.glob("*.png")):
            keep(picture, GOLDENS / picture.name)
            print(GOLDENS / picture.name)
        faults = json.loads(done.stdout.splitlines()[-1])
    for name, fault in faults.items():
        print(f"{name}:\n{fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

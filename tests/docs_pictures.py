# SPDX-License-Identifier: Apache-2.0
"""A folder to the pictures of the panel that the README and the extension's pages show."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path

from picture_difference import keep

ROOT = Path(__file__).resolve().parents[1]
UI = Path("exts/causal_contracts.ui")
PLACES = {
    "panel": UI / "docs/panel.png",
    "preview": UI / "docs/preview.png",
    "import": UI / "docs/import.png",
    "clones": UI / "docs/clones.png",
    "newton": UI / "docs/newton.png",
    "extension": UI / "data/preview.png",
}
"""Names of the pictures, and where the repository keeps them."""
EXAMPLES = """\
The runs are real: PhysX moves the clones, with seed 0, and Newton those of "newton".
omni.ui draws off-screen.

examples:
  tools/screenshots                            all of them, in their places
  tools/screenshots preview clones             these
  tools/screenshots --out /tmp/pictures        somewhere else, to compare"""


def main() -> int:
    """Exit code 1 where one could not be drawn."""
    parser = argparse.ArgumentParser(
        prog="tools/screenshots",
        description="Draw the pictures of the panel that the README and the docs show.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", choices=[[], *PLACES], metavar="NAME", help=_names())
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write NAME.png there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        faults = _draw(given.names or [*PLACES], folder)
        for picture in sorted(folder.glob("*.png")):
            place = given.out / picture.name if given.out else ROOT / PLACES[picture.stem]
            keep(picture, place)
            print(place)
    for name, fault in faults.items():
        print(f"{name}:\n{fault}", file=sys.stderr)
    return 1 if faults else 0


def _names() -> str:
    return ", ".join(PLACES)


def _draw(names: list[str], folder: Path) -> dict[str, str]:
    """In a process of its own, which omni.ui ends with."""
    from panel_process import child

    done = child(folder, Path(__file__).resolve(), "--draw", folder, *names, patience=900)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def _drawn(folder: Path, names: list[str]) -> dict[str, str]:
    from panel_pictures import (
        NARROW,
        TALL,
        WIDE,
        Shot,
        difference,
        draw_all,
        in_space,
        on_newton,
        running,
    )

    shots = {
        "panel": Shot("microwave", NARROW),
        "preview": Shot("stove", WIDE, partial(running, seconds=3.5)),
        "import": Shot("stove", WIDE, difference),
        "clones": Shot("microwave", TALL, partial(in_space, seconds=6.0)),
        "newton": Shot("stove", WIDE, partial(on_newton, seconds=3.5)),
        "extension": Shot("microwave", (1280, 640), partial(running, seconds=6.0)),
    }
    return draw_all({name: shots[name] for name in names}, folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--draw"]:
        print("\n" + json.dumps(_drawn(Path(sys.argv[2]), sys.argv[3:])))
        sys.exit(0)
    sys.exit(main())

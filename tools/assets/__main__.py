# SPDX-License-Identifier: Apache-2.0
"""Writes data/NAME/NAME.usda for each sample asset; --check only says which are not current."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import car
import coffee_maker
import microwave
import stove
from bodies import Asset

DATA = Path(__file__).resolve().parents[2] / "data"
ASSETS: dict[str, Callable[[], Asset]] = {
    "car": car.build,
    "coffee_maker": coffee_maker.build,
    "microwave": microwave.build,
    "stove": stove.build,
}


def main() -> int:
    """Exit code: 0, or 1 when --check found a file that differs."""
    parser = argparse.ArgumentParser(prog="python tools/assets", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when a file is not current"
    )
    check = parser.parse_args().check
    texts = {DATA / name / f"{name}.usda": build().text() for name, build in ASSETS.items()}
    stale = [path for path, text in texts.items() if not _current(path, text, check=check)]
    for path in stale:
        state = "not current; run python tools/assets" if check else "written"
        print(f"{path.relative_to(DATA.parent)}: {state}")
    return 1 if check and stale else 0


def _current(path: Path, text: str, *, check: bool) -> bool:
    """True when the file already holds the text; else it is written, unless only checked."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return True
    if not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return False


if __name__ == "__main__":
    sys.exit(main())

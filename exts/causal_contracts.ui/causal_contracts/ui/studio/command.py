# SPDX-License-Identifier: Apache-2.0
"""The command of Studio: an asset to a window with the panel, or to a picture of it."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from causal_contracts.core.issue import ContractError

from ..studio_host import StudioHost

EXAMPLES = """\
examples:
  tools/studio                                        an empty window, which says what to do
  tools/studio data/microwave/microwave.usda          author the microwave's contracts
  tools/studio data/car/car.usda --headless --png car.png
  tools/studio data/car/car.usda --headless --png wide.png --size 1280x720
  tools/studio data/car/car.usda --headless --png large.png --size 3840x2160 --scale 2
  tools/studio data/stove/stove.usda --headless --png stove.png --preview 3

Edits stay in memory until Save; they can be undone until the window is closed."""
MISSING = (
    "omni.ui cannot be loaded ({fault}).\n"
    "  run: tools/setup studio   (it also names the system packages that are missing)"
)

NO_WINDOW = (
    "no window can be opened here ({fault}).\n"
    "  without a display: tools/studio ASSET --headless --png FILE"
)


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0; 2 for an asset that cannot be read or a machine that cannot draw; or 128 and
    the number of the signal that ended it."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.preview is not None and given.png is None:
        parser.error("--preview goes with --png FILE: in a window, choose Play")
    if given.scale != 1.0 and not given.headless:
        parser.error("--scale goes with --headless: in a window, the display's own scale counts")
    if given.headless and given.png is None:
        parser.error("--headless draws nothing that can be seen: add --png FILE")
    host = StudioHost()
    try:
        if given.asset is not None:
            host.open(given.asset)
    except ContractError as fault:
        return _fail(str(fault))
    if given.headless:
        os.environ["OMNIUI_HEADLESS"] = "1"
    elif given.png is None:
        os.environ.pop("OMNIUI_HEADLESS", None)  # nobody would see the window, nor end it
    return _show(host, given, given.png.resolve() if given.png else None)


def _show(host: StudioHost, given: argparse.Namespace, png: Path | None) -> int:
    try:
        from .system_window import NoWindowError
        from .window import author, picture
    except ImportError as fault:
        return _fail(MISSING.format(fault=fault))
    try:
        if png is None:
            return author(host, given.size)
        drawn = picture(host, given.size, png, preview=given.preview, scale=given.scale)
    except NoWindowError as fault:
        return _fail(NO_WINDOW.format(fault=fault))
    if not drawn:
        return _fail(f"{png} could not be written: is its folder there?")
    print(png)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tools/studio",
        description="The panel that authors contracts, without Isaac Sim.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("asset", nargs="?", type=_file, metavar="ASSET", help="a USD file")
    parser.add_argument("--headless", action="store_true", help="draw without a display")
    parser.add_argument("--png", type=Path, metavar="FILE", help="write one picture and end")
    parser.add_argument(
        "--size", type=_size, default=(420, 700), metavar="WxH", help="in pixels (420x700)"
    )
    parser.add_argument(
        "--scale", type=_scale, default=1.0, metavar="N", help="draw everything N times as large"
    )
    parser.add_argument(
        "--preview", type=_seconds, metavar="SECONDS", help="let the live preview run so long first"
    )
    return parser


def _scale(text: str) -> float:
    if re.fullmatch(r"\d(\.\d+)?", text) is None or not 0.5 <= float(text) <= 4:
        raise argparse.ArgumentTypeError(f"'{text}' is no scale: write a number from 0.5 to 4")
    return float(text)


def _seconds(text: str) -> float:
    if re.fullmatch(r"\d+(\.\d+)?", text) is None or float(text) > 600:
        raise argparse.ArgumentTypeError(f"'{text}' is no time: write seconds, up to 600")
    return float(text)


def _file(text: str) -> Path:
    return Path(text).resolve()


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)x(\d+)", text)
    if found is None or min(size := (int(found[1]), int(found[2]))) < 100:
        raise argparse.ArgumentTypeError(f"'{text}' is no size: write e.g. 420x700")
    return size


def _fail(text: str) -> int:
    print(f"error: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

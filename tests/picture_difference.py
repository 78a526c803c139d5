# SPDX-License-Identifier: Apache-2.0
"""Two pictures to the number of their blocks that differ, and to a picture of where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

BLOCK = 8
"""Side [pixels]; its mean takes no notice of how a driver smooths an edge."""
LEVELS = 16
"""Of 255, by which the mean of a block may differ in each colour."""
STILL, RUN = 3, 12
"""Blocks that may differ nevertheless: a caret that blinks; a pixel here and there of a run."""
LARGEST = 2000
"""Wider pictures are kept at half their size."""


def load(path: Path) -> np.ndarray:
    """Colours, uint8, shape (height, width, 3); of large pictures at half their size."""
    image = Image.open(path).convert("RGB")
    return np.asarray(image.reduce(2) if image.width > LARGEST else image)


def keep(picture: Path, golden: Path) -> None:
    """Write a new picture as the one that is kept, large ones at half their size."""
    golden.parent.mkdir(exist_ok=True)
    Image.fromarray(load(picture)).save(golden, optimize=True)


def difference(expected: np.ndarray, found: np.ndarray) -> tuple[int, np.ndarray]:
    """Blocks that differ, and `found` with the rest of it dark; all of them for another size."""
    if expected.shape != found.shape:
        return found.shape[0] * found.shape[1] // BLOCK**2, found
    apart = np.abs(_means(expected) - _means(found)).max(axis=2) > LEVELS
    lit = np.kron(apart, np.ones((BLOCK, BLOCK), dtype=bool))
    shown = found // 4
    height, width = found.shape[0] // BLOCK * BLOCK, found.shape[1] // BLOCK * BLOCK
    shown[:height, :width][lit] = found[:height, :width][lit]
    return int(apart.sum()), shown


def _means(pixels: np.ndarray) -> np.ndarray:
    rows, columns = pixels.shape[0] // BLOCK, pixels.shape[1] // BLOCK
    cut = pixels[: rows * BLOCK, : columns * BLOCK].astype(np.float32)
    return cut.reshape(rows, BLOCK, columns, BLOCK, 3).mean(axis=(1, 3))

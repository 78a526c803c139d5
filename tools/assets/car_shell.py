# SPDX-License-Identifier: Apache-2.0
"""The car's standing hull: lower body, cabin, load space; its measures and colours."""

import numpy as np
from bodies import Link
from shapes import (
    FACING_BACK,
    Mesh,
    axes,
    frame,
    level,
    loft,
    polygon,
    prism,
    rectangle,
    rounded_box,
    station,
    unit,
)

PAINT, DEEP, CLAD, GLASS, CHROME, TYRE, LINING = (
    "#f2a93b",
    "#d98f24",
    "#2b2f34",
    "#1d252c",
    "#d3d7da",
    "#191b1e",
    "#34393f",
)
LAMP, RED, AMBER = "#fff6dc", "#d8342b", "#f78f2b"
REAR, BELT, ROOF = -1.86, 0.93, 1.47
"""Rear plane x, window sill z, roof z [m]."""
SILL, RISE = (REAR, 0.0, BELT), (0.30, ROOF - BELT)
"""Lower edge of the rear window; its way forward and up [m]."""
SLOPE = axes((0, -1, 0), (-RISE[1], 0, RISE[0]))
"""Frame of the rear window: x to the right of who stands behind, z out of the car."""
STATIONS = (
    (-1.86, 0.80, 0.30, 0.93, 0.15),
    (-1.7, 0.85, 0.27, 0.945, 0.11),
    (-1.2, 0.865, 0.25, 0.95, 0.1),
    (0.0, 0.865, 0.24, 0.95, 0.1),
    (0.75, 0.865, 0.25, 0.945, 0.12),
    (1.25, 0.855, 0.26, 0.885, 0.17),
    (1.68, 0.81, 0.28, 0.81, 0.2),
    (1.88, 0.74, 0.31, 0.74, 0.19),
    (1.96, 0.66, 0.36, 0.66, 0.14),
)
"""Lower body: (x, half width, bottom z, top z, corner radius) [m]."""
CABIN = (
    (0.0, 0.0, 1.0),
    (0.06, 0.03, 1.03),
    (1.2, 0.9, 1.045),
    (2.7, 1.78, 1.02),
    (2.76, 1.82, 0.98),
)
"""Cabin: (way forward of sill, of roof [m], width factor), from the rear window on."""


def show(base: Link) -> None:
    """All of it."""
    _lower_body(base)
    _cabin(base)
    _load_space(base)


def section(x: float, half: float, low: float, high: float, radius: float) -> np.ndarray:
    outline = polygon(
        [(-half, low), (half, low), (half, high), (-half, high)],
        [radius * 0.6, radius * 0.6, radius, radius],
        4,
    )
    return station(outline, x)


def _lower_body(base: Link) -> None:
    base.show(
        "lower_body", loft([section(*station) for station in STATIONS], caps=(False, True)), PAINT
    )
    belly = [(x, half * 0.985, low - 0.03, 0.36, 0.05) for x, half, low, _, _ in STATIONS]
    base.show("belly", loft([section(*station) for station in belly]), CLAD)


def _window_ring(sill: float, roof: float, width: float) -> np.ndarray:
    outline = polygon(
        [(-0.68, 0), (0.68, 0), (0.56, 1), (-0.56, 1)], [0.02, 0.02, 0.12, 0.12], 5
    ) * (width, 1)
    up = outline[:, 1] * (ROOF - BELT + 0.03 * (width - 1) / 0.045)
    ahead = sill + (RISE[0] + roof - sill) * outline[:, 1]
    return np.column_stack((REAR + ahead, outline[:, 0], BELT + up))


def _cabin(base: Link) -> None:
    rings = [_window_ring(sill, roof, width) for sill, roof, width in CABIN]
    base.show("cabin_glass", loft(rings, caps=(False, True)), GLASS)
    roof = polygon([(-1.57, -0.53), (0.25, -0.54), (0.25, 0.54), (-1.57, 0.53)], 0.1, 4)
    base.show("roof", prism(roof, 0.055, 0.03, 2).moved(z=ROOF - 0.02), PAINT)
    for side in (1, -1):
        name = "left" if side > 0 else "right"
        base.show(
            f"pillar_front_{name}",
            _pillar((0.86, 0.69 * side, BELT), (0.21, 0.545 * side, ROOF - 0.005), 0.05),
            PAINT,
        )
        base.show(
            f"pillar_middle_{name}",
            _pillar((-0.5, 0.715 * side, BELT), (-0.54, 0.575 * side, ROOF), 0.07),
            CLAD,
        )
        base.show(
            f"pillar_rear_{name}",
            _pillar(
                (REAR + 0.08, 0.675 * side, BELT), (REAR + RISE[0] + 0.07, 0.55 * side, ROOF), 0.16
            ),
            PAINT,
        )
        base.show(
            f"roof_rail_{name}",
            rounded_box(1.3, 0.03, 0.03, 0.013).moved(-0.6, 0.5 * side, ROOF + 0.05),
            CLAD,
        )


def _pillar(
    foot: tuple[float, float, float], head: tuple[float, float, float], width: float
) -> Mesh:
    way = np.array(head) - np.array(foot)
    outline = rectangle(width, 0.05, 0.02, 2)
    across = unit(np.array((1.0, 0.0, -way[0] / way[2])))
    out = np.cross(unit(way), across)
    ring = lambda at: np.array(at) + outline[:, :1] * across + outline[:, 1:] * out  # noqa: E731
    return loft([ring(foot), ring(head)])


def _load_space(base: Link) -> None:
    outer = polygon(
        [(-0.80, 0.30), (0.80, 0.30), (0.80, 0.93), (-0.80, 0.93)], [0.09, 0.09, 0.15, 0.15], 4
    )
    hole = polygon([(-0.58, 0.5), (0.58, 0.5), (0.58, 0.89), (-0.58, 0.89)], 0.05, 4)
    base.show("rear_wall", frame(outer, hole, 0.02, 0.004).turned(FACING_BACK).moved(REAR), DEEP)
    far = (hole - hole.mean(axis=0)) * 0.92 + hole.mean(axis=0)
    rings = [station(hole, REAR), station(far, REAR + 0.7)]
    base.show(
        "load_space",
        loft(rings, caps=(False, True), inside_out=True),
        LINING,
    )
    base.show(
        "parcel_shelf",
        rounded_box(0.62, 1.12, 0.036, 0.016).moved(REAR + 0.36, 0, BELT + 0.02),
        LINING,
    )
    base.show("case", rounded_box(0.34, 0.5, 0.24, 0.03).moved(REAR + 0.24, 0.22, 0.64), "#4f9a94")
    base.show("bag", rounded_box(0.26, 0.3, 0.28, 0.07).moved(REAR + 0.22, -0.28, 0.66), "#b5543f")
    opening = polygon([(-0.57, 0.03), (0.57, 0.03), (0.49, 0.59), (-0.49, 0.59)], 0.06, 5)
    rim = polygon(
        [(-0.68, 0), (0.68, 0), (0.56, 0.618), (-0.56, 0.618)], [0.02, 0.02, 0.07, 0.07], 5
    )
    base.show("window_frame", frame(rim, opening, 0.02, 0.004).turned(SLOPE).moved(*SILL), DEEP)
    far = (opening - opening.mean(axis=0)) * 0.85 + opening.mean(axis=0)
    rings = [
        level(far, -0.55) @ SLOPE.T + np.array(SILL),
        level(opening, 0) @ SLOPE.T + np.array(SILL),
    ]
    base.show(
        "cabin_lining",
        loft(rings, caps=(True, False), inside_out=True),
        "#4a5058",
    )

# SPDX-License-Identifier: Apache-2.0
"""The car's parts that stand still: lower body, cabin, load space, wheels, lamps."""

from functools import reduce
from operator import add

import numpy as np
from bodies import Link
from shapes import FACING_BACK, FACING_X, FACING_Y, Mesh, axes, circle, frame, lathe, loft, polygon, prism, rectangle, rounded_box, torus, tube, unit

PAINT, DEEP, CLAD, GLASS, CHROME, TYRE, LINING = "#f2a93b", "#d98f24", "#2b2f34", "#1d252c", "#d3d7da", "#191b1e", "#34393f"
LAMP, RED, AMBER = "#fff6dc", "#d8342b", "#f78f2b"
REAR, BELT, ROOF = -1.86, 0.93, 1.47
"""Rear plane x, window sill z, roof z [m]."""
SILL, RISE = (REAR, 0.0, BELT), (0.30, ROOF - BELT)
"""Lower edge of the rear window; its way forward and up [m]."""
SLOPE = axes((0, -1, 0), (-RISE[1], 0, RISE[0]))
"""Frame of the rear window: x to the right of who stands behind, z out of the car."""
WHEELS = ((1.22, 1), (1.22, -1), (-1.2, 1), (-1.2, -1))
STATIONS = (
    (-1.86, 0.80, 0.30, 0.93, 0.15), (-1.7, 0.85, 0.27, 0.945, 0.11), (-1.2, 0.865, 0.25, 0.95, 0.1), (0.0, 0.865, 0.24, 0.95, 0.1),
    (0.75, 0.865, 0.25, 0.945, 0.12), (1.25, 0.855, 0.26, 0.885, 0.17), (1.68, 0.81, 0.28, 0.81, 0.2), (1.88, 0.74, 0.31, 0.74, 0.19),
    (1.96, 0.66, 0.36, 0.66, 0.14),
)  # fmt: skip
"""Lower body: (x, half width, bottom z, top z, corner radius) [m]."""
CABIN = ((0.0, 0.0, 1.0), (0.06, 0.03, 1.03), (1.2, 0.9, 1.045), (2.7, 1.78, 1.02), (2.76, 1.82, 0.98))
"""Cabin: (way forward of sill, of roof, width factor) [m, m, 1]; the rear one lies in the rear window."""


def show(base: Link) -> None:
    """All of it."""
    _lower_body(base)
    _cabin(base)
    _load_space(base)
    for index, (x, side) in enumerate(WHEELS):
        _wheel(base, index, x, side)
    _front(base)
    _rear(base)
    _sides(base)


def _section(x: float, half: float, low: float, high: float, radius: float) -> np.ndarray:
    outline = polygon([(-half, low), (half, low), (half, high), (-half, high)], [radius * 0.6, radius * 0.6, radius, radius], 4)
    return np.column_stack((np.full(len(outline), x), outline))


def _lower_body(base: Link) -> None:
    base.show("lower_body", loft([_section(*station) for station in STATIONS], caps=(False, True)), PAINT)
    belly = [(x, half * 0.985, low - 0.03, 0.36, 0.05) for x, half, low, _, _ in STATIONS]
    base.show("belly", loft([_section(*station) for station in belly]), CLAD)


def _window_ring(sill: float, roof: float, width: float, grow: float = 0.0) -> np.ndarray:
    outline = polygon([(-0.68, 0), (0.68, 0), (0.56, 1), (-0.56, 1)], [0.02, 0.02, 0.12, 0.12], 5) * (width, 1)
    up = outline[:, 1] * (ROOF - BELT + 0.03 * (width - 1) / 0.045)
    ahead = sill + (RISE[0] + roof - sill) * outline[:, 1]
    return np.column_stack((REAR + ahead, outline[:, 0] * (1 + grow), BELT + up))


def _cabin(base: Link) -> None:
    rings = [_window_ring(sill, roof, width) for sill, roof, width in CABIN]
    base.show("cabin_glass", loft(rings, caps=(False, True)), GLASS)
    roof = polygon([(-1.57, -0.53), (0.25, -0.54), (0.25, 0.54), (-1.57, 0.53)], 0.1, 4)
    base.show("roof", prism(roof, 0.055, 0.03, 2).moved(z=ROOF - 0.02), PAINT)
    for side in (1, -1):
        name = "left" if side > 0 else "right"
        base.show(f"pillar_front_{name}", _pillar((0.86, 0.69 * side, BELT), (0.21, 0.545 * side, ROOF - 0.005), 0.05), PAINT)
        base.show(f"pillar_middle_{name}", _pillar((-0.5, 0.715 * side, BELT), (-0.54, 0.575 * side, ROOF), 0.07), CLAD)
        base.show(f"pillar_rear_{name}", _pillar((REAR + 0.08, 0.675 * side, BELT), (REAR + RISE[0] + 0.07, 0.55 * side, ROOF), 0.16), PAINT)
        base.show(f"roof_rail_{name}", rounded_box(1.3, 0.03, 0.03, 0.013).moved(-0.6, 0.5 * side, ROOF + 0.05), CLAD)


def _pillar(foot: tuple[float, float, float], head: tuple[float, float, float], width: float):
    way = np.array(head) - np.array(foot)
    outline = rectangle(width, 0.05, 0.02, 2)
    across = unit(np.array((1.0, 0.0, -way[0] / way[2])))
    out = np.cross(unit(way), across)
    ring = lambda at: np.array(at) + outline[:, :1] * across + outline[:, 1:] * out  # noqa: E731
    return loft([ring(foot), ring(head)])


def _load_space(base: Link) -> None:
    outer = polygon([(-0.80, 0.30), (0.80, 0.30), (0.80, 0.93), (-0.80, 0.93)], [0.09, 0.09, 0.15, 0.15], 4)
    hole = polygon([(-0.58, 0.5), (0.58, 0.5), (0.58, 0.89), (-0.58, 0.89)], 0.05, 4)
    base.show("rear_wall", frame(outer, hole, 0.02, 0.004).turned(FACING_BACK).moved(REAR), DEEP)
    ring = lambda x, size: np.column_stack((np.full(len(hole), x), (hole - (0, 0.695)) * size + (0, 0.695)))  # noqa: E731
    base.show("load_space", loft([ring(REAR, 1), ring(REAR + 0.7, 0.92)], caps=(False, True), inside_out=True), LINING)
    base.show("parcel_shelf", rounded_box(0.62, 1.12, 0.036, 0.016).moved(REAR + 0.36, 0, BELT + 0.02), LINING)
    base.show("case", rounded_box(0.34, 0.5, 0.24, 0.03).moved(REAR + 0.24, 0.22, 0.64), "#4f9a94")
    base.show("bag", rounded_box(0.26, 0.3, 0.28, 0.07).moved(REAR + 0.22, -0.28, 0.66), "#b5543f")
    opening = polygon([(-0.57, 0.03), (0.57, 0.03), (0.49, 0.59), (-0.49, 0.59)], 0.06, 5)
    rim = polygon([(-0.68, 0), (0.68, 0), (0.56, 0.618), (-0.56, 0.618)], [0.02, 0.02, 0.07, 0.07], 5)
    base.show("window_frame", frame(rim, opening, 0.02, 0.004).turned(SLOPE).moved(*SILL), DEEP)
    flat = lambda size, depth: (np.column_stack(((opening - (0, 0.3)) * size + (0, 0.3), np.full(len(opening), -depth))) @ SLOPE.T) + SILL  # noqa: E731
    base.show("cabin_lining", loft([flat(0.85, 0.55), flat(1, 0)], caps=(True, False), inside_out=True), "#4a5058")


def _wheel(base: Link, index: int, x: float, side: int) -> None:
    """Every part is the same seen from inside and outside, so the four wheels share their meshes."""

    def show(name: str, mesh: Mesh, y: float, height: float) -> None:
        placed = mesh.moved(z=-height / 2).turned(FACING_Y).moved(x, side * y, 0.33)
        base.show(f"{name}_{index}", placed, TYRE if name in ("arch", "tyre") else CLAD if name in ("flare", "dish") else CHROME)

    span = np.radians(np.linspace(-14, 194, 17))
    arc = 0.385 * np.column_stack((np.cos(span), np.sin(span)))
    tyre = [(0.215, 0.0), (0.29, 0.0), (0.32, 0.015), (0.33, 0.05), (0.33, 0.16), (0.32, 0.195), (0.29, 0.21), (0.215, 0.21)]
    show("arch", prism(arc, 0.02, 0.0), 0.862, 0.02)
    show("flare", tube([(ahead, up, 0.0) for ahead, up in arc], 0.026, (0, 0, 1)), 0.866, 0.0)
    show("tyre", lathe(tyre, 30), 0.795, 0.21)
    show("dish", prism(circle(0.22, 24), 0.17, 0.0), 0.775, 0.17)
    show("rim", torus(0.208, 0.014, 26, 5), 0.888, 0.0)
    show("hub", prism(circle(0.05, 18), 0.03, 0.008), 0.883, 0.03)
    spokes = [rounded_box(0.2, 0.05, 0.024, 0.01, 1).moved(0.105).turned(_spoke(angle)) for angle in range(90, 450, 72)]
    show("spokes", reduce(add, spokes), 0.878, 0.0)


def _spoke(degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return axes((np.cos(angle), np.sin(angle), 0), (0, 0, 1))


def _front(base: Link) -> None:
    base.show("bumper_front", loft([_section(x, half, 0.3, high, 0.07) for x, half, high in ((1.7, 0.82, 0.5), (1.9, 0.755, 0.5), (1.99, 0.67, 0.48))]), CLAD)
    base.show("grille", prism(rectangle(0.66, 0.1, 0.045, 4), 0.03, 0.01).turned(FACING_X).moved(1.945, 0, 0.59), CLAD)
    base.show("emblem", prism(circle(0.045, 24), 0.012, 0.004).turned(FACING_X).moved(1.97, 0, 0.59), CHROME)
    for side in (1, -1):
        name = "left" if side > 0 else "right"
        base.show(f"lamp_rim_{name}", prism(circle(0.115, 26), 0.12, 0.02, 2).turned(FACING_X).moved(1.86, 0.51 * side, 0.6), CLAD)
        base.show(f"lamp_{name}", prism(circle(0.096, 26), 0.03, 0.024, 3).turned(FACING_X).moved(1.966, 0.51 * side, 0.6), LAMP)
        base.show(f"fog_lamp_{name}", prism(rectangle(0.14, 0.05, 0.022, 3), 0.03, 0.008).turned(FACING_X).moved(1.965, 0.51 * side, 0.4), AMBER)
    base.show("front_plate", prism(rectangle(0.46, 0.1, 0.012, 2), 0.012, 0.004, 1).turned(FACING_X).moved(1.985, 0, 0.4), LAMP)


def _rear(base: Link) -> None:
    base.show("bumper_rear", loft([_section(x, half, 0.27, 0.46, 0.07) for x, half in ((REAR - 0.11, 0.7), (REAR - 0.08, 0.79), (REAR + 0.12, 0.855))]), CLAD)
    lamp = prism(rectangle(0.12, 0.3, 0.045, 4), 0.05, 0.02, 3).turned(FACING_BACK)
    for side in (1, -1):
        name = "left" if side > 0 else "right"
        base.show(f"tail_lamp_{name}", lamp.moved(REAR + 0.005, 0.705 * side, 0.73), RED)
        band = prism(rectangle(0.09, 0.05, 0.02, 3), 0.01, 0.004, 1).turned(FACING_BACK)
        base.show(f"tail_band_{name}", band.moved(REAR - 0.041, 0.705 * side, 0.69), AMBER)


def _sides(base: Link) -> None:
    for side in (1, -1):
        name = "left" if side > 0 else "right"
        for index, x in enumerate((-0.53, 0.64)):
            base.show(f"seam_{name}_{index}", rounded_box(0.007, 0.006, 0.52, 0.002, 1).moved(x, 0.8645 * side, 0.6), CLAD)
        for index, x in enumerate((-0.36, -0.7)):
            base.show(f"door_handle_{name}_{index}", rounded_box(0.17, 0.035, 0.03, 0.013).moved(x, 0.87 * side, 0.8), CHROME)
        base.show(f"sill_{name}", rounded_box(1.6, 0.05, 0.1, 0.022).moved(0.01, 0.85 * side, 0.31), CLAD)
        base.show(f"mirror_arm_{name}", rounded_box(0.05, 0.14, 0.03, 0.012).moved(0.64, 0.8 * side, 0.97), CLAD)
        base.show(f"mirror_{name}", rounded_box(0.09, 0.17, 0.12, 0.04).moved(0.63, 0.92 * side, 1.0), PAINT)

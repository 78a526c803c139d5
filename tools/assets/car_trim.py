# SPDX-License-Identifier: Apache-2.0
"""The car's standing trim: wheels, bumpers, lamps, mirrors and handles."""

from functools import reduce
from operator import add

import numpy as np
from bodies import Link
from car_shell import AMBER, CHROME, CLAD, LAMP, PAINT, REAR, RED, TYRE, section
from shapes import (
    FACING_BACK,
    FACING_X,
    FACING_Y,
    Mesh,
    axes,
    circle,
    lathe,
    loft,
    prism,
    rectangle,
    rounded_box,
    torus,
    tube,
)

WHEELS = ((1.22, 1), (1.22, -1), (-1.2, 1), (-1.2, -1))


def show(base: Link) -> None:
    """All of it."""
    for index, (x, side) in enumerate(WHEELS):
        _wheel(base, index, x, side)
    _front(base)
    _rear(base)
    _sides(base)


def _wheel(base: Link, index: int, x: float, side: int) -> None:
    """Every part is the same seen from inside and outside, so all four share their meshes."""

    def show(name: str, mesh: Mesh, y: float, height: float) -> None:
        placed = mesh.moved(z=-height / 2).turned(FACING_Y).moved(x, side * y, 0.33)
        base.show(
            f"{name}_{index}",
            placed,
            TYRE if name in ("arch", "tyre") else CLAD if name in ("flare", "dish") else CHROME,
        )

    span = np.radians(np.linspace(-14, 194, 17))
    arc = 0.385 * np.column_stack((np.cos(span), np.sin(span)))
    tyre = [
        (0.215, 0.0),
        (0.29, 0.0),
        (0.32, 0.015),
        (0.33, 0.05),
        (0.33, 0.16),
        (0.32, 0.195),
        (0.29, 0.21),
        (0.215, 0.21),
    ]
    show("arch", prism(arc, 0.02, 0.0), 0.862, 0.02)
    show("flare", tube([(ahead, up, 0.0) for ahead, up in arc], 0.026, (0, 0, 1)), 0.866, 0.0)
    show("tyre", lathe(tyre, 30), 0.795, 0.21)
    show("dish", prism(circle(0.22, 24), 0.17, 0.0), 0.775, 0.17)
    show("rim", torus(0.208, 0.014, 26, 5), 0.888, 0.0)
    show("hub", prism(circle(0.05, 18), 0.03, 0.008), 0.883, 0.03)
    spokes = [
        rounded_box(0.2, 0.05, 0.024, 0.01, 1).moved(0.105).turned(_spoke(angle))
        for angle in range(90, 450, 72)
    ]
    show("spokes", reduce(add, spokes), 0.878, 0.0)


def _spoke(degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return axes((np.cos(angle), np.sin(angle), 0), (0, 0, 1))


def _front(base: Link) -> None:
    base.show(
        "bumper_front",
        loft(
            [
                section(x, half, 0.3, high, 0.07)
                for x, half, high in ((1.7, 0.82, 0.5), (1.9, 0.755, 0.5), (1.99, 0.67, 0.48))
            ]
        ),
        CLAD,
    )
    base.show(
        "grille",
        prism(rectangle(0.66, 0.1, 0.045, 4), 0.03, 0.01).turned(FACING_X).moved(1.945, 0, 0.59),
        CLAD,
    )
    base.show(
        "emblem",
        prism(circle(0.045, 24), 0.012, 0.004).turned(FACING_X).moved(1.97, 0, 0.59),
        CHROME,
    )
    for side in (1, -1):
        name = "left" if side > 0 else "right"
        base.show(
            f"lamp_rim_{name}",
            prism(circle(0.115, 26), 0.12, 0.02, 2).turned(FACING_X).moved(1.86, 0.51 * side, 0.6),
            CLAD,
        )
        base.show(
            f"lamp_{name}",
            prism(circle(0.096, 26), 0.03, 0.024, 3)
            .turned(FACING_X)
            .moved(1.966, 0.51 * side, 0.6),
            LAMP,
        )
        base.show(
            f"fog_lamp_{name}",
            prism(rectangle(0.14, 0.05, 0.022, 3), 0.03, 0.008)
            .turned(FACING_X)
            .moved(1.965, 0.51 * side, 0.4),
            AMBER,
        )
    base.show(
        "front_plate",
        prism(rectangle(0.46, 0.1, 0.012, 2), 0.012, 0.004, 1)
        .turned(FACING_X)
        .moved(1.985, 0, 0.4),
        LAMP,
    )


def _rear(base: Link) -> None:
    base.show(
        "bumper_rear",
        loft(
            [
                section(x, half, 0.27, 0.46, 0.07)
                for x, half in ((REAR - 0.11, 0.7), (REAR - 0.08, 0.79), (REAR + 0.12, 0.855))
            ]
        ),
        CLAD,
    )
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
            base.show(
                f"seam_{name}_{index}",
                rounded_box(0.007, 0.006, 0.52, 0.002, 1).moved(x, 0.8645 * side, 0.6),
                CLAD,
            )
        for index, x in enumerate((-0.36, -0.7)):
            base.show(
                f"door_handle_{name}_{index}",
                rounded_box(0.17, 0.035, 0.03, 0.013).moved(x, 0.87 * side, 0.8),
                CHROME,
            )
        base.show(
            f"sill_{name}", rounded_box(1.6, 0.05, 0.1, 0.022).moved(0.01, 0.85 * side, 0.31), CLAD
        )
        base.show(
            f"mirror_arm_{name}",
            rounded_box(0.05, 0.14, 0.03, 0.012).moved(0.64, 0.8 * side, 0.97),
            CLAD,
        )
        base.show(
            f"mirror_{name}",
            rounded_box(0.09, 0.17, 0.12, 0.04).moved(0.63, 0.92 * side, 1.0),
            PAINT,
        )

# SPDX-License-Identifier: Apache-2.0
"""Cooker, 0.60 m wide: turning a knob raises its burner plate. The front looks along +x."""

import numpy as np
from bodies import Asset, Link
from drives import GRAVITY, drive
from shapes import (
    FACING_X,
    Mesh,
    circle,
    prism,
    rectangle,
    rounded_box,
    rounded_cylinder,
    torus,
    tube,
)

NAVY, CREAM, CHROME, INK, GLASS, IRON, CORAL, GLOW = (
    "#2f4d6e",
    "#f3ede0",
    "#cfd3d6",
    "#24282d",
    "#14171b",
    "#3b3f45",
    "#ec6b4e",
    "#ff6a1f",
)
TOP, FACE = 0.9, 0.3
"""Glass top z [m]; face of the knob panel x [m]."""
KNOBS = (-0.225, -0.135, 0.135, 0.225)
"""Knob middles y [m], left to right for who stands in front."""
PLATES = (
    (0.14, -0.145, 0.095),
    (-0.135, -0.145, 0.075),
    (-0.135, 0.145, 0.095),
    (0.14, 0.145, 0.075),
)
"""Burner plates (x, y, radius) [m] by knob: front left, back left, back right, front right."""
LIFT, MARKS = 0.004, 10
"""Way of a plate [m]; dots around a knob."""


def build() -> Asset:
    """The whole asset."""
    asset = Asset("Stove", "Cooker: turning a knob raises its burner plate.")
    base = asset.base("body").mass(42.0, (-0.01, 0.0, 0.43), (0.58, 0.60, 0.86))
    _carcass(base)
    _oven(base)
    _panel(base)
    base.collide("body_collider", (-0.01, 0, 0.45), (0.57, 0.59, 0.87))
    knobs = [_knob(asset, index, y) for index, y in enumerate(KNOBS)]
    plates = [_plate(asset, base, index, *plate) for index, plate in enumerate(PLATES)]
    for index, knob in enumerate(knobs):
        turn = drive(0.5 * 0.07 * 0.026**2, slow=40, fast=40)
        # Seen from the front a knob turns clockwise, which is around -x.
        asset.revolute(f"knob_{index}", base, knob, (-1, 0, 0), 270.0, turn, torque=2.0)
    for index, plate in enumerate(plates):
        weight = 0.15 * GRAVITY
        rise = drive(0.15, slow=9, fast=70, load=weight, way=LIFT)
        asset.prismatic(f"plate_{index}", base, plate, (0, 0, 1), (0.0, 0.006), rise, force=1000.0)
    for index in range(len(KNOBS)):
        asset.contract(
            f"knob_{index}_raises_plate_{index}",
            f"knob_{index}",
            "greater",
            30.0,
            f"plate_{index}",
            LIFT,
            "level",
        )
    return asset


def _carcass(base: Link) -> None:
    base.show(
        "carcass", prism(rectangle(0.575, 0.6, 0.02, 3), 0.82, 0.01).moved(-0.0125, 0, 0.05), CREAM
    )
    base.show("plinth", prism(rectangle(0.5, 0.54, 0.02, 2), 0.06, 0.004, 1).moved(-0.02), INK)
    base.show(
        "top_rim",
        prism(rectangle(0.61, 0.61, 0.03, 4), 0.014, 0.005).moved(0, 0, TOP - 0.032),
        CHROME,
    )
    base.show(
        "top_glass",
        prism(rectangle(0.60, 0.60, 0.028, 4), 0.022, 0.006).moved(0, 0, TOP - 0.022),
        GLASS,
    )
    base.show(
        "splash_rim",
        prism(rectangle(0.025, 0.59, 0.012, 3), 0.05, 0.008).moved(-0.285, 0, TOP - 0.005),
        CREAM,
    )


def _oven(base: Link) -> None:
    panel = lambda w, h, t, r: prism(rectangle(w, h, r, 4), t, min(t / 2.2, 0.007)).turned(FACING_X)  # noqa: E731
    base.show("oven_door", panel(0.575, 0.49, 0.028, 0.022).moved(0.274, 0, 0.475), NAVY)
    base.show("oven_window_rim", panel(0.42, 0.27, 0.006, 0.04).moved(0.299, 0, 0.45), CHROME)
    base.show("oven_window", panel(0.404, 0.254, 0.007, 0.034).moved(0.3, 0, 0.45), GLASS)
    for index in range(3):
        base.show(
            f"oven_rack_{index}",
            rounded_box(0.003, 0.35, 0.004, 0.0014, 1).moved(0.3072, 0, 0.38 + 0.06 * index),
            "#3f464d",
        )
    base.show("drawer", panel(0.575, 0.14, 0.028, 0.022).moved(0.274, 0, 0.15), NAVY)
    for name, z, width in (("oven_handle", 0.668, 0.44), ("drawer_handle", 0.175, 0.3)):
        base.show(name, _bar(0.296, width, z), CHROME)


def _bar(x: float, width: float, z: float) -> Mesh:
    """Handle bar along y, both ends bent back to the plane x."""
    bend, reach = 0.02, 0.045
    arc = [
        (x + reach - bend + bend * np.sin(a), width / 2 - bend + bend * np.cos(a), z)
        for a in np.linspace(0, np.pi / 2, 5)
    ]
    path = [(x, width / 2, z), *arc, *[(p, -y, z) for p, y, _ in reversed(arc)], (x, -width / 2, z)]
    return tube(path, 0.009, (0, 0, 1))


def _panel(base: Link) -> None:
    base.show(
        "knob_panel",
        prism(rectangle(0.59, 0.125, 0.02, 3), 0.03, 0.008)
        .turned(FACING_X)
        .moved(FACE - 0.03, 0, 0.797),
        CREAM,
    )
    dot = prism(circle(0.003, 8), 0.002, 0.0).turned(FACING_X)
    for index, y in enumerate(KNOBS):
        for mark in range(MARKS):
            angle = np.radians(270 * mark / (MARKS - 1))
            place = (FACE - 0.001, y + 0.039 * np.sin(angle), 0.797 + 0.039 * np.cos(angle))
            base.show(f"dial_{index}_{mark}", dot.moved(*place), CORAL if mark else INK)
    base.show(
        "clock",
        prism(rectangle(0.12, 0.05, 0.01, 3), 0.004, 0.0015)
        .turned(FACING_X)
        .moved(FACE - 0.001, 0, 0.797),
        GLASS,
    )
    digit = prism(rectangle(0.012, 0.024, 0.003, 2), 0.002, 0.0008, 1).turned(FACING_X)
    for index, y in enumerate((-0.038, -0.018, 0.018, 0.038)):
        base.show(f"digit_{index}", digit.moved(FACE + 0.0024, y, 0.797), "#ffb15c")


def _knob(asset: Asset, index: int, y: float) -> Link:
    at = (FACE, y, 0.797)
    knob = asset.link(f"knob_link_{index}", at).mass(
        0.07, (FACE + 0.012, y, 0.797), (0.024, 0.046, 0.046)
    )
    body = rounded_cylinder(0.027, 0.016, 0.004, 24).turned(FACING_X)
    knob.show(f"knob_skirt_{index}", body.moved(*at), CHROME)
    knob.show(
        f"knob_grip_{index}",
        rounded_cylinder(0.0215, 0.03, 0.006, 24).turned(FACING_X).moved(*at),
        INK,
    )
    knob.show(
        f"knob_marker_{index}",
        rounded_box(0.004, 0.006, 0.02, 0.0018).moved(FACE + 0.0295, y, 0.806),
        CORAL,
    )
    knob.collide(f"knob_collider_{index}", (FACE + 0.016, y, 0.797), (0.028, 0.036, 0.036))
    return knob


def _plate(asset: Asset, base: Link, index: int, x: float, y: float, radius: float) -> Link:
    at = (x, y, TOP)
    base.show(f"plate_ring_{index}", torus(radius + 0.004, 0.004, 36, 6).moved(x, y, TOP), CHROME)
    plate = asset.link(f"plate_link_{index}", at).mass(
        0.15, (x, y, TOP + 0.002), (2 * radius, 2 * radius, 0.012)
    )
    plate.show(f"plate_iron_{index}", rounded_cylinder(radius, 0.008, 0.003, 36).moved(*at), IRON)
    # Sunk in the ring at rest; the lifted plate shows it as a glowing edge.
    plate.show(
        f"plate_glow_{index}",
        prism(circle(radius - 0.0005, 36), 0.006, 0.0).moved(x, y, TOP - 0.003),
        GLOW,
    )
    for groove in range(2):
        ring = torus(radius * (0.72 - 0.3 * groove), 0.0016, 28, 4).moved(x, y, TOP + 0.0078)
        plate.show(f"plate_groove_{index}_{groove}", ring, "#555b63")
    plate.show(
        f"plate_hub_{index}",
        rounded_cylinder(radius * 0.16, 0.0015, 0.0006, 20).moved(x, y, TOP + 0.0075),
        CORAL,
    )
    plate.collide(
        f"plate_collider_{index}", (x, y, TOP + 0.002), (1.4 * radius, 1.4 * radius, 0.011)
    )
    return plate

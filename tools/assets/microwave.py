# SPDX-License-Identifier: Apache-2.0
"""Microwave oven, 0.50 m wide: pressing the button opens the door. The front looks along +x."""

import numpy as np
from bodies import Asset, Link
from drives import drive
from shapes import (
    FACING_BACK,
    FACING_X,
    frame,
    loft,
    polygon,
    prism,
    rectangle,
    rounded_box,
    rounded_cylinder,
    station,
    torus,
    tube,
)

MINT, DEEP, CREAM, CHROME, INK, GLASS, CORAL = (
    "#9ccfc1",
    "#86bdae",
    "#f6f1e6",
    "#cfd3d6",
    "#24282d",
    "#1b2126",
    "#ec6b4e",
)
FRONT, FACE, BACK = 0.15, 0.185, -0.19
"""Planes x [m]: rim of the cavity, front of door and key pad, back wall."""
CAVITY = polygon([(-0.225, 0.045), (0.105, 0.045), (0.105, 0.258), (-0.225, 0.258)], 0.022, 4)
"""Opening of the cavity in (y, z) [m]."""


def build() -> Asset:
    """The whole asset."""
    asset = Asset("Microwave", "Microwave oven: pressing the button opens the door.")
    base = asset.base("housing").mass(9.0, (-0.02, 0.0, 0.15), (0.34, 0.50, 0.278))
    door = asset.link("door", (FRONT + 0.003, -0.245, 0.151)).mass(
        1.5, (0.17, -0.058, 0.151), (0.035, 0.374, 0.27)
    )
    button = asset.link("button", (0.19, 0.187, 0.05)).mass(
        0.02, (0.19, 0.187, 0.05), (0.03, 0.08, 0.026)
    )
    _shell(base)
    _cavity(base)
    _panel(base)
    _door(door)
    button.show(
        "button_cap", rounded_box(0.03, 0.08, 0.026, 0.006).moved(0.185, 0.187, 0.05), CORAL
    )
    base.collide("housing_collider", (-0.02, 0, 0.151), (0.33, 0.49, 0.27))
    door.collide("door_collider", (0.169, -0.058, 0.151), (0.03, 0.37, 0.265))
    _joints(asset, base, door, button)
    return asset


def _joints(asset: Asset, base: Link, door: Link, button: Link) -> None:
    swing = drive(1.5 * 0.374**2 / 3, slow=7, fast=45)
    spring = drive(0.02, slow=40, fast=40)
    asset.prismatic("button_slide", base, button, (1, 0, 0), (-0.010, 0.0), spring, force=20.0)
    asset.revolute("door_hinge", base, door, (0, 0, -1), 110.0, swing, torque=100.0)
    asset.contract(
        "press_opens_door", "button_slide", "less", -0.005, "door_hinge", 90.0, "latching"
    )


def _shell(base: Link) -> None:
    outer = polygon([(-0.25, 0.012), (0.25, 0.012), (0.25, 0.29), (-0.25, 0.29)], 0.03, 4)
    base.show(
        "shell", frame(outer, CAVITY, FRONT - BACK, 0.006).turned(FACING_X).moved(FRONT), MINT
    )
    base.show("back_wall", prism(outer, 0.012, 0.005).turned(FACING_X).moved(BACK - 0.008), DEEP)
    for index, (x, y) in enumerate([(0.11, 0.2), (0.11, -0.2), (-0.15, 0.2), (-0.15, -0.2)]):
        base.show(f"foot_{index}", rounded_cylinder(0.018, 0.016, 0.004, 16).moved(x, y), INK)
    for index in range(5):
        slot = rounded_box(0.1, 0.004, 0.007, 0.0019, 1).moved(-0.06, 0.2497, 0.19 + 0.016 * index)
        base.show(f"vent_{index}", slot, INK)


def _cavity(base: Link) -> None:
    middle = CAVITY.mean(axis=0)
    back, front = ((CAVITY - middle) * size + middle for size in (0.985, 0.995))
    rings = [station(back, BACK + 0.03), station(front, FRONT)]
    liner = loft(rings, caps=(True, False), inside_out=True)
    base.show("liner", liner, "#d8d6cf")
    base.show(
        "turntable", rounded_cylinder(0.135, 0.008, 0.003, 40).moved(-0.01, -0.06, 0.058), "#b9d6dd"
    )
    base.show("turntable_rim", torus(0.133, 0.004, 40, 6).moved(-0.01, -0.06, 0.066), "#d3e6ea")
    base.show(
        "turntable_hub", rounded_cylinder(0.03, 0.012, 0.002, 20).moved(-0.01, -0.06, 0.048), CHROME
    )
    base.show(
        "lamp", rounded_box(0.06, 0.004, 0.03, 0.0019, 1).moved(0.03, 0.102, 0.215), "#fff1b8"
    )


def _panel(base: Link) -> None:
    base.show(
        "panel",
        prism(rectangle(0.114, 0.27, 0.016, 3), 0.035, 0.005)
        .turned(FACING_X)
        .moved(FRONT, 0.187, 0.151),
        CREAM,
    )
    plate = lambda w, h, t, r: prism(rectangle(w, h, r, 2), t, min(r, t) * 0.6, 1).turned(FACING_X)  # noqa: E731
    base.show("display", plate(0.088, 0.038, 0.004, 0.006).moved(FACE - 0.001, 0.187, 0.252), GLASS)
    for index, y in enumerate((0.158, 0.173, 0.201, 0.216)):
        base.show(
            f"digit_{index}",
            plate(0.009, 0.018, 0.002, 0.002).moved(FACE + 0.0015, y, 0.252),
            "#7df0c3",
        )
    for index, z in enumerate((0.247, 0.257)):
        base.show(
            f"colon_{index}",
            plate(0.003, 0.003, 0.002, 0.001).moved(FACE + 0.0015, 0.187, z),
            "#7df0c3",
        )
    for row in range(4):
        for column in range(3):
            key = plate(0.024, 0.02, 0.005, 0.005).moved(
                FACE - 0.001, 0.158 + 0.029 * column, 0.212 - 0.027 * row
            )
            base.show(f"key_{row}_{column}", key, "#c9c2b2" if row < 3 else "#9ccfc1")
    base.show(
        "button_rim",
        prism(rectangle(0.09, 0.036, 0.01, 3), 0.003, 0.001, 1)
        .turned(FACING_X)
        .moved(FACE - 0.001, 0.187, 0.05),
        CHROME,
    )


def _door(door: Link) -> None:
    outer = polygon([(-0.248, 0.016), (0.126, 0.016), (0.126, 0.286), (-0.248, 0.286)], 0.02, 4)
    door.show(
        "door_slab",
        prism(outer, FACE - FRONT - 0.003, 0.006).turned(FACING_X).moved(FRONT + 0.003),
        MINT,
    )
    outline = polygon([(-0.215, 0.05), (0.062, 0.05), (0.062, 0.252), (-0.215, 0.252)], 0.028, 4)
    centre = outline.mean(axis=0)
    door.show(
        "window_rim", prism(outline, 0.004, 0.002).turned(FACING_X).moved(FACE - 0.001), CHROME
    )
    door.show(
        "window",
        prism((outline - centre) * 0.955 + centre, 0.005, 0.002).turned(FACING_X).moved(FACE),
        GLASS,
    )
    inside = polygon([(-0.062, 0.05), (0.215, 0.05), (0.215, 0.252), (-0.062, 0.252)], 0.028, 4)
    door.show(
        "window_inside",
        prism(inside, 0.003, 0.001, 1).turned(FACING_BACK).moved(FRONT + 0.004),
        GLASS,
    )
    x, bend = FACE - 0.003, 0.014
    arc = [
        (x + 0.036 - bend + bend * np.sin(a), 0.094, 0.066 + bend - bend * np.cos(a))
        for a in np.linspace(0, np.pi / 2, 5)
    ]
    path = [
        (x, 0.094, 0.066),
        *arc,
        *[(p, y, 0.302 - q) for p, y, q in reversed(arc)],
        (x, 0.094, 0.236),
    ]
    door.show("handle", tube(path, 0.0075, (0, 1, 0)), CHROME)

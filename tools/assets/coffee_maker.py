# SPDX-License-Identifier: Apache-2.0
"""Filter coffee maker, 0.36 m high: pressing the button opens the lid. The front looks along +x."""

import numpy as np
from bodies import Asset, Link
from drives import GRAVITY, drive
from shapes import (
    FACING_X,
    Mesh,
    axes,
    circle,
    frame,
    lathe,
    level,
    loft,
    polygon,
    prism,
    rectangle,
    rounded_box,
    rounded_cylinder,
    torus,
    tube,
)

RED, DEEP, CREAM, CHROME, INK, WATER, COFFEE = (
    "#e2614b",
    "#c94f3b",
    "#f6f1e6",
    "#cfd3d6",
    "#24282d",
    "#9fcfe3",
    "#3a2117",
)
TOP, HINGE_X = 0.325, -0.052
"""Top of the head z [m]; hinge of the lid x [m]."""
CARAFE = (0.055, 0.0)
"""Middle of the hot plate and the carafe (x, y) [m]."""


def build() -> Asset:
    """The whole asset."""
    asset = Asset("CoffeeMaker", "Filter coffee maker: pressing the button opens the lid.")
    base = asset.base("body").mass(2.6, (-0.03, 0.0, 0.15), (0.30, 0.20, 0.33))
    lid = asset.link("lid", (HINGE_X, 0.0, TOP + 0.004)).mass(
        0.2, (0.044, 0.0, TOP + 0.014), (0.19, 0.19, 0.024)
    )
    button = asset.link("button", (0.145, 0.0, 0.286)).mass(
        0.012, (0.145, 0.0, 0.286), (0.02, 0.034, 0.034)
    )
    _housing(base)
    _head(base)
    _tank(base)
    _carafe(base)
    _lid(lid)
    button.show(
        "button_cap",
        prism(circle(0.017, 28), 0.024, 0.004).turned(FACING_X).moved(0.132, 0, 0.286),
        CREAM,
    )
    base.collide("base_collider", (0.0, 0, 0.02), (0.29, 0.19, 0.04))
    base.collide("column_collider", (-0.098, 0, 0.18), (0.1, 0.19, 0.29))
    base.collide("head_collider", (0.04, 0, 0.28), (0.18, 0.19, 0.08))
    lid.collide("lid_collider", (0.044, 0, TOP + 0.014), (0.18, 0.18, 0.02))
    _joints(asset, base, lid, button)
    return asset


def _joints(asset: Asset, base: Link, lid: Link, button: Link) -> None:
    arm = 0.096  # hinge to the middle of the lid
    lift = drive(
        0.2 * 4 / 3 * arm**2, slow=8, fast=60, load=0.2 * GRAVITY * arm, way=np.radians(80)
    )
    spring = drive(0.012, slow=40, fast=40)
    asset.prismatic("button_slide", base, button, (1, 0, 0), (-0.008, 0.0), spring, force=20.0)
    asset.revolute("lid_hinge", base, lid, (0, -1, 0), 100.0, lift, torque=50.0)
    asset.contract("press_opens_lid", "button_slide", "less", -0.004, "lid_hinge", 80.0, "latching")


def _housing(base: Link) -> None:
    foot = prism(rectangle(0.30, 0.20, 0.045, 5), 0.042, 0.012, 3)
    base.show("foot", foot, RED)
    base.show("foot_rubber", prism(rectangle(0.28, 0.18, 0.04, 4), 0.006, 0.002, 1), INK)
    column = polygon(
        [(-0.15, -0.1), (-0.045, -0.1), (-0.045, 0.1), (-0.15, 0.1)],
        [0.045, 0.015, 0.015, 0.045],
        5,
    )
    base.show("column", prism(column, 0.235, 0.004).moved(z=0.03), RED)
    base.show("drip_tray", prism(circle(0.082, 36), 0.008, 0.003).moved(*CARAFE, 0.038), INK)
    base.show("hot_plate", prism(circle(0.068, 36), 0.006, 0.002).moved(*CARAFE, 0.044), CHROME)
    base.show(
        "badge",
        prism(rectangle(0.06, 0.012, 0.0055, 3), 0.003, 0.001, 1)
        .turned(FACING_X)
        .moved(0.148, 0, 0.021),
        CHROME,
    )


def _head(base: Link) -> None:
    outer = polygon([(-0.15, -0.1), (0.138, -0.1), (0.138, 0.1), (-0.15, 0.1)], 0.045, 5)
    hole = polygon([(-0.026, -0.072), (0.118, -0.072), (0.118, 0.072), (-0.026, 0.072)], 0.068, 5)
    base.show("head", frame(outer, hole, 0.085, 0.01).moved(z=TOP), RED)
    base.show("head_floor", prism(outer, 0.014, 0.006).moved(z=0.24), DEEP)
    bowl = [(0.001, 0.262), (0.035, 0.262), (0.05, 0.268), (0.068, 0.312), (0.072, 0.322)]
    rings = [level(circle(r, 32) + np.array((0.046, 0)), z) for r, z in bowl]
    base.show(
        "filter_basket",
        loft(rings, caps=(False, False), inside_out=True),
        "#efe6d2",
    )
    base.show("basket_rim", torus(0.07, 0.004, 32).moved(0.046, 0, TOP - 0.002), INK)
    base.show("grounds", prism(circle(0.054, 28), 0.006, 0.003).moved(0.046, 0, 0.276), COFFEE)
    base.show(
        "spout",
        lathe([(0.008, 0.222), (0.008, 0.222), (0.022, 0.236), (0.03, 0.242)], 24).moved(*CARAFE),
        INK,
    )
    rim = torus(0.021, 0.0035, 32).turned(FACING_X)
    base.show("button_rim", rim.moved(0.1385, 0, 0.286), CHROME)
    base.show(
        "light",
        prism(circle(0.004, 14), 0.003, 0.001, 1).turned(FACING_X).moved(0.1365, 0.042, 0.286),
        "#8df28a",
    )
    base.show(
        "light_off",
        prism(circle(0.004, 14), 0.003, 0.001, 1).turned(FACING_X).moved(0.1365, -0.042, 0.286),
        "#7a2d22",
    )


def _tank(base: Link) -> None:
    window = prism(rectangle(0.038, 0.15, 0.017, 4), 0.006, 0.002)
    for index, side in enumerate((-1, 1)):
        pane = window.turned(axes((-side, 0, 0), (0, side, 0)))
        base.show(f"tank_window_{index}", pane.moved(-0.088, side * 0.0965, 0.15), WATER)
        for mark in range(4):
            line = rounded_box(0.014, 0.002, 0.0025, 0.0009, 1).moved(
                -0.088, side * 0.1027, 0.105 + 0.03 * mark
            )
            base.show(f"tank_mark_{index}_{mark}", line, INK)
    cover = polygon(
        [(-0.147, -0.094), (-0.06, -0.094), (-0.06, 0.094), (-0.147, 0.094)],
        [0.042, 0.01, 0.01, 0.042],
        5,
    )
    base.show("tank_lid", prism(cover, 0.02, 0.007, 3).moved(z=TOP - 0.004), CREAM)
    base.show("tank_grip", rounded_box(0.02, 0.06, 0.01, 0.0045).moved(-0.105, 0, TOP + 0.017), INK)


def _carafe(base: Link) -> None:
    def place(profile: list[tuple[float, float]]) -> Mesh:
        return lathe(profile, 36).moved(*CARAFE, 0.05)

    base.show(
        "coffee",
        place(
            [
                (0.001, 0.001),
                (0.05, 0.001),
                (0.063, 0.012),
                (0.0685, 0.038),
                (0.0665, 0.066),
                (0.062, 0.082),
            ]
        ),
        COFFEE,
    )
    base.show(
        "glass",
        place([(0.062, 0.082), (0.054, 0.104), (0.0455, 0.124), (0.0445, 0.132)]),
        "#a3bfc7",
    )
    base.show(
        "carafe_band",
        place(
            [(0.0455, 0.122), (0.0455, 0.122), (0.0475, 0.124), (0.0475, 0.134), (0.0455, 0.136)]
        ),
        CHROME,
    )
    base.show("carafe_lid", rounded_cylinder(0.046, 0.02, 0.008, 32).moved(*CARAFE, 0.183), INK)
    base.show("carafe_knob", rounded_cylinder(0.014, 0.012, 0.004, 20).moved(*CARAFE, 0.201), INK)
    grip = [
        (0.046, 0.128),
        (0.075, 0.13),
        (0.092, 0.122),
        (0.1, 0.105),
        (0.1, 0.075),
        (0.094, 0.05),
        (0.082, 0.036),
        (0.066, 0.034),
    ]
    turn = np.radians(-38)
    path = [(CARAFE[0] + r * np.cos(turn), CARAFE[1] + r * np.sin(turn), 0.05 + z) for r, z in grip]
    base.show("carafe_handle", tube(path, 0.008, (-np.sin(turn), np.cos(turn), 0)), INK)


def _lid(lid: Link) -> None:
    cover = polygon(
        [(-0.054, -0.094), (0.134, -0.094), (0.134, 0.094), (-0.054, 0.094)],
        [0.01, 0.042, 0.042, 0.01],
        5,
    )
    lid.show("lid_cover", prism(cover, 0.024, 0.009, 3).moved(z=TOP + 0.002), RED)
    lid.show(
        "lid_plate", prism(circle(0.066, 32), 0.004, 0.001, 1).moved(0.046, 0, TOP - 0.0005), CREAM
    )
    lid.show("lid_lip", rounded_box(0.022, 0.06, 0.01, 0.0045).moved(0.136, 0, TOP + 0.012), CHROME)

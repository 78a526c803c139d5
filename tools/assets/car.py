# SPDX-License-Identifier: Apache-2.0
"""Small car, 3.9 m long: the boot opens the hatch, a button the fuel flap. Faces +x."""

import car_shell
import car_trim
import numpy as np
from bodies import Asset, Link
from car_shell import CHROME, CLAD, DEEP, GLASS, LAMP, LINING, PAINT, REAR, RED, SILL, SLOPE
from drives import GRAVITY, drive
from shapes import (
    FACING_BACK,
    FACING_X,
    FACING_Y,
    circle,
    polygon,
    prism,
    rectangle,
    rounded_box,
    torus,
)

HATCH_AT = (-1.555, 0.0, 1.49)
FLAP, BUTTON_AT = (-1.46, 0.785), (-1.64, 0.868, 0.785)
FLAP_AT = (FLAP[0] + 0.07, 0.874, FLAP[1])
"""Hinge of the hatch; middle of the fuel flap (x, z), of its button, hinge of the flap [m]."""


def build() -> Asset:
    """The whole asset."""
    asset = Asset("Car", "Small car: the boot opens the hatch, the button opens the fuel flap.")
    base = asset.base("chassis").mass(980.0, (0.1, 0.0, 0.55), (3.9, 1.7, 1.1))
    boot = asset.link("boot", (REAR - 0.01, 0.0, 0.47)).mass(
        11.0, (REAR - 0.035, 0.0, 0.69), (0.06, 1.24, 0.45)
    )
    hatch = asset.link("hatch", HATCH_AT).mass(12.0, (-1.74, 0.0, 1.2), (0.33, 1.2, 0.57))
    flap = asset.link("fuel_flap", FLAP_AT).mass(
        0.3, (FLAP[0], 0.877, FLAP[1]), (0.14, 0.014, 0.14)
    )
    button = asset.link("flap_button_link", BUTTON_AT).mass(0.03, BUTTON_AT, (0.05, 0.03, 0.05))
    car_shell.show(base)
    car_trim.show(base)
    _boot(boot)
    _hatch(hatch)
    _flap(base, flap, button)
    base.collide("chassis_collider", (0.05, 0, 0.6), (3.8, 1.6, 0.64))
    base.collide("cabin_collider", (-0.5, 0, 1.2), (1.6, 1.2, 0.56))
    boot.collide("boot_collider", (REAR - 0.04, 0, 0.69), (0.05, 1.2, 0.44))
    flap.collide("flap_collider", (FLAP[0], 0.88, FLAP[1]), (0.13, 0.012, 0.13))
    _joints(asset, base, boot, hatch, flap, button)
    return asset


def _joints(asset: Asset, base: Link, boot: Link, hatch: Link, flap: Link, button: Link) -> None:
    drop = drive(11.0 * 0.45**2 / 3, slow=40, fast=40)
    arm = 0.335  # hinge to the middle of the hatch
    lift = drive(
        12.0 * 4 / 3 * arm**2, slow=8, fast=60, load=12.0 * GRAVITY * arm, way=np.radians(65)
    )
    asset.revolute("boot_hinge", base, boot, (0, -1, 0), 75.0, drop, torque=4000.0)
    asset.revolute("hatch_hinge", base, hatch, (0, 1, 0), 80.0, lift, torque=8000.0)
    asset.revolute(
        "fuel_flap_hinge",
        base,
        flap,
        (0, 0, -1),
        100.0,
        drive(0.3 * 0.14**2 / 3, slow=8, fast=50),
        torque=20.0,
    )
    asset.prismatic(
        "flap_button",
        base,
        button,
        (0, 1, 0),
        (-0.010, 0.0),
        drive(0.03, slow=40, fast=40),
        force=20.0,
    )
    asset.contract(
        "boot_opens_hatch", "boot_hinge", "greater", 20.0, "hatch_hinge", 65.0, "latching"
    )
    asset.contract(
        "button_opens_flap", "flap_button", "less", -0.005, "fuel_flap_hinge", 85.0, "latching"
    )


def _boot(boot: Link) -> None:
    outline = polygon([(-0.62, 0.47), (0.62, 0.47), (0.62, 0.915), (-0.62, 0.915)], 0.06, 4)
    boot.show("boot_skin", prism(outline, 0.07, 0.03, 3).turned(FACING_BACK).moved(REAR), PAINT)
    boot.show(
        "boot_lining",
        prism(outline * (0.93, 0.9) + (0, 0.07), 0.01, 0.004, 1).turned(FACING_X).moved(REAR),
        LINING,
    )
    plate = lambda w, h, t, r: prism(rectangle(w, h, r, 3), t, t * 0.4, 1).turned(FACING_BACK)  # noqa: E731
    boot.show("number_recess", plate(0.56, 0.17, 0.006, 0.03).moved(REAR - 0.067, 0, 0.66), DEEP)
    boot.show("number_plate", plate(0.46, 0.11, 0.01, 0.012).moved(REAR - 0.069, 0, 0.65), LAMP)
    boot.show(
        "boot_handle", rounded_box(0.03, 0.3, 0.025, 0.011).moved(REAR - 0.075, 0, 0.775), CHROME
    )
    boot.show(
        "boot_emblem",
        prism(circle(0.035, 24), 0.012, 0.004).turned(FACING_BACK).moved(REAR - 0.067, 0, 0.85),
        CHROME,
    )


def _hatch(hatch: Link) -> None:
    """Drawn flat: y runs up the slope from the sill, z out of the car."""
    lift = lambda mesh, out=0.0: mesh.turned(SLOPE).moved(*(np.array(SILL) + SLOPE[:, 2] * out))  # noqa: E731
    outline = polygon([(-0.62, 0.01), (0.62, 0.01), (0.535, 0.62), (-0.535, 0.62)], 0.07, 4)
    centre = outline.mean(axis=0)
    hatch.show("hatch_skin", lift(prism(outline, 0.04, 0.016, 3)), PAINT)
    hatch.show(
        "hatch_window",
        lift(prism((outline - centre) * (0.86, 0.74) + centre + (0, 0.02), 0.012, 0.005), 0.033),
        GLASS,
    )
    hatch.show(
        "hatch_inside",
        lift(prism((outline - centre) * (0.86, 0.74) + centre + (0, 0.02), 0.006, 0.0), -0.003),
        GLASS,
    )
    hatch.show("wiper_hub", lift(prism(circle(0.025, 18), 0.03, 0.008).moved(y=0.05), 0.035), CLAD)
    hatch.show("wiper", lift(rounded_box(0.4, 0.014, 0.014, 0.006).moved(0.19, 0.1, 0.056)), CLAD)
    spoiler = polygon([(-0.53, 0.585), (0.53, 0.585), (0.5, 0.68), (-0.5, 0.68)], 0.03, 3)
    hatch.show("spoiler", lift(prism(spoiler, 0.05, 0.02), 0.02), PAINT)
    hatch.show(
        "brake_light", lift(rounded_box(0.3, 0.012, 0.016, 0.005).moved(0, 0.582, 0.055)), RED
    )


def _flap(base: Link, flap: Link, button: Link) -> None:
    x, z = FLAP
    panel = lambda w, t, r: prism(rectangle(w, w, r, 4), t, t * 0.4).turned(FACING_Y)  # noqa: E731
    base.show("flap_seam", panel(0.158, 0.014, 0.04).moved(x, 0.853, z), CLAD)
    base.show("fuel_neck", torus(0.043, 0.008, 18, 5).turned(FACING_Y).moved(x, 0.867, z), LINING)
    base.show(
        "fuel_cap", prism(circle(0.037, 22), 0.008, 0.003).turned(FACING_Y).moved(x, 0.864, z), RED
    )
    base.show("fuel_grip", rounded_box(0.05, 0.006, 0.012, 0.0025, 1).moved(x, 0.873, z), CLAD)
    flap.show("flap_skin", panel(0.14, 0.012, 0.033).moved(x, 0.876, z), PAINT)
    x, y, z = BUTTON_AT
    base.show(
        "flap_button_rim", torus(0.03, 0.006, 18, 5).turned(FACING_Y).moved(x, y - 0.012, z), CHROME
    )
    button.show(
        "flap_button_cap",
        prism(circle(0.026, 22), 0.04, 0.006).turned(FACING_Y).moved(x, y - 0.027, z),
        CLAD,
    )

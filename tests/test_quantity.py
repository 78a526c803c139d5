# SPDX-License-Identifier: Apache-2.0
"""Numbers with units: typed, shown, and to radians and metres and back without loss."""

from __future__ import annotations

import math

import pytest
from causal_contracts.core.articulation import Joint, JointType
from causal_contracts.core.quantity import from_si, parse_quantity, show, to_si
from hypothesis import given
from hypothesis import strategies as st

HINGE = Joint("hinge", "hinge", JointType.REVOLUTE, 0.0, 1.0)
SLIDE = Joint("slide", "slide", JointType.PRISMATIC, -0.01, 0.0)


@pytest.mark.parametrize(
    ("text", "joint", "value"),
    [
        ("90", HINGE, math.pi / 2),
        ("90deg", HINGE, math.pi / 2),
        ("90 \u00b0", HINGE, math.pi / 2),
        ("1.57rad", HINGE, 1.57),
        ("-.5e1 deg", HINGE, -math.pi / 36),
        ("-5mm", SLIDE, -0.005),
        ("+0.5cm", SLIDE, 0.005),
        ("-0.005", SLIDE, -0.005),
        ("5.", SLIDE, 5.0),
    ],
)
def test_a_number_is_in_the_authored_unit_unless_a_suffix_says_otherwise(text, joint, value):
    assert parse_quantity(text, joint) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "joint", "says"),
    [
        ("", HINGE, "90deg"),
        ("ninety", HINGE, "90deg"),
        ("5mm", HINGE, "deg or rad"),
        ("5deg", SLIDE, "m, cm or mm"),
        ("5km", SLIDE, "'km'"),
        ("nan", SLIDE, "no number"),
        ("inf", SLIDE, "no number"),
        ("1e999", SLIDE, "not finite"),
        ("1_000", SLIDE, "no number"),
        ("5 mm mm", SLIDE, "no number"),
        ("5;mm", SLIDE, "no number"),
    ],
)
def test_what_is_no_position_of_the_joint_is_refused_with_the_way_out(text, joint, says):
    with pytest.raises(ValueError, match=says):
        parse_quantity(text, joint)


def test_degrees_survive_radians():
    authored = [*range(-360, 361), 0.1, 22.5, 33.3, 89.999, 1e-7]
    assert [from_si(to_si(one, "deg"), "deg") for one in authored] == authored


@given(st.floats(-1e6, 1e6), st.sampled_from(["deg", "rad", "m", "cm", "mm"]))
def test_every_value_survives_to_the_last_bits(value, unit):
    assert from_si(to_si(value, unit), unit) == pytest.approx(value, rel=1e-15, abs=1e-300)


@given(st.floats(-1e6, 1e6))
def test_metres_on_a_stage_are_metres_to_the_bit(value):
    assert to_si(from_si(value, "m"), "m") == value


@pytest.mark.parametrize(
    ("value", "joint", "text"),
    [
        (math.pi / 2, HINGE, "90 deg"),
        (-0.005, SLIDE, "-5 mm"),
        (0.25, SLIDE, "0.25 m"),
        (-0.0, SLIDE, "0 mm"),
        (-math.inf, HINGE, "free"),
        (None, HINGE, "-"),
        (1.5, None, "1.5"),
    ],
)
def test_a_position_is_shown_as_people_read_it(value, joint, text):
    assert show(value, joint) == text

# SPDX-License-Identifier: Apache-2.0
"""What an author said: frozen, in id order, and printed as one sentence."""

import dataclasses
import pickle

import pytest
from causal_contracts.core import (
    Bundle,
    Contract,
    Foreign,
    JointThreshold,
    Mode,
    Op,
    SetDriveTarget,
)
from causal_contracts.core.model import is_valid_id

PRESS = Contract(
    "press_opens_door",
    JointThreshold("button_slide", Op.LESS, -0.005, "m"),
    SetDriveTarget("door_hinge", 1.5708, 0.0, "rad"),
    Mode.LATCHING,
)


def named(name):
    return dataclasses.replace(PRESS, id=name)


def test_a_contract_prints_the_sentence_of_the_design():
    assert (
        str(PRESS)
        == "press_opens_door: button_slide < -0.005 m => door_hinge := 1.571 rad, latching"
    )


def test_a_sentence_without_units_shows_the_bare_numbers():
    minimal = Contract("c", JointThreshold("a", ">", 0.5), SetDriveTarget("b", 100.0), "level")
    assert str(minimal) == "c: a > 0.5 => b := 100, level"


def test_a_disabled_contract_says_so():
    assert str(dataclasses.replace(PRESS, enabled=False)).endswith(", latching (disabled)")


def test_kinds_outside_the_language_print_in_angle_brackets():
    odd = Contract("c", Foreign("contact", {"body": "lid"}), Foreign("light"), "toggle")
    assert str(odd) == "c: <contact> => <light>, toggle"


def test_a_bundle_prints_one_sentence_per_line():
    assert str(Bundle((PRESS, named("a")))) == f"{named('a')}\n{PRESS}"
    assert str(Bundle()) == "no contracts"


def test_a_bundle_is_in_id_order_however_it_was_given():
    names = ["b", "a", "B", "_", "a1", "A"]
    assert [c.id for c in Bundle(tuple(map(named, names))).contracts] == sorted(names)
    assert Bundle((named("b"), named("a"))) == Bundle((named("a"), named("b")))


def test_a_contract_is_found_by_its_id():
    assert Bundle((PRESS,))["press_opens_door"] is PRESS
    with pytest.raises(KeyError, match="other"):
        Bundle((PRESS,))["other"]


@pytest.mark.parametrize("thing", [PRESS, PRESS.trigger, PRESS.effect, Bundle((PRESS,))])
def test_what_an_author_said_cannot_be_changed(thing):
    field = dataclasses.fields(thing)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(thing, field, None)


def test_an_op_and_a_mode_spelled_out_are_the_members():
    spelled = Contract("c", JointThreshold("a", "<", 0.5), SetDriveTarget("b", 1.0), "level")
    assert spelled.trigger.op is Op.LESS
    assert spelled.mode is Mode.LEVEL


def test_an_op_or_a_mode_outside_the_language_is_kept_as_written():
    odd = Contract("c", JointThreshold("a", ">=", 0.5), SetDriveTarget("b", 1.0), "toggle")
    assert (odd.trigger.op, odd.mode) == (">=", "toggle")
    assert not isinstance(odd.trigger.op, Op) and not isinstance(odd.mode, Mode)


def test_latching_and_enabled_are_the_defaults():
    least = Contract("c", PRESS.trigger, PRESS.effect)
    assert least.mode is Mode.LATCHING and least.enabled is True


def test_equal_contracts_hash_equal_and_survive_pickling():
    odd = Contract("c", Foreign("contact", {"body": ["lid"]}), PRESS.effect)
    for each in (PRESS, odd):
        again = pickle.loads(pickle.dumps(each))
        assert again == each and hash(again) == hash(each)


@pytest.mark.parametrize("text", ["a", "_", "press_opens_door", "A9", "x" * 128])
def test_identifiers_are_valid_ids(text):
    assert is_valid_id(text)


@pytest.mark.parametrize("text", ["", "9a", "a-b", "a b", "a\n", "é", "x" * 129, "a.b", "a:b"])
def test_everything_else_is_no_valid_id(text):
    assert not is_valid_id(text)

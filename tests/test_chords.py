# SPDX-License-Identifier: Apache-2.0
"""Keys of Studio's window: a chord of which parts fall into one frame still arrives whole."""

import pytest
from causal_contracts.ui.studio.chords import (
    ALT,
    CONTROL,
    PRESSED,
    RELEASED,
    REPEATED,
    SHIFT,
    Chords,
    is_chord,
)

LETTER, LEFT, CTRL_KEY, SHIFT_KEY = ord("A"), 263, 341, 340


@pytest.fixture
def heard():
    return []


@pytest.fixture
def chords(heard):
    return Chords(lambda key, scancode, action, modifiers: heard.append((key, action)), _nothing)


def _nothing(key, scancode, modifiers):
    pass


def test_the_letter_of_a_chord_is_let_go_before_the_modifier_can_be(chords, heard):
    chords.hear(CTRL_KEY, 37, PRESSED, 0)
    chords.hear(LETTER, 38, PRESSED, CONTROL)
    chords.hear(CTRL_KEY, 37, RELEASED, CONTROL)
    chords.hear(LETTER, 38, RELEASED, 0)
    assert heard == [
        (CTRL_KEY, PRESSED),
        (LETTER, PRESSED),
        (LETTER, RELEASED),
        (CTRL_KEY, RELEASED),
    ]


def test_a_letter_alone_is_passed_on_as_it_comes(chords, heard):
    for action in (PRESSED, REPEATED, RELEASED):
        chords.hear(LETTER, 38, action, 0)
    assert heard == [(LETTER, PRESSED), (LETTER, REPEATED), (LETTER, RELEASED)]


def test_a_chord_that_is_held_is_pressed_again_and_again(chords, heard):
    chords.hear(LEFT, 113, PRESSED, CONTROL)
    chords.hear(LEFT, 113, REPEATED, CONTROL)
    chords.hear(LEFT, 113, RELEASED, CONTROL)
    assert heard == [(LEFT, PRESSED), (LEFT, RELEASED)] * 2


def test_a_key_that_is_held_on_after_its_modifier_goes_on(chords, heard):
    chords.hear(LEFT, 113, PRESSED, SHIFT)
    chords.hear(LEFT, 113, REPEATED, 0)
    assert heard == [(LEFT, PRESSED), (LEFT, RELEASED)] * 2
    chords.hear(LEFT, 113, RELEASED, 0)
    chords.hear(LEFT, 113, PRESSED, 0)
    chords.hear(LEFT, 113, RELEASED, 0)
    assert heard[4:] == [(LEFT, PRESSED), (LEFT, RELEASED)]


@pytest.mark.parametrize(
    ("key", "modifiers", "truth"),
    [
        (LETTER, CONTROL, True),
        (LETTER, ALT, True),
        (LETTER, SHIFT, False),
        (LEFT, SHIFT, True),
        (LEFT, 0, False),
        (SHIFT_KEY, CONTROL, False),
    ],
)
def test_shift_makes_letters_large_and_arrows_chords(key, modifiers, truth):
    assert is_chord(key, modifiers) is truth


def test_the_clipboard_is_fetched_before_the_key_is_told():
    order = []
    chords = Chords(
        lambda key, scancode, action, modifiers: order.append(("told", action)),
        lambda key, scancode, modifiers: order.append(("before", modifiers)),
    )
    chords.hear(LETTER, 38, PRESSED, CONTROL)
    chords.hear(LETTER, 38, REPEATED, CONTROL)
    assert order[0] == ("before", CONTROL) and order[1] == ("told", PRESSED)
    assert [what for what, _ in order].count("before") == 1

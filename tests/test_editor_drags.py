# SPDX-License-Identifier: Apache-2.0
"""Drags write once, at their end, as one undo step."""

from __future__ import annotations

import pytest
from editor_edits import FIVE_DEGREES
from editor_stage import box_editor, texts


def test_a_drag_writes_once_at_its_end(tmp_path):
    state = box_editor(tmp_path)
    before = texts(state)
    assert state.begin_gesture() is None
    for step in range(1, 9):
        assert state.set_threshold(-0.001 * step) is None
        assert texts(state) == before
        assert state.live_bundle["press"].trigger.threshold == -0.001 * step
        assert state.bundle["press"].trigger.threshold == -0.005
    assert "-8 mm" in state.row("press").sentence and "-8 mm" in state.sentence()
    assert state.end_gesture() is None
    assert state.host.can_undo() == "Set threshold of press"
    assert state.bundle["press"].trigger.threshold == -0.008 and not state.draft
    state.undo()
    assert texts(state) == before and state.host.can_undo() is None


def test_a_drag_that_is_cancelled_or_undone_writes_nothing(tmp_path):
    state = box_editor(tmp_path)
    before = texts(state)
    for stop in (state.cancel_gesture, state.undo):
        state.begin_gesture()
        state.set_target(FIVE_DEGREES)
        stop()
        assert not state.in_gesture and state.live_bundle == state.bundle
    assert texts(state) == before and state.host.can_undo() is None


def test_the_rest_target_is_dragged_like_the_others(tmp_path):
    state = box_editor(tmp_path)
    before = texts(state)
    state.begin_gesture()
    state.set_rest(FIVE_DEGREES)
    assert texts(state) == before
    assert state.live_bundle["press"].effect.rest == FIVE_DEGREES
    assert state.end_gesture() is None
    assert state.bundle["press"].effect.rest == pytest.approx(FIVE_DEGREES)
    state.undo()
    assert texts(state) == before

# SPDX-License-Identifier: Apache-2.0
"""The fixes that the panel offers: the finding vanishes, and undo brings it back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from broken_assets import CONTRACT, contract, put, unapply
from editor_edits import use_layer
from editor_stage import box_editor, texts


def fixed(state, says, label):
    """Apply the fix of that label to the finding; the finding must vanish, and undo restore it."""
    state.check()
    found = [issue for issue in state.issues if says in issue.what]
    assert found, [str(issue) for issue in state.issues]
    before = texts(state)
    (fix,) = [one for one in state.fixes(found[0]) if one.label == label]
    assert fix.says.endswith(".")
    assert fix.apply() is None
    state.check()
    assert [issue for issue in state.issues if says in issue.what] == []
    state.undo()
    assert texts(state) == before
    state.redo()


def test_a_missing_drive_is_added_with_stated_gains(tmp_path):
    state = box_editor(tmp_path, lid_drive=None)
    fixed(state, "has no drive: a target", "Add drive")
    drive = state.joint("lid_hinge").drive
    assert (drive.stiffness, drive.damping) == pytest.approx((60.0, 6.0))


def test_zero_stiffness_gets_gains(tmp_path):
    state = box_editor(tmp_path, lid_drive=(0.0, 0.0))
    fixed(state, "zero stiffness", "Set gains")


@pytest.mark.parametrize(
    ("value", "says"), [(-0.02, "can never fire"), (0.0, "may always fire"), (0.02, "always fires")]
)
def test_a_threshold_is_clamped_into_the_limits(tmp_path, value, says):
    state = box_editor(tmp_path)
    put(state.host.stage(), contract("triggerThreshold"), value)
    state.refresh()
    fixed(state, says, "Clamp")
    assert -0.01 < state.bundle["press"].trigger.threshold < 0.0


def test_a_target_is_clamped_to_the_limit(tmp_path):
    state = box_editor(tmp_path)
    put(state.host.stage(), contract("effectTarget"), 150.0)
    state.refresh()
    fixed(state, "outside the limits of lid_hinge", "Clamp")


@pytest.mark.parametrize(("bad", "good"), [("a:b", "a_b"), ("mode", "_mode")])
def test_an_invalid_id_is_renamed(tmp_path, bad, good):
    state = box_editor(tmp_path)
    from causal_contracts.core.usd_author import write_authored

    write_authored(state.host.stage().GetPrimAtPath("/Box"), replace(CONTRACT, id=bad))
    state.refresh()
    fixed(state, "is no contract id", "Rename")
    assert state.ids == (good, "press")


def test_orphans_are_removed(tmp_path):
    state = box_editor(tmp_path)
    unapply(state.host.stage().GetPrimAtPath("/Box"), "CausalContractAPI:press")
    state.refresh()
    fixed(state, "properties of a contract 'press'", "Remove")


def test_orphans_in_another_layer_are_left_with_the_way_out(tmp_path):
    state = box_editor(tmp_path)
    unapply(state.host.stage().GetPrimAtPath("/Box"), "CausalContractAPI:press")
    use_layer(state, "session")
    state.refresh()
    (issue,) = [one for one in state.issues if "properties of a contract" in one.what]
    (fix,) = state.fixes(issue)
    assert "make the layer that does the edit target" in fix.apply()


def test_missing_properties_are_authored_and_a_disabled_contract_is_enabled(tmp_path):
    state = box_editor(tmp_path)
    state.host.stage().GetPrimAtPath("/Box").RemoveProperty("causalContract:press:mode")
    state.set_enabled(False)
    fixed(state, "is not authored", "Author")
    fixed(state, "is disabled", "Enable")

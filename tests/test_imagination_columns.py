# SPDX-License-Identifier: Apache-2.0
"""Columns of a world model's states as joint positions, and rewards on them."""

from __future__ import annotations

import numpy as np
import pytest
from causal_contracts.core import ContractError, compile_bundle
from rules import bundle, host

pytest.importorskip("torch", reason="torch is not installed")
import torch
from causal_contracts.lab.imagination import (
    JointColumns,
    State,
    effect_given_cause,
    effect_progress,
    prepare,
    progress,
    step,
)
from imagined import COMPILED, JOINTS


def test_normalised_states_become_joint_positions():
    columns = ["base_height", "lid", "button", None, "handle", "door"]
    mean, std = [9.0, 0.1, -0.2, 9.0, 0.3, 0.4], [9.0, 2.0, 0.5, 9.0, 4.0, 0.25]
    parse = JointColumns.of(
        COMPILED, columns, default_joint_pos={"lid": 0.5, "door": -1.0}, mean=mean, std=std
    )
    states = torch.tensor([[7.0, 1.0, 2.0, 7.0, 3.0, 4.0]])
    wanted = [2 * 0.5 - 0.2, 4 * 0.25 + 0.4 - 1.0, 1 * 2.0 + 0.1 + 0.5, 3 * 4.0 + 0.3]
    assert parse.joint_pos(states)[0].tolist() == pytest.approx(wanted)
    by_name = {"lid": 1, "button": 2, "handle": 4, "door": 5}
    again = JointColumns.of(
        COMPILED, by_name, default_joint_pos={"lid": 0.5, "door": -1.0}, mean=mean, std=std
    )
    assert all(torch.equal(a, b) for a, b in zip(parse, again, strict=True))


def test_every_missing_column_is_listed_with_the_nearest_names():
    with pytest.raises(ContractError) as found:
        JointColumns.of(COMPILED, ["button", "dor", "lids"], default_joint_pos={"lidd": 1.0})
    text = str(found.value)
    assert text.count("the world model has no column") == 5  # door twice, lid twice, handle
    assert "door.effect.joint: the world model has no column for 'door'; did you mean 'dor'" in text
    assert "lid.effect.joint" in text and "did you mean 'lids'" in text
    assert "default_joint_pos['lidd']" in text and "did you mean 'lid'" in text


def test_a_joint_that_no_contract_names_needs_no_column():
    rule = compile_bundle(bundle("c: button > 0.5 => lid := 1, latching"), JOINTS)
    parse = JointColumns.of(rule, ["lid", "button"])
    joint_pos = parse.joint_pos(torch.tensor([[0.25, 1.0]]))
    np.testing.assert_array_equal(host(joint_pos), [[1.0, np.nan, 0.25, np.nan]])
    assert step(rule, joint_pos, State.initial(rule, 1))[1].active.all()


def test_rewards_are_shares_of_the_way_from_rest_to_target():
    joint_pos = torch.tensor([[0.0, 0.75, 0.125, 0.0], [-1.0, 3.0, 0.5, 1.0]])
    both = bundle(
        "door: button < -0.5 => door := 1.5 rest 0.0, latching",
        "lid: handle > 0.25 => lid := -1.0 rest 0.5, level",
        "none: handle > 0.25 => button := 0.0 rest 0.0, level",
    )
    rule = compile_bundle(both, JOINTS)
    _, state = step(rule, joint_pos, State.initial(rule, 2))
    assert progress(rule, joint_pos, state).tolist() == [[0.5, 0.25, 1.0], [1.0, 0.0, 1.0]]
    assert effect_progress(rule, joint_pos, state).tolist() == pytest.approx([1.75 / 3, 2 / 3])
    assert effect_given_cause(rule, joint_pos, state).tolist() == pytest.approx([0.0, 2 / 3])
    said = prepare(rule, "cpu").parameters
    farther = state._replace(params=said._replace(target=said.target * 2))
    assert progress(rule, joint_pos, farther)[0].tolist() == pytest.approx([0.25, 0.15, 1.0])
    assert state.active_input.tolist() == [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    _, released = step(rule, torch.zeros(2, 4), state)
    assert released.active_input.tolist() == [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]

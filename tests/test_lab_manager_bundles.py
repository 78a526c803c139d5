# SPDX-License-Identifier: Apache-2.0
"""Bundles that fit a manager-based task in part, or beside other commands of the joint."""

import dataclasses
import warnings

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="isaaclab is not installed")

import isaaclab.envs.mdp as isaac_mdp
import torch
from causal_contracts.core import Bundle, ContractError, read_bundle
from causal_contracts.lab import mdp
from isaaclab.utils import configclass
from manager_tasks import MICROWAVE, Actions, Running, Task
from rules import contract
from running_tasks import PRESSED, TARGET, on, pressing, running


@pytest.fixture(scope="module")
def task(request):
    """One environment at a time; pytest groups the tests by it."""
    yield from running(request.param)


def built(**fields):
    """A task whose contract term has these fields."""
    cfg = Task()
    for name, value in fields.items():
        setattr(cfg.actions.contracts, name, value)
    return cfg


def closing(cfg):
    """Build, and close again; the running task for a look at what it holds."""
    running = Running(cfg=cfg)
    running.close()
    return running


PRESS = read_bundle(MICROWAVE).contracts[0]
AWAY = contract("away: buton_slide < 0.0 => dor_hinge := 1.0, latching")


@on(None)
def test_every_missing_joint_is_listed_with_the_nearest_name(task):
    with pytest.raises(ContractError) as caught:
        Running(cfg=built(couplings=Bundle((AWAY, PRESS))))
    assert "no joint 'buton_slide'" in str(caught.value) and "'button_slide'" in str(caught.value)
    assert "no joint 'dor_hinge'" in str(caught.value) and "'door_hinge'" in str(caught.value)


@on(None)
def test_without_strict_the_rest_runs_and_what_does_not_is_in_skipped(task):
    with pytest.warns(UserWarning, match="1 of 2 contracts will not run"):
        running = closing(built(couplings=Bundle((AWAY, PRESS)), strict=False))
    assert running.action.compiled.ids == ("press_opens_door",)
    assert [skipped.id for skipped in running.action.compiled.skipped] == ["away"]


@on(None)
def test_without_any_contract_rewards_are_zero_and_nothing_ends(task):
    running = Running(cfg=built(couplings=Bundle()))
    try:
        _, reward, *_ = running.step(PRESSED)
        assert reward.tolist() == [0.0] * 6
        assert not mdp.effect_reached(running.env).any()
        assert mdp.contract_fired(running.env).shape == (6, 0)
    finally:
        running.close()


@on(None)
def test_a_door_that_something_else_moved_has_progress_and_earns_nothing_for_its_cause(task):
    near = contract("push: button_slide > 0.0 => door_hinge := 0.5 rest 0.2, level")
    rest = dataclasses.replace(PRESS, effect=dataclasses.replace(PRESS.effect, rest=0.2))
    running = Running(cfg=built(couplings=Bundle((rest, near))))
    try:
        env, action = running.env, running.action
        door = np.array([0.0, 0.2, 0.35, 0.5, 1.0, 2.0], np.float32)
        positions = torch.zeros(6, 2)
        positions[:, running.door] = torch.from_numpy(door)
        running.asset.write_joint_position_to_sim_index(position=positions)
        far, near = (np.clip((door - 0.2) / way, 0, 1) for way in (TARGET - 0.2, 0.3))
        assert mdp.contract_progress(env).numpy() == pytest.approx(np.stack([far, near], 1))
        assert mdp.contract_margin(env).numpy() == pytest.approx(np.tile([-0.005, 0.0], (6, 1)))
        assert mdp.effect_progress(env).numpy() == pytest.approx((far + near) / 2)
        assert mdp.effect_progress(env, ["push"]).numpy() == pytest.approx(near)
        assert mdp.effect_given_cause(env).tolist() == [0.0] * 6
        assert mdp.effect_reached(env).tolist() == [False] * 5 + [True]
        assert mdp.effect_reached(env, contract_ids=["push"]).tolist() == (near >= 0.95).tolist()
        action.term.enabled[:, 0] = False
        assert mdp.effect_reached(env).tolist() == (near >= 0.95).tolist()
        assert mdp.effect_reached(env, 0.4).tolist() == (near >= 0.4).tolist()
        action.term.target[:, 1] = 0.2  # no way to go
        assert mdp.contract_progress(env)[:, 1].tolist() == [1.0] * 6
        running.step(0.0)
        assert running.commanded() == pytest.approx(0.2)
    finally:
        running.close()


@on(None)
def test_a_missing_rest_is_the_default_joint_position_and_says_so(task):
    effect = dataclasses.replace(PRESS.effect, rest=None)
    cfg = built(couplings=Bundle((dataclasses.replace(PRESS, effect=effect),)))
    cfg.scene.microwave.init_state.joint_pos = {"door_hinge": 0.4}
    with pytest.warns(UserWarning, match=r"press_opens_door.effect.rest: .* 'door_hinge'; its def"):
        running = Running(cfg=cfg)
    try:
        running.step(0.0)
        assert running.commanded() == pytest.approx(0.4)
    finally:
        running.close()


DOOR = isaac_mdp.JointPositionActionCfg(
    asset_name="microwave", joint_names=["door_.*"], use_default_offset=False
)


@configclass
class ContractsLast:
    press = Actions().press
    door = DOOR
    contracts = Actions().contracts


@configclass
class ContractsFirst:
    contracts = Actions().contracts
    door = DOOR


@on(None)
def test_compose_leaves_an_inactive_door_to_the_policy_and_without_it_that_is_reported(task):
    def cfg(compose):
        made = Task()
        made.actions = ContractsLast()
        made.actions.contracts.compose = compose
        return made

    with pytest.warns(UserWarning, match="'door' commands .*'door_hinge'.*compose=True lets it"):
        closing(cfg(False))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        running = Running(cfg=cfg(True))
    try:
        both = np.stack([pressing([1], 6), np.full(6, 0.3, np.float32)], axis=1)
        for _ in range(8):
            running.env.step(torch.from_numpy(both))
        assert running.commanded() == pytest.approx([0.3, TARGET, 0.3, 0.3, 0.3, 0.3])
    finally:
        running.close()


@on(None)
def test_a_door_that_no_actuator_drives_is_reported(task):
    cfg = Task()
    cfg.scene.microwave.actuators["all"].joint_names_expr = ["button_slide"]
    with pytest.warns(UserWarning, match=r"no actuator drives 'door_hinge', .*; give it an actua"):
        closing(cfg)


@on(None)
def test_a_term_after_the_contracts_that_commands_the_door_is_reported(task):
    cfg = Task()
    cfg.actions = ContractsFirst()
    cfg.actions.contracts.compose = True
    with pytest.warns(UserWarning, match="it comes later and wins: put the contracts last"):
        running = Running(cfg=cfg)
    running.close()

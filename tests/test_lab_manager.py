# SPDX-License-Identifier: Apache-2.0
"""Contracts as manager terms in a real ManagerBasedRLEnv, against arithmetic on positions."""

import dataclasses
import io
import itertools
import re
import sys
import types
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="isaaclab is not installed")

import isaaclab.envs.mdp as isaac_mdp
import isaaclab.utils.math as isaac_math
import torch
from causal_contracts.core import Bundle, ContractError, read_bundle
from causal_contracts.lab import mdp
from isaaclab.utils import configclass
from lab_device import DEVICE
from manager_tasks import DT, MICROWAVE, Actions, Running, Task
from rules import contract

PAGE = Path(__file__).resolve().parents[1] / "exts/causal_contracts.lab/docs/manager_based.md"
THRESHOLD, TARGET = np.float32(-0.005), np.float32(np.pi / 2)
PRESSED = -0.01
TWO_SECONDS = round(2 / DT)


@pytest.fixture(scope="module")
def task(request):
    """One environment at a time; pytest groups the tests by it."""
    if request.param is None:
        yield None
        return
    running = Running(*request.param)
    yield running
    running.close()


def on(*tasks):
    """Run a test in these tasks, each a tuple of changes; None gives it the slot for its own."""
    names = ["own" if each is None else ", ".join(each) or "newton" for each in tasks]
    return pytest.mark.parametrize("task", tasks, ids=names, indirect=True)


ON_BOTH = on((), ("ovphysx",))


def pressing(envs, num_envs):
    """Button commands: pressed in these environments, released elsewhere."""
    return np.where(np.isin(np.arange(num_envs), envs), PRESSED, 0.0).astype(np.float32)


def share(door, target=TARGET):
    return np.clip(door / target, 0, 1)


@ON_BOTH
def test_every_observation_and_reward_equals_arithmetic_on_recorded_positions(task):
    task.env.reset()
    rng, latched = np.random.default_rng(1), np.zeros(6, bool)
    for _ in range(60):
        before, _door = task.pos()
        _, reward, *_ = task.step(rng.choice([0.0, PRESSED], 6, p=[0.8, 0.2]))
        after, door = task.pos()
        fired = before < THRESHOLD
        latched |= fired
        expected = {
            "fired": fired,
            "latched": latched,
            "active": latched,
            "margin": -(after - THRESHOLD),
            "progress": share(door),
            "threshold": np.full(6, THRESHOLD),
            "target": np.full(6, TARGET),
            "enabled": np.ones(6),
        }
        for name, values in expected.items():
            assert task.signal(name) == pytest.approx(values.astype(float), abs=1e-6), name
        earned = share(door) + 10 * np.where(latched, share(door), 0)
        assert reward.numpy() == pytest.approx(DT * earned, abs=1e-6)
        assert (task.commanded() == np.where(latched, TARGET, 0)).all()
        reached = share(door) >= 0.95
        assert mdp.effect_reached(task.env).tolist() == reached.tolist()
    assert latched.any() and not fired.all()


@ON_BOTH
def test_observations_are_new_float_tensors(task):
    task.env.reset()
    names = [name for name in mdp.__all__ if getattr(mdp, name).__module__.endswith("observations")]
    assert len(names) == 8
    for name in names:
        observe = getattr(mdp, name)
        found = observe(task.env)
        assert (found.dtype, found.shape) == (torch.float32, (6, 1)), name
        found.fill_(123.0)
        assert not (observe(task.env) == 123.0).any(), name


@ON_BOTH
def test_a_pressed_door_opens_and_stays_open_until_its_environment_is_reset(task):
    task.env.reset()
    for _ in range(TWO_SECONDS):
        task.step(pressing([1, 2, 4], 6))
    assert (share(task.pos()[1]) > 0.95).tolist() == [False, True, True, False, True, False]
    for _ in range(TWO_SECONDS):
        task.step(0.0)
    assert (share(task.pos()[1]) > 0.95).tolist() == [False, True, True, False, True, False]
    task.env.reset(torch.tensor([0, 2], dtype=torch.int32))
    for _ in range(TWO_SECONDS):
        task.step(0.0)
    door = task.pos()[1]
    assert (share(door) > 0.95).tolist() == [False, True, False, False, True, False]
    assert abs(door[[0, 2, 3, 5]]).max() < 0.01
    assert task.signal("latched").tolist() == [0, 1, 0, 0, 1, 0]


@ON_BOTH
@pytest.mark.parametrize("env_ids", [slice(None), None, torch.tensor([0, 1, 2, 3, 4, 5])])
def test_a_reset_takes_every_kind_of_ids_and_closes_the_doors(task, env_ids):
    for _ in range(20):
        task.step(PRESSED)
    assert task.signal("latched").all() and task.pos()[1].min() > 0.3
    task.env.reset(env_ids)
    task.step(0.0)
    assert not task.signal("latched").any() and not task.action.has_fired.any()
    assert not task.commanded().any()


@on(())
def test_resets_outside_inference_mode_follow_steps_inside(task):
    with torch.inference_mode():
        for _ in range(3):
            task.step(PRESSED)
    task.env.reset()
    task.step(PRESSED)
    with torch.inference_mode():
        task.env.reset()
        task.step(PRESSED)
    mdp.set_run_state(task.env, mdp.get_run_state(task.env))
    task.env.reset()


@on(())
def test_a_term_of_no_dimension_leaves_the_policys_actions_alone(task):
    assert task.env.action_manager.action_term_dim == [1, 0]
    assert task.action.raw_actions.shape == task.action.processed_actions.shape == (6, 0)
    assert task.action.IO_descriptor.description.startswith("Writes the drive targets")


@on(())
def test_names_of_isaac_labs_library_and_ours_do_not_meet(task):
    assert not set(mdp.__all__) & set(dir(isaac_mdp))
    assert sorted(mdp.__all__) == mdp.__all__


@on(())
def test_another_terms_name_is_answered_with_what_it_is(task):
    with pytest.raises(TypeError, match="'press' is a JointPositionAction, not a ContractAction"):
        mdp.contract_fired(task.env, action_name="press")
    with pytest.raises(ValueError, match=r"no contracts \['x'\] run here; there are \['press_open"):
        mdp.effect_progress(task.env, contract_ids=["x"])


@on(("level",), ("level", "ovphysx"))
def test_a_level_contract_lets_go_of_the_door(task):
    task.env.reset()
    for _ in range(TWO_SECONDS):
        before = task.pos()[0]
        task.step(pressing([0, 3], 6))
        assert (task.signal("active") == (before < THRESHOLD)).all()
    assert (share(task.pos()[1]) > 0.95).tolist() == [True, False, False, True, False, False]
    for _ in range(TWO_SECONDS):
        task.step(0.0)
    assert abs(task.pos()[1]).max() < 0.1
    assert not task.signal("latched").any() and task.action.has_fired[:, 0].tolist() == [
        True, False, False, True, False, False,
    ]  # fmt: skip


def numbers(task):
    return {name: task.signal(name).copy() for name in ("threshold", "target", "enabled")}


def seeded(task, seed):
    task.env.reset(seed=seed)
    return {name: values.tolist() for name, values in numbers(task).items()}


EVENTS = on(("contract events",), ("contract events", "ovphysx"))


@EVENTS
def test_random_numbers_differ_per_environment_are_seeded_and_survive_the_terms_reset(task):
    first, again, other = (seeded(task, seed) for seed in (3, 3, 4))
    assert first == again and first != other
    thresholds, targets = np.array(first["threshold"]), np.array(first["target"])
    assert len(set(thresholds)) == len(set(targets)) == 12
    assert thresholds.min() >= -0.0075 and thresholds.max() <= -0.0025
    assert targets.min() >= TARGET - 0.3 and targets.max() <= TARGET
    assert 0 < sum(first["enabled"]) < 12


@EVENTS
def test_only_environments_that_are_reset_draw_again_and_nothing_drifts(task):
    before = (task.env.reset(), numbers(task))[1]
    for _ in range(20):
        task.env.reset(torch.tensor([1, 5], dtype=torch.int32))
    after = numbers(task)
    for name in ("threshold", "target"):
        moved = after[name] != before[name]
        assert np.flatnonzero(moved).tolist() == [1, 5], name
    assert (np.abs(after["threshold"] / THRESHOLD - 1) <= 0.5001).all()


@EVENTS
def test_each_environment_obeys_the_numbers_it_drew(task):
    task.env.reset(seed=5)
    fired_at, drawn, same = np.full(12, np.nan), numbers(task), np.ones(12, bool)
    assert 0 < drawn["enabled"].sum() < 12
    for step in range(40):
        before = task.pos()[0]
        *_, terminated, _, _ = task.step(PRESSED * step / 40)
        same &= ~terminated.numpy()  # an episode that ended drew again
        fired = (before < drawn["threshold"]) & (drawn["enabled"] == 1)
        assert (task.signal("fired") == fired)[same].all()
        target = np.where(task.signal("active") == 1, drawn["target"], 0)
        assert (task.commanded() == target)[same].all()
        fired_at = np.where(same & fired & np.isnan(fired_at), step, fired_at)
    assert len(set(fired_at[~np.isnan(fired_at)])) > 3
    assert (np.isnan(fired_at) == (drawn["enabled"] == 0)).all()


@EVENTS
def test_an_effect_reached_ends_the_episode_where_the_contract_is_enabled(task):
    task.env.reset(seed=5)
    enabled, target = task.signal("enabled").copy() == 1, task.signal("target").copy()
    ended = np.zeros(12, bool)
    for _ in range(TWO_SECONDS - 2):
        door = task.pos()[1]
        *_, terminated, timed_out, _ = task.step(PRESSED)
        newly = terminated.numpy() & ~ended
        assert not timed_out.any()
        assert (share(door, target)[newly] > 0.9).all()
        assert (share(door, target)[~ended & ~newly] < 0.95).all()
        ended |= newly
    assert (ended == enabled).all()


@EVENTS
def test_the_fire_rate_is_logged_for_the_environments_that_are_reset(task):
    task.env.reset(seed=5)
    enabled = task.signal("enabled").copy() == 1
    for _ in range(10):
        task.step(pressing(range(6), 12))
    ids = torch.tensor([0, 1, 2, 3, 4, 7], dtype=torch.int32)
    _, extras = task.env.reset(ids)
    expected = (enabled & (np.arange(12) < 6))[ids.numpy()].mean()
    assert 0 < expected < 1
    found = extras["log"]["Curriculum/fire_rate/press_opens_door"]
    assert found.shape == () and float(found) == pytest.approx(expected)
    _, extras = task.env.reset(ids)
    assert float(extras["log"]["Curriculum/fire_rate/press_opens_door"]) == 0.0


@EVENTS
def test_recorders_keep_the_contract_state_of_each_episode(task):
    task.env.reset(seed=5)
    drawn, seen = numbers(task), []
    for _ in range(8):
        task.step(pressing([0, 1, 2, 3, 4, 5], 12))
        seen.append(task.signal("latched").copy())
    for env in range(12):
        data = task.env.recorder_manager.get_episode(env).data
        initial, states = (
            data[x]["contracts"] for x in ("initial_contract_state", "contract_states")
        )
        latched = torch.stack([*states["latched"]])[:, 0].float().tolist()
        assert latched == [row[env] for row in seen]
        assert initial["threshold"][0].tolist() == [drawn["threshold"][env]]
    assert np.any(seen)
    task.env.reset(torch.tensor([3, 7], dtype=torch.int32))
    for env in (3, 7):
        data = task.env.recorder_manager.get_episode(env).data
        initial = data["initial_contract_state"]["contracts"]["threshold"]
        assert initial[0].tolist() == [task.signal("threshold")[env]]


@EVENTS
def test_a_saved_run_continues_bit_for_bit_through_resets_noise_and_random_numbers(task):
    check_resumption(task, task)


@ON_BOTH
def test_a_restored_environment_continues_bit_for_bit(task):
    check_resumption(task, task)


@on(None)
@pytest.mark.parametrize("changes", [("contract events",), ("contract events", "ovphysx")])
def test_a_run_resumes_bit_for_bit_in_a_new_environment(task, changes):
    first = Running(*changes)
    try:
        state, actions, expected = saved_and_continued(first)
    finally:
        first.close()
    second = Running(*changes)
    try:
        assert resumed(second, state, actions) == expected
    finally:
        second.close()


def check_resumption(first, second):
    state, actions, expected = saved_and_continued(first)
    assert resumed(second, state, actions) == expected


def saved_and_continued(task):
    """A run state after some steps, the actions from there, and every number they lead to."""
    task.env.reset(seed=11)
    count, rng = task.env.num_envs, np.random.default_rng(2)
    actions = rng.choice([0.0, PRESSED], (11, count), p=[0.8, 0.2]).astype(np.float32)
    actions = actions.repeat(10, axis=0)  # held long enough to go down
    for action in actions[:30]:
        task.step(action)
    assert 0 < task.signal("latched").sum() < count
    assert task.asset.data.joint_vel.torch[:, task.door].abs().max() > 0.1
    file = io.BytesIO()
    torch.save(mdp.get_run_state(task.env), file)
    return file.getvalue(), actions[30:], trace(task, actions[30:])


def resumed(task, saved, actions):
    task.env.reset(seed=99)
    for _ in range(5):
        task.step(PRESSED)
    mdp.set_run_state(task.env, torch.load(io.BytesIO(saved), weights_only=True))
    return trace(task, actions)


def trace(task, actions):
    found = []
    for action in actions:
        obs, reward, terminated, timed_out, _ = task.step(action)
        data = task.asset.data
        found.append([
            data.joint_pos.torch.tolist(), data.joint_vel.torch.tolist(), reward.tolist(),
            terminated.tolist(), timed_out.tolist(), obs["policy"].tolist(),
            {name: values.tolist() for name, values in obs["contracts"].items()},
            task.env.episode_length_buf.tolist(),
        ])  # fmt: skip
    return found


@ON_BOTH
def test_contract_state_follows_reset_to_for_some_environments(task):
    task.env.reset()
    for _ in range(10):
        task.step(pressing([0, 1], 6))
    mdp.contract_action(task.env).term.threshold[0] = -0.25
    scene, state = task.env.scene.get_state(), mdp.get_contract_state(task.env)
    door = task.pos()[1]
    task.env.reset()
    ids = torch.tensor([3, 0], dtype=torch.int32)
    rows = torch.tensor([0, 1])
    task.env.reset_to(take(scene, rows), ids)
    mdp.set_contract_state(task.env, take(state, rows), ids)
    assert task.action.term.latched[:, 0].tolist() == [True, False, False, True, False, False]
    assert task.action.term.threshold[3, 0] == -0.25
    assert task.pos()[1][[3, 0]].tolist() == door[[0, 1]].tolist()
    for _ in range(TWO_SECONDS):
        task.step(0.0)
    # reset_to commands the doors the velocity that they had; left there, they miss the target
    assert task.pos()[1][[3, 0]] == pytest.approx(TARGET, abs=0.01)
    task.action.term.threshold.fill_(float(THRESHOLD))


def take(tree, rows):
    return {
        name: take(value, rows) if isinstance(value, dict) else value[rows]
        for name, value in tree.items()
    }


@on(())
def test_a_state_of_other_contracts_or_of_another_size_is_refused(task):
    state, run = mdp.get_contract_state(task.env), mdp.get_run_state(task.env)
    before = task.action.term.state_dict()
    with pytest.raises(ValueError, match=r"\[6\] rows for 2 environments"):
        mdp.set_contract_state(task.env, state, [0, 1])
    with pytest.raises(ValueError, match=r"this environment has \{'contracts'"):
        mdp.set_contract_state(task.env, {"others": state["contracts"]})
    with pytest.raises(ValueError, match=r"\['x'\].*here run .*press_opens_door"):
        mdp.set_run_state(task.env, {**run, "contract_ids": {"contracts": ["x"]}})
    after = task.action.term.state_dict()
    assert all(torch.equal(after[k], before[k]) for k in ("latched", "threshold"))


@on(("Isaac Lab events",), ("Isaac Lab events", "ovphysx"))
def test_effect_given_cause_stays_one_under_isaac_labs_randomisation_and_noise(task):
    window = round(2 / task.env.step_dt)
    rng, causes, effects, others = np.random.default_rng(4), 0, 0, []
    for _episode in range(2):
        task.env.reset()
        start = rng.integers(0, window // 2, 16)
        presses = rng.random(16) < 0.7
        doors, buttons = [], []
        for step in range(window // 2 + window):
            held = presses & (start <= step) & (step < start + 8)
            task.step(np.where(held, PRESSED, 0.0))
            button, door = task.pos()
            buttons.append(button)
            doors.append(share(door))
        pressed, covered = np.array(buttons) < THRESHOLD, np.array(doors)
        for env in range(16):
            if pressed[:, env].any():
                at = pressed[:, env].argmax()
                causes += 1
                effects += bool((covered[at : at + window, env] >= 0.95).any())
            else:
                others.append(covered[:, env].max())
    assert causes >= 16 and effects == causes
    assert len(others) >= 4 and max(others) < 0.95
    masses = task.asset.data.body_mass.torch
    assert len(masses[:, -1].unique()) > 8  # the randomisation took place


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
def test_an_event_before_the_action_manager_does_nothing(task):
    too_early = types.SimpleNamespace()
    mdp.randomize_contract_threshold(too_early, None, (0.0, 1.0))
    mdp.randomize_contract_enabled(too_early, None, 0.5)


@on(("contract events",))
def test_an_event_on_chosen_contracts_takes_every_operation_and_distribution(task):
    task.env.reset()
    kinds = itertools.product(("add", "scale", "abs"), ("uniform", "log_uniform", "gaussian"))
    for operation, distribution in kinds:
        torch.manual_seed(0)
        mdp.randomize_contract_threshold(
            task.env, slice(2, 5), (1.0, 2.0), operation, distribution, ["press_opens_door"]
        )
        torch.manual_seed(0)
        sample = getattr(isaac_math, f"sample_{distribution}")
        drawn = sample(1.0, 2.0, (3, 1), task.env.device).numpy()
        expected = {"add": THRESHOLD + drawn, "scale": THRESHOLD * drawn, "abs": drawn}[operation]
        assert task.action.term.threshold[2:5].numpy().tolist() == expected.tolist()
    with pytest.raises(ValueError, match="operation is 'mul'; there are add, scale and abs"):
        mdp.randomize_contract_target(task.env, None, (1.0, 2.0), "mul")
    with pytest.raises(ValueError, match="distribution is 'normal'; there are"):
        mdp.randomize_contract_target(task.env, None, (1.0, 2.0), "add", "normal")


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
def test_a_term_after_the_contracts_that_commands_the_door_is_reported(task):
    cfg = Task()
    cfg.actions = ContractsFirst()
    cfg.actions.contracts.compose = True
    with pytest.warns(UserWarning, match="it comes later and wins: put the contracts last"):
        running = Running(cfg=cfg)
    running.close()


@on(None)
def test_every_snippet_of_the_page_runs(task, monkeypatch, tmp_path):
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(snippets) >= 6
    snippets = [each.replace('device="cpu"', f'device="{DEVICE}"') for each in snippets]
    for path in MICROWAVE.parent.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    page = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", page)  # where dataclasses look their names up
    try:
        for number, snippet in enumerate(snippets):
            exec(compile(snippet, f"snippet {number} of {PAGE.name}", "exec"), vars(page))
    finally:
        if hasattr(page, "env"):
            page.env.close()
    assert (tmp_path / "run.pt").is_file()
